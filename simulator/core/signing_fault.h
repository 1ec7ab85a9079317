#pragma once

#include <cstdint>

namespace ringback {

/// What is wrong with the signature of one try on purpose; whoever takes the event all the same
/// would take a forged one. Means nothing where callbacks are not signed.
enum class SigningFault : std::uint8_t {
    none,
    wrong_key,        // made with another key
    stale_timestamp,  // right, but for a moment ten minutes ago: a replay
    changed_body,     // made for another body than the one that is sent
    missing,          // no webhook-* header at all
};

}  // namespace ringback
