// How it is written how long something takes.
#include <fmt/format.h>

#include "harness/scenario/reading.h"
#include "simulator/wire/duration_text.h"

namespace ringback {
namespace {

using Shape = DrawnTime::Shape;

constexpr double largest_sigma = 10;
constexpr std::string_view shapes{
    "a time such as \"250ms\", or an object with one of uniform, normal, lognormal, exponential, "
    "oneOf"};
constexpr std::string_view shapes_and_speech{
    "a time such as \"250ms\", or an object with one of uniform, normal, lognormal, exponential, "
    "oneOf, speech"};

/// A required member that is a duration; zero when it is none.
Duration duration_member(const Cursor& at, std::string_view name) {
    const auto member = at.required(name);
    return member ? read_duration(*member).value_or(Duration{}) : Duration{};
}

std::vector<Duration> durations(const Cursor& at) {
    std::vector<Duration> all;
    if (at.is_array()) {
        for (const Cursor& element : at.elements()) {
            if (const auto time = read_duration(element)) {
                all.push_back(*time);
            }
        }
    }
    return all;
}

void read_uniform(const Cursor& at, DrawnTime& time) {
    const auto ends = durations(at);
    if (at.value().is_array() && at.value().size() != 2) {
        at.note(fmt::format("expected the shortest and the longest time, found {} elements",
                            at.value().size()));
    } else if (ends.size() == 2) {
        time.a = ends[0];
        time.b = ends[1];
        if (time.a > time.b) {
            at.note(fmt::format("expected the shortest time first, found {} before {}",
                                duration_text(time.a), duration_text(time.b)));
        }
    }
}

void read_lognormal(const Cursor& at, DrawnTime& time) {
    at.only({"median", "sigma"});
    time.a = duration_member(at, "median");
    if (const auto sigma = at.required("sigma")) {
        const bool fits = sigma->value().is_number() && sigma->value().get<double>() >= 0 &&
                          sigma->value().get<double>() <= largest_sigma;
        if (!fits) {
            sigma->wrong("a number from 0 to 10");
            return;
        }
        time.sigma = sigma->value().get<double>();
    }
}

void read_shape(const std::string& word, const Cursor& at, DrawnTime& time) {
    if (word == "uniform") {
        time.shape = Shape::uniform;
        read_uniform(at, time);
    } else if (word == "oneOf") {
        time.shape = Shape::one_of;
        time.choices = durations(at);
        if (at.value().is_array() && at.value().empty()) {
            at.note("expected at least one time, found none");
        }
    } else if (!at.is_object()) {
        return;
    } else if (word == "normal") {
        at.only({"mean", "deviation"});
        time.shape = Shape::normal;
        time.a = duration_member(at, "mean");
        time.b = duration_member(at, "deviation");
    } else if (word == "lognormal") {
        time.shape = Shape::lognormal;
        read_lognormal(at, time);
    } else {
        at.only({"mean"});
        time.shape = Shape::exponential;
        time.a = duration_member(at, "mean");
    }
}

}  // namespace

std::optional<Duration> read_duration(const Cursor& at) {
    const auto* text = at.value().get_ptr<const std::string*>();
    if (text == nullptr) {
        at.wrong(R"(a duration like "250ms", "2s" or "1m30s")");
        return std::nullopt;
    }
    const auto duration = parse_duration(*text);
    if (!duration) {
        at.note(duration.error().what);
        return std::nullopt;
    }
    return duration.value();
}

namespace {

/// `with_speech`: speech is told of among what may stand there.
std::optional<DrawnTime> read_drawn(const Cursor& at, bool with_speech) {
    const std::string_view expected = with_speech ? shapes_and_speech : shapes;
    const std::size_t before = at.mistakes().size();
    DrawnTime time;
    if (at.value().is_string()) {
        time.a = read_duration(at).value_or(Duration{});
    } else if (!at.value().is_object()) {
        at.wrong(expected);
    } else {
        std::vector<std::string_view> known{"uniform", "normal", "lognormal", "exponential",
                                            "oneOf"};
        if (with_speech) {
            known.emplace_back("speech");
        }
        at.only(known);
        const auto members = at.members();
        if (members.size() != 1) {
            at.note(fmt::format("expected {}, found {} members", expected, members.size()));
        } else if (at.mistakes().size() == before) {
            read_shape(members.front().first, members.front().second, time);
        }
    }
    return at.mistakes().size() == before ? std::optional{time} : std::nullopt;
}

}  // namespace

std::optional<DrawnTime> read_drawn_time(const Cursor& at) { return read_drawn(at, false); }

std::optional<TimeSpec> read_time(Reading& reading, const Cursor& at) {
    const auto& value = at.value();
    if (!value.is_object() || value.size() != 1 || !value.contains("speech")) {
        const auto drawn = read_drawn(at, true);
        return drawn ? std::optional{TimeSpec{*drawn, false, {}}} : std::nullopt;
    }
    const Cursor speech = *at.member("speech");
    const auto text = speech.text();
    note_texts(reading, speech);
    return text ? std::optional{TimeSpec{{}, true, *text}} : std::nullopt;
}

}  // namespace ringback
