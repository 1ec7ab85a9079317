#pragma once

#include <string>

#include "harness/load/result.h"

namespace ringback {

/// A load result as JUnit XML: test cases for the run itself (believable, complete), one per
/// threshold, one per step of the scenario with how often it failed, one per failing call that was
/// kept.
///
/// Shape  valid against the schemas of Ant and of Jenkins, as junit_report(). Of an invalid run
///        thresholds are errors, not judged; no latency is in it.
[[nodiscard]] std::string load_junit(const LoadResult& result);

}  // namespace ringback
