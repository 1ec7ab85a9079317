#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/commands.h"
#include "harness/cli/run_options.h"
#include "harness/probe/inquiry.h"
#include "harness/report/story.h"
#include "harness/run/suite.h"

namespace ringback {

/// What is wrong with asking for these probes; empty: nothing.
[[nodiscard]] std::vector<Error> problems_of(const RunOptions& options);

/// How what probes find is shown as they go.
struct ProbeShow {
    StoryStyle style;
    bool json{false};
    bool quiet{false};
};

/// The probes of a suite: behind the planned runs, which must have passed, one scenario after the
/// other.
class ProbePlay {
public:
    /// `behind`: the rest of the command that plays a run again.
    ProbePlay(ProbeOptions options, std::size_t planned, std::string behind, ProbeShow show);

    /// Of every run that has ended. True: it was a probe's, and has been shown as such.
    [[nodiscard]] bool takes(const RunRecord& run);
    /// For Suite::run().
    [[nodiscard]] std::optional<Encore> next();

    /// `why_not`: why no more could be played, where that is so.
    [[nodiscard]] std::vector<ProbeResult> take_results(const std::string& why_not);
    /// `runs`: what the planned runs came to. `gave_up`: not all probes could be played.
    [[nodiscard]] Exit exit_of(Exit runs, bool gave_up) const;
    [[nodiscard]] bool printed_all() const { return printed_all_; }

private:
    [[nodiscard]] bool all_passed() const;
    void begin_inquiry();
    void end_inquiry();
    void found(ProbeTry tried);
    [[nodiscard]] bool save(const ProbeTry& tried);
    void saved_was_played(std::optional<bool> fails);
    void show(const ProbeTry& tried);
    void sum_up(const ProbeResult& result);

    ProbeOptions options_;
    std::size_t planned_;
    std::string behind_;
    ProbeShow show_;
    std::vector<RunRecord> clean_;  // the planned runs, as they ended
    std::size_t at_{0};             // of clean_, the one that is being probed
    std::optional<Inquiry> inquiry_;
    std::optional<ProbeTry> saved_;  // its scenario is being played
    std::string saved_file_;
    std::vector<ProbeResult> results_;
    bool began_{false};
    bool refused_{false};
    bool printed_all_{true};
};

}  // namespace ringback
