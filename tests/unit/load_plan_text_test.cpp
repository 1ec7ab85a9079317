#include <catch2/catch.hpp>

#include "harness/load/plan_text.h"

namespace ringback {
namespace {

using namespace std::chrono_literals;

template <class T>
std::string mistake(const Result<T>& result) {
    return result ? "none" : to_text(result.error());
}

}  // namespace

TEST_CASE("plan text: a rate is so many calls in a time", "[load][plan]") {
    CHECK(parse_rate("200/1s").value() == 200);
    CHECK(parse_rate("200/s").value() == 200);
    CHECK(parse_rate("200").value() == 200);
    CHECK(parse_rate("12000/1m").value() == 200);
    CHECK(parse_rate("0.5/1m").value() == Approx(1.0 / 120));
    CHECK(parse_rate("3/100ms").value() == 30);
    CHECK(parse_rate("0").value() == 0);
    for (const char* text : {"", "/", "200/", "/1s", "-1/1s", "1e3/1s", "200/0s", "200/1x",
                             "200 /1s", "0x10", "1.", ".5", "200/1s/1s"}) {
        CAPTURE(text);
        CHECK(mistake(parse_rate(text)) ==
              "expected a rate such as 200/1s, found \"" + std::string{text} + "\"");
    }
}

TEST_CASE("plan text: a stage has a time and a rate, or two", "[load][plan]") {
    CHECK(parse_stage("30s:50", 9).value() == LoadStage{30s, 50, 50});
    CHECK(parse_stage("30s:50..200", 9).value() == LoadStage{30s, 50, 200});
    CHECK(parse_stage("1m30s:50/1s..300/1m", 9).value() == LoadStage{90s, 50, 5});
    CHECK(parse_stage("30s:..200", 9).value() == LoadStage{30s, 9, 200});
    CHECK(parse_stage("1s:0", 9).value() == LoadStage{1s, 0, 0});

    CHECK(mistake(parse_stage("30s", 0)) ==
          "expected a stage such as 30s:50 or 30s:50..200, found \"30s\"");
    CHECK(mistake(parse_stage("0:50", 0)) ==
          "expected a stage that takes a time above 0, found \"0:50\"");
    CHECK(mistake(parse_stage("30:50", 0)) ==
          "expected a duration like 250ms, 2s or 1m30s, found \"30\"");
    CHECK(mistake(parse_stage("30s:", 0)) == "expected a rate such as 200/1s, found \"\"");
    CHECK(mistake(parse_stage("30s:1..", 0)) == "expected a rate such as 200/1s, found \"\"");
    CHECK(mistake(parse_stage("30s:x..2", 0)) == "expected a rate such as 200/1s, found \"x\"");
}

TEST_CASE("plan text: a ramp without a begin goes on from the stage before", "[load][plan]") {
    const std::vector<std::string> texts{"10s:..50", "30s:50", "10s:..0"};

    CHECK(parse_stages(texts).value() ==
          std::vector<LoadStage>{{10s, 0, 50}, {30s, 50, 50}, {10s, 50, 0}});
}

TEST_CASE("plan text: a segment counts from one", "[load][plan]") {
    CHECK(parse_segment("2/8").value() == Segment{1, 8});
    CHECK(parse_segment("1/1").value() == Segment{0, 1});
    for (const char* text :
         {"", "2", "0/8", "9/8", "2/", "/8", "1/0", "-1/8", "1/2/3", "1/99999999999999999999999"}) {
        CAPTURE(text);
        CHECK(mistake(parse_segment(text)) ==
              "expected a segment such as 2/8, found \"" + std::string{text} + "\"");
    }
}

TEST_CASE("plan text: a trace is one start a line, in seconds or as a duration", "[load][plan]") {
    const auto trace = parse_trace(
        "# when people called\n0\n0.25\r\n\n  250ms # again\n1.0000000019\n1m", "calls.txt");

    REQUIRE(trace.ok());
    CHECK(trace.value() == std::vector<Duration>{0s, 250ms, 250ms, 1s + 1ns, 1min});
}

TEST_CASE("plan text: a mistake in a trace has its place", "[load][plan]") {
    const auto read = [](std::string_view text) { return mistake(parse_trace(text, "calls.txt")); };
    CHECK(read("0\n1\n  soon # or later") ==
          "calls.txt:3:3: expected seconds such as 12.25, or a time such as 250ms, found \"soon\"");
    CHECK(read("0 1") ==
          "calls.txt:1:1: expected seconds such as 12.25, or a time such as 250ms, found \"0 1\"");
    CHECK(read("1\n-1") ==
          "calls.txt:2:1: expected seconds such as 12.25, or a time such as 250ms, found \"-1\"");
    CHECK(read("1e9") ==
          "calls.txt:1:1: expected seconds such as 12.25, or a time such as 250ms, found \"1e9\"");
    CHECK(read("99999999999") ==
          "calls.txt:1:1: expected seconds such as 12.25, or a time such as "
          "250ms, found \"99999999999\"");
    CHECK(read("1.5\n\n1499ms") ==
          "calls.txt:3:1: expected a time that is not before the 1.5s above it, found \"1499ms\"");
    CHECK(read("") == "calls.txt: expected the times of starts, found none");
    CHECK(read("# nothing\n") == "calls.txt: expected the times of starts, found none");
    CHECK(read(std::string_view{"1\n\0x1b\n", 7}).starts_with("calls.txt:2:1: "));
}

}  // namespace ringback
