#include "harness/load/report_hdr_log.h"

#include <algorithm>
#include <chrono>

#include "harness/load/hdr_log.h"
#include "simulator/wire/time_text.h"

namespace ringback {

std::string load_hdr_log(const LoadResult& result) {
    constexpr double longest_s{1e9};
    const auto length = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>{std::min(result.duration_s, longest_s)});
    std::string out = hdr_log_head(parse_time(result.started_at).value_or(Instant{}));
    const auto append = [&](const std::string& tag, const Histogram& histogram) {
        if (!histogram.empty()) {
            out += hdr_log_line(tag, {}, length, histogram);
        }
    };
    const bool told = result.truth.valid();
    for (const auto& [name, histogram] : result.metrics) {
        if (told || name == metric::send_lag || name == metric::start_lag) {
            append(name, histogram);
        }
    }
    for (const LoadStepResult& step : result.steps) {
        for (const auto& [name, histogram] : step.metrics) {
            if (told) {
                append(name + "{step:" + step.step + "}", histogram);
            }
        }
    }
    return out;
}

}  // namespace ringback
