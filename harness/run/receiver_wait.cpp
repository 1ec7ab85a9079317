#include "harness/run/receiver_wait.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "harness/process/signals.h"

namespace ringback {

std::thread await_beside(boost::asio::io_context& loop, const SuiteReceiver& receiver,
                         std::function<void(const std::optional<Error>&)> then) {
    // Else one that comes while the thread is being born may be its own, and be lost on it.
    const SignalsBlocked blocked;
    return std::thread{[&loop, &receiver, then = std::move(then)]() mutable {
        auto error = receiver.await ? receiver.await() : std::nullopt;
        boost::asio::post(loop,
                          [then = std::move(then), error = std::move(error)]() { then(error); });
    }};
}

WaiterJoined::~WaiterJoined() {
    if (waiter_.joinable()) {
        give_up();
        join();
    }
}

void WaiterJoined::give_up() {
    if (receiver_.give_up) {
        receiver_.give_up();
    }
}

}  // namespace ringback
