// How an outgoing connection comes about: addresses in turn, then TLS.

#include <fcntl.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include "simulator/edge/address_book.h"
#include "simulator/edge/outgoing_connection.h"
#include "simulator/edge/outgoing_handler.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds loopback_dial_limit{2000};

tcp::endpoint endpoint_of(const IpAddress& address, std::uint16_t port) {
    if (address.v6) {
        return {asio::ip::address_v6{address.bytes}, port};
    }
    asio::ip::address_v4::bytes_type v4{};
    std::copy_n(address.bytes.begin(), v4.size(), v4.begin());
    return {asio::ip::address_v4{v4}, port};
}

}  // namespace

bool OutgoingConnection::waits_for_tls() const {
    return resolving() && dialing_.tls == nullptr && dialing_.destination->tls;
}

void OutgoingConnection::dial(std::vector<IpAddress> addresses, WallInstant now) {
    addresses_ = std::move(addresses);
    next_address_ = 0;
    dial_next(now);
}

std::string OutgoingConnection::address_text() const {
    const IpAddress& address = addresses_[next_address_ - 1];
    const std::string text = to_text(address);
    return (address.v6 ? "[" + text + "]" : text) + ":" + std::to_string(dialing_.port);
}

void OutgoingConnection::dial_next(WallInstant now) {
    stage_ = Stage::connecting;
    const IpAddress& address = addresses_[next_address_++];
    dial_deadline_ = is_local(address) ? now + loopback_dial_limit : WallInstant::max();
    const tcp::endpoint endpoint = endpoint_of(address, dialing_.port);
    Handler<&OutgoingConnection::on_connected> handler{this, &write_memory_};
    ErrorCode error;
    if (!open_socket(address.v6, error)) {
        starve(error);
        return;
    }
    if (error) {
        asio::post(socket_.get_executor(),
                   [handler = std::move(handler), error]() mutable { handler(error); });
        return;
    }
    ::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);
    socket_.set_option(tcp::no_delay{true}, error);
    socket_.async_connect(endpoint, std::move(handler));
}

/// False: descriptors or memory are short, which passes: a try is not lost to that before its time
/// is over. Connections that are only kept make room first.
bool OutgoingConnection::open_socket(bool v6, ErrorCode& error) {
    const tcp protocol = v6 ? tcp::v6() : tcp::v4();
    socket_.close(error);
    socket_.open(protocol, error);
    if (is_shortage(error) && host_.let_idle_go()) {
        error.clear();
        socket_.open(protocol, error);
    }
    return !is_shortage(error);
}

bool OutgoingConnection::is_shortage(const ErrorCode& error) {
    namespace errc = boost::system::errc;
    return error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
           error == asio::error::no_memory || error == errc::too_many_files_open_in_system;
}

void OutgoingConnection::starve(const ErrorCode& why) {
    starved_ = true;
    if (stage_ == Stage::connecting) {
        dial_problem_ = why.message() + " (" + address_text() + ")";
    }
    const bool before = starved_until_ == exchange_->deadline;
    starved_until_ = exchange_->deadline;
    host_.short_of_room(why, before);
}

void OutgoingConnection::try_again(WallInstant now) {
    starved_ = false;
    if (stage_ == Stage::connecting) {
        dial_problem_.clear();
        --next_address_;
        dial_next(now);
    } else {
        write_again();
    }
}

void OutgoingConnection::on_connected(const ErrorCode& error, std::size_t /*unused*/) {
    if (given_up_dials_ > 0) {
        --given_up_dials_;
        return;
    }
    if (stage_ != Stage::connecting) {
        return;
    }
    if (error) {
        is_shortage(error) ? starve(error) : connect_failed(error.message());
        return;
    }
    ErrorCode gone_again;
    const tcp::endpoint own = socket_.local_endpoint(gone_again);
    if (!gone_again && own == socket_.remote_endpoint(gone_again) && !gone_again) {
        // Nobody listens: TCP connected a port of its own range to itself, and would keep the port
        // from the receiver as long as we held it.
        connect_failed("Connection refused");
        return;
    }
    exchange_->result.connected = wall_now();
    if (!dialing_.destination->tls) {
        write();
        return;
    }
    if (dialing_.tls == nullptr) {
        bug("an https callback is dialled without TLS");
    }
    stage_ = Stage::handshaking;
    try {
        tls_ = dialing_.tls->stream(socket_, std::string{dialing_.host}, dialing_.host_is_address,
                                    *dialing_.session);
    } catch (const boost::system::system_error& refused) {
        failed(AttemptEnd::tls_failed, TlsClient::failure("TLS cannot begin: ", refused.code()),
               wall_now());
        return;
    }
    tls_->async_handshake(TlsStream::client,
                          Handler<&OutgoingConnection::on_handshake>{this, &read_memory_});
}

void OutgoingConnection::connect_failed(const std::string& why) {
    const std::string problem = why + " (" + address_text() + ")";
    dial_problem_ = dial_problem_.empty() ? problem : dial_problem_ + ", " + problem;
    if (next_address_ < addresses_.size()) {
        dial_next(wall_now());
        return;
    }
    failed(AttemptEnd::could_not_connect, dial_problem_, wall_now());
}

void OutgoingConnection::on_handshake(const ErrorCode& error, std::size_t /*unused*/) {
    if (stage_ != Stage::handshaking) {
        return;
    }
    if (error) {
        dialing_.session->reset();  // one that does not suit is not offered for ever
        failed(AttemptEnd::tls_failed, TlsClient::reason(*tls_, error), wall_now());
        return;
    }
    write();
}

void OutgoingConnection::give_up_dial() {
    ++given_up_dials_;
    connect_failed("not connected within " + std::to_string(loopback_dial_limit.count()) + " ms");
}

}  // namespace ringback
