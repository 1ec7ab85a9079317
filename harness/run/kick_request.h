#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/expand.h"
#include "harness/scenario/scenario.h"
#include "harness/script/reply.h"
#include "simulator/core/delivery.h"
#include "simulator/core/result.h"
#include "simulator/edge/target.h"

namespace ringback {

/// What is sent to kick the application.
struct KickRequest {
    std::string method;  // "POST" or "GET"
    std::string url;
    std::vector<std::string> headers;  // "Name: value"
    std::string body;                  // JSON; "" = none
};

/// The scenario's kick, its references replaced. Errors: one that names what there is not.
[[nodiscard]] Result<KickRequest> kick_request(const Kick& kick, const Bindings& bindings);

/// Why it may not or cannot be sent; none: it can.
[[nodiscard]] std::optional<Error> problem_of(const KickRequest& request,
                                              const TargetPolicy& policy);

/// What the application answered, as a script judges it.
[[nodiscard]] SeenReply reply_of_kick(const AttemptResult& answer);

}  // namespace ringback
