#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <zmq.hpp>

#include "simulator/core/result.h"

namespace ringback {

/// One connection to a Locust master: a DEALER that never connects a second time, so that nothing
/// meant for one master reaches the next. Lives on a loop; libzmq's own thread does the sending.
class LocustSocket : public std::enable_shared_from_this<LocustSocket> {
    struct Token {};

public:
    struct Handlers {
        std::function<void()> up;                        // connected, handshake done
        std::function<void(std::string_view why)> down;  // last call: broke, or cannot be made
        std::function<void(std::string_view frame)> frame;
    };

    /// `id` is the node id, the ROUTER's address of this worker.
    [[nodiscard]] static Result<std::shared_ptr<LocustSocket>> open(boost::asio::io_context& loop,
                                                                    zmq::context_t& context,
                                                                    const std::string& endpoint,
                                                                    const std::string& id,
                                                                    Handlers handlers);

    LocustSocket(Token token, boost::asio::io_context& loop, zmq::context_t& context,
                 Handlers handlers);
    LocustSocket(const LocustSocket&) = delete;
    LocustSocket& operator=(const LocustSocket&) = delete;
    LocustSocket(LocustSocket&&) = delete;
    LocustSocket& operator=(LocustSocket&&) = delete;
    ~LocustSocket();

    /// False when it could not be taken: not connected, or a master that has not read for long.
    [[nodiscard]] bool send(std::string_view frame);
    /// No handler is called after it. What was sent may take `linger` more to leave.
    void close(std::chrono::milliseconds linger = {});

private:
    void connect(const std::string& endpoint, const std::string& id);
    void watch(boost::asio::posix::stream_descriptor& descriptor);
    void drain();
    void drain_soon();
    bool take_event();
    bool take_frame();
    void fall(std::string_view why);

    boost::asio::io_context& loop_;
    zmq::socket_t dealer_;
    zmq::socket_t monitor_;
    boost::asio::posix::stream_descriptor
        dealer_signal_;  // libzmq's descriptors: never closed here
    boost::asio::posix::stream_descriptor monitor_signal_;
    Handlers handlers_;
    bool open_{true};
    bool up_{false};
};

}  // namespace ringback
