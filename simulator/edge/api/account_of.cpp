#include "simulator/edge/api/account_of.h"

#include "simulator/edge/api/auth.h"

namespace ringback {

void TokenUsers::note(std::string_view token, std::string_view user) {
    constexpr std::size_t longest = 128;
    if (users_.size() < most_kept && token.size() <= longest && user.size() <= longest) {
        users_.emplace(token, user);
    }
}

std::string TokenUsers::user_of(std::string_view token) const {
    if (const auto at = users_.find(token); at != users_.end()) {
        return at->second;
    }
    constexpr std::string_view prefix{"t-"};
    return token.starts_with(prefix) ? "u-" + std::string{token.substr(prefix.size())}
                                     : std::string{token};
}

std::string account_of(const Request& request, const ApiContext& context) {
    const auto given = basic_credentials(request.only("Authorization").value_or(""));
    if (!given) {
        return {};
    }
    for (const Account& account : context.accounts) {
        if (same_secret(given->token, account.token) &&
            same_secret(given->secret, account.secret)) {
            return account.user_id;
        }
    }
    if (!context.api.sole_user.empty()) {
        return context.api.sole_user;
    }
    return context.token_users != nullptr ? context.token_users->user_of(given->token)
                                          : TokenUsers{}.user_of(given->token);
}

}  // namespace ringback
