#include "simulator/edge/side_thread.h"

#include <csignal>
#include <cstddef>

namespace ringback {
namespace {

constexpr std::size_t stack_size = std::size_t{512} * 1024;  // address space may be limited

extern "C" void* carry_out_side_work(void* work) {
    const std::unique_ptr<SideWork> own{static_cast<SideWork*>(work)};
    own->carry_out();
    return nullptr;
}

/// What is sent to the process is for the loop, not for threads of this kind.
sigset_t signals_of_the_process() {
    sigset_t all{};
    ::sigfillset(&all);
    for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) {
        ::sigdelset(&all, own);
    }
    return all;
}

}  // namespace

/// Not std::thread, whose stacks are as large as the shell has it.
int begin_side_thread(std::unique_ptr<SideWork> work, pthread_t* joined) {
    pthread_attr_t how{};
    if (const int error = ::pthread_attr_init(&how); error != 0) {
        return error;
    }
    if (joined == nullptr) {
        ::pthread_attr_setdetachstate(&how, PTHREAD_CREATE_DETACHED);
    }
    ::pthread_attr_setstacksize(&how, stack_size);
    const sigset_t not_taken = signals_of_the_process();
    int error = ::pthread_attr_setsigmask_np(&how, &not_taken);
    pthread_t thread{};
    if (error == 0) {
        error = ::pthread_create(joined != nullptr ? joined : &thread, &how, carry_out_side_work,
                                 work.get());
    }
    if (error == 0) {
        static_cast<void>(work.release());  // it is the thread's
    }
    ::pthread_attr_destroy(&how);
    return error;
}

}  // namespace ringback
