#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "simulator/core/shared.h"

namespace ringback {

enum class Method : std::uint8_t { post, get };

/// Where and how a call's events are sent. Immutable once made and shared by every call created
/// with the same settings, which is what keeps a call under load small.
struct Route {
    std::string url;           // as registered, user information included; "" = no callback
    std::string fallback_url;  // "" = none
    Method method{Method::post};
    bool method_given{false};  // callbackHttpMethod was in the request: shown by GET calls/{id}
    std::optional<std::chrono::milliseconds> timeout{};  // callbackTimeout; 10 s when absent

    friend bool operator==(const Route&, const Route&) = default;
};

/// A Route by reference; without one it is the Route with no URL.
using RouteRef = Shared<Route>;

}  // namespace ringback
