#pragma once

#include <pthread.h>

#include <memory>

namespace ringback {

/// What may take long, for a loop that must not wait for it.
class SideWork {
public:
    SideWork() = default;
    SideWork(const SideWork&) = delete;
    SideWork& operator=(const SideWork&) = delete;
    virtual ~SideWork() = default;

    virtual void carry_out() = 0;
};

/// Carries it out on a thread of its own, which has a small stack and takes no signal that is sent
/// to the process, and destroys it there. With `joined` that is for the caller to join, else nobody
/// waits for its end. 0, or the system's error; then `work` is dropped.
[[nodiscard]] int begin_side_thread(std::unique_ptr<SideWork> work, pthread_t* joined = nullptr);

}  // namespace ringback
