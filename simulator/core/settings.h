#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "simulator/core/far_end.h"
#include "simulator/core/message.h"
#include "simulator/core/random.h"
#include "simulator/core/time.h"

namespace ringback {

/// A delay that is fixed (least == most) or drawn evenly from a range by the call's own stream.
struct DelayRange {
    Duration least{};
    Duration most{};

    constexpr DelayRange() = default;
    constexpr DelayRange(Duration fixed) : least{fixed}, most{fixed} {}  // NOLINT(*explicit*)
    constexpr DelayRange(Duration from, Duration to) : least{from}, most{to} {}

    /// The drawn length; draws nothing when fixed, so that a fixed delay never shifts other draws.
    [[nodiscard]] constexpr Duration draw(Rng& rng) const {
        if (most <= least) {
            return least;
        }
        const auto span = static_cast<std::uint64_t>((most - least).count()) + 1;
        return least + Duration{static_cast<std::int64_t>(rng.below(span))};
    }
    friend bool operator==(const DelayRange&, const DelayRange&) = default;
};

/// Spec v1 4.1, modelled time. Names and defaults are the table's.
struct Delays {
    DelayRange answer{std::chrono::seconds{4}};
    DelayRange fail{std::chrono::milliseconds{1500}};
    DelayRange decline{std::chrono::seconds{5}};
    DelayRange audio_start{std::chrono::milliseconds{300}};
    DelayRange stop{std::chrono::milliseconds{100}};
    DelayRange hangup{std::chrono::milliseconds{200}};
    DelayRange save{std::chrono::seconds{2}};
    DelayRange transcribe{std::chrono::seconds{10}};
    DelayRange small{std::chrono::milliseconds{100}};
    DelayRange sent{std::chrono::milliseconds{500}};
    DelayRange receipt{std::chrono::seconds{3}};
    DelayRange slow_answer{std::chrono::seconds{20}};  // magic number "slow answer"
    DelayRange key{std::chrono::seconds{2}};   // a modelled person's thinking time before keys
    DelayRange talk{std::chrono::seconds{5}};  // answer to hang-up of "answers then hangs up"
    Duration key_gap{std::chrono::milliseconds{500}};  // between two keys of that person
    Duration tone{std::chrono::milliseconds{100}};     // one digit of dtmfOut
    Duration inbound_ring{
        std::chrono::seconds{60}};  // until the caller of an inbound call gives up
    Duration speech_minimum{std::chrono::seconds{1}};
    Duration speech_per_word{std::chrono::milliseconds{400}};
    Duration file{std::chrono::seconds{5}};
    std::map<std::string, Duration> length_of;  // exact sentence or file URL -> how long it lasts
};

/// Spec v1 section 10: the switches the call model knows. Those about bytes and sockets live at the
/// edge.
struct ModelSwitches {
    bool hangup_after_timeout{true};
    bool prompt_events{false};
    bool active_again_is_refused{false};  // 2.1.5: `active` on an active call; default a no-op
    bool strict_conference{
        false};  // 2.3: a member's call must have been created for the conference
};

struct ModelSettings {
    Delays delays;
    ModelSwitches switches;
    std::map<std::string, FarEnd, std::less<>> far_ends;  // by number, before any magic suffix
    std::map<std::string, MessageFate, std::less<>> message_fates;  // the same of messages
    std::string transcript{
        "Hello, please call me back."};  // when the modelled person said nothing else
};

}  // namespace ringback
