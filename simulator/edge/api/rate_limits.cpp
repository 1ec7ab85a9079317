#include "simulator/edge/api/rate_limits.h"

#include <fmt/format.h>

#include <chrono>

namespace ringback {
namespace {

constexpr std::chrono::seconds window{10};
constexpr std::size_t calls_per_window = 10;
constexpr std::chrono::seconds route_gap{1};

}  // namespace

RateLimits::Usage& RateLimits::usage_of(std::string_view user) {
    const auto at = users_.find(user);
    return at != users_.end() ? at->second
                              : users_.emplace(std::string{user}, Usage{}).first->second;
}

std::optional<RateLimits::TooFast> RateLimits::refuse_call(std::string_view user, Instant now) {
    auto& calls = usage_of(user).calls;
    while (!calls.empty() && calls.front() <= now - window) {
        calls.pop_front();
    }
    if (calls.size() >= calls_per_window) {
        const std::size_t tenths =
            calls.size() + 1;  // calls in 10 s are tenths of calls per second
        return TooFast{fmt::format("{}.{}", tenths / 10, tenths % 10), calls.front() + window};
    }
    calls.push_back(now);
    return std::nullopt;
}

std::optional<Instant> RateLimits::refuse(std::string_view user, std::size_t route, Instant now) {
    const auto [at, is_first] = usage_of(user).routes.try_emplace(route, now);
    if (!is_first && now < at->second + route_gap) {
        return at->second + route_gap;
    }
    at->second = now;
    return std::nullopt;
}

void RateLimits::reset(std::string_view user) {
    if (const auto at = users_.find(user); at != users_.end()) {
        users_.erase(at);
    }
}

}  // namespace ringback
