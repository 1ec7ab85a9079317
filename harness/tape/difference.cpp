#include "harness/tape/difference.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "harness/scenario/shown.h"

namespace ringback {
namespace {

struct Difference {
    std::string field;
    std::string recorded;
    std::string now;
};

/// Of a whole body only the first member that differs, which its finding names in words.
Difference of_field(const FieldFinding& found) {
    static const RE2 words{R"((?s)expected (.*) at (\S+), got (.*))"};
    Difference difference{found.field, found.finding.expected, found.finding.found};
    std::string path;
    std::string recorded;
    std::string now;
    if (RE2::FullMatch(found.finding.why, words, &recorded, &path, &now)) {
        const std::string inside = found.field.empty() ? path : found.field + "." + path;
        difference = {inside, recorded, now};
    }
    return difference;
}

/// Is it what was done in place of the recorded request? Another one that was only near, and had a
/// step of its own, is not.
bool took_its_place(const Candidate& candidate, const Judged& judged) {
    const bool another = std::ranges::any_of(candidate.fields, [](const FieldFinding& found) {
        return !found.finding.fits && (found.field == "method" || found.field == "path" ||
                                       found.field == "step" || found.field == "time");
    });
    return candidate.seq == judged.seq || !another;
}

Difference of(const Judged& judged) {
    for (const Candidate& candidate : judged.candidates) {
        if (!took_its_place(candidate, judged)) {
            continue;
        }
        for (const FieldFinding& found : candidate.fields) {
            if (!found.finding.fits) {
                return of_field(found);
            }
        }
    }
    return {"what happened", judged.expected, judged.got};
}

/// "say" of "step say: await POST .../audio".
std::string step_of(const Judged& judged) {
    constexpr std::string_view word{"step "};
    std::string name = judged.name.substr(0, judged.name.find(": "));
    return name.starts_with(word) ? name : std::string{word} + name;
}

}  // namespace

std::optional<std::string> difference_text(const RunRecord& run) {
    if (run.verdict.result == Judged::Result::passed) {
        return std::nullopt;
    }
    const auto& all = run.verdict.judged;
    auto first = std::ranges::find(all, Judged::Result::failed, &Judged::result);
    if (first == all.end()) {
        first = std::ranges::find(all, Judged::Result::inconclusive, &Judged::result);
    }
    if (first == all.end()) {
        return fmt::format("{}: nothing was held against the recording",
                           shown_text(run.file, 1024));
    }
    const Difference difference = of(*first);
    constexpr std::size_t most = 400;
    return fmt::format("{}:{}:{} {}: {}: recorded {}, now {}",
                       shown_text(first->file.empty() ? run.file : first->file, 1024),
                       first->place.line, first->place.column, shown_text(step_of(*first)),
                       shown_text(difference.field), shown_text(difference.recorded, most),
                       shown_text(difference.now, most));
}

}  // namespace ringback
