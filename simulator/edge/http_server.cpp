#include "simulator/edge/http_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

#include "simulator/edge/http_connection.h"
#include "simulator/edge/socket_connection.h"
#include "simulator/edge/tls_server.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// How late a deadline may be noticed: a quarter of the shortest, at most 250 ms.
std::chrono::milliseconds sweep_period(const ServerSettings& settings) {
    using std::chrono::milliseconds;
    const milliseconds shortest =
        std::min({settings.head_deadline, settings.body_deadline, settings.idle_deadline});
    return std::clamp(shortest / 4, milliseconds{1}, milliseconds{250});
}

}  // namespace

HttpServer::HttpServer(asio::io_context& loop, const ServerSettings& settings, HttpHandler& handler)
    : loop_{loop},
      front_{std::make_shared<Front>(Front{loop, settings, handler, {}, {}})},
      sweeper_{loop},
      gone_{std::make_shared<bool>(false)},
      full_{loop, told_when_full()} {}

HttpServer::~HttpServer() {
    *gone_ = true;
    stop_accepting();
    close_all();
}

Result<std::uint16_t> HttpServer::listen() {
    const ServerSettings& settings = front_->settings;
    if (settings.https_port) {
        auto tls = tls_server(settings);
        if (!tls) {
            return tls.error();
        }
        tls_ = std::move(tls).value();
        auto port = open(*settings.https_port, true);
        if (!port) {
            return port;
        }
        https_port_ = port.value();
    }
    auto port = open(settings.port, false);
    if (!port) {
        stop_accepting();
        return port;
    }
    return port;
}

Result<std::uint16_t> HttpServer::open(std::uint16_t port, bool tls) {
    const std::string& bind_address = front_->settings.bind_address;
    error_code error;
    const auto address =
        asio::ip::make_address(bind_address == "localhost" ? "127.0.0.1" : bind_address, error);
    if (error) {
        return Error{fmt::format("{}:{}", bind_address, port),
                     "expected an IPv4 or IPv6 address to listen on"};
    }
    auto& listener = tls ? tls_listener_ : plain_listener_;
    listener = std::make_shared<Listener>(loop_, [this, gone = gone_, tls](TcpSocket socket) {
        if (!*gone) {
            accepted(std::move(socket), tls);
        }
    });
    auto bound = listener->open({address, port});
    if (bound) {
        listener->start();
    }
    return bound;
}

bool HttpServer::is_full() const { return front_->live.size() >= front_->settings.max_connections; }

/// By the address of the plain port, which both ports share their connections with; clients that
/// somebody else has accepted have none.
Shortage::Settings HttpServer::told_when_full() {
    const auto where = [this] {
        return plain_listener_ ? plain_listener_->at() + ": " : std::string{};
    };
    return {.begins =
                [where](std::string_view reason) {
                    return fmt::format("{}clients are turned away: {}", where(), reason);
                },
            .ends =
                [where](std::size_t turned_away) {
                    return fmt::format(
                        "{}clients are turned away no longer: {}", where(),
                        turned_away == 1 ? "one was" : fmt::format("{} were", turned_away));
                },
            .still = [this] { return is_full(); }};
}

void HttpServer::accepted(TcpSocket socket, bool tls) {
    if (is_full()) {
        // The newest is the one to go; its socket closes here.
        full_.fails("as many are connected as --max-connections says");
        return;
    }
    try {
        make_connection(front_, std::move(socket), tls ? tls_.get() : nullptr)->start();
        arm_sweep();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "ringback: a client was not taken: %s\n", e.what());
    }
}

void HttpServer::arm_sweep() {
    if (sweeping_ || front_->live.empty()) {
        return;
    }
    sweeping_ = true;
    sweeper_.expires_after(sweep_period(front_->settings));
    sweeper_.async_wait([this, gone = gone_](const error_code&) {
        if (!*gone) {
            sweeping_ = false;
            sweep();
            arm_sweep();
        }
    });
}

/// From the back, because a connection that ends is replaced by the last one; what a handler does
/// when told may end any number of them.
void HttpServer::sweep() {
    const WallInstant now = wall_now();
    for (std::size_t i = front_->live.size(); i-- > 0;) {
        if (i < front_->live.size()) {
            const auto connection = front_->live[i];
            connection->sweep(now);
        }
    }
}

void HttpServer::stop_accepting() {
    full_.forget();
    for (const auto& listener : {plain_listener_, tls_listener_}) {
        if (listener) {
            listener->stop();
        }
    }
}

void HttpServer::close_all() {
    while (!front_->live.empty()) {
        front_->live.back()->cut(false);
    }
}

std::size_t HttpServer::connections() const { return front_->live.size(); }

}  // namespace ringback
