#pragma once

#include <nlohmann/json.hpp>

#include "harness/load/result.h"

namespace ringback {

/// What the charts of a page show. Long runs come to at most 600 points, each the largest latency
/// and queue, and the mean rate, of the seconds it stands for.
///
/// Shape  {warmup_s, point_s, second: [..], planned: [..], ..., response: {p50: [..], ..},
///        distribution: {middle_ms: [..], response: [..], service: [..]}}; null where there was
///        nothing to measure. Of an invalid run without response, service and distribution.
/// Units  latencies in ms, rates in 1/s, distributions in per cent of all callbacks.
[[nodiscard]] nlohmann::ordered_json load_series(const LoadResult& result);

}  // namespace ringback
