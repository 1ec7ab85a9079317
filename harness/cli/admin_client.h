#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "harness/receiver/http_client.h"

namespace ringback {

/// The command line's side of a fake's admin plane. Errors of the functions mean that nobody
/// answered, or not as an admin plane does; they name the address.
class AdminClient {
public:
    AdminClient(HttpPeer peer, std::string token);

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
    /// in order; at most as many as the fake gives at once. A refusal is an error too.
    [[nodiscard]] Result<nlohmann::ordered_json> entries(const std::string& query) const;
    /// How many match; the same filters as members.
    [[nodiscard]] Result<std::uint64_t> count(const nlohmann::json& filter) const;

private:
    HttpPeer peer_;
    std::string token_;
    [[nodiscard]] HttpClient client(std::chrono::milliseconds patience) const;
};

}  // namespace ringback
