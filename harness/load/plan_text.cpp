#include "harness/load/plan_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "simulator/wire/duration_text.h"
#include "simulator/wire/printable.h"

namespace ringback {
namespace {

constexpr std::string_view spaces{" \t\r"};
constexpr std::size_t shown_most = 40;

std::string expected(std::string_view what, std::string_view found) {
    return fmt::format("expected {}, found \"{}\"", what, printable(found, shown_most));
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// "12", "12.5": digits, and digits behind a point; no sign, no exponent.
std::optional<double> plain_number(std::string_view text) {
    const auto point = text.find('.');
    if (!all_digits(text.substr(0, point)) ||
        (point != std::string_view::npos && !all_digits(text.substr(point + 1)))) {
        return std::nullopt;
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} ? std::optional{value} : std::nullopt;
}

std::optional<std::size_t> whole_number(std::string_view text) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return all_digits(text) && error == std::errc{} ? std::optional{value} : std::nullopt;
}

struct Span {
    std::string_view before;
    std::optional<std::string_view> behind;
};

Span split(std::string_view text, std::string_view mark) {
    const auto at = text.find(mark);
    return at == std::string_view::npos ? Span{text, std::nullopt}
                                        : Span{text.substr(0, at), text.substr(at + mark.size())};
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(spaces);
    return begin == std::string_view::npos
               ? std::string_view{}
               : text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

/// "12.25" as nanoseconds, by its digits.
std::optional<Duration> plain_seconds(std::string_view text) {
    const auto [whole, decimals] = split(text, ".");
    const auto number = whole_number(whole);
    if (!number || *number > std::size_t{36'000'000} || (decimals && !all_digits(*decimals))) {
        return std::nullopt;
    }
    std::string whole_ns{decimals.value_or("0").substr(0, 9)};
    whole_ns.resize(9, '0');
    return std::chrono::seconds{*number} + std::chrono::nanoseconds{*whole_number(whole_ns)};
}

std::optional<Duration> trace_time(std::string_view word) {
    if (auto time = plain_seconds(word)) {
        return time;
    }
    const auto duration = parse_duration(word);
    return duration ? std::optional{duration.value()} : std::nullopt;
}

}  // namespace

Result<double> parse_rate(std::string_view text) {
    const Error mistake{"", expected("a rate such as 200/1s", text)};
    const auto [count, unit] = split(text, "/");
    const auto calls = plain_number(count);
    if (!calls || (unit && unit->empty())) {
        return mistake;
    }
    std::string time{unit.value_or("1s")};
    if (time.front() < '0' || time.front() > '9') {
        time.insert(0, "1");
    }
    const auto duration = parse_duration(time);
    if (!duration || duration.value() == Duration{0}) {
        return mistake;
    }
    // Multiplied first, so that a whole rate is one, however it is written.
    return *calls * 1e9 / static_cast<double>(duration.value().count());
}

Result<LoadStage> parse_stage(std::string_view text, double before) {
    const auto [time, rates] = split(text, ":");
    if (!rates) {
        return Error{"", expected("a stage such as 30s:50 or 30s:50..200", text)};
    }
    const auto duration = parse_duration(time);
    if (!duration) {
        return duration.error();
    }
    if (duration.value() == Duration{0}) {
        return Error{"", expected("a stage that takes a time above 0", text)};
    }
    const auto [from_text, to_text] = split(*rates, "..");
    Result<double> from{before};
    if (!to_text || !from_text.empty()) {
        from = parse_rate(from_text);
    }
    const Result<double> to = to_text ? parse_rate(*to_text) : from;
    if (!from || !to) {
        return from ? to.error() : from.error();
    }
    return LoadStage{duration.value(), from.value(), to.value()};
}

Result<std::vector<LoadStage>> parse_stages(std::span<const std::string> texts) {
    std::vector<LoadStage> stages;
    for (const std::string& text : texts) {
        const auto stage = parse_stage(text, stages.empty() ? 0 : stages.back().rate_to);
        if (!stage) {
            return stage.error();
        }
        stages.push_back(stage.value());
    }
    return stages;
}

Result<Segment> parse_segment(std::string_view text) {
    const auto [which, of] = split(text, "/");
    const auto index = whole_number(which);
    const auto count = whole_number(of.value_or(""));
    if (!index || !count || *index == 0 || *index > *count) {
        return Error{"", expected("a segment such as 2/8", text)};
    }
    return Segment{*index - 1, *count};
}

Result<std::vector<Duration>> parse_trace(std::string_view text, std::string_view file) {
    std::vector<Duration> starts;
    std::size_t number = 0;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        ++number;
        const std::string_view word = trimmed(line.substr(0, line.find('#')));
        if (word.empty()) {
            continue;
        }
        const auto where = fmt::format("{}:{}:{}", file, number, word.data() - line.data() + 1);
        const auto start = trace_time(word);
        if (!start) {
            return Error{where, expected("seconds such as 12.25, or a time such as 250ms", word)};
        }
        if (!starts.empty() && *start < starts.back()) {
            return Error{where, expected(fmt::format("a time that is not before the {} above it",
                                                     duration_text(starts.back())),
                                         word)};
        }
        starts.push_back(*start);
    }
    if (starts.empty()) {
        return Error{std::string{file}, "expected the times of starts, found none"};
    }
    return starts;
}

}  // namespace ringback
