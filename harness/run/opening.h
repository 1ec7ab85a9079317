#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/scenario/expand.h"
#include "harness/scenario/scenario.h"
#include "simulator/core/call.h"
#include "simulator/core/input.h"
#include "simulator/core/message.h"
#include "simulator/core/result.h"

namespace ringback {

/// What a kick waits for is then its first step.
[[nodiscard]] Scenario with_start_await(Scenario scenario);

/// The body of the POST /calls with which a scenario's own call is placed: its members over `from`,
/// `to` and the receiver as the callbackUrl. Errors: a reference that names what there is not.
[[nodiscard]] Result<nlohmann::json> own_call_body(const OwnCall& call, const Bindings& bindings,
                                                   const std::string& receiver);

/// The call with which somebody rings the receiver up; what its members leave out is made up.
[[nodiscard]] Result<NewCall> inbound_call(const InboundCall& call, const Bindings& bindings,
                                           const std::string& receiver);

/// The message that somebody sends the receiver, likewise. Errors also: what no phone can send.
[[nodiscard]] Result<NewMessage> inbound_message(const InboundMessage& message,
                                                 const Bindings& bindings,
                                                 const std::string& receiver);

}  // namespace ringback
