#include "harness/report/suite_record.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/report/story.h"

namespace ringback {

std::size_t SuiteRecord::count(Judged::Result result) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        runs, [&](const RunRecord& run) { return run.verdict.result == result; }));
}

std::string SuiteRecord::counts_text() const {
    using enum Judged::Result;
    std::string text =
        fmt::format("{} of {} runs: {} passed, {} failed, {} inconclusive", runs.size(), planned,
                    count(passed), count(failed), count(inconclusive));
    if (!probes.empty()) {
        text += fmt::format("; {} of {} probes survived",
                            std::ranges::count_if(probes, &ProbeResult::survived), probes.size());
    }
    return text;
}

std::string_view SuiteRecord::result() const {
    using enum Judged::Result;
    const auto any = [this](ProbeResult::Outcome outcome) {
        return std::ranges::find(probes, outcome, &ProbeResult::outcome) != probes.end();
    };
    if (count(failed) > 0 || any(ProbeResult::Outcome::failed)) {
        return word_of(failed);
    }
    if (!troubles.empty() || runs.size() < planned || runs.empty() ||
        any(ProbeResult::Outcome::not_played)) {
        return "not played";
    }
    return word_of(count(inconclusive) > 0 || nothing_was_disturbed(probes) ? inconclusive
                                                                            : passed);
}

std::string name_of(const RunRecord& run) {
    return run.row > 0 ? fmt::format("{} [row {}]", run.scenario, run.row) : run.scenario;
}

}  // namespace ringback
