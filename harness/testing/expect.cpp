#include <fmt/format.h>
#include <ringback/expect.h>

#include <ostream>
#include <utility>

#include "harness/testing/compiled_pattern.h"
#include "harness/testing/near_miss.h"

namespace ringback::testing {
namespace {

using nlohmann::json;

std::string times(std::size_t n) { return n == 1 ? "once" : fmt::format("{} times", n); }

std::string count_text(const Count& count) {
    if (count.most == std::size_t{0}) {
        return "never";
    }
    if (!count.most) {
        return "at least " + times(count.least);
    }
    if (*count.most == count.least) {
        return times(count.least);
    }
    return count.least == 0 ? "at most " + times(*count.most)
                            : fmt::format("{} to {} times", count.least, *count.most);
}

bool is_plain(const Count& count) { return count.least == 1 && !count.most; }

std::string numbers_text(const std::vector<Candidate>& fitting) {
    std::string text;
    for (const Candidate& candidate : fitting) {
        text += fmt::format("{}#{}", text.empty() ? "" : ", ", candidate.seq);
    }
    return text;
}

/// Every entry of the pattern's kind, told apart.
// NOLINTNEXTLINE(bugprone-exception-escape): json says it moves without one
struct Sorted {
    std::vector<Candidate> fitting;
    std::vector<Candidate> others;
    json first;
};

Sorted sorted(const std::vector<json>& entries, const CompiledPattern& pattern) {
    Sorted made;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        auto candidate = pattern.judge(entries, at);
        if (!candidate) {
            continue;
        }
        const bool fits = candidate->misses() == 0;
        if (fits && made.fitting.empty()) {
            made.first = entries[at];
        }
        (fits ? made.fitting : made.others).push_back(std::move(*candidate));
    }
    return made;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Judgement& judgement) {
    return out << judgement.text;
}

Judgement received(const Journal& journal, const Pattern& pattern, Count count) {
    const CompiledPattern compiled{pattern};
    Sorted found = sorted(journal.entries(), compiled);
    const std::size_t times_found = found.fitting.size();
    Judgement judgement;
    judgement.holds = times_found >= count.least && (!count.most || times_found <= *count.most);
    judgement.entry = std::move(found.first);
    judgement.text = "received " + compiled.text();
    if (judgement.holds) {
        judgement.text += is_plain(count) ? "" : ", " + count_text(count);
        return judgement;
    }
    const bool too_few = times_found < count.least;
    judgement.text += difference_text(
        count_text(count),
        times_found == 0 ? "nothing"
                         : fmt::format("{}: {}", times(times_found), numbers_text(found.fitting)),
        too_few ? std::move(found.others) : std::vector<Candidate>{});
    return judgement;
}

Judgement in_order(const Journal& journal, const std::vector<Pattern>& patterns) {
    const std::vector<json>& entries = journal.entries();
    Judgement judgement{true, "received in order", {}};
    for (std::size_t n = 0; n < patterns.size(); ++n) {
        judgement.text += fmt::format("{} {}", n == 0 ? "" : ", then", patterns[n].text());
    }
    std::size_t next{0};
    std::uint64_t before{0};
    for (const Pattern& pattern : patterns) {
        const CompiledPattern compiled{pattern};
        std::vector<Candidate> others;
        std::uint64_t found{0};
        for (; next < entries.size() && found == 0; ++next) {
            auto candidate = compiled.judge(entries, next);
            if (candidate && candidate->misses() == 0) {
                found = candidate->seq;
                judgement.entry = judgement.entry.is_null() ? entries[next] : judgement.entry;
            } else if (candidate) {
                others.push_back(std::move(*candidate));
            }
        }
        if (found == 0) {
            const auto anywhere = sorted(entries, compiled).fitting;
            judgement.holds = false;
            judgement.text += difference_text(
                fmt::format("{}{}", compiled.text(),
                            before == 0 ? "" : fmt::format(", after #{}", before)),
                anywhere.empty() ? "nothing" : "it too early: " + numbers_text(anywhere),
                std::move(others));
            return judgement;
        }
        before = found;
    }
    return judgement;
}

}  // namespace ringback::testing
