#include "harness/report/fault_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "simulator/wire/printable.h"

namespace ringback {
namespace {

/// A rule, over all that it was played in.
struct FaultSum {
    FaultPlayed fault;
    std::string scenario;  // whose it is; "" = the command line's
};

void count_in(std::vector<FaultSum>& sums, const FaultPlayed& fault, const std::string& scenario) {
    const std::string whose = fault.own ? scenario : std::string{};
    const auto known = std::ranges::find_if(sums, [&](const FaultSum& sum) {
        return sum.scenario == whose && sum.fault.set == fault.set &&
               (!fault.own || sum.fault.rule == fault.rule) && sum.fault.written == fault.written;
    });
    if (known == sums.end()) {
        sums.push_back({fault, whose});
        return;
    }
    known->fault.tally.matched += fault.tally.matched;
    known->fault.tally.struck += fault.tally.struck;
}

std::string of_scenario(const std::string& scenario) {
    return scenario.empty() ? scenario : " of " + printable(scenario);
}

void tell_own(FaultWords& words, const FaultSum& sum) {
    constexpr std::size_t most = 200;
    const FaultPlayed& fault = sum.fault;
    const std::string head = fmt::format("fault {}{} {}", fault.rule, of_scenario(sum.scenario),
                                         printable(fault.written, most));
    words.struck.push_back(
        fmt::format("{} struck {} of {}", head, fault.tally.struck, fault.tally.matched));
    if (fault.tally.matched == 0) {
        words.idle.push_back(head + " met nothing: there was none of what it is for");
    }
}

/// A set is made for everybody, so it is no wonder where some of it finds nothing.
void tell_set(FaultWords& words, const std::string& name, const std::vector<FaultSum>& sums) {
    std::uint64_t matched{0};
    std::uint64_t struck{0};
    std::vector<std::pair<std::string_view, std::uint64_t>> kinds;  // in the order of the set
    std::string scenario;
    for (const FaultSum& sum : sums) {
        matched += sum.fault.tally.matched;
        struck += sum.fault.tally.struck;
        scenario = sum.scenario;
        const auto known =
            std::ranges::find(kinds, sum.fault.name, [](const auto& kind) { return kind.first; });
        known == kinds.end()
            ? static_cast<void>(kinds.emplace_back(sum.fault.name, sum.fault.tally.struck))
            : static_cast<void>(known->second += sum.fault.tally.struck);
    }
    std::string parts;
    for (const auto& [kind, count] : kinds) {
        if (count > 0) {
            parts += fmt::format("{}{} {}", parts.empty() ? ": " : ", ", kind, count);
        }
    }
    const std::string head = fmt::format("faults {}{}", name, of_scenario(scenario));
    words.struck.push_back(fmt::format("{} struck {}{}", head, struck, parts));
    if (matched == 0) {
        words.idle.push_back(head + " met nothing: there was none of what they are for");
    }
}

FaultWords words_of(const std::vector<FaultSum>& sums) {
    FaultWords words;
    std::map<std::pair<std::string, std::string>, std::vector<FaultSum>> sets;  // and whose
    for (const FaultSum& sum : sums) {
        if (sum.fault.set.empty()) {
            tell_own(words, sum);
        } else {
            sets[{sum.fault.set, sum.scenario}].push_back(sum);
        }
    }
    for (const auto& [key, members] : sets) {
        tell_set(words, key.first, members);
    }
    return words;
}

}  // namespace

FaultWords fault_words(const std::vector<FaultPlayed>& faults) {
    std::vector<FaultSum> sums;
    for (const FaultPlayed& fault : faults) {
        count_in(sums, fault, {});
    }
    return words_of(sums);
}

FaultWords fault_words(const std::vector<RunRecord>& runs) {
    std::vector<FaultSum> sums;
    for (const RunRecord& run : runs) {
        for (const FaultPlayed& fault : run.faults) {
            count_in(sums, fault, run.scenario);
        }
    }
    return words_of(sums);
}

}  // namespace ringback
