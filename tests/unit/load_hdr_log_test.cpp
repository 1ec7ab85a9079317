#include <catch2/catch.hpp>

#include "harness/load/hdr_log.h"

namespace ringback {

using namespace std::chrono_literals;

TEST_CASE("hdr log: its head says when the run started and names the columns", "[load][hdr_log]") {
    CHECK(hdr_log_head(Instant{1'767'603'600'250ms}) ==
          "#[Histogram log format version 1.3]\n"
          "#[Values: microseconds; Interval_Max: milliseconds]\n"
          "#[StartTime: 1767603600.250 (seconds since epoch), 2026-01-05T09:00:00.250Z]\n"
          "#[BaseTime: 1767603600.250 (seconds since epoch)]\n"
          "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
          "\"Interval_Compressed_Histogram\"\n");
}

TEST_CASE("hdr log: an interval is one line whose histogram is read back equal",
          "[load][hdr_log]") {
    Histogram histogram;
    histogram.record(1250, 3);
    histogram.record(1500);

    const std::string line = hdr_log_line("response", 59min, 1s, histogram);

    const std::string before = "Tag=response,3540.000,1.000,1.500,";
    REQUIRE(line.substr(0, before.size()) == before);
    REQUIRE(line.back() == '\n');
    const auto text = line.substr(before.size(), line.size() - before.size() - 1);
    CHECK(Histogram::decoded(text).value() == histogram);
}

TEST_CASE("hdr log: a name cannot end its tag or its line", "[load][hdr_log]") {
    const std::string line = hdr_log_line("to, the\nmenu \xc3\xa9", 0s, 250ms, Histogram{});

    CHECK(line.starts_with("Tag=to__the_menu_\xc3\xa9,0.000,0.250,0.000,HISTFAAAA"));
}

}  // namespace ringback
