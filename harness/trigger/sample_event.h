#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/override.h"
#include "harness/scenario/scenario.h"
#include "simulator/core/random.h"
#include "simulator/core/result.h"
#include "simulator/core/route.h"
#include "simulator/core/time.h"

namespace ringback {

/// The call that events are made up about, without a fake that plays it.
struct SampleCall {
    Seed seed{Seed{42}};
    std::string user{"u-ringback"};
    std::string from{"+19195550123"};
    std::string to{"+19195550187"};
    std::string tag;
    Instant now{};
};

/// One event to be sent: what it is called and what it says.
struct TriggeredEvent {
    std::string event;  // "speak.started"
    std::string id;     // of the step it stands for; "" = none
    nlohmann::ordered_json members;

    /// The body of a POST, or the query of a GET.
    [[nodiscard]] std::string text(Method method) const;
};

/// An event by its name, as the API documents it, in the words of the wire. None: no such event.
[[nodiscard]] std::optional<TriggeredEvent> sample_event(std::string_view name, Method method,
                                                         const SampleCall& call);

/// The events that the sends of a scenario name, in order, with what they set and what they want of
/// one member exactly. Of a branch the last way, which needs nothing of the receiver. What refers
/// to something only a played call knows stays as in the sample.
[[nodiscard]] std::vector<TriggeredEvent> triggered_events(const Scenario& scenario, Method method,
                                                           const SampleCall& call);

/// How a scenario's events go by its start: GET where that says so.
[[nodiscard]] Method method_of(const Start& start);

/// A member of the event to be other than it would be; null takes it away. `edit.step`: the id of a
/// send, or an event's name; "" = every event that has the member. Errors: a step that is not
/// there, a member that the event does not have; the nearest is named.
[[nodiscard]] std::optional<Error> apply(const Override& edit, std::vector<TriggeredEvent>& events);

}  // namespace ringback
