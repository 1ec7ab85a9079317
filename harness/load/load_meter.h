#pragma once

#include <string_view>

#include "harness/load/arrival_schedule.h"
#include "simulator/core/delivery.h"
#include "simulator/core/history.h"
#include "simulator/core/time.h"

namespace ringback {

/// One try to deliver a callback, or a kick, as it is counted.
struct LoadedCallback {
    std::string_view step;  // what it belongs to, as reports name it
    WallInstant due{};      // by the schedule, or by the event that enabled it
    const AttemptFigures& figures;
    bool delivered{false};
    std::string_view cause;    // why not; "" when it was
    std::string_view event{};  // "speak.started"
};

/// Whoever counts and measures what happens in a CallHall: told it as it happens, with the arrival
/// it belongs to.
class LoadMeter {
public:
    LoadMeter() = default;
    LoadMeter(const LoadMeter&) = delete;
    LoadMeter& operator=(const LoadMeter&) = delete;
    LoadMeter(LoadMeter&&) = delete;
    LoadMeter& operator=(LoadMeter&&) = delete;
    virtual ~LoadMeter() = default;

    virtual void started(const Arrival& arrival, Duration lag) = 0;
    /// `cause` is why it failed, in words that many calls share; "" = it passed.
    virtual void ended(const Arrival& arrival, std::string_view cause, Duration took) = 0;
    virtual void callback(const Arrival& arrival, const LoadedCallback& callback) = 0;
    /// The application was asked to place the call; `kick.cause` is why its answer is not the
    /// expected one, whatever its status. It is no callback.
    virtual void kicked(const Arrival& arrival, const LoadedCallback& kick) = 0;
    /// It has placed a call that no arrival was waiting for.
    virtual void unexpected() = 0;
    /// The receiver asked the API for something; null: of no call of this hall.
    virtual void request(const Arrival* arrival, const ApiExchange& exchange) = 0;
    /// The first command that a callback set off; `step`: the callback's.
    virtual void reaction(const Arrival& arrival, std::string_view step, Duration after) = 0;
    virtual void timer(const Arrival& arrival, std::string_view name, Duration length) = 0;
    /// A fault has dropped an event: it will never be sent.
    virtual void lost() = 0;
    virtual void judged(std::string_view step, bool passed) = 0;
};

}  // namespace ringback
