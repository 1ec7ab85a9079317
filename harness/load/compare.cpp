#include "harness/load/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "harness/load/resample.h"
#include "harness/load/threshold.h"
#include "simulator/wire/duration_text.h"
#include "simulator/wire/printable.h"

namespace ringback {
namespace {

constexpr std::size_t draws = 2000;
constexpr double outside = 0.025;  // of the differences, on each side of the interval

/// The middle 95 %. Needs `draws` of them.
Interval middle(std::vector<double> values) {
    std::ranges::sort(values);
    const auto skipped = static_cast<std::size_t>(outside * static_cast<double>(values.size()));
    return {values[skipped], values[values.size() - 1 - skipped]};
}

LoadDifference difference(const Measure& measure, const LoadResult& base, const LoadResult& now,
                          Seed seed) {
    LoadDifference told{measure, figure(measure, base), figure(measure, now), {}, {}, ""};
    const auto before = resample_of(measure, base);
    const auto after = resample_of(measure, now);
    for (const auto& [side, name] : {std::pair{&before, "base"}, std::pair{&after, "new"}}) {
        if (const auto* const why = std::get_if<std::string>(side)) {
            told.remark += fmt::format("{}{}: {}", told.remark.empty() ? "" : "; ", name, *why);
        }
    }
    if (!told.remark.empty()) {
        return told;
    }
    // A stream of its own, so that no figure's interval depends on which others were asked for.
    Rng rng{Rng::stream_of(seed, hash_of(to_text(measure)), 0)};
    std::vector<double> absolute;
    std::vector<double> relative;
    absolute.reserve(draws);
    relative.reserve(draws);
    for (std::size_t i = 0; i < draws; ++i) {
        const double from = std::get<Resample>(before)(rng);
        const double to = std::get<Resample>(after)(rng);
        absolute.push_back(to - from);
        if (from > 0) {
            relative.push_back((to - from) / from);
        }
    }
    told.interval = middle(std::move(absolute));
    if (!is_counted(measure.metric) && relative.size() == draws) {
        told.relative = middle(std::move(relative));
    }
    return told;
}

ComparisonVerdict judged(const FailIf& claim, const LoadDifference& difference) {
    const auto& interval = claim.relative ? difference.relative : difference.interval;
    if (!interval) {
        return ComparisonVerdict::not_established;
    }
    // The end nearer to no change decides that it is beyond, the other that it is not.
    const double nearer = claim.upwards ? interval->low : -interval->high;
    const double further = claim.upwards ? interval->high : -interval->low;
    if (nearer > claim.limit) {
        return ComparisonVerdict::crossed;
    }
    return further <= claim.limit ? ComparisonVerdict::held : ComparisonVerdict::not_established;
}

/// What a person looks at first, then the timers.
std::vector<std::string> metrics_of_both(const LoadResult& base, const LoadResult& now) {
    std::vector<std::string> names;
    const auto add = [&](const std::string& name) {
        if (base.metrics.contains(name) && now.metrics.contains(name)) {
            names.push_back(name);
        }
    };
    for (const std::string_view name : {metric::response, metric::service, metric::reaction}) {
        add(std::string{name});
    }
    for (const auto& [name, histogram] : base.metrics) {
        if (!is_timed(name)) {
            add(name);
        }
    }
    add(std::string{metric::call});
    return names;
}

std::vector<std::string> doubts(const LoadResult& base, const LoadResult& now) {
    std::vector<std::string> told;
    for (const auto& [result, name] : {std::pair{&base, "base"}, std::pair{&now, "new"}}) {
        for (const std::string& why : result->truth.invalid) {
            told.push_back(fmt::format("{} is invalid: {}", name, why));
        }
        if (result->truth.valid() && !result->complete()) {
            told.push_back(fmt::format("{} is not complete", name));
        }
    }
    if (base.scenario != now.scenario) {
        told.push_back(fmt::format("the scenarios differ: {}, {}", base.scenario, now.scenario));
    }
    if (base.plan.stages != now.plan.stages || base.plan.arrivals != now.plan.arrivals ||
        base.plan.trace != now.plan.trace) {
        told.emplace_back("the planned arrivals differ");
    }
    return told;
}

Error wrong(std::string_view expected, std::string_view found) {
    return Error{"", fmt::format("expected {}, found \"{}\"", expected, printable(found, 60))};
}

}  // namespace

bool LoadComparison::crossed() const {
    return std::ranges::any_of(claims, [](const FailIfResult& each) {
        return each.verdict == ComparisonVerdict::crossed;
    });
}

Result<FailIf> parse_fail_if(std::string_view text, const std::vector<std::string>& timers) {
    // From the back: a step's id may have any character.
    const auto at = std::max(text.rfind(">+") + 1, text.rfind("<-") + 1);  // npos + 1 is 0
    if (at == 0) {
        return wrong("a change such as p(99)>+10%", text);
    }
    auto measure = parse_measure(text.substr(0, at - 1), timers, metric::response);
    if (!measure) {
        return measure.error();
    }
    const Aggregate aggregate = measure.value().aggregate;
    if (aggregate == Aggregate::count || aggregate == Aggregate::min ||
        aggregate == Aggregate::max) {
        return wrong("p(N), med, avg or rate, of which there is an interval",
                     text.substr(0, at - 1));
    }
    FailIf claim{std::string{text}, std::move(measure).value(), text[at - 1] == '>', false, 0};
    const std::string_view limit = text.substr(at + 1);
    const bool rate = aggregate == Aggregate::rate;
    if (limit.ends_with('%')) {
        const auto share = parse_share(limit);
        if (!share) {
            return wrong("a percentage of 0 to 100 such as +10%", limit);
        }
        claim.relative = !rate;
        claim.limit = share.value();
        return claim;
    }
    const auto time = parse_duration(limit);
    if (rate || !time) {
        return wrong(rate ? "percentage points such as +0.5%" : "a change such as +10% or +20ms",
                     limit);
    }
    claim.limit = static_cast<double>(time.value().count()) / 1000;
    return claim;
}

LoadComparison compare(const LoadResult& base, const LoadResult& now,
                       const std::vector<FailIf>& claims, Seed seed) {
    LoadComparison told;
    told.seed = static_cast<std::uint64_t>(seed);
    told.remarks = doubts(base, now);
    const auto add = [&](const Measure& measure) {
        told.differences.push_back(difference(measure, base, now, seed));
    };
    for (const std::string& name : metrics_of_both(base, now)) {
        add({name, "", Aggregate::med, 50});
        add({name, "", Aggregate::percentile, 99});
        add({name, "", Aggregate::avg, 50});
    }
    add({"calls.failed", "", Aggregate::rate, 50});
    add({"callbacks.errors", "", Aggregate::rate, 50});

    const bool valid = base.truth.valid() && now.truth.valid();
    for (const FailIf& claim : claims) {
        FailIfResult result{claim, difference(claim.measure, base, now, seed), {}};
        result.verdict =
            valid ? judged(claim, result.difference) : ComparisonVerdict::not_established;
        told.claims.push_back(std::move(result));
    }
    return told;
}

}  // namespace ringback
