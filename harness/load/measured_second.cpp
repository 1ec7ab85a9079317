#include "harness/load/measured_second.h"

#include <utility>

#include "harness/load/sum.h"

namespace ringback {
namespace {

Quantiles quantiles_of(const Histogram& histogram) {
    return {histogram.percentile(50), histogram.percentile(90), histogram.percentile(99),
            histogram.max()};
}

}  // namespace

void fill_quantiles(MeasuredSecond& second) {
    second.row.response = quantiles_of(second.response);
    second.row.service = quantiles_of(second.service);
    second.row.send_lag = quantiles_of(second.send_lag);
}

std::optional<MeasuredSecond> LoopSeconds::take(MeasuredSecond part) {
    const std::uint32_t second = part.row.second;
    Open& open = open_[second];
    if (open.parts == 0) {
        open.sum = std::move(part);
    } else {
        add(open.sum.row, part.row);
        open.sum.response.merge(part.response);
        open.sum.service.merge(part.service);
        open.sum.send_lag.merge(part.send_lag);
    }
    if (++open.parts < loops_) {
        return std::nullopt;
    }
    MeasuredSecond whole = std::move(open_.extract(second).mapped().sum);
    if (loops_ > 1) {  // else they are there
        fill_quantiles(whole);
    }
    return whole;
}

}  // namespace ringback
