#include "harness/probe/inquiry.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ringback {

std::size_t ProbeResult::failed() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        tries, [](const ProbeTry& tried) { return !tried.blame.failing.empty(); }));
}

Inquiry::Inquiry(const RunRecord& clean, std::vector<ProbeKind> kinds, ProbeBounds bounds)
    : clean_{behaviour_of(clean.entries)}, kinds_{std::move(kinds)}, bounds_{std::move(bounds)} {
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

void Inquiry::note_saved(const std::string& file, bool fails) {
    for (ProbeResult& result : results_) {
        if (result.kind == ProbeKind::reorder && !result.tries.empty()) {
            result.tries.back().saved = file;
            result.tries.back().fails_as_scenario = fails;
        }
    }
}

void Inquiry::cut_short() {
    if (smallest_) {
        results_[at_].tries.push_back(*std::exchange(smallest_, std::nullopt));
    }
    for (std::size_t at = at_; at < results_.size(); ++at) {
        results_[at].cut_short = true;
    }
}

/// Of two runs in which nothing was wrong.
void Inquiry::compare_controls(const RunRecord& run) {
    const Behaviour again = behaviour_of(run.entries);
    leave_out_ = volatile_members(clean_, again);
    const auto found = differences(clean_, again, leave_out_);
    if (!found.empty()) {
        refusal_ = fmt::format("two runs in which nothing was wrong differ: {} {} ({})",
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
        if (all.empty()) {
            ++at_;
        }
    }
}

ProbeTry Inquiry::judged(RunRecord run, const Disturbance& disturbance) const {
    std::vector<Deviation> found = differences(clean_, behaviour_of(run.entries), leave_out_);
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
    tried.blame = blame_for(tried.kind, disturbance, std::move(found));
    tried.run = std::move(run);
    if (tried.blame.failing.empty()) {
        tried.run.entries = {};
    }
    return tried;
}

}  // namespace ringback
