#include "simulator/edge/loop_hearing.h"

#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <string>

namespace ringback {
namespace {

constexpr int harmless = SIGCONT;  // does nothing to a process that runs

/// Also where whoever has started the process had it blocked.
void raise_harmless() {
    sigset_t alone;
    sigset_t before;
    sigemptyset(&alone);
    sigaddset(&alone, harmless);
    ::pthread_sigmask(SIG_UNBLOCK, &alone, &before);
    static_cast<void>(std::raise(harmless));
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

std::optional<Error> deafness_of(boost::asio::io_context& loop, Hearing wanted) {
    bool rang = false;
    bool told = wanted == Hearing::timers;
    boost::asio::steady_timer timer{loop, std::chrono::microseconds{1}};
    timer.async_wait([&rang](const boost::system::error_code& cancelled) { rang = !cancelled; });
    std::optional<boost::asio::signal_set> signals;
    if (!told) {
        signals.emplace(loop, harmless);
        signals->async_wait([&told](const boost::system::error_code& cancelled, int /*which*/) {
            told = !cancelled;
        });
        raise_harmless();
    }
    bool silent = false;
    while (!silent && !(rang && told)) {
        silent = loop.run_one_for(std::chrono::seconds{1}) == 0;
    }
    const bool hears_all = rang && told;
    timer.cancel();
    signals.reset();
    loop.restart();
    loop.poll();
    loop.restart();
    if (!hears_all) {
        return Error{"the event loop", std::string{"the system gives it no "} +
                                           (told ? "timers" : "signals") + " (epoll_ctl)"};
    }
    return std::nullopt;
}

LoopPulse::LoopPulse(boost::asio::io_context& loop) : timer_{loop} { beat(); }

void LoopPulse::beat() {
    constexpr std::chrono::milliseconds between{250};
    timer_.expires_after(between);
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            beat();
        }
    });
}

}  // namespace ringback
