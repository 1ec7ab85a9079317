#include "simulator/wire/time_text.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>

namespace ringback {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// "00" to "99".
constexpr auto two_digits = [] {
    std::array<std::array<char, 2>, 100> all{};
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] = {static_cast<char>('0' + i / 10), static_cast<char>('0' + i % 10)};
    }
    return all;
}();

/// Eats a time text from the left; any failed read makes `ok` false for good.
struct TimeReader {
    std::string_view rest;
    bool ok{true};

    [[nodiscard]] bool at(std::string_view any_of) const {
        return ok && !rest.empty() && any_of.find(rest.front()) != std::string_view::npos;
    }
    bool eat(std::string_view any_of) {
        const bool there = at(any_of);
        if (there) {
            rest.remove_prefix(1);
        }
        return there;
    }
    void expect(std::string_view any_of) { ok = eat(any_of) && ok; }
    int number(std::size_t digits, int least, int most) {
        int value{0};
        for (std::size_t i = 0; i < digits; ++i) {
            if (!at("0123456789")) {
                ok = false;
                return least;
            }
            value = value * 10 + (rest.front() - '0');
            rest.remove_prefix(1);
        }
        ok = ok && value >= least && value <= most;
        return value;
    }
};

Duration read_fraction(TimeReader& in) {
    Duration unit{seconds{1}};
    Duration sum{};
    in.ok = in.at("0123456789");
    while (in.at("0123456789")) {
        unit /= 10;
        sum += unit * (in.rest.front() - '0');
        in.rest.remove_prefix(1);
    }
    return sum;
}

Duration read_clock(TimeReader& in) {
    Duration time = hours{in.number(2, 0, 23)};
    in.expect(":");
    time += minutes{in.number(2, 0, 59)};
    if (in.eat(":")) {
        time += seconds{in.number(2, 0, 59)};
        if (in.eat(".")) {
            time += read_fraction(in);
        }
    }
    return time;
}

/// How far the zone is ahead of UTC.
Duration read_zone(TimeReader& in) {
    if (in.eat("Zz") || in.rest.empty()) {
        return {};
    }
    const bool behind = in.at("-");
    // A '+' in a query may have been written as it is or have become a space.
    in.expect("+- ");
    Duration ahead = hours{in.number(2, 0, 14)};
    in.eat(":");
    if (!in.rest.empty()) {
        ahead += minutes{in.number(2, 0, 59)};
    }
    return behind ? -ahead : ahead;
}

std::array<char, 20> chars_of(seconds since) {
    const auto day = std::chrono::floor<days>(since);
    const std::chrono::year_month_day date{std::chrono::sys_days{day}};
    const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
    const auto second = static_cast<unsigned>((since - day).count());
    std::array<char, 20> text{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0',
                              'T', '0', '0', ':', '0', '0', ':', '0', '0', 'Z'};
    const auto put = [&](std::size_t place, unsigned value) {
        std::memcpy(text.data() + place, two_digits[value].data(), 2);
    };
    put(0, year / 100);
    put(2, year % 100);
    put(5, static_cast<unsigned>(date.month()));
    put(8, static_cast<unsigned>(date.day()));
    put(11, second / 3600);
    put(14, second / 60 % 60);
    put(17, second % 60);
    return text;
}

}  // namespace

/// Under load thousands of events share a second: its text is made once. What is remembered is the
/// answer to the same question, each thread's own, so nobody can tell.
std::array<char, 20> time_chars(Instant at) {
    struct Second {
        seconds since{};
        std::array<char, 20> chars{};
    };
    thread_local Second last{{}, {'1', '9', '7', '0', '-', '0', '1', '-', '0', '1',
                                  'T', '0', '0', ':', '0', '0', ':', '0', '0', 'Z'}};
    const auto since = std::chrono::floor<seconds>(at.time_since_epoch());
    if (since != last.since) {
        last = {since, chars_of(since)};
    }
    return last.chars;
}

void append_time(std::string& out, Instant at) {
    const auto text = time_chars(at);
    out.append(text.data(), text.size());
}

std::string time_text(Instant at) {
    std::string text;
    append_time(text, at);
    return text;
}

void append_time_ms(std::string& out, Instant at) {
    const auto text = time_chars(at);
    const auto since = at.time_since_epoch();
    const auto rest = std::chrono::floor<milliseconds>(since - std::chrono::floor<seconds>(since));
    const auto ms = static_cast<std::size_t>(rest.count());
    out.append(text.data(), text.size() - 1);
    out += '.';
    out += static_cast<char>('0' + ms / 100);
    out.append(two_digits[ms % 100].data(), 2);
    out += 'Z';
}

std::optional<Instant> parse_time(std::string_view text) {
    TimeReader in{text};
    const std::chrono::year year{in.number(4, 1970, 2199)};
    in.expect("-");
    const std::chrono::month month{static_cast<unsigned>(in.number(2, 1, 12))};
    in.expect("-");
    const std::chrono::day day{static_cast<unsigned>(in.number(2, 1, 31))};
    const std::chrono::year_month_day date{year, month, day};
    if (!in.ok || !date.ok()) {
        return std::nullopt;
    }
    Duration since = std::chrono::sys_days{date}.time_since_epoch();
    if (in.eat("Tt +")) {
        since += read_clock(in);
    }
    since -= read_zone(in);
    if (!in.ok || !in.rest.empty()) {
        return std::nullopt;
    }
    return Instant{since};
}

}  // namespace ringback
