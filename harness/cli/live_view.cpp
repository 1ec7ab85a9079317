#include "harness/cli/live_view.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "harness/load/report_words.h"
#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

constexpr std::string_view red{"\x1b[31m"};
constexpr std::string_view yellow{"\x1b[33m"};
constexpr std::string_view bold{"\x1b[1m"};
constexpr std::string_view faint{"\x1b[2m"};

std::string span(std::uint64_t microseconds) {
    return microseconds == 0 ? "-" : span_text(static_cast<double>(microseconds));
}

/// "0:12", "1:02:03".
std::string clock_text(double seconds) {
    const auto whole = static_cast<std::uint64_t>(std::max(seconds, 0.0));
    constexpr std::uint64_t minute{60};
    constexpr std::uint64_t hour{3600};
    return whole < hour ? fmt::format("{}:{:02}", whole / minute, whole % minute)
                        : fmt::format("{}:{:02}:{:02}", whole / hour, whole / minute % minute,
                                      whole % minute);
}

std::string percentiles(const Histogram& histogram) {
    return fmt::format("p50 {:>8}  p95 {:>8}  p99 {:>8}", span(histogram.percentile(50)),
                       span(histogram.percentile(95)), span(histogram.percentile(99)));
}

std::string time_text(const LoadNews& news) {
    const double at = news.second.second + 1;
    if (news.paused) {
        return fmt::format("{}  PAUSED", clock_text(at));
    }
    const double left = news.duration_s - at;
    return left > 0 ? fmt::format("{} of {}, {} left", clock_text(at), clock_text(news.duration_s),
                                  clock_text(left))
                    : fmt::format("{}, the last calls come to their end", clock_text(at));
}

}  // namespace

std::string progress_line(const LoadNews& news) {
    const LoadSecond& row = news.second;
    const auto in_ms = [](std::uint64_t microseconds) {
        return static_cast<double>(microseconds) / 1000;
    };
    return fmt::format(
        "{:>4} s of {:.0f}  {:>6.0f} calls/s  {:>6} in flight  response p50 {:.1f} p99 "
        "{:.1f} ms  {} failed  {} errors{}",
        row.second + 1, news.duration_s, static_cast<double>(row.started), row.in_flight,
        in_ms(row.response.p50), in_ms(row.response.p99), row.failed, row.errors,
        row.warmup ? "  (warm-up)" : "");
}

std::string LiveView::painted(std::string_view text, std::string_view colour) const {
    return terminal_.colour ? fmt::format("{}{}\x1b[0m", colour, text) : std::string{text};
}

std::string LiveView::lines(const LoadNews& news) const {
    constexpr std::size_t label_width{11};
    const LoadSecond& row = news.second;
    std::string out;
    const auto add = [&](std::string_view label, const std::string& text, std::string_view colour) {
        const std::string head = fmt::format(" {:<{}}", label, label_width - 1);
        // Cut before it is painted: an escape sequence has no width, and must stay whole.
        std::string cut{utf8_crop(text, terminal_.width - label_width - 1)};
        out += head + (colour.empty() ? cut : painted(cut, colour)) + "\n";
    };
    add("load", title_, bold);
    add("time", time_text(news) + (row.warmup ? "  (warm-up)" : ""),
        news.paused ? yellow : std::string_view{});
    add("rate",
        fmt::format("planned {:>8}  started {:>8}  finished {:>8}", rate_text(row.planned_rate),
                    rate_text(static_cast<double>(row.started)),
                    rate_text(static_cast<double>(row.finished))),
        {});
    add("response", percentiles(news.response) + "  from when it was due", {});
    add("service", percentiles(news.service) + "  from when it was sent", {});
    const bool bad = news.errors > 0 || news.failed > 0 || row.dropped > 0;
    add("errors",
        fmt::format("{} of callbacks, {} calls failed, {} dropped", count_text(news.errors),
                    count_text(news.failed), count_text(row.dropped)),
        bad ? red : std::string_view{});
    const bool several = row.busiest < row.cpu;
    add("ourselves",
        fmt::format("{} in flight, send lag p99 {}, {}{:.0f} % of a core",
                    count_text(row.in_flight), span(row.send_lag.p99),
                    several ? "busiest loop " : "", 100 * row.busiest),
        {});
    if (keys_) {
        add("keys",
            *keys_ == Keys::all ? "+ - rate   p pause   q end it, with the report"
                                : "q end it, with the report",
            faint);
    }
    return out;
}

void LiveView::show(const LoadNews& news) {
    std::string drawn = shown_ == 0 ? "" : fmt::format("\r\x1b[{}A", shown_);
    shown_ = 0;
    // Line by line: where all of the screen is erased, terminals keep what was there in their
    // history.
    for (const char c : lines(news)) {
        drawn += c == '\n' ? "\x1b[K" : "";
        drawn += c;
        shown_ += c == '\n' ? 1 : 0;
    }
    drawn += "\x1b[J";
    // At once, so that nobody sees half of it; who cannot be told is no reason to stop.
    static_cast<void>(write_whole(STDERR_FILENO, drawn));
}

void LiveView::clear() {
    if (shown_ > 0) {
        static_cast<void>(write_whole(STDERR_FILENO, fmt::format("\r\x1b[{}A\x1b[J", shown_)));
        shown_ = 0;
    }
}

}  // namespace ringback
