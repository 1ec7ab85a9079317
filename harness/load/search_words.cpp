#include "harness/load/search_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/load/outcome.h"
#include "harness/load/report_words.h"

namespace ringback {
namespace {

std::uint64_t percentile_of(const LoadResult& result, std::string_view name, double percent) {
    const auto found = result.metrics.find(name);
    return found == result.metrics.end() ? 0 : found->second.percentile(percent);
}

/// Why the receiver did not sustain it; "" = it did.
std::string why_failed(const LoadResult& result) {
    if (!result.aborted.empty()) {
        return result.aborted;
    }
    bool calls_are_claimed{false};
    for (const ThresholdResult& threshold : result.thresholds) {
        if (!threshold.held) {
            return fmt::format("{}: {}", threshold.expression, threshold_value_text(threshold));
        }
        calls_are_claimed = calls_are_claimed || threshold.expression.starts_with("calls.failed");
    }
    if (result.counts.failed > 0 && !calls_are_claimed) {
        const auto causes = ranked(result.failures);
        return fmt::format("{} of {} calls failed{}", count_text(result.counts.failed),
                           count_text(result.counts.finished),
                           causes.empty() ? "" : ": " + causes.front().first);
    }
    if (result.unexpected > 0) {
        return unexpected_text(result);
    }
    return result.complete() ? "" : "not everything that was planned was done";
}

std::string limit_text(const SearchResult& search) {
    if (search.allowed) {
        return fmt::format(": no more than {} is allowed (--max-rate)", rate_text(*search.allowed));
    }
    return search.limited ? ": ringback was the limit at " + rate_text(*search.limited)
                          : std::string{};
}

}  // namespace

SearchProbe probe_of(const WantedProbe& wanted, const LoadResult& result) {
    SearchProbe probe;
    probe.rate = wanted.rate;
    probe.role = wanted.role;
    probe.achieved = rates_of(result).finished;
    probe.started = result.counts.started;
    probe.failed = result.counts.failed;
    probe.errors = result.counts.errors;
    if (!result.truth.valid()) {
        probe.outcome = ProbeOutcome::invalid;
        probe.why = result.truth.invalid.front();
        return probe;
    }
    probe.why = why_failed(result);
    probe.outcome = probe.why.empty() ? ProbeOutcome::held : ProbeOutcome::failed;
    probe.response_p50_us = percentile_of(result, metric::response, 50);
    probe.response_p99_us = percentile_of(result, metric::response, 99);
    probe.service_p99_us = percentile_of(result, metric::service, 99);
    return probe;
}

std::string highest_rate_text(const SearchResult& search) {
    const std::string claims = fmt::format("{}", fmt::join(search.claims, ", "));
    const std::string limit = limit_text(search);
    if (!search.held) {
        return search.failed
                   ? fmt::format("below {}, which failed{}", rate_text(*search.failed), limit)
                   : "not found" + limit;
    }
    const std::string rate = rate_text(*search.held);
    switch (search.end) {
        case SearchEnd::found:
            return fmt::format("{}, at which it held {}", rate, claims);
        case SearchEnd::at_least:
            return fmt::format("at least {}{}", rate, limit);
        case SearchEnd::unconfirmed:
            return fmt::format("perhaps {}: it was not confirmed within {} probes", rate,
                               search.probes.size());
        case SearchEnd::none_held:
        case SearchEnd::ended_early:
            break;
    }
    return fmt::format("at least {}, when the search ended early", rate);
}

std::string confidence_text(const SearchResult& search) {
    if (!search.held) {
        return {};
    }
    constexpr double hundred{100};
    const std::string confirmed = fmt::format("it held {} of {} times more", search.confirmed,
                                              SearchResult::confirmations_wanted);
    return confirmed +
           (search.failed ? fmt::format("; {} failed, {:.1f} % above it", rate_text(*search.failed),
                                        hundred * (*search.failed / *search.held - 1))
                          : "; nothing above it failed");
}

std::vector<std::string> probe_heads() {
    return {"probe", "rate", "outcome", "finished", "p50", "response p99", "service p99", "failed"};
}

std::vector<std::string> probe_cells(const SearchProbe& probe) {
    const bool told = probe.outcome != ProbeOutcome::invalid;
    const auto span = [told](std::uint64_t microseconds) {
        return told ? span_text(static_cast<double>(microseconds)) : std::string{};
    };
    return {std::string{word(probe.role)},    rate_text(probe.rate),
            std::string{word(probe.outcome)}, rate_text(probe.achieved),
            span(probe.response_p50_us),      span(probe.response_p99_us),
            span(probe.service_p99_us),       count_text(probe.failed)};
}

}  // namespace ringback
