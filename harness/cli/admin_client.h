#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "harness/receiver/http_client.h"
#include "harness/tape/onward.h"

namespace ringback {

/// The command line's side of a fake's admin plane. Errors of the functions mean that nobody
/// answered, or not as an admin plane does; they name the address. Whoever listens there may be
/// anything: it is asked within the bounds of OnwardClient, not by HttpClient.
class AdminClient {
public:
    AdminClient(const HttpPeer& peer, std::string token);

    /// What came of a wait: met, or why not ("status" 504: the time was over; else a refusal, or an
    /// answer of something that is no admin plane, which `why` says).
    struct Wait {
        bool met{false};
        int status{};
        std::string why;
    };
    /// GET wait, as often as `timeout` takes. `what` is ready, idle or call-ended, which needs
    /// `call`.
    [[nodiscard]] Result<Wait> wait(std::string_view what, std::string_view call,
                                    std::chrono::milliseconds timeout) const;

    /// The journal's entries of that call, oldest first.
    [[nodiscard]] Result<std::vector<nlohmann::json>> journal(std::string_view call) const;

    /// Entries by the filters of GET journal ("kind=api&since=7"), oldest first, with their members
    /// in order; at most as many as the fake gives at once, each a journal's behind `after`. A
    /// refusal is an error too.
    [[nodiscard]] Result<nlohmann::ordered_json> entries(const std::string& query,
                                                         std::uint64_t after = 0) const;
    /// How many match; the same filters as members.
    [[nodiscard]] Result<std::uint64_t> count(const nlohmann::json& filter) const;

private:
    /// GET, or POST where there is a body; `target` is below the admin plane.
    [[nodiscard]] Result<OnwardAnswer> ask(const std::string& target, const std::string& body,
                                           std::chrono::milliseconds patience) const;
    [[nodiscard]] std::string not_an_admin_plane(int status) const;
    [[nodiscard]] Error unexpected(std::string_view route, const OnwardAnswer& answer) const;

    std::string base_;  // "http://127.0.0.1:12180"
    std::string token_;
};

}  // namespace ringback
