#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/load/arrival_schedule.h"
#include "harness/load/load_meter.h"
#include "harness/load/plan.h"
#include "harness/scenario/scenario.h"
#include "harness/script/happening.h"
#include "harness/script/script.h"
#include "simulator/core/ids.h"

namespace ringback {

/// Why a try was not answered as it should, in words that many share: no addresses, no times.
[[nodiscard]] std::string cause_of(const AttemptFigures& figures);

/// One call of a load run, while it lasts: its script and what happened in it. Knows no loop; its
/// hall tells it everything.
class LoadCall {
public:
    LoadCall(const Arrival& arrival, WallInstant due, const Scenario& scenario, Bindings bindings,
             std::uint64_t seed, const Shared<Delays>& delays);

    /// The next entry about it; `due`: of an event, when it was due by the wall clock.
    void happened(Happening happening, WallInstant due, LoadMeter& meter);
    /// Tells the script what it has not heard of yet.
    void tell_script();

    /// What only the whole call shows: the receiver's reactions, the timers.
    void measure(const std::vector<LoadTimer>& timers, LoadMeter& meter) const;

    [[nodiscard]] const Arrival& arrival() const { return arrival_; }
    [[nodiscard]] WallInstant due() const { return due_; }
    [[nodiscard]] Script& script() { return script_; }
    [[nodiscard]] const Script& script() const { return script_; }
    [[nodiscard]] const std::vector<Happening>& happenings() const { return happenings_; }
    /// Events that were raised, or added by faults, and whose delivery has not ended.
    [[nodiscard]] std::size_t owed() const { return owed_; }
    /// Its script is over and has judged every answer it waits for.
    [[nodiscard]] bool is_through() const { return script_.over() && !script_.awaits_answers(); }

    // Kept for the hall.
    std::vector<CallId> legs{};  // the first one's id is the strand; empty: it is not placed yet
    WallInstant placed{};        // or the application was kicked to place it
    std::shared_ptr<const Delays> first_delays{};  // what it is to be placed with; null: as all are
    bool in_line{false};                           // for the next turn
    std::optional<Instant> alarm_set{};
    std::optional<WallInstant> deadline_set{};
    WallInstant last_at{};  // when its time is over, whatever it does
    std::optional<WallInstant> linger_until{};
    bool hung_up{false};  // by the hall: nobody judges it any more

private:
    struct Sent {
        std::uint64_t delivery{0};
        std::uint64_t seq{0};  // of the event
        WallInstant due{};
        WallInstant sent{WallInstant::min()};  // its first try
        std::string step;                      // "" = no step's
        std::string event;
        bool altered{false};  // by a fault: the receiver may refuse it

        [[nodiscard]] std::string label() const { return step.empty() ? "(" + event + ")" : step; }
    };
    struct Command {
        std::uint64_t seq{0};
        WallInstant received{};
    };
    void answer_came(const Happening& happening, LoadMeter& meter);
    [[nodiscard]] std::optional<WallInstant> moment_of(const std::string& step) const;

    Arrival arrival_;
    WallInstant due_;
    Script script_;
    std::vector<Happening> happenings_;
    std::size_t told_{0};
    std::size_t owed_{0};
    std::vector<Sent> sent_;
    std::vector<Command> commands_;
};

}  // namespace ringback
