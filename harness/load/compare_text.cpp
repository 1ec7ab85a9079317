#include <fmt/format.h>

#include <cmath>

#include "harness/load/compare.h"
#include "simulator/wire/printable.h"

namespace ringback {
namespace {

using nlohmann::json;

constexpr std::string_view method{
    "bootstrap: 2000 new draws of each run from its histograms, the middle 95 % of the "
    "differences"};

/// Three digits and a unit: "12.3 ms".
std::string time_shown(double microseconds) {
    const double size = std::abs(microseconds);
    if (size >= 999'500) {
        return fmt::format("{:.3g} s", std::round(microseconds / 1e4) / 1e2);
    }
    return size >= 999.5 ? fmt::format("{:.3g} ms", microseconds / 1e3)
                         : fmt::format("{:.3g} us", microseconds);
}

std::string value_shown(const Measure& measure, const std::optional<double>& value) {
    if (!value) {
        return "-";
    }
    return measure.aggregate == Aggregate::rate ? fmt::format("{:.3g} %", *value * 100)
                                                : time_shown(*value);
}

/// A change with its sign: relative where that can be told, percentage points of a rate.
struct ShownChange {
    std::string change;
    std::string interval;
};

ShownChange change_shown(const LoadDifference& difference, bool relative) {
    const auto& interval = relative ? difference.relative : difference.interval;
    if (!difference.base || !difference.now || !interval) {
        return {"-", difference.remark.empty() ? "-" : printable(difference.remark)};
    }
    const double change = *difference.now - *difference.base;
    if (relative) {
        return {fmt::format("{:+.1f} %", change / *difference.base * 100),
                fmt::format("{:+.1f} .. {:+.1f} %", interval->low * 100, interval->high * 100)};
    }
    if (difference.measure.aggregate == Aggregate::rate) {
        return {fmt::format("{:+.2f} pt", change * 100),
                fmt::format("{:+.2f} .. {:+.2f} pt", interval->low * 100, interval->high * 100)};
    }
    const auto signed_time = [](double time) { return (time < 0 ? "" : "+") + time_shown(time); };
    return {signed_time(change), signed_time(interval->low) + " .. " + signed_time(interval->high)};
}

std::string row(const LoadDifference& difference) {
    constexpr std::size_t name_width = 25;
    const std::string name = printable(to_text(difference.measure), 78);
    const ShownChange shown = change_shown(difference, difference.relative.has_value());
    // A long name has a line of its own, a long reason too: no line is wider than a terminal.
    const std::string head = name.size() > name_width ? name + "\n" : "";
    const std::string figures =
        fmt::format("{}{:<25} {:>9} {:>9} {:>10}", head, head.empty() ? name : "",
                    value_shown(difference.measure, difference.base),
                    value_shown(difference.measure, difference.now), shown.change);
    return shown.interval.size() > 22 ? figures + "\n    " + shown.interval + "\n"
                                      : figures + "  " + shown.interval + "\n";
}

std::string_view word(ComparisonVerdict verdict) {
    switch (verdict) {
        case ComparisonVerdict::held:
            return "held";
        case ComparisonVerdict::crossed:
            return "crossed";
        case ComparisonVerdict::not_established:
            break;
    }
    return "not established";
}

std::string claim_shown(const FailIfResult& result) {
    const ShownChange shown = change_shown(result.difference, result.claim.relative);
    return fmt::format(
        "{}: {}\n    {}{}\n", word(result.verdict), printable(result.claim.expression, 60),
        shown.change,
        shown.change == "-" ? ", " + shown.interval : ", 95 % interval " + shown.interval);
}

json json_or_null(const std::optional<double>& value) {
    return value ? json(*value) : json(nullptr);
}

json json_of(const std::optional<Interval>& interval) {
    return interval ? json{{"low", interval->low}, {"high", interval->high}} : json(nullptr);
}

/// Every member has its unit in its name.
json json_of(const LoadDifference& difference) {
    const bool rate = difference.measure.aggregate == Aggregate::rate;
    const std::string unit = rate ? "share" : "us";
    json told{{"measure", to_text(difference.measure)},
              {"base_" + unit, json_or_null(difference.base)},
              {"new_" + unit, json_or_null(difference.now)},
              {"difference_" + unit, json_of(difference.interval)}};
    if (!rate) {
        told["difference_relative"] = json_of(difference.relative);
    }
    if (!difference.remark.empty()) {
        told["remark"] = difference.remark;
    }
    return told;
}

}  // namespace

std::string comparison_text(const LoadComparison& comparison) {
    std::string out = fmt::format("{:<25} {:>9} {:>9} {:>10}  {}\n", "", "base", "new", "change",
                                  "95 % interval");
    for (const LoadDifference& difference : comparison.differences) {
        out += row(difference);
    }
    for (const std::string& remark : comparison.remarks) {
        out += "remark: " + printable(remark, 70) + "\n";
    }
    for (const FailIfResult& claim : comparison.claims) {
        out += claim_shown(claim);
    }
    return out;
}

json comparison_json(const LoadComparison& comparison) {
    json told{{"method", method},        {"confidence", 0.95},
              {"seed", comparison.seed}, {"differences", json::array()},
              {"claims", json::array()}, {"remarks", comparison.remarks}};
    for (const LoadDifference& difference : comparison.differences) {
        told["differences"].push_back(json_of(difference));
    }
    for (const FailIfResult& claim : comparison.claims) {
        told["claims"].push_back({{"expression", claim.claim.expression},
                                  {"verdict", word(claim.verdict)},
                                  {"difference", json_of(claim.difference)}});
    }
    return told;
}

}  // namespace ringback
