#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <thread>

#include "harness/run/suite.h"
#include "simulator/core/result.h"

namespace ringback {

/// Awaits the receiver on a thread of its own, as a receiver may ask the API for something before
/// it listens; `then` is told on the loop what SuiteReceiver::await said: none, or why it is not
/// there. Signals stay with the thread that asks, whose loop ends the command. Receiver and loop
/// outlive the thread, which the caller joins.
[[nodiscard]] std::thread await_beside(boost::asio::io_context& loop, const SuiteReceiver& receiver,
                                       std::function<void(const std::optional<Error>&)> then);

/// Sees to it that the thread which awaits `receiver` is joined when the scope ends. Where an
/// exception ends it, the receiver is given up before: nobody wants its answer any more.
class WaiterJoined {
public:
    WaiterJoined(std::thread& waiter, const SuiteReceiver& receiver)
        : waiter_{waiter}, receiver_{receiver} {}
    WaiterJoined(const WaiterJoined&) = delete;
    WaiterJoined& operator=(const WaiterJoined&) = delete;
    ~WaiterJoined();

    void give_up();
    void join() { waiter_.join(); }

private:
    std::thread& waiter_;
    const SuiteReceiver& receiver_;
};

}  // namespace ringback
