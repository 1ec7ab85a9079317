#include "harness/probe/inquiry.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace ringback {

namespace {

bool holds_more(std::vector<std::string> clean, std::vector<std::string> disturbed) {
    std::ranges::sort(clean);
    std::ranges::sort(disturbed);
    return !std::ranges::includes(clean, disturbed);
}

std::vector<LateEvent> late_only_in(std::vector<LateEvent> disturbed,
                                    std::vector<LateEvent> clean) {
    const auto comes_first = [](const LateEvent& one, const LateEvent& other) {
        return std::tie(one.call, one.name) < std::tie(other.call, other.name);
    };
    std::ranges::stable_sort(clean, comes_first);
    std::ranges::stable_sort(disturbed, comes_first);
    std::vector<LateEvent> more;
    std::ranges::set_difference(disturbed, clean, std::back_inserter(more), comes_first);
    return more;
}

/// What the receiver could not help.
Excuses excuses_in(const Behaviour& clean, const Behaviour& disturbed) {
    return {.misses_more = holds_more(clean.lost, disturbed.lost),
            .late = late_only_in(disturbed.late, clean.late)};
}

}  // namespace

std::size_t ProbeResult::failed() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        tries, [](const ProbeTry& tried) { return !tried.blame.failing.empty(); }));
}

std::vector<std::string> ProbeResult::missed() const {
    std::vector<std::string> all;
    for (const ProbeTry& tried : tries) {
        all.insert(all.end(), tried.blame.missed.begin(), tried.blame.missed.end());
    }
    return all;
}

ProbeResult::Outcome ProbeResult::outcome() const {
    if (failed() > 0) {
        return Outcome::failed;
    }
    if (!why_not.empty()) {
        return Outcome::not_played;
    }
    return planned == 0 ? Outcome::nothing_to_disturb : Outcome::survived;
}

bool nothing_was_disturbed(const std::vector<ProbeResult>& results) {
    return !results.empty() && std::ranges::all_of(results, [](const ProbeResult& one) {
        return one.outcome() == ProbeResult::Outcome::nothing_to_disturb;
    });
}

Inquiry::Inquiry(const RunRecord& clean, std::vector<ProbeKind> kinds, ProbeBounds bounds)
    : clean_{behaviour_in(clean)}, kinds_{std::move(kinds)}, bounds_{std::move(bounds)} {
    for (const ProbeKind kind : kinds_) {
        ProbeResult result;
        result.kind = kind;
        result.scenario = clean.scenario;
        result.file = clean.file;
        result.row = clean.row;
        result.seed = clean.seed;
        results_.push_back(std::move(result));
    }
}

Leniency Inquiry::leniency() const {
    constexpr std::chrono::milliseconds least{100};
    return {std::max(least, 3 * clean_.slowest_reaction),
            std::ranges::all_of(clean_.calls, &CallEnd::is_over)};
}

std::optional<Disturbance> Inquiry::next() const {
    if (!controlled_) {
        return Disturbance{"nothing is wrong", "it does the same again", {}, {}, false, {}};
    }
    if (!refusal_.empty() || at_ >= results_.size()) {
        return std::nullopt;
    }
    if (smaller_) {
        const auto changes = smaller_->next();
        return changes ? std::optional{reordered(*changes, clean_)} : std::nullopt;
    }
    return to_play_.empty() ? std::nullopt : std::optional{to_play_.front()};
}

std::optional<ProbeTry> Inquiry::told(RunRecord run) {
    if (!controlled_) {
        controlled_ = true;
        compare_controls(run);
        plan();
        return std::nullopt;
    }
    const auto disturbance = next();
    if (!disturbance) {
        return std::nullopt;
    }
    ProbeTry tried = judged(std::move(run), *disturbance);
    if (tried.kind == ProbeKind::reorder) {
        return told_of_order(std::move(tried));
    }
    to_play_.pop_front();
    results_[at_].tries.push_back(tried);
    if (to_play_.empty()) {
        next_probe();
    }
    return tried;
}

/// The first order that fails ends the search; it is made small then.
std::optional<ProbeTry> Inquiry::told_of_order(ProbeTry tried) {
    const bool fails = !tried.blame.failing.empty();
    ProbeResult& result = results_[at_];
    if (!smaller_ && !fails) {
        to_play_.pop_front();
        result.tries.push_back(tried);
        if (to_play_.empty()) {
            next_probe();
        }
        return tried;
    }
    if (smaller_) {
        ++result.minimised_in;
        smaller_->tried(fails);
    } else {
        smaller_.emplace(tried.disturbance.changes);
    }
    if (fails) {
        smallest_ = std::move(tried);
    }
    if (smaller_->next()) {
        return std::nullopt;
    }
    result.tries.push_back(*smallest_);
    std::optional<ProbeTry> found = std::exchange(smallest_, std::nullopt);
    next_probe();
    return found;
}

void Inquiry::note_saved(const std::string& file, std::optional<bool> fails) {
    for (ProbeResult& result : results_) {
        if (result.kind == ProbeKind::reorder && !result.tries.empty()) {
            result.tries.back().saved = file;
            result.tries.back().fails_as_scenario = fails;
        }
    }
}

void Inquiry::cut_short(const std::string& why) {
    if (!controlled_) {
        plan();
    }
    while (refusal_.empty() && at_ < results_.size()) {
        ProbeResult& result = results_[at_];
        result.why_not = why;
        if (smallest_) {  // the search was over
            result.tries.push_back(*std::exchange(smallest_, std::nullopt));
        } else {
            for (const Disturbance& one : to_play_) {
                result.not_played.push_back(one.what);
            }
        }
        next_probe();
    }
}

/// Of two runs in which nothing was wrong.
void Inquiry::compare_controls(const RunRecord& run) {
    for (const Judged& told : run.verdict.judged) {
        if (told.result != Judged::Result::passed) {
            refusal_ =
                fmt::format("the run that the probe left alone could not be played: {}", told.got);
            return;
        }
    }
    const Behaviour again = behaviour_in(run);
    leave_out_ = volatile_members(clean_, again);
    const auto found = differences(clean_, again, leave_out_);
    if (!found.empty()) {
        refusal_ = fmt::format("two runs that the probe left alone differ: {} {} ({})",
                               word_of(found.front().kind), found.front().what, found.front().than);
    }
    clean_.slowest_reaction = std::max(clean_.slowest_reaction, again.slowest_reaction);
}

void Inquiry::next_probe() {
    smaller_.reset();
    ++at_;
    plan();
}

/// Of the present probe; one with nothing to try is over.
void Inquiry::plan() {
    to_play_.clear();
    while (refusal_.empty() && at_ < results_.size() && to_play_.empty()) {
        ProbeResult& result = results_[at_];
        const auto all = disturbances_of(result.kind, clean_, bounds_);
        to_play_.assign(all.begin(), all.end());
        result.planned = all.size();
        result.possible =
            std::max(result.planned, count_disturbances(result.kind, clean_, bounds_));
        if (all.empty()) {
            ++at_;
        }
    }
}

ProbeTry Inquiry::judged(RunRecord run, const Disturbance& disturbance) const {
    const Behaviour disturbed = behaviour_in(run);
    std::vector<Deviation> found = differences(clean_, disturbed, leave_out_);
    if (run.out_of_time) {
        found.insert(found.begin(), {Deviation::Kind::broken_off, "the run was not over in time",
                                     "over in the clean run", 0, 0});
    }
    for (const Judged& told : run.verdict.judged) {
        if (told.result != Judged::Result::passed) {
            found.insert(found.begin(), {Deviation::Kind::broken_off, told.got,
                                         "expected: " + told.expected, told.seq, 0});
        }
    }
    ProbeTry tried;
    tried.kind = results_[at_].kind;
    tried.disturbance = disturbance;
    tried.flags = bounds_.flags;
    tried.blame =
        blame_for(tried.kind, disturbance, std::move(found), excuses_in(clean_, disturbed));
    tried.run = std::move(run);
    if (tried.blame.failing.empty()) {
        tried.run.entries = {};
    }
    return tried;
}

}  // namespace ringback
