#pragma once

#include <string>

#include "harness/report/suite_record.h"

namespace ringback {

/// A run of scenarios as JUnit XML: a test suite per run of a scenario, a test case per
/// expectation, one per thing that kept scenarios from being played, and one per coverage that was
/// demanded.
///
/// Shape   valid against both schemas that CI systems follow, the one of Apache Ant and the one of
///         Jenkins; a test holds it against them. Failed is a failure, inconclusive an error.
/// Units   `time` in seconds of real time: of a test case from the entry that decided the one
/// before
///         to the one that decided it, 0 where nothing of its own decided it.
[[nodiscard]] std::string junit_report(const SuiteRecord& suite);

}  // namespace ringback
