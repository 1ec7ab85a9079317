#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/probe/behaviour.h"
#include "harness/probe/difference.h"
#include "harness/probe/orders.h"
#include "simulator/core/faults.h"

namespace ringback {

/// What a receiver can be asked besides whether it is right.
enum class ProbeKind : std::uint8_t {
    duplicates,  // every event comes twice, one behind the other and both at once
    reorder,     // events overtake each other, or come late
    restart,     // the receiver ends and comes again between two events
    early,       // events come before, with or just behind the answer to what causes them
    slow_api,    // the API takes its time
    lost,        // one event never comes
};
struct ProbeName {
    std::string_view name;   // as --probe has it
    std::string_view about;  // "every event is delivered twice"
    ProbeKind kind;
};
[[nodiscard]] const std::vector<ProbeName>& probe_names();
[[nodiscard]] std::string_view name_of(ProbeKind kind);

struct ProbeBounds {
    std::size_t budget{200};   // runs of a probe, at most
    std::uint64_t seed{42};    // of orders that are drawn
    bool can_stay_down{true};  // a receiver that ends can be let miss something
    std::string flags{};       // of the command line, to try it again: " --budget 7"
};

/// One way in which a run is not as it should be.
struct Disturbance {
    std::string what;      // "speak.done never comes"
    std::string expected;  // of the receiver: "it asks for nothing more"
    FaultPlan faults{};
    struct Restart {
        std::size_t after{1};  // events answered; 0: behind the call that it has placed
        bool misses_next{false};
        friend bool operator==(const Restart&, const Restart&) = default;
    };
    std::optional<Restart> restart{};
    bool is_unheard_of{false};  // the receiver hears of a call by what it loses
    Changes changes{};          // of the order that `faults` brings about
};

/// Everything that the probe tries on a run that was like this when nothing was wrong.
[[nodiscard]] std::vector<Disturbance> disturbances_of(ProbeKind kind, const Behaviour& clean,
                                                       const ProbeBounds& bounds);
/// How many there would be without a budget. Of orders those that one or two changes bring about,
/// counted up to ten thousand: beyond them any number could be drawn.
[[nodiscard]] std::size_t count_disturbances(ProbeKind kind, const Behaviour& clean,
                                             const ProbeBounds& bounds);
/// Why there may be none of that kind, and with which scenario there would be some.
[[nodiscard]] std::string_view why_nothing_to_disturb(ProbeKind kind);
/// The one that brings about these changes of the order.
[[nodiscard]] Disturbance reordered(const Changes& changes, const Behaviour& clean);

/// What a receiver could not help, beyond what the disturbance is about.
struct Excuses {
    bool misses_more{false};        // faults that are none of the probe's have dropped more events
    std::vector<LateEvent> late{};  // that are not late in the clean run
};

/// What of these findings the receiver is to be blamed for. Where it cannot have heard of an event,
/// what is missing is only told, and a call may end in another way, as long as it ends, and its
/// user be told another thing. Where it heard of one when the call was over, what is missing in
/// that call is only told, and that it ends in another way, and what was refused there from then
/// on.
struct Blame {
    std::vector<Deviation> failing;
    std::vector<Deviation> told;
    std::vector<std::string> missed{};  // events lost because it was down on purpose; told, too
};
[[nodiscard]] Blame blame_for(ProbeKind kind, const Disturbance& disturbance,
                              std::vector<Deviation> findings, const Excuses& excuses = {});

}  // namespace ringback
