#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/probe/inquiry.h"
#include "harness/report/coverage.h"
#include "harness/script/verdict.h"
#include "simulator/core/time.h"

namespace ringback {

/// Something that kept scenarios from being played: a mistake in a file, a receiver that is not
/// there.
struct Trouble {
    std::string file;  // "" = it is about no file
    Place place;
    std::string what;
};

/// Everything that one `ringback run` did: what reports are made of.
struct SuiteRecord {
    std::string version;  // ringback's
    std::string run_id;
    Instant began{};      // real time
    Duration wall{};      // how long it took
    std::string command;  // what plays a run again needs behind its file and seed
    std::size_t planned{0};
    std::vector<RunRecord> runs;
    std::vector<Trouble> troubles;
    std::vector<CoverageDemand> demands;
    std::vector<ProbeResult> probes;
    int exit_status{0};

    [[nodiscard]] std::size_t count(Judged::Result result) const;
    /// "2 of 2 runs: 1 passed, 1 failed, 0 inconclusive; 1 of 3 probes survived", the last only
    /// where there were any.
    [[nodiscard]] std::string counts_text() const;
    /// "passed", "failed", "inconclusive", or "not played" when something kept runs from it.
    [[nodiscard]] std::string_view result() const;
};

/// "menu", "menu [row 3]".
[[nodiscard]] std::string name_of(const RunRecord& run);

}  // namespace ringback
