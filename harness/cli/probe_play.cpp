#include "harness/cli/probe_play.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "harness/cli/output.h"
#include "harness/cli/report_file.h"
#include "harness/probe/order_scenario.h"
#include "harness/report/probe_story.h"
#include "harness/report/suite_record.h"
#include "harness/scenario/load.h"
#include "simulator/wire/redaction.h"

namespace ringback {
namespace {

/// What the file of a scenario says; none: it cannot be read any more.
std::optional<std::string> text_of_scenario(const std::string& file) {
    for (const BuiltIn& built_in : built_in_scenarios()) {
        if (file == fmt::format("builtin:{}", built_in.name)) {
            return std::string{built_in.text};
        }
    }
    std::ifstream in{file};
    return in ? std::optional{std::string{std::istreambuf_iterator<char>{in}, {}}} : std::nullopt;
}

/// The first name that is free, or that has this very text; none: they are all taken. What somebody
/// has kept from another time is theirs.
std::optional<std::string> free_name(const std::string& file, const std::string& text) {
    constexpr std::size_t most{1000};
    for (std::size_t number = 1; number <= most; ++number) {
        std::string name = order_file(file, number);
        std::error_code no_status;
        const auto found = std::filesystem::symlink_status(name, no_status);
        if (!std::filesystem::exists(found) || text_of_scenario(name) == text) {
            return name;
        }
    }
    return std::nullopt;
}

bool print_json(const nlohmann::ordered_json& line) {
    return print(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

bool is_asked(const ProbeOptions& probes, ProbeKind kind) {
    return std::ranges::find(probes.kinds, kind) != probes.kinds.end();
}

}  // namespace

std::vector<Error> problems_of(const RunOptions& options) {
    const ProbeOptions& probes = options.probes;
    std::vector<Error> problems;
    if (probes.kinds.empty() && probes.budget) {
        problems.push_back({"--budget", "expected --probe with it, found none"});
    }
    const bool restarts = is_asked(probes, ProbeKind::restart);
    if (!probes.restart.empty() && !restarts) {
        problems.push_back({"--restart-cmd", "expected --probe restart with it, found none"});
    }
    if (!probes.restart.empty() && !options.command.empty()) {
        problems.push_back({"--restart-cmd",
                            "expected a receiver that is not started by --, found a command "
                            "behind --, which is started again as it is"});
    }
    if (probes.kinds.empty()) {
        return problems;
    }
    if (options.suite.jobs > 1) {
        problems.push_back(
            {"--jobs", fmt::format("expected 1 with --probe, found \"{}\"", options.suite.jobs)});
    }
    if (restarts && options.command.empty() && probes.restart.empty()) {
        problems.push_back({"--probe",
                            "restart: expected the command that starts your receiver, "
                            "behind --, or --restart-cmd, found neither"});
    }
    return problems;
}

ProbePlay::ProbePlay(ProbeOptions options, std::size_t planned, std::string behind, ProbeShow show)
    : options_{std::move(options)}, planned_{planned}, behind_{std::move(behind)}, show_{show} {}

bool ProbePlay::all_passed() const {
    return clean_.size() == planned_ && std::ranges::all_of(clean_, [](const RunRecord& run) {
               return run.verdict.result == Judged::Result::passed;
           });
}

bool ProbePlay::takes(const RunRecord& run) {
    if (!inquiry_) {
        if (!options_.kinds.empty()) {
            clean_.push_back(run);
        }
        return false;
    }
    if (saved_) {
        saved_was_played(run.verdict.result == Judged::Result::failed);
    } else if (auto tried = inquiry_->told(run)) {
        found(*std::move(tried));
    }
    return true;
}

/// A failing order is kept, and played once more as whoever runs the file will play it.
void ProbePlay::found(ProbeTry tried) {
    if (tried.kind == ProbeKind::reorder && !tried.blame.failing.empty() && save(tried)) {
        saved_ = std::move(tried);
    } else {
        show(tried);
    }
}

/// False: why not has been told.
bool ProbePlay::save(const ProbeTry& tried) {
    const std::string& file = clean_[at_].file;
    const auto text = text_of_scenario(file);
    const auto made =
        text ? order_scenario(*text, tried.disturbance)
             : Result<std::string>{Error{file, "expected a file that can still be read"}};
    if (!made) {
        complain(printable(to_text(made.error())));
        return false;
    }
    const auto name = free_name(file, made.value());
    if (!name) {
        complain(printable(order_file(file)) +
                 ": the order that fails is not saved: too many of its names are taken");
        return false;
    }
    saved_file_ = *name;
    return write_report_file(saved_file_, made.value(), false, "the order that fails");
}

void ProbePlay::saved_was_played(std::optional<bool> fails) {
    saved_->saved = saved_file_;
    saved_->fails_as_scenario = fails;
    inquiry_->note_saved(saved_->saved, fails);
    show(*std::exchange(saved_, std::nullopt));
}

void ProbePlay::begin_inquiry() {
    ProbeBounds bounds;
    bounds.budget = options_.budget.value_or(bounds.budget);
    bounds.seed = clean_[at_].seed;
    bounds.can_stay_down = options_.restart.empty();
    if (options_.budget) {
        bounds.flags += fmt::format(" --budget {}", *options_.budget);
    }
    if (!options_.restart.empty()) {
        bounds.flags += " --restart-cmd " + shell_word(redacted(options_.restart));
    }
    inquiry_.emplace(clean_[at_], options_.kinds, bounds);
}

/// What came of the present scenario's; cut short where it has more to try.
void ProbePlay::end_inquiry() {
    if (!inquiry_->refusal().empty()) {
        refused_ = true;
        complain("no probe of " + printable(name_of(clean_[at_])) + ": " +
                 printable(inquiry_->refusal(), 1024));
    } else {
        for (ProbeResult& result : inquiry_->take_results()) {
            sum_up(result);
            results_.push_back(std::move(result));
        }
    }
    inquiry_.reset();
    ++at_;
}

std::optional<Encore> ProbePlay::next() {
    if (options_.kinds.empty()) {
        return std::nullopt;
    }
    if (!std::exchange(began_, true) && !all_passed()) {
        complain("the probe was not begun: the run that it is compared with has to pass first");
        clean_.clear();
        return std::nullopt;
    }
    if (saved_) {
        Encore as_saved;
        as_saved.of = at_;
        as_saved.faults = saved_->disturbance.faults;
        return as_saved;
    }
    std::optional<Disturbance> wanted;
    while (!wanted) {
        if (!inquiry_) {
            if (at_ >= clean_.size()) {
                return std::nullopt;
            }
            begin_inquiry();
        }
        wanted = inquiry_->next();
        if (!wanted) {
            end_inquiry();
        }
    }
    Encore encore;
    encore.of = at_;
    encore.faults = std::move(wanted->faults);
    encore.lenient = inquiry_->leniency();
    if (wanted->restart) {
        encore.restart = Encore::Restart{wanted->restart->after, wanted->restart->misses_next};
    }
    return encore;
}

std::vector<ProbeResult> ProbePlay::take_results(const std::string& why_not) {
    if (saved_) {
        saved_was_played(std::nullopt);
    }
    while (began_ && !why_not.empty() && at_ < clean_.size()) {
        if (!inquiry_) {
            begin_inquiry();
        }
        inquiry_->cut_short(why_not);
        end_inquiry();
    }
    return results_;
}

/// What was found counts more than what could not be played: the receiver was there.
Exit ProbePlay::exit_of(Exit runs, bool gave_up) const {
    const bool can_be_worse =
        runs == Exit::passed || runs == Exit::inconclusive || runs == Exit::threshold;
    if (!can_be_worse) {
        return runs;
    }
    if (std::ranges::any_of(results_, [](const ProbeResult& one) { return one.failed() > 0; })) {
        return Exit::failed;
    }
    if (gave_up) {
        return Exit::unreachable;
    }
    return runs == Exit::passed && (refused_ || nothing_was_disturbed(results_))
               ? Exit::inconclusive
               : runs;
}

void ProbePlay::show(const ProbeTry& tried) {
    if (show_.json) {
        printed_all_ = print_json(probe_try_json(tried, clean_[at_])) && printed_all_;
    } else if (!tried.blame.failing.empty()) {
        printed_all_ =
            print("\n" + probe_story(tried, behind_, show_.style) + "\n") && printed_all_;
    }
}

void ProbePlay::sum_up(const ProbeResult& result) {
    if (show_.json) {
        printed_all_ = print_json(probe_sum_json(result)) && printed_all_;
    } else if (!(show_.quiet && result.survived())) {
        printed_all_ = print(probe_line(result, show_.style) + "\n") && printed_all_;
    }
}

}  // namespace ringback
