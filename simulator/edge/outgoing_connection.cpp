#include "simulator/edge/outgoing_connection.h"

#include <fcntl.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cstring>

#include "simulator/edge/acknowledged.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds loopback_dial_limit{2000};
constexpr std::chrono::milliseconds body_grace{
    200};  // for the body of an answer in the last moment
constexpr std::size_t input_at_first = 4U * 1024U;
constexpr std::size_t input_at_most = ResponseLimits::head + input_at_first;

tcp::endpoint endpoint_of(const IpAddress& address, std::uint16_t port) {
    if (address.v6) {
        return {asio::ip::address_v6{address.bytes}, port};
    }
    asio::ip::address_v4::bytes_type v4{};
    std::copy_n(address.bytes.begin(), v4.size(), v4.begin());
    return {asio::ip::address_v4{v4}, port};
}

std::string milliseconds_text(std::chrono::nanoseconds time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) +
           " ms";
}

bool is_end_of_stream(const ErrorCode& error) {
    return error == asio::error::eof || error == asio::ssl::error::stream_truncated;
}

}  // namespace

/// Keeps the connection alive while the operation is pending, and lends it the connection's memory.
template <void (OutgoingConnection::*Then)(const ErrorCode&, std::size_t)>
struct OutgoingConnection::Handler {
    using allocator_type = OperationAllocator<void>;

    ConnectionPtr connection;
    OperationMemory* memory;

    [[nodiscard]] allocator_type get_allocator() const { return allocator_type{*memory}; }
    void operator()(const ErrorCode& error, std::size_t bytes = 0) {
        ((*connection).*Then)(error, bytes);
    }
};

OutgoingConnection::OutgoingConnection(asio::io_context& loop, ConnectionHost& host,
                                       const Dialing& dialing)
    : host_{host}, dialing_{dialing}, socket_{loop} {}

OutgoingConnection::~OutgoingConnection() = default;

void OutgoingConnection::assign(Exchange& exchange) {
    exchange_ = &exchange;
    deadline_ = exchange.deadline;
    written_ = 0;
    reader_.begin(exchange.result);
}

void OutgoingConnection::dial(std::vector<IpAddress> addresses, WallInstant now) {
    addresses_ = std::move(addresses);
    next_address_ = 0;
    dial_next(now);
}

void OutgoingConnection::cannot_dial(AttemptEnd end, std::string why) {
    finish(end, std::move(why), false, wall_now());
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
    socket_.close(error);
    socket_.open(endpoint.protocol(), error);
    if (error) {
        asio::post(socket_.get_executor(),
                   [handler = std::move(handler), error]() mutable { handler(error); });
        return;
    }
    ::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);
    socket_.set_option(tcp::no_delay{true}, error);
    socket_.async_connect(endpoint, std::move(handler));
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
        connect_failed(error.message());
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
    if (dialing_.tls == nullptr) {
        write();
        return;
    }
    stage_ = Stage::handshaking;
    tls_ = dialing_.tls->stream(socket_, std::string{dialing_.host}, dialing_.host_is_address,
                                *dialing_.session);
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
    finish(AttemptEnd::could_not_connect, dial_problem_, false, wall_now());
}

void OutgoingConnection::on_handshake(const ErrorCode& error, std::size_t /*unused*/) {
    if (stage_ != Stage::handshaking) {
        return;
    }
    if (error) {
        finish(AttemptEnd::tls_failed, TlsClient::reason(*tls_, error), false, wall_now());
        return;
    }
    write();
}

void OutgoingConnection::send(Exchange& exchange, WallInstant now) {
    if (tls_) {
        // The record layer hides how many bytes went out; asking costs little beside it.
        written_before_ = bytes_acknowledged(socket_.native_handle()).value_or(0);
    } else {
        written_before_ = written_before_ + written_;
    }
    assign(exchange);
    reused_ = true;
    exchange.result.reused_connection = true;
    exchange.result.connected = now;
    write();
}

void OutgoingConnection::write() {
    const bool first = stage_ != Stage::exchanging;
    stage_ = Stage::exchanging;
    write_pending_ = true;
    const asio::const_buffer rest = asio::buffer(exchange_->request) + written_;
    Handler<&OutgoingConnection::on_written> handler{this, &write_memory_};
    if (tls_) {
        tls_->async_write_some(rest, std::move(handler));
    } else {
        socket_.async_write_some(rest, std::move(handler));
    }
    if (first && !reused_ && make_room()) {
        arm_read();  // from now on one is always pending
    }
}

void OutgoingConnection::on_written(const ErrorCode& error, std::size_t bytes) {
    write_pending_ = false;
    if (stage_ != Stage::exchanging || error) {
        return;  // what was received before the failure may be the answer: the read decides
    }
    written_ += bytes;
    if (written_ < exchange_->request.size()) {
        write();
        return;
    }
    exchange_->result.sent = wall_now();
    host_.request_sent(*exchange_);
}

bool OutgoingConnection::make_room() {
    if (begin_ == end_) {
        begin_ = 0;
        end_ = 0;
    }
    if (end_ < input_size_) {
        return true;
    }
    const std::size_t unread = end_ - begin_;
    if (begin_ == 0) {
        if (input_size_ >= input_at_most) {
            return false;
        }
        input_size_ = input_size_ == 0 ? input_at_first : input_at_most;
        std::unique_ptr<char[]> larger{new char[input_size_]};  // NOLINT(*avoid-c-arrays*)
        if (unread > 0) {
            std::memcpy(larger.get(), input_.get(), unread);
        }
        input_ = std::move(larger);
    } else {
        std::memmove(input_.get(), input_.get() + begin_, unread);
    }
    begin_ = 0;
    end_ = unread;
    return true;
}

void OutgoingConnection::arm_read() {
    const asio::mutable_buffer room{input_.get() + end_, input_size_ - end_};
    Handler<&OutgoingConnection::on_read> handler{this, &read_memory_};
    if (tls_) {
        tls_->async_read_some(room, std::move(handler));
    } else {
        socket_.async_read_some(room, std::move(handler));
    }
}

void OutgoingConnection::on_read(const ErrorCode& error, std::size_t bytes) {
    if (stage_ == Stage::closed) {
        return;
    }
    if (stage_ == Stage::idle) {
        host_.idle_lost(*this);
        return;
    }
    if (error) {
        lost(error);
        return;
    }
    const WallInstant now = wall_now();
    AttemptResult& result = exchange_->result;
    if (result.first_byte == WallInstant::min()) {
        result.first_byte = now;
    }
    result.last_byte = now;
    end_ += bytes;
    if (now > deadline_) {
        check_deadline(now);  // it came too late, though before the sweep
        return;
    }
    judge(now);
}

/// What the bytes that are there amount to.
void OutgoingConnection::judge(WallInstant now) {
    const bool had_head = reader_.head_done();
    begin_ += reader_.take({input_.get() + begin_, end_ - begin_});
    switch (reader_.progress()) {
        case ResponseReader::Progress::malformed:
            finish(AttemptEnd::malformed, reader_.problem(), false, now);
            return;
        case ResponseReader::Progress::complete: {
            const bool reusable = reader_.reusable() && begin_ == end_ && !write_pending_ &&
                                  written_ == exchange_->request.size();
            finish(AttemptEnd::answered, {}, reusable, now);
            return;
        }
        case ResponseReader::Progress::more:
            break;
    }
    if (reader_.head_done() && !had_head) {
        deadline_ = std::max(deadline_, now + body_grace);
    }
    if (make_room()) {
        arm_read();
    } else {  // the frame of the body is longer than any head may be
        finish(AttemptEnd::answered, {}, false, now);
    }
}

bool OutgoingConnection::request_was_unheard() {
    if (!reused_ || exchange_->resent || exchange_->result.first_byte != WallInstant::min()) {
        return false;
    }
    // Only if the receiver's TCP took not even the first byte can nobody have acted on the request.
    // The plain count lacks the SYN, which the system counts as a byte; acknowledgements cover
    // whole segments.
    const auto acknowledged = bytes_acknowledged(socket_.native_handle());
    return acknowledged && *acknowledged <= written_before_ + (tls_ ? 0 : 1);
}

void OutgoingConnection::lost(const ErrorCode& error) {
    const WallInstant now = wall_now();
    reader_.end_of_stream();
    if (reader_.head_done()) {
        finish(AttemptEnd::answered, {}, false, now);
        return;
    }
    if (request_was_unheard()) {
        Exchange& exchange = *exchange_;
        exchange_ = nullptr;
        host_.exchange_unheard(*this, exchange);
        return;
    }
    const bool begun = exchange_->result.first_byte != WallInstant::min();
    const std::string when =
        begun ? " before the head of its answer was complete" : " before it answered";
    finish(AttemptEnd::broken,
           is_end_of_stream(error) ? "the receiver closed the connection" + when
                                   : error.message() + when,
           false, now);
}

std::string OutgoingConnection::overdue_text() const {
    const std::string limit = milliseconds_text(exchange_->timeout);
    switch (stage_) {
        case Stage::resolving:
            return "the host's name was not resolved within " + limit;
        case Stage::connecting:
            return "not connected within " + limit;
        case Stage::handshaking:
            return "TLS handshake not finished within " + limit;
        default:
            break;
    }
    if (exchange_->result.first_byte != WallInstant::min()) {
        return "the head of the answer was not complete within " + limit;
    }
    const bool sent = exchange_->result.sent != WallInstant::min();
    return (sent ? "no answer within " : "the request was not taken within ") + limit;
}

void OutgoingConnection::check_deadline(WallInstant now) {
    if (exchange_ == nullptr) {
        return;
    }
    if (now < deadline_) {
        if (stage_ == Stage::connecting && now >= dial_deadline_) {
            ++given_up_dials_;
            connect_failed("not connected within " + milliseconds_text(loopback_dial_limit));
        }
        return;
    }
    if (reader_.head_done()) {
        finish(AttemptEnd::answered, {}, false, now);  // the status came in time, the body stalls
        return;
    }
    exchange_->result.status = 0;  // of an interim answer, perhaps
    exchange_->result.reason.clear();
    finish(AttemptEnd::timed_out, overdue_text(), false, now);
}

void OutgoingConnection::finish(AttemptEnd end, std::string error, bool reusable, WallInstant now) {
    Exchange& exchange = *exchange_;
    exchange_ = nullptr;
    exchange.result.end = end;
    exchange.result.error = std::move(error);
    exchange.result.ended = now;
    const ConnectionPtr alive{this};
    if (reusable) {
        stage_ = Stage::idle;
        idle_since_ = now;
        begin_ = 0;
        end_ = 0;
        arm_read();
    } else {
        close();
    }
    host_.exchange_over(*this, exchange, reusable);
}

Exchange* OutgoingConnection::abandon() {
    Exchange* const exchange = exchange_;
    exchange_ = nullptr;
    close();
    return exchange;
}

void OutgoingConnection::close() {
    if (stage_ == Stage::closed) {
        return;
    }
    stage_ = Stage::closed;
    if (tls_) {
        TlsClient::end_quietly(*tls_);
    }
    ErrorCode ignored;
    socket_.close(ignored);
}

}  // namespace ringback
