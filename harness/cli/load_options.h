#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/flags.h"
#include "harness/cli/load_reports.h"
#include "harness/cli/run_options.h"
#include "harness/load/consent.h"
#include "harness/load/plan.h"
#include "harness/load/threshold.h"

namespace ringback {

/// What `ringback load` was asked for.
struct LoadOptions {
    RunOptions run;                // the scenario, its variables, the receiver, the API's port
    std::optional<double> rate{};  // calls per second
    std::optional<std::chrono::nanoseconds> duration{};
    std::vector<std::string> stages;  // "30s:50..200"
    std::string arrivals;             // "" = the scenario's
    std::optional<std::uint64_t> calls{};
    std::chrono::milliseconds warmup{0};
    Segment segment;
    std::optional<std::size_t> most_in_flight{};
    std::optional<double> most_rate{};  // calls per second
    std::size_t workers{1};             // loops, each on a thread
    std::chrono::milliseconds drain{10'000};
    std::vector<std::string> find_max;    // claims; the highest rate at which all hold is wanted
    std::vector<std::string> thresholds;  // read when the scenario's timers are known
    std::vector<AbortRule> abort_rules;
    bool ends_by_itself{true};  // by abort_by_itself(), too
    std::vector<LoadReportWish> reports;
    LoadReport format{LoadReport::text};
    TargetSettings allowed;  // by --allow-target; that a URL was named is not enough for load
    bool owned{false};       // --i-own-this-target
};

/// The flags of `load`, writing into `options`, which must outlive them.
[[nodiscard]] std::unique_ptr<Flags> load_flags(LoadOptions& options);

/// --allow-target where load is made: what it names, not the receiver's URL alone, may be loaded.
void add_load_target_flag(Flags& flags, LoadOptions& options);

/// Where callbacks may go: to the receiver; to all that --allow-target names only where they are
/// said to be one's own, as nobody else was asked.
[[nodiscard]] TargetSettings load_targets(const LoadOptions& options);

/// What the load may come to: `reach` is the receiver's, and other machines may be named beside it.
[[nodiscard]] LoadBounds bounds_of(const LoadOptions& options, Reach reach);

/// The plan that flags and the scenario's load block make together; flags win. Errors: the flag or
/// member that is wrong, or missing.
[[nodiscard]] Result<LoadPlan> plan_of(const LoadOptions& options, const Scenario& scenario);

/// The scenario's thresholds, then those of the flags, --find-max last.
[[nodiscard]] Result<std::vector<Threshold>> thresholds_of(const LoadOptions& options,
                                                           const Scenario& scenario);

}  // namespace ringback
