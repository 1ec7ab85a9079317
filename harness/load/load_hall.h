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

struct LoadHallSettings : CallHallSettings {
    Segment share;                        // of the schedule: this loop's
    std::size_t most_in_flight{100'000};  // calls; an arrival beyond them is dropped
};

/// A hall whose calls start when the schedule says so, and never look at how others fared. On the
/// loop.
class LoadHall {
public:
    /// `scenario`, `schedule` and `targets` outlive it. Errors: as of CallHall::build().
    [[nodiscard]] static Result<std::unique_ptr<LoadHall>> build(boost::asio::io_context& loop,
                                                                 const Scenario& scenario,
                                                                 const ArrivalSchedule& schedule,
                                                                 const TargetPolicy& targets,
                                                                 LoadHallSettings settings);
    LoadHall(const LoadHall&) = delete;
    LoadHall& operator=(const LoadHall&) = delete;
    ~LoadHall();

    /// The first arrival is due at `start`. `when_over` is called once: no more calls start, and
    /// the last has ended.
    void begin(WallInstant start, std::function<void()> when_over);
    /// The schedule has been changed, behind what was due by now.
    void replanned();
    /// No more calls start; those that have started come to their end.
    void stop_starting();
    /// Every call ends as it is.
    void cut_short(const std::string& why);

    [[nodiscard]] CallHall& calls() { return *calls_; }
    [[nodiscard]] Simulator& simulator() { return calls_->simulator(); }
    [[nodiscard]] Ledger& ledger() { return ledger_; }
    [[nodiscard]] std::size_t in_flight() const { return calls_->in_flight(); }
    /// Arrivals that were due by now and have neither started nor been dropped.
    [[nodiscard]] bool starts_are_over() const { return !next_.has_value(); }
    [[nodiscard]] const std::vector<KeptFailure>& kept() const { return calls_->kept(); }

private:
    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          boost::asio::io_context::executor_type>;

    LoadHall(boost::asio::io_context& loop, const ArrivalSchedule& schedule,
             const LoadHallSettings& settings);
    void start_due(WallInstant now);
    void pace();
    void check_over();

    boost::asio::io_context& loop_;
    const ArrivalSchedule& schedule_;
    std::size_t most_in_flight_;
    Ledger ledger_;
    std::unique_ptr<CallHall> calls_;
    ArrivalCursor cursor_;
    std::optional<Arrival> next_{};
    WallInstant start_{};
    std::function<void()> when_over_;
    Timer pacer_;
    bool over_{false};
};

}  // namespace ringback
