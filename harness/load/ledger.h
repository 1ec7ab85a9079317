#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/load/arrival_schedule.h"
#include "harness/load/load_meter.h"
#include "harness/load/measured_second.h"
#include "harness/load/result.h"
#include "simulator/core/time.h"

namespace ringback {

/// What is counted and measured while a load run goes on, of one loop. Told what happened, with the
/// arrival it belongs to; reads no clock. What starts in the warm-up stands in the seconds only.
class Ledger : public LoadMeter {
public:
    explicit Ledger(const LoadPlan& plan);

    /// Its stages are these from now on; those of arrivals that were told are the same.
    void replan(const LoadPlan& plan);
    void dropped(const Arrival& arrival);

    void started(const Arrival& arrival, Duration lag) override;
    void ended(const Arrival& arrival, std::string_view cause, Duration took) override;
    void callback(const Arrival& arrival, const LoadedCallback& callback) override;
    void kicked(const Arrival& arrival, const LoadedCallback& kick) override;
    void unexpected() override { ++unexpected_; }
    void request(const Arrival* arrival, const ApiExchange& exchange) override;
    void reaction(const Arrival& arrival, std::string_view step, Duration after) override;
    void timer(const Arrival& arrival, std::string_view name, Duration length) override;
    void lost() override;
    void judged(std::string_view step, bool passed) override;

    /// Ends the present second, whose row is kept. Good until the next call. `planned_rate`: calls
    /// per second; `cpu`: of one core.
    const MeasuredSecond& close_second(double planned_rate, std::uint64_t in_flight, double cpu,
                                       bool warmup);

    [[nodiscard]] std::uint64_t in_flight() const { return in_flight_; }
    [[nodiscard]] const std::vector<LoadSecond>& seconds() const { return seconds_; }
    /// All that was counted so far, without what needs a second look (plan, truth, thresholds).
    void write_to(LoadResult& result) const;

private:
    /// The histograms of one stage or step that every call or callback needs, where they were
    /// found; null: not yet. They stay where they are while `stages_` and `steps_` move.
    struct Known {
        Histogram* response{nullptr};
        Histogram* service{nullptr};
        Histogram* send_lag{nullptr};
        Histogram* start_lag{nullptr};
        Histogram* call{nullptr};
    };
    [[nodiscard]] LoadStageResult& stage(const Arrival& arrival) { return stages_[arrival.stage]; }
    [[nodiscard]] Known& known(const Arrival& arrival) { return known_of_stages_[arrival.stage]; }
    [[nodiscard]] std::size_t place_of_step(std::string_view name);
    [[nodiscard]] LoadStepResult& step(std::string_view name) {
        return steps_[place_of_step(name)];
    }
    static Histogram& find(Metrics& metrics, std::string_view name);
    static void record(Metrics& metrics, std::string_view name, Duration length);
    static void record(Histogram*& known, Metrics& metrics, std::string_view name, Duration length);

    std::vector<LoadStageResult> stages_;
    std::vector<Known> known_of_stages_;
    std::vector<LoadStepResult> steps_;  // in the order they were first seen
    std::vector<Known> known_of_steps_;
    Causes failures_;
    Causes errors_;
    MeasuredSecond open_;
    MeasuredSecond closed_;
    std::vector<LoadSecond> seconds_;
    std::uint64_t in_flight_{0};
    std::uint64_t unexpected_{0};
    LostEvents lost_;
};

}  // namespace ringback
