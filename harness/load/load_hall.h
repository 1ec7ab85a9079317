#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/load/arrival_schedule.h"
#include "harness/load/call_hall.h"
#include "harness/load/ledger.h"

namespace ringback {

/// Several loops, on threads of their own, walk the same one; it never changes.
using SharedSchedule = std::shared_ptr<const ArrivalSchedule>;

struct LoadHallSettings : CallHallSettings {
    Segment share;                        // of the schedule: this loop's
    std::size_t most_in_flight{100'000};  // calls; an arrival beyond them is dropped
};

/// Those of the `index`-th of `loops` loops that do together what `all` says: its part of the
/// arrivals, and of what may be at once (calls, connections, tries, events owed), so that the parts
/// add up. Needs no more loops than any of these.
[[nodiscard]] LoadHallSettings settings_of_loop(const LoadHallSettings& all, std::size_t index,
                                                std::size_t loops);

/// A hall whose calls start when the schedule says so, and never look at how others fared. On the
/// loop.
class LoadHall {
public:
    /// `scenario` and `targets` outlive it. Errors: as of CallHall::build().
    [[nodiscard]] static Result<std::unique_ptr<LoadHall>> build(boost::asio::io_context& loop,
                                                                 const Scenario& scenario,
                                                                 SharedSchedule schedule,
                                                                 const TargetPolicy& targets,
                                                                 LoadHallSettings settings);
    LoadHall(const LoadHall&) = delete;
    LoadHall& operator=(const LoadHall&) = delete;
    ~LoadHall();

    /// The first arrival is due at `start`. `when_over`: no more calls start, and the last has
    /// ended. It is called again when that is so once more, after a change of the schedule.
    void begin(WallInstant start, std::function<void()> when_over);
    /// Another schedule from here on, which differs behind what was due by now.
    void replan(SharedSchedule schedule);
    /// No more calls start; those that have started come to their end.
    void stop_starting();
    /// Every call ends as it is.
    void cut_short(const std::string& why);

    [[nodiscard]] CallHall& calls() { return *calls_; }
    [[nodiscard]] Simulator& simulator() { return calls_->simulator(); }
    [[nodiscard]] Ledger& ledger() { return ledger_; }
    [[nodiscard]] std::size_t in_flight() const { return calls_->in_flight(); }
    [[nodiscard]] const std::vector<KeptFailure>& kept() const { return calls_->kept(); }

private:
    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          boost::asio::io_context::executor_type>;

    LoadHall(boost::asio::io_context& loop, SharedSchedule schedule,
             const LoadHallSettings& settings);
    void start_due(WallInstant now);
    void pace();
    void check_over();

    boost::asio::io_context& loop_;
    SharedSchedule schedule_;
    std::size_t most_in_flight_;
    Ledger ledger_;
    std::unique_ptr<CallHall> calls_;
    ArrivalCursor cursor_;
    std::optional<Arrival> next_{};
    WallInstant start_{};
    std::function<void()> when_over_;
    Timer pacer_;
    bool stopped_{false};  // no more calls start, whatever the schedule
    bool over_{false};
};

}  // namespace ringback
