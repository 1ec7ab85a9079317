#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <optional>

#include "simulator/core/result.h"

namespace ringback {

/// What a loop has to hear of.
enum class Hearing : std::uint8_t { timers, timers_and_signals };

/// Asio does not look whether the kernel has taken its timer and its pipe for signals into the set
/// that a loop waits for. A loop without them would answer requests, and nothing would ever come
/// due, or end it. Says which of the two is missing; needs a loop that nobody runs, and takes up to
/// a second only where one is. Source: epoll_ctl(2), ENOMEM and ENOSPC.
[[nodiscard]] std::optional<Error> deafness_of(boost::asio::io_context& loop,
                                               Hearing wanted = Hearing::timers_and_signals);

/// Wakes its loop every quarter of a second. Nor does Asio look whether it has woken a loop for
/// what another thread has posted to it: what it has missed is late then, and not lost. A loop with
/// one never runs out of work; nobody runs it any more when its pulse goes.
class LoopPulse {
public:
    explicit LoopPulse(boost::asio::io_context& loop);
    LoopPulse(const LoopPulse&) = delete;
    LoopPulse& operator=(const LoopPulse&) = delete;
    ~LoopPulse() = default;

private:
    void beat();

    boost::asio::steady_timer timer_;
};

}  // namespace ringback
