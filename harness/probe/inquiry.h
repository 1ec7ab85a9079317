#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "harness/probe/probe.h"
#include "harness/script/script.h"
#include "harness/script/verdict.h"

namespace ringback {

/// One disturbed run and what it came to.
struct ProbeTry {
    ProbeKind kind{};
    Disturbance disturbance;
    Blame blame;                    // survived where nothing is failing
    RunRecord run;                  // its entries only where something is
    std::string saved{};            // where a failing order lies as a scenario; "" = nowhere
    bool fails_as_scenario{false};  // by that scenario's own expectations
    std::string flags{};            // ProbeBounds::flags
};

/// What came of one probe of one scenario.
struct ProbeResult {
    ProbeKind kind{};
    std::string scenario;
    std::string file;
    std::size_t row{0};
    std::uint64_t seed{0};
    std::vector<ProbeTry> tries;  // failing orders: the smallest only
    std::size_t planned{0};
    std::size_t minimised_in{0};  // runs that it took to make a failing order small
    bool cut_short{false};        // not all could be played

    [[nodiscard]] std::size_t failed() const;
    [[nodiscard]] bool survived() const { return failed() == 0 && !cut_short; }
};

/// Probes of one scenario: says what is to be played next and judges what came of it. Pure. First
/// comes a run in which nothing is wrong: what is another in it than in the clean one is left out
/// of all comparisons.
class Inquiry {
public:
    /// `clean`: a run that has passed.
    Inquiry(const RunRecord& clean, std::vector<ProbeKind> kinds, ProbeBounds bounds);

    /// What is to be played next; none: that was all.
    [[nodiscard]] std::optional<Disturbance> next() const;
    /// What came of it. The try, where it is one to be told of.
    std::optional<ProbeTry> told(RunRecord run);

    /// What became of a failing order: it lies there now, and its scenario fails or not.
    void note_saved(const std::string& file, bool fails);
    /// No more can be played.
    void cut_short();

    /// Why the scenario cannot be probed: two runs in which nothing was wrong differ; "" = it can.
    [[nodiscard]] const std::string& refusal() const { return refusal_; }
    /// How long the receiver may take to react, and whether the calls of the clean run ended.
    [[nodiscard]] Leniency leniency() const;
    [[nodiscard]] const std::vector<ProbeResult>& results() const { return results_; }
    [[nodiscard]] std::vector<ProbeResult> take_results() { return std::move(results_); }

private:
    void compare_controls(const RunRecord& run);
    void plan();
    ProbeTry judged(RunRecord run, const Disturbance& disturbance) const;
    std::optional<ProbeTry> told_of_order(ProbeTry tried);
    void next_probe();

    Behaviour clean_;
    Volatile leave_out_;
    std::vector<ProbeKind> kinds_;
    ProbeBounds bounds_;
    bool controlled_{false};
    std::string refusal_;
    std::vector<ProbeResult> results_;
    std::size_t at_{0};                // of results_
    std::deque<Disturbance> to_play_;  // of that probe
    std::optional<SmallerOrders> smaller_;
    std::optional<ProbeTry> smallest_;
};

}  // namespace ringback
