#include "simulator/edge/api/auth.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "simulator/edge/api/account_of.h"
#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/router.h"
#include "simulator/wire/ascii.h"
#include "simulator/wire/base64.h"

namespace ringback {
namespace {

ApiError denied(std::string_view code, std::string message) {
    return {401, "authorization", std::string{code}, std::move(message), {}};
}

/// One text for a bad user, token or secret.
Response access_denied(const Request& head) {
    Response response = provider_error(
        denied(
            "access-denied",
            "The authenticated user does not have sufficient permissions to access this resource"),
        head);
    response.headers.push_back({"WWW-Authenticate", "Basic realm=\"Bandwidth\""});
    return response;
}

/// Which accounts the credentials open: looks at all of them, whatever it finds.
std::vector<const Account*> opened_by(const Credentials& given,
                                      const std::vector<Account>& accounts) {
    std::vector<const Account*> opened;
    for (const Account& account : accounts) {
        const bool token_fits = same_secret(given.token, account.token);
        const bool secret_fits = same_secret(given.secret, account.secret);
        if (static_cast<unsigned>(token_fits) & static_cast<unsigned>(secret_fits)) {
            opened.push_back(&account);
        }
    }
    return opened;
}

/// Where no accounts are given: remembers whose the token is, and the header as one that needs no
/// second look. Not before its first path with a user, so that none is missed.
void meet(std::string_view authorization, const Credentials& given, std::string_view user,
          const ApiContext& context) {
    if (context.token_users != nullptr) {
        context.token_users->note(given.token, user);
    }
    if (context.familiar != nullptr) {
        context.familiar->authorization = authorization;
    }
}

std::optional<ApiError> judge_user(std::string_view user, const std::vector<const Account*>& opened,
                                   const std::vector<Account>& accounts) {
    const auto is_it = [&](const Account& account) { return account.user_id == user; };
    if (std::ranges::any_of(opened, [&](const Account* account) { return is_it(*account); })) {
        return std::nullopt;
    }
    if (std::ranges::any_of(accounts, is_it)) {
        return denied("user-access-denied",
                      fmt::format("User {} does not have permission to access user {}",
                                  opened.front()->user_id, user));
    }
    return not_found("user", "userId", user);
}

}  // namespace

std::optional<Credentials> basic_credentials(std::string_view authorization) {
    constexpr std::string_view scheme{"Basic "};
    if (!equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) {
        return std::nullopt;
    }
    authorization.remove_prefix(scheme.size());
    authorization.remove_prefix(
        std::min(authorization.find_first_not_of(' '), authorization.size()));
    const auto decoded = base64_bytes(authorization);
    const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
    if (colon == std::string::npos || colon == 0) {
        return std::nullopt;
    }
    return Credentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

bool same_secret(std::string_view a, std::string_view b) {
    constexpr std::size_t longest = longest_credential;
    std::array<char, longest> left{};
    std::array<char, longest> right{};
    std::copy_n(a.begin(), std::min(a.size(), longest), left.begin());
    std::copy_n(b.begin(), std::min(b.size(), longest), right.begin());
    // volatile: an optimiser may not turn this into a comparison that stops at the first
    // difference.
    volatile unsigned difference = (a.size() != b.size() || a.size() > longest) ? 1U : 0U;
    for (std::size_t i = 0; i < longest; ++i) {
        difference = difference | static_cast<unsigned char>(left[i] ^ right[i]);
    }
    return difference == 0;
}

std::optional<Response> admit_api(const Request& head, const ApiContext& context) {
    const auto authorization = head.only("Authorization");
    if (!authorization && head.count("Authorization") > 1) {
        return provider_error(bad_parameters("the Authorization header is there twice"), head);
    }
    Familiar* const familiar = context.accounts.empty() ? context.familiar : nullptr;
    if (familiar != nullptr && authorization &&
        Familiar::is(familiar->authorization, *authorization)) {
        return std::nullopt;
    }
    const auto given = basic_credentials(authorization.value_or(""));
    if (!given) {
        return access_denied(head);
    }
    const auto user = user_in(head.path);
    if (context.accounts.empty()) {
        if (user) {
            meet(*authorization, *given, *user, context);
        }
        return std::nullopt;
    }
    const auto opened = opened_by(*given, context.accounts);
    if (opened.empty()) {
        return access_denied(head);
    }
    const auto refused = user ? judge_user(*user, opened, context.accounts) : std::nullopt;
    return refused ? std::optional{provider_error(*refused, head)} : std::nullopt;
}

}  // namespace ringback
