#include "harness/cli/probe_play.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "harness/cli/output.h"
#include "harness/cli/report_file.h"
#include "harness/probe/order_scenario.h"
#include "harness/report/probe_story.h"
#include "harness/report/suite_record.h"
#include "harness/scenario/load.h"

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

}  // namespace

std::vector<Error> problems_of(const RunOptions& options) {
    const ProbeOptions& probes = options.probes;
    std::vector<Error> problems;
    if (probes.kinds.empty()) {
        if (probes.budget) {
            problems.push_back({"--budget", "expected --probe with it, found none"});
        }
        if (!probes.restart.empty()) {
            problems.push_back({"--restart-cmd", "expected --probe restart with it, found none"});
        }
        return problems;
    }
    if (options.suite.jobs > 1) {
        problems.push_back(
            {"--jobs", fmt::format("expected 1 with --probe, found \"{}\"", options.suite.jobs)});
    }
    const bool restarts = std::ranges::find(probes.kinds, ProbeKind::restart) != probes.kinds.end();
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
    return write_report_file(order_file(file), made.value(), false);
}

void ProbePlay::saved_was_played(bool fails) {
    saved_->saved = order_file(clean_[at_].file);
    saved_->fails_as_scenario = fails;
    inquiry_->note_saved(saved_->saved, fails);
    show(*std::exchange(saved_, std::nullopt));
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
        complain("the probe was not begun: a run without anything wrong has to pass first");
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
            ProbeBounds bounds;
            bounds.budget = options_.budget.value_or(bounds.budget);
            bounds.seed = clean_[at_].seed;
            bounds.can_stay_down = options_.restart.empty();
            if (options_.budget) {
                bounds.flags += fmt::format(" --budget {}", *options_.budget);
            }
            if (!options_.restart.empty()) {
                bounds.flags += " --restart-cmd " + shell_word(options_.restart);
            }
            inquiry_.emplace(clean_[at_], options_.kinds, bounds);
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

std::vector<ProbeResult> ProbePlay::take_results() {
    if (inquiry_) {
        if (saved_) {
            saved_was_played(false);
        }
        inquiry_->cut_short();
        end_inquiry();
    }
    return results_;
}

Exit ProbePlay::exit_of(Exit runs) const {
    const bool can_be_worse =
        runs == Exit::passed || runs == Exit::inconclusive || runs == Exit::threshold;
    const bool survived = std::ranges::all_of(results_, &ProbeResult::survived);
    if (!can_be_worse || (survived && !refused_)) {
        return runs;
    }
    return survived && runs == Exit::passed ? Exit::inconclusive : Exit::failed;
}

void ProbePlay::show(const ProbeTry& tried) {
    if (show_.json) {
        const auto line = probe_try_json(tried, clean_[at_]);
        printed_all_ =
            print(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n") &&
            printed_all_;
    } else if (!tried.blame.failing.empty()) {
        printed_all_ =
            print("\n" + probe_story(tried, behind_, show_.style) + "\n") && printed_all_;
    }
}

void ProbePlay::sum_up(const ProbeResult& result) {
    if (!show_.json && !(show_.quiet && result.survived())) {
        printed_all_ = print(probe_line(result, show_.style) + "\n") && printed_all_;
    }
}

}  // namespace ringback
