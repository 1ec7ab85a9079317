#include "harness/cli/admin_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "harness/tape/urls.h"
#include "simulator/wire/duration_text.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr milliseconds answer_patience{5000};
constexpr std::uint64_t most_answer{std::uint64_t{64} << 20U};  // twice what an admin plane gives
constexpr milliseconds longest_poll{30'000};  // so that a fake that has died is noticed

/// Why an admin plane refused; none: that was no answer of an admin plane.
std::optional<std::string> error_in(const std::string& body) {
    const auto answer = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
    if (answer.is_object() && answer.contains("error") && answer["error"].is_string()) {
        return answer["error"].get<std::string>();
    }
    return std::nullopt;
}

/// Is it the answer to a wait that an admin plane gives? Other servers answer anything with 200.
bool says_met(const std::string& body) {
    const auto answer = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
    return answer.is_object() && answer.contains("met") && answer["met"] == true;
}

/// Entries of a journal: each an object with its number, which rise. What is none, or nested deeper
/// than any is, says nothing.
std::optional<nlohmann::ordered_json> entries_in(const std::string& body, std::uint64_t after) {
    nlohmann::ordered_json entries = shallow_json(body);
    if (!entries.is_array()) {
        return std::nullopt;
    }
    for (const nlohmann::ordered_json& entry : entries) {
        if (!entry.is_object() || !entry.contains("seq") || !entry["seq"].is_number_unsigned() ||
            entry["seq"].get<std::uint64_t>() <= after) {
            return std::nullopt;
        }
        after = entry["seq"].get<std::uint64_t>();
    }
    return entries;
}

}  // namespace

AdminClient::AdminClient(const HttpPeer& peer, std::string token)
    : base_{"http://" + authority_of(peer)}, token_{std::move(token)} {}

Result<OnwardAnswer> AdminClient::ask(const std::string& target, const std::string& body,
                                      milliseconds patience) const {
    OnwardSettings whom;
    whom.base = base_;
    whom.patience = patience;
    whom.most_body = most_answer;
    const OnwardClient client{whom};
    OnwardRequest request{body.empty() ? "GET" : "POST", "/__admin/" + target, {}, body};
    if (!body.empty()) {
        request.headers.emplace_back("Content-Type", "application/json");
    }
    if (!token_.empty()) {
        request.headers.emplace_back("Authorization", "Bearer " + token_);
    }
    std::optional<Result<OnwardAnswer>> came;
    boost::asio::io_context loop{1};
    client.send(loop, std::move(request),
                [&came](Result<OnwardAnswer> answer) { came.emplace(std::move(answer)); });
    while (!came) {
        loop.run_one();
    }
    return std::move(*came);
}

std::string AdminClient::not_an_admin_plane(int status) const {
    return fmt::format(
        "{} answered {}, but no admin plane is there; with --admin-port that has an address of its "
        "own: \"admin\" in the first line of ringback serve",
        base_, status);
}

/// An answer that is not the one that was asked for.
Error AdminClient::unexpected(std::string_view route, const OnwardAnswer& answer) const {
    const std::optional<std::string> why = error_in(answer.body);
    return Error{why ? fmt::format("{}/__admin/{}", base_, route) : "",
                 why ? *why : not_an_admin_plane(answer.status)};
}

Result<AdminClient::Wait> AdminClient::wait(std::string_view what, std::string_view call,
                                            milliseconds timeout) const {
    const auto end = steady_clock::now() + timeout;
    while (true) {
        const auto left =
            std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(end - steady_clock::now()));
        const milliseconds poll = std::min(left, longest_poll);
        std::string target = fmt::format("wait?for={}&timeout={}", what, duration_text(poll));
        if (!call.empty()) {
            target += "&call=" + percent_encoded(call);
        }
        const Result<OnwardAnswer> reply = ask(target, "", poll + answer_patience);
        if (!reply) {
            return reply.error();
        }
        const int status = reply.value().status;
        if (status == 200 && says_met(reply.value().body)) {
            return Wait{true, status, {}};
        }
        const std::optional<std::string> why = error_in(reply.value().body);
        if (!why) {
            return Wait{false, status, not_an_admin_plane(status)};
        }
        if (status != 504 || poll == left) {
            return Wait{false, status, *why};
        }
    }
}

Result<std::vector<nlohmann::json>> AdminClient::journal(std::string_view call) const {
    const Result<OnwardAnswer> reply =
        ask("journal?call=" + percent_encoded(call), "", answer_patience);
    if (!reply) {
        return reply.error();
    }
    const auto entries = entries_in(reply.value().body, 0);
    if (reply.value().status != 200 || !entries) {
        return Error{base_ + "/__admin/journal",
                     fmt::format("expected the journal, found an answer {}", reply.value().status)};
    }
    return std::vector<nlohmann::json>(entries->begin(), entries->end());
}

Result<nlohmann::ordered_json> AdminClient::entries(const std::string& query,
                                                    std::uint64_t after) const {
    const Result<OnwardAnswer> reply = ask("journal?" + query, "", answer_patience);
    if (!reply) {
        return reply.error();
    }
    auto entries = entries_in(reply.value().body, after);
    if (reply.value().status != 200 || !entries) {
        return unexpected("journal", reply.value());
    }
    return std::move(*entries);
}

Result<std::uint64_t> AdminClient::count(const nlohmann::json& filter) const {
    const Result<OnwardAnswer> reply =
        ask("journal/count", filter.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
            answer_patience);
    if (!reply) {
        return reply.error();
    }
    const auto answer =
        nlohmann::json::parse(reply.value().body, nullptr, /*allow_exceptions=*/false);
    if (reply.value().status != 200 || !answer.is_object() || !answer.contains("count") ||
        !answer["count"].is_number_unsigned()) {
        return unexpected("journal/count", reply.value());
    }
    return answer["count"].get<std::uint64_t>();
}

}  // namespace ringback
