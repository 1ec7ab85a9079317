#pragma once

#include <csignal>

namespace ringback {

/// No signal reaches this thread, nor what it forks or starts, while one of these lives: between
/// fork and exec a handler of ours must not run, and threads of ours leave signals to the others.
class SignalsBlocked {
public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_BLOCK, &all, &before_);
    }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

}  // namespace ringback
