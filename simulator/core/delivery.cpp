#include "simulator/core/delivery.h"

#include <algorithm>
#include <array>

namespace ringback {
namespace {

/// Waits before the second, third, ... try of one URL; the last one repeats (reliability.md 3).
constexpr std::array<std::chrono::milliseconds, 5> waits{
    std::chrono::milliseconds{200}, std::chrono::milliseconds{1000},
    std::chrono::milliseconds{5000}, std::chrono::milliseconds{15000},
    std::chrono::milliseconds{15000}};

constexpr std::uint32_t most_hops = 5;
constexpr std::uint32_t most_attempts = 12;  // promise 9, whatever the settings say

/// The scheduled wait, up to 20 % longer, so that many failing deliveries do not return in step.
Duration wait_before(std::uint32_t retry, Rng& jitter) {
    const Duration base = waits[std::min<std::size_t>(retry, waits.size() - 1)];
    const auto fifth = static_cast<std::uint64_t>(base.count()) / 5;
    return base + Duration{static_cast<std::int64_t>(jitter.below(fifth + 1))};
}

/// What a receiver asks for counts from the scheduled wait on, up to twice that (promise 9).
Duration as_asked(Duration scheduled, const AttemptResult& result) {
    const Duration asked = std::chrono::seconds{result.retry_after_s};
    return std::clamp(asked, scheduled, 2 * scheduled);
}

bool is_redirect(const AttemptResult& result) {
    return result.end == AttemptEnd::answered && !result.location.empty() &&
           (result.status == 301 || result.status == 302 || result.status == 303 ||
            result.status == 307 || result.status == 308);
}

}  // namespace

NextTry after_attempt(Delivery& delivery, const AttemptResult& result, const DeliveryPolicy& policy,
                      bool has_fallback, Rng& jitter) {
    ++delivery.attempts;
    if (!delivery.on_fallback && delivery.hops == 0) {
        ++delivery.primary_attempts;
    }
    if (is_success(result)) {
        delivery.state =
            delivery.on_fallback ? DeliveryState::delivered_by_fallback : DeliveryState::delivered;
        return {};
    }
    if (result.end == AttemptEnd::abandoned) {
        delivery.state = DeliveryState::failed;
        return {};
    }
    if (policy.follow_redirects && is_redirect(result) && delivery.hops < most_hops) {
        ++delivery.hops;
        return {NextTry::What::redirect, {}};
    }
    delivery.hops = 0;
    if (!delivery.on_fallback && delivery.primary_attempts <= policy.retries &&
        delivery.attempts - delivery.unheard + 1 < most_attempts) {
        return {NextTry::What::again,
                as_asked(wait_before(delivery.primary_attempts - 1, jitter), result)};
    }
    if (!delivery.on_fallback && policy.fallback && has_fallback) {
        delivery.on_fallback = true;
        return {NextTry::What::fall_back, {}};
    }
    delivery.state = DeliveryState::failed;
    return {};
}

}  // namespace ringback
