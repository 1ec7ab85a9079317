#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/matcher.h"
#include "harness/scenario/scenario.h"
#include "harness/script/faults_played.h"

namespace ringback {

/// One thing that was held against what was expected, and how close it came.
struct Candidate {
    std::string what;      // "POST /v1/users/u/calls/c-1/gather"
    std::uint64_t seq{0};  // its journal entry; 0 = none
    Duration after{};      // wall time since the wait began
    std::vector<FieldFinding> fields;

    [[nodiscard]] std::size_t misses() const;
    /// A request whose method and path are those that are awaited.
    [[nodiscard]] bool is_at_right_place() const;
};

/// One row of two orders side by side; "" where one of them has nothing.
struct AlignedStep {
    std::string expected;
    std::string done;
    std::uint64_t seq{0};  // the journal entry that did it; 0 = none
};

/// One expectation of a scenario and what became of it.
struct Judged {
    enum class Result : std::uint8_t { passed, failed, inconclusive };
    Result result{Result::passed};
    /// The step that came through: the texts below are written where somebody asks for a verdict,
    /// because of most calls nobody does. Null: they are there.
    const Step* step{nullptr};
    std::string name;  // "step say: await POST .../audio", "invariant no-command-after-hangup"
    std::string file;  // where it is written
    Place place;
    std::string expected;               // "within 1000 ms: POST /v1/users/u/calls/c-1/gather"
    std::string got;                    // "POST /v1/.../audio came instead", "nothing"
    std::vector<Candidate> candidates;  // the closest first, three at most
    std::vector<AlignedStep> aligned;   // where it is the order that is wrong
    std::vector<std::string> accept;    // values of --override with which it would have held
    std::uint64_t seq{0};               // where in the journal it was decided; 0 = at the end
};

/// What a run of a scenario came to. Passed only if something was expected and all of it held.
struct Verdict {
    Judged::Result result{Judged::Result::passed};
    std::vector<Judged> judged;
    std::vector<std::string> reached;  // ids or words of the steps that were done, in order
    std::string stuck;                 // the step it did not get past; "" when it was done
};

/// What the application answered when it was told to place its call.
struct KickAnswer {
    std::string end;  // "answered", "timed_out", ... as the journal has it; "" = it never came
    int status{0};
    friend bool operator==(const KickAnswer&, const KickAnswer&) = default;
};

/// One run of one scenario, whole: what reports are made of.
struct RunRecord {
    std::string scenario;  // its name
    std::string about;
    std::string file;
    std::size_t row{0};  // of its data, from 1; 0 = it has none
    std::uint64_t seed{0};
    std::string user;
    Verdict verdict;
    bool out_of_time{false};              // the time for the run was over before it was
    std::optional<KickAnswer> kick{};     // none: it was not kicked
    std::vector<FaultPlayed> faults;      // all that were to happen
    std::vector<nlohmann::json> entries;  // the journal, as harness/record/README.md describes it
    Duration modelled{};
    Duration wall{};
};

}  // namespace ringback
