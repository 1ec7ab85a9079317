#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/flags.h"
#include "harness/cli/reports.h"
#include "harness/run/suite.h"

namespace ringback {

/// What `ringback run` was asked for.
struct RunOptions {
    std::vector<std::string> files;
    std::vector<std::string> command;  // behind "--"
    std::string callback_url;
    std::string wait_for;
    std::chrono::milliseconds wait_timeout{30'000};
    std::chrono::milliseconds term_patience{5'000};
    std::vector<std::pair<std::string, std::string>> vars;  // -e NAME=VALUE
    std::optional<bool> virtual_clock{};                    // --clock, over the scenarios' own
    std::vector<ReportWish> reports;
    std::vector<CoverageDemand> demands;
    bool json{false};
    bool quiet{false};
    bool verbose{false};
    bool no_color{false};
    SuiteSettings suite;
};

/// The flags of `run`, writing into `options`, which must outlive them.
[[nodiscard]] std::unique_ptr<Flags> run_flags(RunOptions& options);

}  // namespace ringback
