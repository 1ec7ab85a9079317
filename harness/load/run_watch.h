#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <utility>

#include "harness/run/child_watch.h"

namespace ringback {

/// What reaches a load run from outside: signals, keys, the end of the receiver's process. Told on
/// the loop. The descriptors are others', and stay open.
class RunWatch {
public:
    explicit RunWatch(boost::asio::io_context& loop) : signals_{loop}, keys_{loop}, child_{loop} {}
    RunWatch(const RunWatch&) = delete;
    RunWatch& operator=(const RunWatch&) = delete;
    ~RunWatch();

    /// SIGINT and SIGTERM; each time.
    void signals(std::function<void()> came);
    /// Of a terminal that this process may read from; each one.
    void keys(int descriptor, std::function<void(char)> pressed);
    /// As ChildWatch has it.
    void child(int descriptor, std::function<void()> ended) {
        child_.watch(descriptor, std::move(ended));
    }
    /// Nothing more is told; a signal does from here on what it does by itself.
    void forget();

private:
    void wait_for_signal();
    void wait_for_key();

    boost::asio::signal_set signals_;
    boost::asio::posix::stream_descriptor keys_;
    ChildWatch child_;
    std::function<void()> came_;
    std::function<void(char)> pressed_;
};

}  // namespace ringback
