#include "harness/cli/admin_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "simulator/wire/duration_text.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr milliseconds answer_patience{5000};
constexpr milliseconds longest_poll{30'000};  // so that a fake that has died is noticed

/// Why an admin plane refused; none: that was no answer of an admin plane.
std::optional<std::string> error_in(const std::string& body) {
    const auto answer = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
    if (answer.is_object() && answer.contains("error") && answer["error"].is_string()) {
        return answer["error"].get<std::string>();
    }
    return std::nullopt;
}

std::string not_an_admin_plane(const HttpClient& http, int status) {
    return fmt::format(
        "http://{} answered {}, but no admin plane is there; with --admin-port that has an address "
        "of its own: \"admin\" in the first line of ringback serve",
        http.peer(), status);
}

/// An answer that is not the one that was asked for.
Error unexpected(const HttpClient& http, std::string_view route, const HttpReply& reply) {
    const std::string where = fmt::format("http://{}/__admin/{}", http.peer(), route);
    const std::optional<std::string> why = error_in(reply.body);
    return Error{why ? where : "", why ? *why : not_an_admin_plane(http, reply.status)};
}

}  // namespace

AdminClient::AdminClient(HttpPeer peer, std::string token)
    : peer_{std::move(peer)}, token_{std::move(token)} {}

HttpClient AdminClient::client(milliseconds patience) const {
    HttpClient client{peer_, patience};
    if (!token_.empty()) {
        client.authorize("Bearer " + token_);
    }
    return client;
}

Result<AdminClient::Wait> AdminClient::wait(std::string_view what, std::string_view call,
                                            milliseconds timeout) const {
    const auto end = steady_clock::now() + timeout;
    while (true) {
        const auto left =
            std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(end - steady_clock::now()));
        const milliseconds poll = std::min(left, longest_poll);
        std::string target =
            fmt::format("/__admin/wait?for={}&timeout={}", what, duration_text(poll));
        if (!call.empty()) {
            target += "&call=" + percent_encoded(call);
        }
        const HttpClient http = client(poll + answer_patience);
        const Result<HttpReply> reply = http.get(target);
        if (!reply) {
            return reply.error();
        }
        const int status = reply.value().status;
        if (status == 200) {
            return Wait{true, status, {}};
        }
        const std::optional<std::string> why = error_in(reply.value().body);
        if (!why) {
            return Wait{false, status, not_an_admin_plane(http, status)};
        }
        if (status != 504 || poll == left) {
            return Wait{false, status, *why};
        }
    }
}

Result<std::vector<nlohmann::json>> AdminClient::journal(std::string_view call) const {
    const HttpClient http = client(answer_patience);
    const Result<HttpReply> reply =
        http.get(fmt::format("/__admin/journal?call={}", percent_encoded(call)));
    if (!reply) {
        return reply.error();
    }
    auto entries = nlohmann::json::parse(reply.value().body, nullptr, /*allow_exceptions=*/false);
    if (reply.value().status != 200 || !entries.is_array()) {
        return Error{fmt::format("http://{}/__admin/journal", http.peer()),
                     fmt::format("expected the journal, found an answer {}", reply.value().status)};
    }
    return entries.get<std::vector<nlohmann::json>>();
}

Result<nlohmann::ordered_json> AdminClient::entries(const std::string& query) const {
    const HttpClient http = client(answer_patience);
    const Result<HttpReply> reply = http.get("/__admin/journal?" + query);
    if (!reply) {
        return reply.error();
    }
    auto entries =
        nlohmann::ordered_json::parse(reply.value().body, nullptr, /*allow_exceptions=*/false);
    if (reply.value().status != 200 || !entries.is_array()) {
        return unexpected(http, "journal", reply.value());
    }
    return entries;
}

Result<std::uint64_t> AdminClient::count(const nlohmann::json& filter) const {
    const HttpClient http = client(answer_patience);
    const Result<HttpReply> reply = http.post("/__admin/journal/count", filter);
    if (!reply) {
        return reply.error();
    }
    const auto answer =
        nlohmann::json::parse(reply.value().body, nullptr, /*allow_exceptions=*/false);
    if (reply.value().status != 200 || !answer.is_object() || !answer.contains("count") ||
        !answer["count"].is_number_unsigned()) {
        return unexpected(http, "journal/count", reply.value());
    }
    return answer["count"].get<std::uint64_t>();
}

}  // namespace ringback
