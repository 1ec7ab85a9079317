#include "harness/cli/load_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "harness/cli/options.h"
#include "harness/cli/tls_options.h"
#include "harness/cli/values.h"
#include "harness/load/load_hall.h"
#include "harness/load/plan_text.h"
#include "harness/scenario/sources.h"
#include "simulator/wire/duration_text.h"

namespace ringback {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::size_t longest_trace = std::size_t{64} << 20U;  // bytes

Result<std::chrono::nanoseconds> length_of(std::string_view text) {
    const auto length = parse_duration(text);
    if (!length || length.value() <= Duration::zero()) {
        return expected("a time above 0 such as 30s", text);
    }
    return std::chrono::nanoseconds{length.value()};
}

Result<std::string> arrivals_of(std::string_view text) {
    if (text == "constant" || text == "poisson" ||
        (text.starts_with("trace=") && text.size() > std::string_view{"trace="}.size())) {
        return std::string{text};
    }
    return expected("constant, poisson or trace=FILE", text);
}

Result<std::string> stage_text_of(std::string_view text) {
    const auto stage = parse_stage(text, 0);
    return stage ? Result<std::string>{std::string{text}} : Result<std::string>{stage.error()};
}

Result<std::uint64_t> count_of(std::string_view text) {
    return whole_number_of(text, 1, 1'000'000'000'000);
}

Result<std::size_t> most_in_flight_of(std::string_view text) {
    const auto count = whole_number_of(text, 1, 2'000'000);
    return count ? Result<std::size_t>{static_cast<std::size_t>(count.value())}
                 : Result<std::size_t>{count.error()};
}

void add_schedule_flags(Flags& flags, LoadOptions& options) {
    flags.group("Load");
    flags.positionals("FILE", "the scenario, a file or the name of a built-in one",
                      onto(options.run.files, non_empty_of));
    flags.value("--rate", "N/UNIT", "calls started: 200/1s, 30/1m", into(options.rate, parse_rate));
    flags.value("--duration", "TIME", "how long, with --rate", into(options.duration, length_of));
    flags.values("--stage", "TIME:RATE",
                 "instead: 30s:50, or 30s:50..200 from one rate to another; repeatable, in order",
                 onto(options.stages, stage_text_of));
    flags.value("--arrivals", "HOW",
                "constant: evenly; poisson: as independent callers come; trace=FILE: at the times "
                "of a file, seconds a line (constant)",
                into(options.arrivals, arrivals_of));
    flags.value("--calls", "N", "no more than that many", into(options.calls, count_of));
    flags.value("--warmup", "TIME", "calls that start in it are made, and not measured",
                into(options.warmup, [](std::string_view text) {
                    return deadline_of(text, milliseconds{1}, std::chrono::hours{24});
                }));
    flags.value("--segment", "I/N", "this process's share of the calls, such as 2/8",
                into(options.segment, parse_segment));
    flags.value("--workers", "N",
                "loops that share the load, each on a core of its own if there are so many: 1 to "
                "64; one where the scenario kicks (1)",
                count_into(options.workers, 1, 64));
    flags.value("--max-in-flight", "N",
                "calls at once; more are dropped, and the run is invalid (100000; 1000 where "
                "callbacks may go to another machine)",
                into(options.most_in_flight, most_in_flight_of));
    flags.value("--max-rate", "N/UNIT",
                "no schedule, key or search goes beyond it (1000/1s where callbacks may go to "
                "another machine, else none)",
                into(options.most_rate, parse_rate));
    flags.value("--connections", "N",
                "to the receiver at once; a callback that must wait for one waits on the "
                "receiver's account (1024)",
                [&options](std::string_view text) -> Result<bool> {
                    const auto most = whole_number_of(text, 1, 60'000);
                    if (!most) {
                        return most.error();
                    }
                    DeliverySettings& delivery = options.run.suite.simulator.delivery;
                    delivery.attempts_per_target = static_cast<std::size_t>(most.value());
                    delivery.attempts_at_once =
                        std::max(delivery.attempts_at_once, delivery.attempts_per_target);
                    return true;
                });
    flags.value("--timeout", "TIME", "real time one call may take (60s)",
                into(options.run.suite.timeout, [](std::string_view text) {
                    return deadline_of(text, milliseconds{1}, std::chrono::hours{24});
                }));
    flags.value("--drain-timeout", "TIME", "for calls in flight when a run ends early (10s)",
                into(options.drain, [](std::string_view text) {
                    return deadline_of(text, milliseconds{0}, std::chrono::hours{1});
                }));
    flags.values("-e,--var", "NAME=VALUE", "a variable, over the scenario's own; repeatable",
                 onto(options.run.vars, variable_of));
    flags.values("--override", "STEP:PATH=VALUE", "put a value into the file; repeatable",
                 onto(options.run.overrides, override_of));
    flags.value("--data", "FILE", "rows (.csv or .jsonl): a call takes the next one, by turns",
                into(options.run.data, non_empty_of));
    add_faults_flag(flags, options.run.suite.simulator.faults, options.run.faults);
    flags.value("--seed", "N", "for every draw, over the file's own",
                [&options](std::string_view text) -> Result<bool> {
                    const auto seed = whole_number_of(text, 0, UINT64_MAX);
                    if (!seed) {
                        return seed.error();
                    }
                    options.run.suite.seed = seed.value();
                    return true;
                });
}

void add_judging_flags(Flags& flags, LoadOptions& options) {
    flags.group("What is wanted of it");
    flags.values("--threshold", "EXPR",
                 "such as 'response:p(99)<250ms' or 'calls.failed:rate<0.1%'; status 99 where it "
                 "does not hold; repeatable",
                 onto(options.thresholds, non_empty_of));
    flags.values("--find-max", "EXPR",
                 "search the highest rate at which this (and every --threshold) holds, such as "
                 "'response:p(99)<250ms': doubling from --rate (10/1s), then bisecting, each rate "
                 "for --duration (10s), the last one three times more; repeatable",
                 onto(options.find_max, non_empty_of));
    flags.values("--abort-on", "EXPR@TIME",
                 "such as 'errors:rate>5%@10s': then no more calls start, and the report is "
                 "written; repeatable; none: not even when more than half of all callbacks have "
                 "failed for 10 s, which ends any run by itself",
                 [&options](std::string_view text) -> Result<bool> {
                     if (text == "none") {
                         options.ends_by_itself = false;
                         return true;
                     }
                     auto rule = parse_abort(text);
                     if (!rule) {
                         return rule.error();
                     }
                     options.abort_rules.push_back(std::move(rule).value());
                     return true;
                 });
}

void add_load_output_flags(Flags& flags, LoadOptions& options) {
    flags.group("Output");
    flags.value("--format", "FORMAT", "text, json, csv, md, junit, html, prometheus or hlog (text)",
                into(options.format, load_report_of));
    flags.values("--report", "KIND=PATH", "also as a file, of any of these kinds; repeatable",
                 onto(options.reports, load_report_wish_of));
    flags.toggle("--quiet", "no progress on standard error",
                 [&options](bool on) { options.run.quiet = on; });
    flags.toggle("--no-color", "plain text, as with NO_COLOR",
                 [&options](bool on) { options.run.no_color = on; });
}

/// The part of a scenario's load block by that name; null where it has none.
const json* member(const Scenario& scenario, const char* name) {
    if (!scenario.load.is_object()) {
        return nullptr;
    }
    const auto found = scenario.load.find(name);
    return found == scenario.load.end() ? nullptr : &*found;
}

Error in_file(const Scenario& scenario, const std::string& where, const Error& error) {
    return {fmt::format("{}: load.{}", scenario.file, where), error.what};
}

/// A file that a scenario names lies beside or below it.
Result<std::string> beside(const Scenario& scenario, const std::string& name) {
    const std::filesystem::path path{name};
    const bool leaves =
        path.is_absolute() || std::ranges::find(path, std::filesystem::path{".."}) != path.end();
    if (leaves) {
        return Error{scenario.file + ": load.arrivals",
                     "expected a trace beside the scenario or below, found one elsewhere"};
    }
    return (std::filesystem::path{scenario.file}.parent_path() / path).string();
}

Result<std::vector<LoadStage>> stages_of(const LoadOptions& options, const Scenario& scenario) {
    if (!options.find_max.empty()) {
        constexpr std::chrono::seconds long_enough{10};
        constexpr double first{10};
        const double rate = options.rate.value_or(first);
        return std::vector{LoadStage{options.duration.value_or(long_enough), rate, rate}};
    }
    if (!options.stages.empty()) {
        auto stages = parse_stages(options.stages);
        return stages ? std::move(stages)
                      : Result<std::vector<LoadStage>>{Error{"--stage", stages.error().what}};
    }
    if (options.rate) {
        if (!options.duration && !options.calls) {
            return Error{"--duration", "expected with --rate how long, or with --calls how many"};
        }
        const auto for_calls = [&options] {
            const double seconds = static_cast<double>(*options.calls) / *options.rate;
            return std::chrono::nanoseconds{static_cast<std::int64_t>(1e9 * seconds) + 1};
        };
        const auto length = options.duration ? *options.duration : for_calls();
        return std::vector{LoadStage{length, *options.rate, *options.rate}};
    }
    std::vector<LoadStage> stages;
    if (const json* const wanted = member(scenario, "stages")) {
        for (const json& one : *wanted) {
            const auto length = parse_duration(one.at("for").get<std::string>());
            const auto rate = parse_rate(one.at("rate").get<std::string>());
            if (!length || !rate) {
                return in_file(scenario, "stages", length ? rate.error() : length.error());
            }
            stages.push_back({length.value(), rate.value(), rate.value()});
        }
    }
    if (stages.empty()) {
        return Error{"--rate",
                     "expected how many calls: --rate 50/1s --duration 30s, --stage "
                     "30s:50, or load.stages in the scenario"};
    }
    return stages;
}

}  // namespace

void add_load_target_flag(Flags& flags, LoadOptions& options) {
    flags.values("--allow-target", "HOST|CIDR",
                 "callbacks may go there too; only loopback may be called otherwise",
                 [&options](std::string_view text) -> Result<bool> {
                     const auto named = non_empty_of(text);
                     if (!named) {
                         return named.error();
                     }
                     options.allowed.allow.push_back(named.value());
                     return true;
                 });
}

std::unique_ptr<Flags> load_flags(LoadOptions& options) {
    auto flags = std::make_unique<Flags>(
        "load",
        "Plays one scenario against your receiver many times over: calls start when the schedule "
        "says so, whatever became of earlier ones, and everything the scenario expects is expected "
        "of every call. Latencies count from when an event was due. The clock is real.");
    add_schedule_flags(*flags, options);
    add_judging_flags(*flags, options);
    add_receiver_flags(*flags, options.run);
    add_signing_flag(*flags, options.run.suite.simulator.delivery);
    add_load_target_flag(*flags, options);
    flags->toggle("--i-own-this-target",
                  "load any other machine that --allow-target names; without it the receiver must "
                  "agree (OPTIONS with WebHook-Request-Rate), or have a private address and get no "
                  "more than 50 calls/s",
                  [&options](bool on) { options.owned = on; });
    add_load_output_flags(*flags, options);
    flags->footer(
        "Usage with a command: ringback load FILE --rate 50/1s [FLAGS] -- CMD [ARGS]\n\n"
        "Exit status: 0 everything planned was done and held, 1 calls failed, or not all\n"
        "was done, 2 bad usage (nothing was sent), 3 could not start, 4 the receiver\n"
        "never answered, 98 invalid: ringback itself was the limit, 99 a threshold was\n"
        "crossed, 130 interrupted. Reports are written once calls may start.\n"
        "With --find-max: 0 the highest rate was found, 98 it may be higher, as ringback\n"
        "was the limit, 99 or 1 no rate held.");
    return flags;
}

TargetSettings load_targets(const LoadOptions& options) {
    TargetSettings targets = options.run.suite.simulator.targets;  // the receiver's URL
    if (options.owned) {
        targets.allow.insert(targets.allow.end(), options.allowed.allow.begin(),
                             options.allowed.allow.end());
    }
    return targets;
}

LoadBounds bounds_of(const LoadOptions& options, Reach reach) {
    const bool elsewhere =
        reach != Reach::here || (options.owned && !options.allowed.allow.empty());
    return bounds_of(elsewhere, options.most_rate, options.most_in_flight);
}

Result<LoadPlan> plan_of(const LoadOptions& options, const Scenario& scenario) {
    LoadPlan plan;
    plan.seed = options.run.suite.seed.value_or(scenario.seed);
    plan.warmup = options.warmup;
    plan.calls = options.calls;
    plan.segment = options.segment;
    std::string arrivals = options.arrivals;
    const json* const own = arrivals.empty() ? member(scenario, "arrivals") : nullptr;
    if (own != nullptr) {
        arrivals = own->get<std::string>();
    }
    constexpr std::string_view trace{"trace="};
    if (arrivals.starts_with(trace) && options.find_max.empty()) {
        const auto named = own == nullptr ? Result<std::string>{arrivals.substr(trace.size())}
                                          : beside(scenario, arrivals.substr(trace.size()));
        if (!named) {
            return named.error();
        }
        const std::string& file = named.value();
        const auto text = file_text(file, longest_trace, own == nullptr);
        if (!text) {
            return Error{file, text.error().what};
        }
        auto times = parse_trace(text.value(), file);
        if (!times) {
            return times.error();
        }
        plan.arrivals = Arrivals::trace;
        plan.trace.assign(times.value().begin(), times.value().end());
        return plan;
    }
    plan.arrivals = arrivals == "poisson" ? Arrivals::poisson : Arrivals::constant;
    auto stages = stages_of(options, scenario);
    if (!stages) {
        return stages.error();
    }
    plan.stages = std::move(stages).value();
    return plan;
}

Result<std::vector<Threshold>> thresholds_of(const LoadOptions& options, const Scenario& scenario) {
    std::vector<std::string> timers;
    for (const LoadTimer& timer : timers_of(scenario)) {
        timers.push_back(timer.name);
    }
    std::vector<Threshold> thresholds;
    if (const json* const own = member(scenario, "thresholds")) {
        for (const json& text : *own) {
            auto threshold = parse_threshold(text.get<std::string>(), timers);
            if (!threshold) {
                return in_file(scenario, "thresholds", threshold.error());
            }
            thresholds.push_back(std::move(threshold).value());
        }
    }
    for (const auto& [flag, texts] : {std::pair{"--threshold", &options.thresholds},
                                      std::pair{"--find-max", &options.find_max}}) {
        for (const std::string& text : *texts) {
            auto threshold = parse_threshold(text, timers);
            if (!threshold) {
                return Error{flag, threshold.error().what};
            }
            thresholds.push_back(std::move(threshold).value());
        }
    }
    return thresholds;
}

}  // namespace ringback
