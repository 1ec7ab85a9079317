#pragma once

#include <string>
#include <utility>

#include "simulator/core/faults.h"

namespace ringback::test {

/// A rule for callbacks that all of them meet, unless `on` says which.
inline FaultRule rule(std::string name, FaultRule::CallbackFault what, EventFilter on = {}) {
    FaultRule made;
    made.name = std::move(name);
    made.what = FaultRule::OfCallbacks{on, std::move(what)};
    return made;
}
inline DrawnTime fixed(Duration time) {
    DrawnTime made;
    made.a = time;
    return made;
}
inline EventFilter only(EventType type, EventFilter::Phase phase = EventFilter::Phase::any) {
    return {type, phase};
}

}  // namespace ringback::test
