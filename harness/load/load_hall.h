#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/load/arrival_schedule.h"
#include "harness/load/ledger.h"
#include "harness/load/load_call.h"
#include "harness/load/result.h"
#include "harness/scenario/scenario.h"
#include "simulator/core/history.h"
#include "simulator/edge/http_transport.h"
#include "simulator/edge/simulator.h"

namespace ringback {

struct LoadHallSettings {
    std::string user{"u-ringback"};
    std::string token{"t-ringback"};
    std::string secret{"s-ringback"};
    std::string receiver;  // base URL, without a slash at the end
    std::string api;       // base URL of the fake
    std::string run_id;
    std::uint64_t seed{42};
    Segment share;                                   // of the schedule: this loop's
    std::size_t most_in_flight{100'000};             // calls; an arrival beyond them is dropped
    std::chrono::milliseconds call_timeout{60'000};  // wall time of one call
    std::chrono::milliseconds linger{2'000};         // behind its last step, at most
    std::size_t kept_failures{20};
    SimulatorSettings simulator;
};

/// Many calls of one scenario on one loop: one simulator with a real clock, a script for each call.
/// Calls start when the schedule says so and never look at how others fared. On the loop.
class LoadHall : private History, private EventEditor {
public:
    /// `scenario`, `schedule` and `targets` outlive it. Errors: TLS files that cannot be read, a
    /// variable that names what there is not, a scenario that cannot be played under load.
    [[nodiscard]] static Result<std::unique_ptr<LoadHall>> build(boost::asio::io_context& loop,
                                                                 const Scenario& scenario,
                                                                 const ArrivalSchedule& schedule,
                                                                 const TargetPolicy& targets,
                                                                 LoadHallSettings settings);
    ~LoadHall() override;

    /// The first arrival is due at `start`. `when_over` is called once: no more calls start, and
    /// the last has ended.
    void begin(WallInstant start, std::function<void()> when_over);
    /// No more calls start; those that have started come to their end.
    void stop_starting();
    /// Every call ends as it is.
    void cut_short(const std::string& why);

    [[nodiscard]] Simulator& simulator() { return *simulator_; }
    [[nodiscard]] Ledger& ledger() { return ledger_; }
    [[nodiscard]] std::size_t in_flight() const { return calls_.size(); }
    /// Arrivals that were due by now and have neither started nor been dropped.
    [[nodiscard]] bool starts_are_over() const { return !next_.has_value(); }
    [[nodiscard]] const std::vector<KeptFailure>& kept() const { return kept_; }

private:
    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          boost::asio::io_context::executor_type>;
    /// Somebody is to be looked at then.
    struct Look {
        WallInstant at{};
        std::uint64_t call{0};  // its arrival's n
        friend bool operator>(const Look& a, const Look& b) { return a.at > b.at; }
    };

    LoadHall(boost::asio::io_context& loop, const Scenario& scenario,
             const ArrivalSchedule& schedule, const TargetPolicy& targets,
             LoadHallSettings settings);
    [[nodiscard]] std::optional<Error> prepare();

    // History
    Entry& open() override;
    void close(Entry& entry) override;
    // EventEditor
    void edit(const Callback& callback, std::string& payload) override;

    void start_due(WallInstant now);
    void start(const Arrival& arrival, WallInstant due);
    void place(LoadCall& call);
    [[nodiscard]] std::shared_ptr<const Delays> first_delays(LoadCall& call);
    [[nodiscard]] LoadCall* call_of(CallId id);
    void line_up(LoadCall& call);
    void turn();
    void turn_of(LoadCall& call);
    void obey(LoadCall& call, const Wish& wish);
    void watch(LoadCall& call);
    void look_at(WallInstant at, const LoadCall& call);
    void looks_due(WallInstant now);
    void end_if_through(LoadCall& call, WallInstant now);
    void end(LoadCall& call, WallInstant now);
    void keep(const LoadCall& call, const Verdict& verdict, const std::string& cause,
              WallInstant now);
    void pace();
    void check_over();

    boost::asio::io_context& loop_;
    const Scenario& scenario_;
    const ArrivalSchedule& schedule_;
    LoadHallSettings settings_;
    IdCodec ids_;
    std::unique_ptr<HttpTransport> transport_;
    std::unique_ptr<Simulator> simulator_;
    const TargetPolicy& targets_;
    Ledger ledger_;
    std::vector<LoadTimer> timers_;
    std::vector<Bindings> bindings_;  // one for each row of data, or one
    ArrivalCursor cursor_;
    std::optional<Arrival> next_{};
    WallInstant start_{};
    std::function<void()> when_over_;

    std::unordered_map<std::uint64_t, std::unique_ptr<LoadCall>> calls_;  // by n
    std::unordered_map<CallId, LoadCall*> by_leg_;
    LoadCall* placing_{nullptr};  // its first entries do not name it yet
    std::vector<LoadCall*> line_;
    std::vector<LoadCall*> turning_;
    std::priority_queue<Look, std::vector<Look>, std::greater<>> looks_;
    Entry entry_;
    std::uint64_t seq_{0};
    std::vector<KeptFailure> kept_;
    Timer pacer_;
    std::optional<WallInstant> pacer_at_{};
    bool turn_posted_{false};
    bool asking_{false};
    bool over_{false};
};

/// The timers of a scenario's load block.
[[nodiscard]] std::vector<LoadTimer> timers_of(const Scenario& scenario);

}  // namespace ringback
