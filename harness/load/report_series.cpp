#include "harness/load/report_series.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <span>

namespace ringback {
namespace {

using nlohmann::ordered_json;
using Rows = std::span<const LoadSecond>;

/// The rows in groups of `each`, a value for each group.
template <class Value>
ordered_json points(Rows rows, std::size_t each, Value value) {
    ordered_json made = ordered_json::array();
    while (!rows.empty()) {
        const std::size_t length = std::min(each, rows.size());
        made.push_back(value(rows.first(length)));
        rows = rows.subspan(length);
    }
    return made;
}

template <class Number>
auto mean_of(Number LoadSecond::*member) {
    return [member](Rows rows) {
        double sum{0};
        for (const LoadSecond& row : rows) {
            sum += static_cast<double>(row.*member);
        }
        return sum / static_cast<double>(rows.size());
    };
}

auto most_in_flight(Rows rows) {
    std::uint64_t most{0};
    for (const LoadSecond& row : rows) {
        most = std::max(most, row.in_flight);
    }
    return most;
}

struct QuantileLine {
    const char* name;
    std::uint64_t Quantiles::*member;
};

ordered_json quantiles(Rows rows, std::size_t each, Quantiles LoadSecond::*of,
                       std::initializer_list<QuantileLine> lines) {
    ordered_json made = ordered_json::object();
    for (const QuantileLine& line : lines) {
        made[line.name] = points(rows, each, [&](Rows group) -> ordered_json {
            std::uint64_t most{0};
            bool any{false};
            for (const LoadSecond& row : group) {
                any = any || row.*of != Quantiles{};
                most = std::max(most, row.*of.*line.member);
            }
            return any ? ordered_json(static_cast<double>(most) / microseconds_a_millisecond)
                       : ordered_json{};
        });
    }
    return made;
}

/// Per cent of all, in equal steps of the logarithm; from 1 us, an hour needs 230 of them.
constexpr double steps_a_decade{24};

std::vector<double> shares(const Histogram& histogram, std::size_t steps, std::size_t first) {
    std::vector<double> all(steps, 0);
    histogram.each([&](std::uint64_t value, std::uint64_t count) {
        const double place =
            std::log10(std::max<double>(static_cast<double>(value), 1)) * steps_a_decade;
        const auto step = static_cast<std::size_t>(place);
        all.at(std::clamp(step, first, first + steps - 1) - first) +=
            100.0 * static_cast<double>(count) / static_cast<double>(histogram.count());
    });
    return all;
}

ordered_json distribution(const LoadResult& result) {
    std::size_t first{SIZE_MAX};
    std::size_t last{0};
    std::vector<std::pair<std::string_view, const Histogram*>> shown;
    for (const std::string_view name : {metric::response, metric::service}) {
        const auto found = result.metrics.find(name);
        if (found == result.metrics.end() || found->second.empty()) {
            continue;
        }
        shown.emplace_back(name, &found->second);
        found->second.each([&](std::uint64_t value, std::uint64_t /*count*/) {
            const auto step = static_cast<std::size_t>(
                std::log10(std::max<double>(static_cast<double>(value), 1)) * steps_a_decade);
            first = std::min(first, step);
            last = std::max(last, step);
        });
    }
    if (shown.empty()) {
        return {};
    }
    ordered_json made = ordered_json::object();
    std::vector<double> middles;
    for (std::size_t step = first; step <= last; ++step) {
        constexpr double half{0.5};
        middles.push_back(std::pow(10.0, (static_cast<double>(step) + half) / steps_a_decade) /
                          microseconds_a_millisecond);
    }
    made["middle_ms"] = middles;
    for (const auto& [name, histogram] : shown) {
        made[std::string{name}] = shares(*histogram, last - first + 1, first);
    }
    return made;
}

/// By rate, ascending: the worst that a valid probe has shown there, and every probe as a point.
ordered_json search_series(const SearchResult& search) {
    struct Worst {
        std::uint64_t p50{0};
        std::uint64_t p99{0};
        std::uint64_t service_p99{0};
    };
    std::map<double, Worst> by_rate;
    ordered_json probes = ordered_json::array();
    for (const SearchProbe& probe : search.probes) {
        if (probe.outcome == ProbeOutcome::invalid) {
            continue;
        }
        Worst& worst = by_rate[probe.rate];
        worst.p50 = std::max(worst.p50, probe.response_p50_us);
        worst.p99 = std::max(worst.p99, probe.response_p99_us);
        worst.service_p99 = std::max(worst.service_p99, probe.service_p99_us);
        probes.push_back(
            {{"rate", probe.rate},
             {"ms", static_cast<double>(probe.response_p99_us) / microseconds_a_millisecond},
             {"held", probe.outcome == ProbeOutcome::held}});
    }
    ordered_json made{{"probes", std::move(probes)}};
    for (const char* const name : {"rate", "p50", "p99", "service_p99"}) {
        made[name] = ordered_json::array();
    }
    for (const auto& [rate, worst] : by_rate) {
        made["rate"].push_back(rate);
        made["p50"].push_back(static_cast<double>(worst.p50) / microseconds_a_millisecond);
        made["p99"].push_back(static_cast<double>(worst.p99) / microseconds_a_millisecond);
        made["service_p99"].push_back(static_cast<double>(worst.service_p99) /
                                      microseconds_a_millisecond);
    }
    made["held"] = search.held ? ordered_json(*search.held) : ordered_json{};
    made["failed"] = search.failed ? ordered_json(*search.failed) : ordered_json{};
    return made;
}

}  // namespace

ordered_json load_series(const LoadResult& result) {
    constexpr std::size_t most_points{600};
    const Rows rows{result.seconds};
    const std::size_t each =
        std::max<std::size_t>(1, (rows.size() + most_points - 1) / most_points);
    ordered_json made = ordered_json::object();
    made["warmup_s"] = std::chrono::duration<double>(result.plan.warmup).count();
    made["point_s"] = each;
    made["second"] = points(rows, each, [](Rows group) { return group.front().second; });
    made["planned"] = points(rows, each, mean_of(&LoadSecond::planned_rate));
    made["started"] = points(rows, each, mean_of(&LoadSecond::started));
    made["finished"] = points(rows, each, mean_of(&LoadSecond::finished));
    made["dropped"] = points(rows, each, mean_of(&LoadSecond::dropped));
    made["failed"] = points(rows, each, mean_of(&LoadSecond::failed));
    made["errors"] = points(rows, each, mean_of(&LoadSecond::errors));
    made["in_flight"] = points(rows, each, most_in_flight);
    made["cpu"] = points(rows, each, mean_of(&LoadSecond::cpu));
    made["send_lag"] =
        quantiles(rows, each, &LoadSecond::send_lag,
                  {{"p50", &Quantiles::p50}, {"p99", &Quantiles::p99}, {"max", &Quantiles::max}});
    if (result.search) {
        made["search"] = search_series(*result.search);
    }
    if (!result.truth.valid()) {
        return made;
    }
    made["response"] = quantiles(rows, each, &LoadSecond::response,
                                 {{"p50", &Quantiles::p50},
                                  {"p90", &Quantiles::p90},
                                  {"p99", &Quantiles::p99},
                                  {"max", &Quantiles::max}});
    made["service"] = quantiles(rows, each, &LoadSecond::service, {{"p99", &Quantiles::p99}});
    made["distribution"] = distribution(result);
    return made;
}

}  // namespace ringback
