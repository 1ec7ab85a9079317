#include "harness/load/hdr_log.h"

#include <fmt/format.h>

#include "simulator/wire/time_text.h"

namespace ringback {
namespace {

/// Whole milliseconds as seconds, "12.345": digits that are not doubles', so that no run is too
/// long.
std::string seconds_text(Duration time) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    return fmt::format("{}.{:03}", ms / 1000, ms % 1000);
}

std::string tag_text(std::string_view metric) {
    std::string tag{metric};
    for (char& c : tag) {
        if (static_cast<unsigned char>(c) <= ' ' || c == ',' || c == '\x7f') {
            c = '_';
        }
    }
    return tag;
}

}  // namespace

std::string hdr_log_head(Instant started_at) {
    const std::string seconds = seconds_text(started_at.time_since_epoch());
    std::string when;
    append_time_ms(when, started_at);
    // The base time says that the lines count from the start; a reader would else have to guess.
    return fmt::format(
        "#[Histogram log format version 1.3]\n"
        "#[Values: microseconds; Interval_Max: milliseconds]\n"
        "#[StartTime: {0} (seconds since epoch), {1}]\n"
        "#[BaseTime: {0} (seconds since epoch)]\n"
        "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
        "\"Interval_Compressed_Histogram\"\n",
        seconds, when);
}

std::string hdr_log_line(std::string_view metric, Duration begin, Duration length,
                         const Histogram& histogram) {
    const std::uint64_t max = histogram.max();
    return fmt::format("Tag={},{},{},{}.{:03},{}\n", tag_text(metric), seconds_text(begin),
                       seconds_text(length), max / 1000, max % 1000, histogram.encoded());
}

}  // namespace ringback
