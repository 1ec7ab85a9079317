#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/probe/probe.h"
#include "harness/script/script.h"
#include "harness/script/verdict.h"

namespace ringback {

/// One disturbed run and what it came to.
struct ProbeTry {
    ProbeKind kind{};
    Disturbance disturbance;
    Blame blame;          // survived where nothing is failing
    RunRecord run;        // its entries only where something is
    std::string saved{};  // where a failing order lies as a scenario; "" = nowhere
    std::optional<bool> fails_as_scenario{};  // by its own expectations; none: it was not played
    std::string flags{};                      // ProbeBounds::flags
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
    std::size_t possible{0};              // without a budget it would have been so many
    std::size_t minimised_in{0};          // runs that it took to make a failing order small
    std::vector<std::string> not_played;  // what would have been wrong in them
    std::string why_not;                  // all of it was played

    enum class Outcome : std::uint8_t {
        survived,
        failed,
        not_played,          // or not all of it; what was has found nothing
        nothing_to_disturb,  // as the scenario is
    };
    [[nodiscard]] std::size_t failed() const;
    [[nodiscard]] std::vector<std::string> missed() const;  // Blame::missed of all tries
    [[nodiscard]] Outcome outcome() const;
    [[nodiscard]] bool survived() const { return outcome() == Outcome::survived; }
};

/// Nothing was found, because there was nothing to disturb in any of them. Not of none at all.
[[nodiscard]] bool nothing_was_disturbed(const std::vector<ProbeResult>& results);

/// Why runs were not played that somebody has stopped by a signal.
inline constexpr std::string_view interrupted_by_signal{"interrupted"};

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
    void note_saved(const std::string& file, std::optional<bool> fails);
    /// No more can be played, and why.
    void cut_short(const std::string& why);

    /// Why the scenario cannot be probed: two runs that the probe left alone differ; "" = it can.
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
