#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/flags.h"
#include "harness/cli/reports.h"
#include "harness/probe/probe.h"
#include "harness/run/suite.h"
#include "harness/scenario/override.h"

namespace ringback {

/// What is to be tried on a receiver that passes.
struct ProbeOptions {
    std::vector<ProbeKind> kinds;         // each once
    std::optional<std::size_t> budget{};  // runs of each
    std::string restart;                  // --restart-cmd
};

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
    std::vector<Override> overrides;                        // into the files themselves
    std::string faults;                                     // --faults, as typed
    std::string data;                                       // a file of rows, over their own
    std::vector<ReportWish> reports;
    std::vector<CoverageDemand> demands;
    ProbeOptions probes;
    bool json{false};
    bool quiet{false};
    bool verbose{false};
    bool no_color{false};
    SuiteSettings suite;
};

/// What `ringback replay` was asked for.
struct ReplayOptions {
    RunOptions run;
    bool check{false};
};

/// The flags of `run`, writing into `options`, which must outlive them.
[[nodiscard]] std::unique_ptr<Flags> run_flags(RunOptions& options);
[[nodiscard]] std::unique_ptr<Flags> replay_flags(ReplayOptions& options);

/// "NAME=VALUE" of -e.
[[nodiscard]] Result<std::pair<std::string, std::string>> variable_of(std::string_view text);

/// The group "Your receiver": where it is, how it is awaited, who it is told to be, our own port.
void add_receiver_flags(Flags& flags, RunOptions& options);

}  // namespace ringback
