#pragma once

#include <cstdint>
#include <string>

namespace ringback {

/// What becomes of the SIP header Diversion of a call that is transferred. Source: spec v1 2.1.5,
/// 6.3; in the order of its words there.
enum class DiversionTreatment : std::uint8_t { none, propagate, stack };
enum class DiversionReason : std::uint8_t {
    unknown,
    user_busy,
    no_answer,
    unavailable,
    unconditional,
    time_of_day,
    do_not_disturb,
    deflection,
    follow_me,
    out_of_service,
    away,
};

/// As the last transfer asked for it. Kept; nothing that can be heard or seen depends on it.
struct TransferDiversion {
    DiversionTreatment treatment{DiversionTreatment::none};
    DiversionReason reason{DiversionReason::unknown};

    friend bool operator==(const TransferDiversion&, const TransferDiversion&) = default;
};

/// The last transfer that a call was asked for.
struct AskedTransfer {
    std::string to;
    std::string caller_id;
    TransferDiversion diversion{};

    friend bool operator==(const AskedTransfer&, const AskedTransfer&) = default;
};

}  // namespace ringback
