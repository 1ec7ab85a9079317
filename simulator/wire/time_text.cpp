#include "simulator/wire/time_text.h"

#include <array>
#include <chrono>
#include <cstdint>

namespace ringback {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

void put(char* at, unsigned value, unsigned digits) {
    for (unsigned i = digits; i-- > 0; value /= 10) {
        at[i] = static_cast<char>('0' + value % 10);
    }
}

/// "yyyy-MM-ddTHH:mm:ss", always 19 characters.
std::array<char, 19> civil_text(Instant at) {
    const auto since = at.time_since_epoch();
    const auto day = std::chrono::floor<days>(since);
    const std::chrono::year_month_day date{std::chrono::sys_days{day}};
    const auto second = static_cast<unsigned>(std::chrono::floor<seconds>(since - day).count());
    std::array<char, 19> text{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0',
                              'T', '0', '0', ':', '0', '0', ':', '0', '0'};
    put(text.data(), static_cast<unsigned>(static_cast<int>(date.year())), 4);
    put(text.data() + 5, static_cast<unsigned>(date.month()), 2);
    put(text.data() + 8, static_cast<unsigned>(date.day()), 2);
    put(text.data() + 11, second / 3600, 2);
    put(text.data() + 14, second / 60 % 60, 2);
    put(text.data() + 17, second % 60, 2);
    return text;
}

/// Eats a time text from the left; any failed read makes `ok` false for good.
struct Reader {
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

Duration read_fraction(Reader& in) {
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

Duration read_clock(Reader& in) {
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
Duration read_zone(Reader& in) {
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

}  // namespace

void append_time(std::string& out, Instant at) {
    const auto text = civil_text(at);
    out.append(text.data(), text.size());
    out += 'Z';
}

std::string time_text(Instant at) {
    std::string text;
    append_time(text, at);
    return text;
}

void append_time_ms(std::string& out, Instant at) {
    const auto text = civil_text(at);
    const auto since = at.time_since_epoch();
    const auto rest = std::chrono::floor<milliseconds>(since - std::chrono::floor<seconds>(since));
    std::array<char, 5> tail{'.', '0', '0', '0', 'Z'};
    put(tail.data() + 1, static_cast<unsigned>(rest.count()), 3);
    out.append(text.data(), text.size());
    out.append(tail.data(), tail.size());
}

std::optional<Instant> parse_time(std::string_view text) {
    Reader in{text};
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
