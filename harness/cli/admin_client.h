#pragma once

#include <chrono>
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

private:
    HttpPeer peer_;
    std::string token_;
    [[nodiscard]] HttpClient client(std::chrono::milliseconds patience) const;
};

}  // namespace ringback
