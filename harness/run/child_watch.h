#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>

namespace ringback {

/// Tells of the end of the receiver's process, on the loop. The descriptor is its owner's, and
/// stays open.
class ChildWatch {
public:
    explicit ChildWatch(boost::asio::io_context& loop) : descriptor_{loop} {}
    ChildWatch(const ChildWatch&) = delete;
    ChildWatch& operator=(const ChildWatch&) = delete;
    ~ChildWatch() { forget(); }

    /// `descriptor`: a pidfd; below 0: there is none.
    void watch(int descriptor, std::function<void()> when_ended);
    /// Nothing more is told of it.
    void forget();
    [[nodiscard]] bool is_watching() const { return descriptor_.is_open(); }

private:
    boost::asio::posix::stream_descriptor descriptor_;
};

}  // namespace ringback
