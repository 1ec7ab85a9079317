#pragma once

// Inside of read_faults(): how each fault is written.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/scenario/cursor.h"
#include "simulator/core/faults.h"

namespace ringback {

enum class FaultSide : std::uint8_t { callbacks, answers, either };

/// A fault as it is written, before what it is for is known.
using AnyFault = std::variant<FaultRule::CallbackFault, FaultRule::AnswerFault, WireFault>;

/// One kind: the member that says it, and what its value means. None: noted.
struct FaultWord {
    std::string_view name;
    FaultSide side{};
    std::optional<AnyFault> (*read)(const Cursor& at){nullptr};
    std::vector<std::string_view> values{};  // where it is one of some words: those
};
[[nodiscard]] const std::vector<FaultWord>& fault_words();
[[nodiscard]] const FaultWord* find_fault_word(std::string_view name);
/// Their names.
[[nodiscard]] std::vector<std::string_view> fault_kinds();

/// What `on` may name: "*", "speak", "speak.done", ...
[[nodiscard]] const std::vector<std::string_view>& fault_event_names();
/// Of one of those.
[[nodiscard]] EventFilter event_filter(std::string_view name);

}  // namespace ringback
