#include "harness/locust/locust_socket.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <future>
#include <system_error>
#include <thread>
#include <utility>

#include "harness/process/descriptor.h"
#include "harness/process/signals.h"

namespace ringback {
namespace {

constexpr int watched_events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED |
                               ZMQ_EVENT_CLOSED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                               ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                               ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

constexpr std::int64_t largest_message = std::int64_t{16} * 1024 * 1024;

/// What waits for libzmq's thread counts too, and that may not have run for a while: with its usual
/// 1,000, answering a burst of 500 orders on a busy machine looked like a master that does not
/// read. One that has left so many unread is given up.
constexpr int most_waiting = 10'000;

void configure(zmq::socket_t& dealer, const std::string& id) {
    using std::chrono::milliseconds;
    dealer.set(zmq::sockopt::routing_id, id);
    dealer.set(zmq::sockopt::linger, 0);
    dealer.set(zmq::sockopt::ipv6, true);
    dealer.set(zmq::sockopt::maxmsgsize, largest_message);
    dealer.set(zmq::sockopt::sndhwm, most_waiting);
    // A new connection is a new socket: see the class.
    dealer.set(zmq::sockopt::reconnect_ivl, -1);
    dealer.set(zmq::sockopt::immediate, true);
    dealer.set(zmq::sockopt::connect_timeout, 5'000);
    dealer.set(zmq::sockopt::handshake_ivl, 5'000);
    // A machine that is gone without a word is noticed by these, whatever Locust's version.
    dealer.set(zmq::sockopt::heartbeat_ivl, 5'000);
    dealer.set(zmq::sockopt::heartbeat_timeout, 15'000);
}

/// Where the system refuses it a thread or a descriptor, libzmq ends the process. So what a first
/// connection takes is asked for before; throws what the system says.
void expect_room_for_libzmq() {
    constexpr std::size_t descriptors{12};  // of its threads, its sockets, and of the connection
    if (free_descriptors(descriptors) < descriptors) {
        throw std::system_error{EMFILE, std::generic_category()};
    }
    const SignalsBlocked blocked;
    std::jthread first;  // as many as it begins, at once
    std::jthread second;
    std::promise<void> tried;  // which goes before them, and lets them end
    const auto wait = [over = tried.get_future().share()] { over.wait(); };
    first = std::jthread{wait};
    second = std::jthread{wait};
}

/// A monitor's address must be the socket's own.
std::string monitor_address(const void* socket) {
    return fmt::format("inproc://locust-monitor-{}", socket);
}

bool readable(const zmq::socket_t& socket) {
    return (socket.get(zmq::sockopt::events) & ZMQ_POLLIN) != 0;
}

}  // namespace

LocustSocket::LocustSocket(Token /*token*/, boost::asio::io_context& loop, zmq::context_t& context,
                           Handlers handlers)
    : loop_{loop},
      dealer_{context, zmq::socket_type::dealer},
      monitor_{context, zmq::socket_type::pair},
      dealer_signal_{loop},
      monitor_signal_{loop},
      handlers_{std::move(handlers)} {}

LocustSocket::~LocustSocket() { close(); }

Result<std::shared_ptr<LocustSocket>> LocustSocket::open(boost::asio::io_context& loop,
                                                         zmq::context_t& context,
                                                         const std::string& endpoint,
                                                         const std::string& id, Handlers handlers) {
    try {
        expect_room_for_libzmq();
        auto socket = std::make_shared<LocustSocket>(Token{}, loop, context, std::move(handlers));
        socket->connect(endpoint, id);
        return socket;
    } catch (const std::exception& e) {  // zmq::error_t, system_error of std and of Boost
        return Error{endpoint, e.what()};
    }
}

void LocustSocket::connect(const std::string& endpoint, const std::string& id) {
    configure(dealer_, id);
    const std::string address = monitor_address(dealer_.handle());
    if (zmq_socket_monitor(dealer_.handle(), address.c_str(), watched_events) != 0) {
        throw zmq::error_t{};
    }
    monitor_.set(zmq::sockopt::linger, 0);
    monitor_.connect(address);
    dealer_signal_.assign(dealer_.get(zmq::sockopt::fd));
    monitor_signal_.assign(monitor_.get(zmq::sockopt::fd));
    dealer_.connect(endpoint);
    watch(dealer_signal_);
    watch(monitor_signal_);
    drain_soon();
}

void LocustSocket::watch(boost::asio::posix::stream_descriptor& descriptor) {
    descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [self = shared_from_this(), &descriptor](const auto& error) {
                              if (error || !self->open_) {
                                  return;
                              }
                              self->drain();
                              if (self->open_) {
                                  self->watch(descriptor);
                              }
                          });
}

/// libzmq's descriptor tells once that something has changed, and whatever is done with the socket
/// takes that in: after anything that is done, it is to be looked at.
void LocustSocket::drain_soon() {
    boost::asio::post(loop_, [self = shared_from_this()] { self->drain(); });
}

void LocustSocket::drain() {
    constexpr int most_at_once = 64;  // the loop has other things to do
    try {
        // Frames before events: what came before the end is to be heard before it.
        bool more{true};
        for (int i = 0; i < most_at_once && more && open_; ++i) {
            more = take_frame();
            more = open_ && (take_event() || more);
        }
        if (more && open_) {
            drain_soon();
        }
    } catch (const zmq::error_t& e) {
        fall(e.what());
    }
}

bool LocustSocket::take_frame() {
    if (!readable(dealer_)) {
        return false;
    }
    zmq::message_t first;
    if (!dealer_.recv(first, zmq::recv_flags::dontwait)) {
        return false;
    }
    zmq::message_t rest;
    for (bool more = first.more(); more; more = rest.more()) {
        // A message comes whole; a master of Locust's sends one frame.
        if (!dealer_.recv(rest, zmq::recv_flags::dontwait)) {
            break;
        }
    }
    handlers_.frame(first.to_string_view());
    return true;
}

bool LocustSocket::take_event() {
    if (!readable(monitor_)) {
        return false;
    }
    zmq::message_t what;
    zmq::message_t address;
    if (!monitor_.recv(what, zmq::recv_flags::dontwait) ||
        !monitor_.recv(address, zmq::recv_flags::dontwait) || what.size() < sizeof(std::uint16_t)) {
        return false;
    }
    std::uint16_t event{0};
    std::memcpy(&event, what.data(), sizeof event);
    switch (event) {
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
            up_ = true;
            handlers_.up();
            break;
        case ZMQ_EVENT_DISCONNECTED:
            fall(up_ ? "the connection was closed" : "the connection was closed at once");
            break;
        case ZMQ_EVENT_CLOSED:
            fall("nobody accepts a connection there");
            break;
        default:
            fall("what listens there does not speak ZeroMQ");
            break;
    }
    return true;
}

void LocustSocket::fall(std::string_view why) {
    if (!open_) {
        return;
    }
    close();
    handlers_.down(why);
}

bool LocustSocket::send(std::string_view frame) {
    if (!open_ || !up_) {
        return false;
    }
    try {
        const bool sent = dealer_.send(zmq::buffer(frame), zmq::send_flags::dontwait).has_value();
        drain_soon();
        return sent;
    } catch (const zmq::error_t&) {
        return false;  // as one that does not read: the connection is given up
    }
}

void LocustSocket::close(std::chrono::milliseconds linger) {
    if (!open_) {
        return;
    }
    open_ = false;
    // The descriptors are libzmq's: given back before it closes them. One that was never assigned
    // has nothing to give.
    for (auto* signal : {&dealer_signal_, &monitor_signal_}) {
        if (signal->is_open()) {
            signal->release();
        }
    }
    const auto wait = static_cast<int>(linger.count());
    zmq_setsockopt(dealer_.handle(), ZMQ_LINGER, &wait, sizeof wait);
    zmq_socket_monitor(dealer_.handle(), nullptr, 0);
    dealer_.close();
    monitor_.close();
}

}  // namespace ringback
