#pragma once

#include <cstdint>

namespace ringback {

/// A user's place in this process; never shown, never reused after a reset.
enum class UserSlot : std::uint32_t {};

/// One call leg: the user's slot in the upper 24 bits, the call's number within the user (from 1)
/// in the lower 40. Only wire/ turns it into the API's text id. 0 is no call.
enum class CallId : std::uint64_t { none = 0 };

[[nodiscard]] constexpr CallId call_id(UserSlot user, std::uint64_t number) {
    return CallId{(static_cast<std::uint64_t>(user) << 40U) | number};
}
[[nodiscard]] constexpr UserSlot user_of(CallId id) {
    return UserSlot{static_cast<std::uint32_t>(static_cast<std::uint64_t>(id) >> 40U)};
}
/// The how-manieth call of its user this is, from 1.
[[nodiscard]] constexpr std::uint64_t number_of(CallId id) {
    return static_cast<std::uint64_t>(id) & ((std::uint64_t{1} << 40U) - 1U);
}

/// One event owed to one receiver; counts up over the process, so it also says which was first.
enum class DeliveryId : std::uint64_t { none = 0 };

}  // namespace ringback
