#include "simulator/edge/api/rate_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace ringback {
namespace {

constexpr std::chrono::seconds window{10};
constexpr std::size_t calls_per_window = 10;
constexpr std::chrono::seconds route_gap{1};
constexpr std::chrono::seconds message_gap{1};
constexpr std::size_t messages_per_burst = 11;  // what is sent in a second, and ten that wait
constexpr std::chrono::minutes longest_message_queue{15};

/// So many at once, and one more for every gap that passes.
struct Burst {
    Duration gap;
    std::int64_t at_once;
};

constexpr Burst burst_of(RateLimits::Pace pace) {
    constexpr Burst of_the_stock{std::chrono::milliseconds{600}, 800};     // 100 a minute
    constexpr Burst of_own_numbers{std::chrono::microseconds{500}, 3000};  // 2,000 a second
    return pace == RateLimits::Pace::managing ? of_own_numbers : of_the_stock;
}

}  // namespace

RateLimits::Usage& RateLimits::usage_of(std::string_view user, Instant now) {
    if (const auto at = users_.find(user); at != users_.end()) {
        return at->second;
    }
    if (users_.size() >= forget_at_) {
        forget_some(now);
    }
    return users_.emplace(std::string{user}, Usage{}).first->second;
}

/// From when on it is as if the user had never asked for anything.
Instant RateLimits::over_at(const Usage& usage) {
    Instant over = usage.next_message;
    if (!usage.calls.empty()) {
        over = std::max(over, usage.calls.back() + window);
    }
    if (!usage.messages.empty()) {
        over = std::max(over, usage.messages.back() + message_gap);
    }
    for (const auto& [route, used_at] : usage.routes) {
        over = std::max(over, used_at + route_gap);
    }
    return std::max(over, *std::ranges::max_element(usage.paid));
}

/// So seldom that a new user costs the same however many there are.
void RateLimits::forget_some(Instant now) {
    std::erase_if(users_, [now](const auto& one) { return over_at(one.second) <= now; });
    if (users_.size() >= most_users) {
        std::vector<Instant> ends;
        ends.reserve(users_.size());
        for (const auto& [name, usage] : users_) {
            ends.push_back(over_at(usage));
        }
        const auto middle = ends.begin() + static_cast<std::ptrdiff_t>(ends.size() / 2);
        std::nth_element(ends.begin(), middle, ends.end());
        std::size_t surplus = ends.size() / 2;  // many may end at once
        std::erase_if(users_, [&](const auto& one) {
            return surplus > 0 && over_at(one.second) <= *middle && surplus-- > 0;
        });
    }
    forget_at_ = std::clamp(users_.size() * 2, few_users, most_users);
}

std::optional<RateLimits::TooFast> RateLimits::refuse_call(std::string_view user, Instant now) {
    auto& calls = usage_of(user, now).calls;
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

RateLimits::MessageTurn RateLimits::take_message(std::string_view user, Instant now) {
    Usage& usage = usage_of(user, now);
    while (!usage.messages.empty() && usage.messages.front() <= now - message_gap) {
        usage.messages.pop_front();
    }
    if (usage.messages.size() >= messages_per_burst) {
        return {MessageTurn::What::too_fast, {}, usage.messages.front() + message_gap};
    }
    const Instant turn = std::max(now, usage.next_message);
    if (turn - now > longest_message_queue) {
        return {MessageTurn::What::queue_full, {}, turn - longest_message_queue};
    }
    usage.messages.push_back(now);
    usage.next_message = turn + message_gap;
    return {MessageTurn::What::taken, turn - now, {}};
}

/// A bucket as one instant: until when those so far have used up their share of the time. It may
/// lie as far ahead as a whole burst reaches.
std::optional<Instant> RateLimits::refuse_burst(Instant& paid, Pace pace, Instant now) {
    const Burst burst = burst_of(pace);
    const Duration reach = burst.gap * (burst.at_once - 1);
    paid = std::max(paid, now);
    if (paid > now + reach) {
        return paid - reach;
    }
    paid += burst.gap;
    return std::nullopt;
}

std::optional<Instant> RateLimits::refuse(std::string_view user, Pace pace, std::size_t route,
                                          Instant now) {
    Usage& usage = usage_of(user, now);
    if (pace != Pace::each_route) {
        return refuse_burst(usage.paid.at(static_cast<std::size_t>(pace)), pace, now);
    }
    const auto [at, is_first] = usage.routes.try_emplace(route, now);
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
