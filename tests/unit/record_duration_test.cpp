#include <catch2/catch.hpp>

#include "simulator/wire/duration_text.h"

namespace ringback {
namespace {

using namespace std::chrono_literals;

TEST_CASE("duration text: whole numbers with units are read", "[wire][duration]") {
    const std::vector<std::pair<std::string, Duration>> table{
        {"0", 0s},
        {"0s", 0s},
        {"250ms", 250ms},
        {"2s", 2s},
        {"1m30s", 90s},
        {"1h", 1h},
        {"1h2m3s4ms5us6ns", 1h + 2min + 3s + 4ms + 5us + 6ns},
        {"1.5s", 1500ms},
        {"0.25s", 250ms},
        {"1m0.5s", 60500ms},
        {"1.5h", 90min},
        {"10000h", 10000h},
        {"007s", 7s}};
    for (const auto& [text, duration] : table) {
        CAPTURE(text);
        const auto parsed = parse_duration(text);
        REQUIRE(parsed.ok());
        CHECK(parsed.value() == duration);
    }
}

TEST_CASE("duration text: anything else is an error that says what was expected",
          "[wire][duration]") {
    for (const std::string text :
         {"", "s", "30", "soon", "-1s", "+1s", "1 s", "2S", "1s1m", "1s1s", "1.s", ".5s", "1.5m2s",
          "0.3ns", "1e3s", "1s ", "1d", "1..2s", "00"}) {
        CAPTURE(text);
        const auto parsed = parse_duration(text);
        REQUIRE_FALSE(parsed.ok());
        CHECK(parsed.error().what ==
              "expected a duration like 250ms, 2s or 1m30s, found \"" + text + "\"");
    }
    for (const std::string text :
         {"10000h1ns", "10001h", "99999999999999999999h", "9999h99999999999999999m"}) {
        CAPTURE(text);
        const auto parsed = parse_duration(text);
        REQUIRE_FALSE(parsed.ok());
        CHECK(parsed.error().what.find("at most 10000h") != std::string::npos);
    }
    CHECK(parse_duration("\x1b[2J").error().what.find('\x1b') == std::string::npos);
    CHECK(parse_duration(std::string(5000, '9')).error().what.size() < 120);
}

TEST_CASE("duration text: of a URL that stands in its place no password is shown, nor a part of it",
          "[wire][duration]") {
    for (const std::string secret : {"s3cret", "s3crets3crets3crets3crets3crets3cret"}) {
        CAPTURE(secret);
        const auto parsed = parse_duration("http://me:" + secret + "@h/");
        REQUIRE_FALSE(parsed.ok());
        CHECK(parsed.error().what ==
              "expected a duration like 250ms, 2s or 1m30s, found \"http://***@h/\"");
    }
}

TEST_CASE("duration text: ranges have two ends, the smaller first", "[wire][duration]") {
    CHECK(parse_delay_range("2s..6s").value() == DelayRange{2s, 6s});
    CHECK(parse_delay_range("2s..2s").value() == DelayRange{2s});
    CHECK(parse_delay_range("1.5s").value() == DelayRange{1500ms});
    CHECK(parse_delay_range("1.5s..2.5s").value() == DelayRange{1500ms, 2500ms});
    for (const std::string text : {"6s..2s", "..2s", "2s..", "2s...3s", "2s..x", "a..b"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_delay_range(text).ok());
    }
}

TEST_CASE("duration text: what is printed is read back as the same", "[wire][duration]") {
    const std::vector<std::pair<Duration, std::string>> table{{0s, "0s"},
                                                              {250ms, "250ms"},
                                                              {2s, "2s"},
                                                              {90s, "1m30s"},
                                                              {1h, "1h"},
                                                              {1500ms, "1.5s"},
                                                              {1us, "1us"},
                                                              {1500ns, "1.5us"},
                                                              {7ns, "7ns"},
                                                              {3601s, "1h1s"},
                                                              {60050ms, "1m50ms"},
                                                              {1h + 1ns, "1h1ns"},
                                                              {61s + 1ns, "1m1.000000001s"}};
    for (const auto& [duration, text] : table) {
        CHECK(duration_text(duration) == text);
        CHECK(parse_duration(text).value() == duration);
    }
    CHECK(delay_range_text({2s, 6s}) == "2s..6s");
    CHECK(delay_range_text({2s}) == "2s");
}

}  // namespace
}  // namespace ringback
