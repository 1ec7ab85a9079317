#pragma once

#include <cstdint>

namespace ringback {

/// A user's place in this process; never shown, never reused after a reset.
enum class UserSlot : std::uint32_t {};

/// One call leg, or another resource that has a life and events of its own: the user's slot in the
/// upper 24 bits, then four bits that say what it is, and its number within the user (from 1) in
/// the lower 36. So whatever orders, owes, wakes or records knows all of them by one id, and those
/// of calls are what they would be without the others. Only wire/ turns it into the API's text id.
/// 0 is no call.
enum class CallId : std::uint64_t { none = 0 };

/// What an id is of.
enum class Resource : std::uint8_t { call = 0, message = 1, bridge = 2, conference = 3 };

inline constexpr unsigned number_bits = 36;
inline constexpr unsigned user_shift = 40;

[[nodiscard]] constexpr CallId resource_id(UserSlot user, Resource what, std::uint64_t number) {
    return CallId{(static_cast<std::uint64_t>(user) << user_shift) |
                  (static_cast<std::uint64_t>(what) << number_bits) | number};
}
[[nodiscard]] constexpr CallId call_id(UserSlot user, std::uint64_t number) {
    return resource_id(user, Resource::call, number);
}
[[nodiscard]] constexpr CallId message_id(UserSlot user, std::uint64_t number) {
    return resource_id(user, Resource::message, number);
}
[[nodiscard]] constexpr CallId bridge_id(UserSlot user, std::uint64_t number) {
    return resource_id(user, Resource::bridge, number);
}
[[nodiscard]] constexpr CallId conference_id(UserSlot user, std::uint64_t number) {
    return resource_id(user, Resource::conference, number);
}
[[nodiscard]] constexpr UserSlot user_of(CallId id) {
    return UserSlot{static_cast<std::uint32_t>(static_cast<std::uint64_t>(id) >> user_shift)};
}
[[nodiscard]] constexpr Resource resource_of(CallId id) {
    return static_cast<Resource>((static_cast<std::uint64_t>(id) >> number_bits) & 0xfU);
}
/// The how-manieth of its kind (call, message, bridge, conference) of its user this is, from 1.
[[nodiscard]] constexpr std::uint64_t number_of(CallId id) {
    return static_cast<std::uint64_t>(id) & ((std::uint64_t{1} << number_bits) - 1U);
}
/// The same with what it is of: no two resources of a user have it in common.
[[nodiscard]] constexpr std::uint64_t place_of(CallId id) {
    return static_cast<std::uint64_t>(id) & ((std::uint64_t{1} << user_shift) - 1U);
}

/// One event owed to one receiver; counts up over the process, so it also says which was first.
enum class DeliveryId : std::uint64_t { none = 0 };

}  // namespace ringback
