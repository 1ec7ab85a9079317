#include "simulator/edge/listener.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

namespace ringback {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr int backlog = 4096;  // a burst of clients must not wait for a retransmitted SYN
constexpr int accepted_per_turn = 128;
constexpr std::chrono::milliseconds back_off_time{50};

std::string text_of(const asio::ip::tcp::endpoint& endpoint) {
    const std::string address = endpoint.address().to_string();
    return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                      : fmt::format("{}:{}", address, endpoint.port());
}

/// What accept() says about one client, or about none, and not about itself (accept(2): on Linux
/// the errors of a connection still in the queue come out here).
bool concerns_one_client(int error) {
    constexpr std::array passing{ECONNABORTED, EPROTO,    EINTR,        ENETDOWN,
                                 ENOPROTOOPT,  EHOSTDOWN, EHOSTUNREACH, EOPNOTSUPP,
                                 ENETUNREACH,  ENONET,    EPERM};
    return std::ranges::find(passing, error) != passing.end();
}

/// EMFILE, ENFILE, ENOMEM, ...: only time mends it. None: the next client may be taken.
error_code lack_of(int error) {
    return concerns_one_client(error) ? error_code{}
                                      : error_code{error, boost::system::system_category()};
}

}  // namespace

Listener::Listener(asio::io_context& loop, Accepted accepted)
    : loop_{loop},
      accepted_{std::move(accepted)},
      acceptor_{loop},
      retry_{loop},
      shortage_{loop,
                {.begins =
                     [this](std::string_view reason) {
                         return fmt::format("{}: clients are not accepted: {}; they wait", at_,
                                            reason);
                     },
                 .ends =
                     [this](std::size_t /*failures*/) {
                         return fmt::format("{}: clients are accepted again", at_);
                     }}} {}

Result<std::uint16_t> Listener::open(const asio::ip::tcp::endpoint& endpoint) {
    const auto failed = [&](std::string_view step, const error_code& error) {
        stop();
        return Error{text_of(endpoint), fmt::format("cannot {}: {}", step, error.message())};
    };
    error_code error;
    if (acceptor_.open(endpoint.protocol(), error)) {
        return failed("open a socket", error);
    }
    if (::fcntl(acceptor_.native_handle(), F_SETFD, FD_CLOEXEC) != 0) {
        return failed("open a socket", error_code{errno, boost::system::system_category()});
    }
    // SO_REUSEADDR only: with SO_REUSEPORT a second server would share the port in silence.
    if (acceptor_.set_option(asio::socket_base::reuse_address{true}, error) ||
        acceptor_.set_option(asio::ip::tcp::no_delay{true}, error) ||
        acceptor_.native_non_blocking(true, error)) {
        return failed("set up the socket", error);
    }
    if (acceptor_.bind(endpoint, error)) {
        return failed("bind", error);
    }
    if (acceptor_.listen(backlog, error)) {
        return failed("listen", error);
    }
    const auto bound = acceptor_.local_endpoint(error);
    if (error) {
        return failed("tell the port", error);
    }
    at_ = text_of(bound);
    return bound.port();
}

void Listener::start() { wait(); }

// NOLINTNEXTLINE(bugprone-exception-escape): cancelling a timer throws only for a broken reactor
void Listener::stop() noexcept {
    stopped_ = true;
    error_code ignored;  // nothing is left to do about a listener that does not close
    acceptor_.close(ignored);
    retry_.cancel();
    shortage_.forget();
}

void Listener::wait() {
    acceptor_.async_wait(TcpAcceptor::wait_read,
                         [self = shared_from_this()](const error_code&) { self->accept_all(); });
}

/// accept4 by hand: the library's accept sets no close-on-exec flag.
void Listener::accept_all() noexcept {
    try {
        for (int n = 0; n < accepted_per_turn && !stopped_; ++n) {
            const int descriptor =
                ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC);
            const int error = descriptor < 0 ? errno : 0;
            if (error == EAGAIN || error == EWOULDBLOCK) {
                break;
            }
            const error_code lack = error == 0 ? take(descriptor) : lack_of(error);
            if (lack) {
                back_off();
                shortage_.fails(lack.message());
                return;
            }
        }
        if (!stopped_) {
            wait();
        }
    } catch (const std::exception& e) {
        std::fprintf(stderr, "ringback: cannot go on accepting clients: %s\n", e.what());
        std::abort();
    }
}

/// Why the loop has no room for it; the client is closed then.
error_code Listener::take(int descriptor) {
    TcpSocket socket{loop_};
    error_code error;
    // The family only matters to what we never ask of this socket; the endpoint is read back from
    // the system.
    socket.assign(acceptor_.local_endpoint(error).protocol(), descriptor, error);
    if (error) {
        ::close(descriptor);
        return error;
    }
    socket.set_option(asio::ip::tcp::no_delay{true}, error);  // slower without it, not wrong
    accepted_(std::move(socket));
    return {};
}

void Listener::back_off() {
    retry_.expires_after(back_off_time);
    retry_.async_wait([self = shared_from_this()](const error_code&) {
        if (!self->stopped_) {
            self->accept_all();
        }
    });
}

}  // namespace ringback
