#include "harness/scenario/threshold_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "harness/scenario/cursor.h"
#include "simulator/core/time.h"
#include "simulator/wire/duration_text.h"
#include "simulator/wire/printable.h"

namespace ringback {
namespace {

constexpr std::size_t shown_most = 60;
constexpr std::string_view example{"a threshold such as response:p(99)<250ms"};

constexpr std::array<std::pair<std::string_view, Aggregate>, 6> words{{{"avg", Aggregate::avg},
                                                                       {"min", Aggregate::min},
                                                                       {"max", Aggregate::max},
                                                                       {"med", Aggregate::med},
                                                                       {"count", Aggregate::count},
                                                                       {"rate", Aggregate::rate}}};
// The longer first: "<" begins "<=" too.
constexpr std::array<std::pair<std::string_view, Relation>, 6> relations{
    {{"<=", Relation::at_most},
     {">=", Relation::at_least},
     {"==", Relation::equal},
     {"!=", Relation::unequal},
     {"<", Relation::below},
     {">", Relation::above}}};

Error wrong(std::string_view expected, std::string_view found) {
    return Error{"",
                 fmt::format("expected {}, found \"{}\"", expected, printable(found, shown_most))};
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    return begin == std::string_view::npos
               ? std::string_view{}
               : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// "12", "12.5": no sign, no exponent.
std::optional<double> number(std::string_view text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    const std::string_view part = point == std::string_view::npos ? "0" : text.substr(point + 1);
    if (whole.empty() || part.empty() || !std::ranges::all_of(whole, is_digit) ||
        !std::ranges::all_of(part, is_digit)) {
        return std::nullopt;
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} ? std::optional{value} : std::nullopt;
}

template <class Names>
bool is_one_of(std::string_view name, const Names& names) {
    return std::ranges::find(names, name) != names.end();
}

Result<std::string> known_metric(std::string_view name, const std::vector<std::string>& timers) {
    if (name == "errors") {
        return std::string{"callbacks.errors"};
    }
    if (is_timed(name) || is_counted(name) || is_one_of(name, timers)) {
        return std::string{name};
    }
    std::vector<std::string_view> known{timed_metrics.begin(), timed_metrics.end()};
    known.insert(known.end(), counted_metrics.begin(), counted_metrics.end());
    known.insert(known.end(), timers.begin(), timers.end());
    const std::string_view nearest = nearest_word(name, known);
    return Error{
        "",
        fmt::format("expected a metric or a timer, found \"{}\", {}", printable(name, shown_most),
                    nearest.empty() ? fmt::format("known are {}", fmt::join(known, ", "))
                                    : fmt::format("did you mean \"{}\"?", nearest))};
}

std::optional<Error> take_aggregate(std::string_view text, Measure& measure) {
    if (text.starts_with("p(") && text.ends_with(')')) {
        const auto percent = number(text.substr(2, text.size() - 3));
        if (!percent || *percent > 100) {
            return wrong("a percentile of 0 to 100 such as p(99.9)", text);
        }
        measure.aggregate = Aggregate::percentile;
        measure.percent = *percent;
    } else {
        const auto* const word =
            std::ranges::find(words, text, &std::pair<std::string_view, Aggregate>::first);
        if (word == words.end()) {
            return wrong("p(N), avg, min, max, med, count or rate", text);
        }
        measure.aggregate = word->second;
    }
    const bool of_both = measure.aggregate == Aggregate::count;
    const bool of_counted = measure.aggregate == Aggregate::rate;
    if (!of_both && of_counted != is_counted(measure.metric)) {
        return wrong(fmt::format("{} of {}",
                                 of_counted ? "p(N), avg, min, max, med or count" : "rate or count",
                                 measure.metric),
                     text);
    }
    return std::nullopt;
}

/// "{step:answer}" behind a metric.
std::optional<Error> take_step(std::string_view text, Measure& measure) {
    constexpr std::string_view begin{"{step:"};
    if (!text.starts_with(begin) || !text.ends_with('}') || text.size() == begin.size() + 1) {
        return wrong("{step:ID} behind a metric", text);
    }
    if (!is_one_of(measure.metric, step_metrics)) {
        return wrong(fmt::format("one of {} before {{step:ID}}", fmt::join(step_metrics, ", ")),
                     measure.metric);
    }
    measure.step = text.substr(begin.size(), text.size() - begin.size() - 1);
    return std::nullopt;
}

Result<double> limit_of(Aggregate aggregate, std::string_view text) {
    if (aggregate == Aggregate::rate) {
        return parse_share(text);
    }
    if (aggregate == Aggregate::count) {
        const auto count = number(text);
        return count ? Result<double>{*count} : wrong("a number such as 100", text);
    }
    const auto time = parse_duration(text);
    return time ? Result<double>{static_cast<double>(time.value().count()) / 1000}
                : wrong("a time with its unit such as 250ms", text);
}

/// Where the metric with its step ends: a step's id may have any character but "}".
std::size_t metric_end(std::string_view text) {
    const auto brace = text.find('{');
    const auto colon = text.find(':');
    return brace < colon ? text.find(':', std::min(text.find('}', brace), text.size())) : colon;
}

/// Where the relation begins: not within a step's id.
std::size_t relation_begin(std::string_view text) {
    const auto from = metric_end(text);
    return from == std::string_view::npos ? from : text.find_first_of("<>=!", from);
}

}  // namespace

bool is_timed(std::string_view metric) { return is_one_of(metric, timed_metrics); }
bool is_counted(std::string_view metric) { return is_one_of(metric, counted_metrics); }

bool holds(double value, Relation relation, double limit) {
    switch (relation) {
        case Relation::below:
            return value < limit;
        case Relation::at_most:
            return value <= limit;
        case Relation::above:
            return value > limit;
        case Relation::at_least:
            return value >= limit;
        case Relation::equal:
            return value == limit;
        case Relation::unequal:
            return value != limit;
    }
    return false;
}

Result<double> parse_share(std::string_view text) {
    const bool percent = text.ends_with('%');
    const auto value = number(trimmed(text.substr(0, text.size() - (percent ? 1 : 0))));
    const double share = value.value_or(2) / (percent ? 100 : 1);
    return value && share <= 1 ? Result<double>{share}
                               : wrong("a percentage such as 0.1%, or a share of 1", text);
}

Result<Measure> parse_measure(std::string_view text, const std::vector<std::string>& timers,
                              std::string_view implied) {
    text = trimmed(text);
    const auto end = metric_end(text);
    if (end == std::string_view::npos && implied.empty()) {
        return wrong("METRIC:AGGREGATE such as response:p(99)", text);
    }
    const std::string_view named =
        end == std::string_view::npos ? implied : trimmed(text.substr(0, end));
    const std::string_view aggregate =
        end == std::string_view::npos ? text : trimmed(text.substr(end + 1));
    const auto brace = std::min(named.find('{'), named.size());
    auto metric = known_metric(named.substr(0, brace), timers);
    if (!metric) {
        return metric.error();
    }
    Measure measure;
    measure.metric = std::move(metric).value();
    if (brace < named.size()) {
        if (auto mistake = take_step(named.substr(brace), measure)) {
            return std::move(*mistake);
        }
    }
    if (auto mistake = take_aggregate(aggregate, measure)) {
        return std::move(*mistake);
    }
    return measure;
}

Result<Threshold> parse_threshold(std::string_view text, const std::vector<std::string>& timers) {
    const auto at = relation_begin(text);
    if (at == std::string_view::npos) {
        return wrong(example, text);
    }
    auto measure = parse_measure(text.substr(0, at), timers);
    if (!measure) {
        return measure.error();
    }
    const std::string_view rest = text.substr(at);
    const auto* const relation = std::ranges::find_if(
        relations, [&](const auto& known) { return rest.starts_with(known.first); });
    if (relation == relations.end()) {
        return wrong("<, <=, >, >=, == or !=", rest);
    }
    const auto limit =
        limit_of(measure.value().aggregate, trimmed(rest.substr(relation->first.size())));
    if (!limit) {
        return limit.error();
    }
    return Threshold{std::string{trimmed(text)}, std::move(measure).value(), relation->second,
                     limit.value()};
}

std::string to_text(const Measure& measure) {
    const std::string step = measure.step.empty() ? "" : fmt::format("{{step:{}}}", measure.step);
    if (measure.aggregate == Aggregate::percentile) {
        return fmt::format("{}{}:p({})", measure.metric, step, measure.percent);
    }
    const auto* const word = std::ranges::find(words, measure.aggregate,
                                               &std::pair<std::string_view, Aggregate>::second);
    return fmt::format("{}{}:{}", measure.metric, step, word->first);
}

}  // namespace ringback
