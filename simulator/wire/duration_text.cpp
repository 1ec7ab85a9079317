#include "simulator/wire/duration_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "simulator/wire/ascii.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

using Count = std::int64_t;

struct Unit {
    std::string_view name;
    Count nanoseconds;
};
// The larger first; "ms" stands before "m" nowhere, because names are read whole.
constexpr std::array<Unit, 6> units{{{"h", 3'600'000'000'000},
                                     {"m", 60'000'000'000},
                                     {"s", 1'000'000'000},
                                     {"ms", 1'000'000},
                                     {"us", 1'000},
                                     {"ns", 1}}};
constexpr Count longest = 10'000 * units[0].nanoseconds;

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

/// At most what a person can check by eye, nothing that moves a cursor, and of a URL that stands
/// where it should not no password.
std::string shown(std::string_view text) {
    constexpr std::size_t most = 40;
    std::string out = redacted_url(text);
    const bool cut = out.size() > most;
    out.resize(std::min(out.size(), most));
    std::ranges::replace_if(
        out, [](char c) { return c < ' ' || c > '~'; }, '?');
    return cut ? out + "..." : out;
}

Error not_a_duration(std::string_view text) {
    return Error{
        "", fmt::format("expected a duration like 250ms, 2s or 1m30s, found \"{}\"", shown(text))};
}

Error too_long(std::string_view text) {
    return Error{"",
                 fmt::format("expected a duration of at most 10000h, found \"{}\"", shown(text))};
}

/// Takes characters off the front as long as `belongs` holds for them.
template <class Predicate>
std::string_view take_while(std::string_view& rest, Predicate belongs) {
    const auto* const end = std::find_if_not(rest.begin(), rest.end(), belongs);
    const auto taken = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    rest.remove_prefix(taken.size());
    return taken;
}

/// `digits` as a number; nothing when it has more than 18 of them, far beyond every limit here.
std::optional<Count> number(std::string_view digits) {
    if (digits.empty() || digits.size() > 18) {
        return std::nullopt;
    }
    Count value = 0;
    for (const char c : digits) {
        value = value * 10 + (c - '0');
    }
    return value;
}

/// ".25" of a unit in nanoseconds; nothing when that is not a whole number of them.
std::optional<Count> part_of(std::string_view decimals, Count unit) {
    Count sum = 0;
    Count place = unit;
    for (const char c : decimals) {
        if (place % 10 != 0) {
            return std::nullopt;
        }
        place /= 10;
        sum += (c - '0') * place;
    }
    return sum;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
    if (text == "0") {
        return Duration::zero();
    }
    Count total = 0;
    std::string_view rest = text;
    const Unit* previous = nullptr;
    do {
        const auto whole_text = take_while(rest, is_digit);
        std::string_view decimals;
        if (rest.starts_with('.')) {
            rest.remove_prefix(1);
            decimals = take_while(rest, is_digit);
            if (decimals.empty()) {
                return not_a_duration(text);
            }
        }
        const auto name = take_while(rest, is_letter);
        const auto* const unit =
            std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == name; });
        const bool in_order = unit != units.end() && (previous == nullptr || unit > previous);
        if (whole_text.empty() || !in_order || (!decimals.empty() && !rest.empty())) {
            return not_a_duration(text);
        }
        const auto whole = number(whole_text);
        if (!whole || *whole > longest / unit->nanoseconds) {
            return too_long(text);
        }
        total += *whole * unit->nanoseconds;
        if (!decimals.empty()) {
            const auto part = part_of(decimals, unit->nanoseconds);
            if (!part) {
                return not_a_duration(text);
            }
            total += *part;
        }
        if (total > longest) {
            return too_long(text);
        }
        previous = unit;
    } while (!rest.empty());
    return Duration{total};
}

Result<DelayRange> parse_delay_range(std::string_view text) {
    const auto dots = text.find("..");
    if (dots == std::string_view::npos) {
        const auto fixed = parse_duration(text);
        return fixed ? Result<DelayRange>{DelayRange{fixed.value()}} : fixed.error();
    }
    const auto least = parse_duration(text.substr(0, dots));
    const auto most = parse_duration(text.substr(dots + 2));
    if (!least || !most) {
        return Error{"",
                     fmt::format("expected a duration like 2s or a range like 2s..6s, found \"{}\"",
                                 shown(text))};
    }
    if (least.value() > most.value()) {
        return Error{"",
                     fmt::format("expected a range whose first part is the smaller, found \"{}\"",
                                 shown(text))};
    }
    return DelayRange{least.value(), most.value()};
}

std::string duration_text(Duration duration) {
    if (duration == Duration::zero()) {
        return "0s";
    }
    std::string out;
    Count rest = duration.count();
    if (rest < 0) {
        out += '-';
        rest = -rest;
    }
    for (const Unit& unit : units) {
        const Count whole = rest / unit.nanoseconds;
        if (whole == 0) {
            continue;
        }
        out += fmt::format("{}", whole);
        rest %= unit.nanoseconds;
        // From seconds down one number says it all: 1.5s, 2.25ms.
        if (unit.nanoseconds <= 1'000'000'000 && rest != 0) {
            std::string decimals = fmt::format("{}", unit.nanoseconds + rest).substr(1);
            decimals.erase(decimals.find_last_not_of('0') + 1);
            out += '.' + decimals;
            rest = 0;
        }
        out += unit.name;
        if (rest == 0) {
            break;
        }
    }
    return out;
}

std::string delay_range_text(const DelayRange& range) {
    return range.most > range.least ? duration_text(range.least) + ".." + duration_text(range.most)
                                    : duration_text(range.least);
}

}  // namespace ringback
