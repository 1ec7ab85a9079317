#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/core/input.h"
#include "simulator/wire/call_request.h"

namespace ringback {

/// POST bridges and bridges/{id}; what is absent is not to be changed.
struct BridgeRequest {
    std::optional<bool> audio{};
    std::optional<std::vector<std::string>> call_ids{};  // as they were given
};

/// Reads one body against the parameters of spec v1 2.2. How many calls there may be, and which, is
/// not judged here.
[[nodiscard]] Intake<BridgeRequest> read_bridge_request(const RequestBody& body);

/// How the provider says that calls cannot be in a bridge, or not be changed. Source: spec v1 2.2,
/// 1.6.
///
/// bridge  its text id; "" while there is none yet
/// call    that of the call at fault, as it was given; "" if none is
[[nodiscard]] ApiError bridge_error(Refusal refusal, std::string_view bridge,
                                    std::string_view call);

}  // namespace ringback
