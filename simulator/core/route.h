#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

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

/// A Route by reference with value semantics: compares by content, is never null.
class RouteRef {
public:
    RouteRef() : held_{empty()} {}
    explicit RouteRef(Route route) : held_{std::make_shared<const Route>(std::move(route))} {}

    const Route& operator*() const { return *held_; }
    const Route* operator->() const { return held_.get(); }
    friend bool operator==(const RouteRef& a, const RouteRef& b) {
        return a.held_ == b.held_ || *a.held_ == *b.held_;
    }

private:
    static const std::shared_ptr<const Route>& empty() {
        static const auto none = std::make_shared<const Route>();
        return none;
    }
    std::shared_ptr<const Route> held_;
};

}  // namespace ringback
