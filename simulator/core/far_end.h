#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/core/shared.h"
#include "simulator/core/time.h"

namespace ringback {

/// What the person (or the network) at the other end does with a call that is placed to it.
enum class FarEndAct : std::uint8_t {
    answers,
    busy,
    never_answers,
    declines,
    unallocated,
    network_failure,
    platform_error,
};

/// What that person does once the call stands. Rare and long, hence shared by the calls that have
/// it.
struct FarEndScript {
    std::optional<Duration> hangs_up_after{};  // from the answer
    bool hangs_up_after_talk{false};           // without it: after Delays::talk
    std::string keys_after_answer;             // pressed one by one, the first after `keys_delay`
    std::string keys_on_gather;                // pressed at every gather
    std::optional<Duration> keys_delay{};      // default Delays::key
    bool recording_fails{false};
    bool transcription_fails{false};
    std::string says;  // what a transcription of this person reads

    friend bool operator==(const FarEndScript&, const FarEndScript&) = default;
};

/// The plan of one far end, fixed when the call is created.
struct FarEnd {
    FarEndAct act{FarEndAct::answers};
    bool slow{false};                 // without `after`: Delays::slow_answer
    std::optional<Duration> after{};  // until `act`; default the delay of 4.1 for that act
    Shared<FarEndScript> script{};

    friend bool operator==(const FarEnd&, const FarEnd&) = default;
};

/// How POST /calls refuses a magic number; `none`: the call is placed.
enum class CreateRefusal : std::uint8_t {
    none,
    invalid_call_to_number,
    invalid_destination_number,
    insufficient_available_balance,
    call_creation_failure,
};

/// A number whose last four digits choose the outcome, so that no script is needed.
struct MagicNumber {
    std::string_view suffix;  // "9901"
    std::string_view about;   // one line for the README and `ringback help numbers`
    FarEndAct act{FarEndAct::answers};
    CreateRefusal refusal{CreateRefusal::none};
};

/// The entry whose suffix `number` ends in, or null. The table is far_end.cpp's.
[[nodiscard]] const MagicNumber* magic_number(std::string_view number);

/// All magic suffixes in order; shown by `ringback help numbers` and held against the README by a
/// test.
[[nodiscard]] std::pair<const MagicNumber*, const MagicNumber*> magic_numbers();

/// What the far end of a call to `number` does: the magic table's answer, else "answers".
[[nodiscard]] FarEnd far_end_for(std::string_view number);

}  // namespace ringback
