#include "simulator/edge/outgoing_connection.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cstring>

#include "simulator/edge/acknowledged.h"
#include "simulator/edge/outgoing_handler.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds body_grace{
    200};  // for the body of an answer in the last moment
constexpr std::size_t input_at_first = std::size_t{4} * 1024;
constexpr std::size_t input_at_most = ResponseLimits::head + input_at_first;

std::string milliseconds_text(std::chrono::nanoseconds time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) +
           " ms";
}

bool is_end_of_stream(const ErrorCode& error) {
    return error == asio::error::eof || error == asio::ssl::error::stream_truncated;
}

}  // namespace

OutgoingConnection::OutgoingConnection(asio::io_context& loop, ConnectionHost& host,
                                       const Dialing& dialing)
    : host_{host}, dialing_{dialing}, socket_{loop} {}

OutgoingConnection::~OutgoingConnection() = default;

void OutgoingConnection::assign(Exchange& exchange) {
    exchange_ = &exchange;
    deadline_ = exchange.deadline;
    written_ = 0;
    reader_.begin(
        exchange.result, dialing_.keep_headers,
        exchange.asks_document ? ResponseLimits::document_kept : ResponseLimits::body_kept);
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
    if (!exchange_->faulty || !begin_fault()) {
        start_write(asio::buffer(exchange_->request) + written_);
    }
    if (first && !reused_ && make_room()) {
        arm_read();  // from now on one is always pending
    }
}

void OutgoingConnection::start_write(asio::const_buffer bytes) {
    write_pending_ = true;
    Handler<&OutgoingConnection::on_written> handler{this, &write_memory_};
    if (tls_) {
        tls_->async_write_some(bytes, std::move(handler));
    } else {
        socket_.async_write_some(bytes, std::move(handler));
    }
}

void OutgoingConnection::on_written(const ErrorCode& error, std::size_t bytes) {
    write_pending_ = false;
    if (stage_ != Stage::exchanging || error) {
        not_written(error);
        return;
    }
    written_ += bytes;
    if (fault_ != nullptr) {
        wrote_slice();
        return;
    }
    if (written_ < exchange_->request.size()) {
        write();
        return;
    }
    exchange_->result.sent = wall_now();
    host_.request_sent(*exchange_);
}

/// Where the system has no room, nothing has left and nothing is wrong with the connection. Only
/// the record that TLS had made of it is lost, and with it the stream.
void OutgoingConnection::not_written(const ErrorCode& error) {
    const bool waits = stage_ == Stage::exchanging && is_shortage(error);
    if (waits && tls_ == nullptr) {
        starve(error);
    } else if (waits) {
        failed(AttemptEnd::broken, "the request was not taken: " + error.message(), wall_now());
    } else {
        write_error_ = error;  // what was received before may be the answer: the read decides
    }
}

/// Not by writing alone: after a write that failed Asio waits for the socket to become writable,
/// which it never ceased to be. Asking for that asks epoll anew.
void OutgoingConnection::write_again() {
    write_pending_ = true;
    socket_.async_wait(TcpSocket::wait_write,
                       Handler<&OutgoingConnection::on_writable>{this, &write_memory_});
}

void OutgoingConnection::on_writable(const ErrorCode& error, std::size_t /*unused*/) {
    write_pending_ = false;
    if (stage_ != Stage::exchanging || error) {
        write_error_ = error;
    } else if (fault_ != nullptr) {
        write_slice();
    } else {
        start_write(asio::buffer(exchange_->request) + written_);
    }
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
            failed(AttemptEnd::malformed, reader_.problem(), now);
            return;
        case ResponseReader::Progress::complete: {
            const bool reusable = reader_.reusable() && begin_ == end_ && !write_pending_ &&
                                  written_ == exchange_->request.size();
            answered(reusable, now);
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
        answered(false, now);
    }
}

/// True only where nobody can have acted on the request, because its receiver had closed before.
///
/// Either the first write failed: nothing left. Or the connection ended with a FIN and the
/// receiver's TCP has acknowledged no byte of the request: a FIN sent after the request came would
/// have acknowledged it. A reset says nothing: it may come from a receiver that read the request
/// and had not acknowledged it yet.
bool OutgoingConnection::request_was_unheard(const ErrorCode& end) {
    if (!reused_ || exchange_->resent || exchange_->result.first_byte != WallInstant::min()) {
        return false;
    }
    if (write_error_ && written_ == 0 && !tls_) {
        return true;
    }
    if (!is_end_of_stream(end) || write_error_ == asio::error::connection_reset) {
        return false;
    }
    // Of a plain connection we know what was sent before; the system counts the SYN as one more
    // byte.
    const auto acknowledged = bytes_acknowledged(socket_.native_handle());
    return acknowledged && *acknowledged <= written_before_ + (tls_ ? 0 : 1);
}

void OutgoingConnection::lost(const ErrorCode& error) {
    const WallInstant now = wall_now();
    reader_.end_of_stream();
    if (reader_.head_done()) {
        answered(false, now);
        return;
    }
    if (request_was_unheard(error)) {
        Exchange& exchange = *exchange_;
        exchange_ = nullptr;
        host_.exchange_unheard(*this, exchange);
        return;
    }
    if (error.category() == asio::error::get_ssl_category()) {
        // An alert after the handshake, or a record that is none.
        failed(AttemptEnd::tls_failed, TlsClient::failure("TLS failed: ", error), now);
        return;
    }
    const bool begun = exchange_->result.first_byte != WallInstant::min();
    const std::string when =
        begun ? " before the head of its answer was complete" : " before it answered";
    failed(AttemptEnd::broken,
           is_end_of_stream(error) ? "the receiver closed the connection" + when
                                   : error.message() + when,
           now);
}

std::string OutgoingConnection::overdue_text() const {
    const std::string limit = milliseconds_text(exchange_->timeout);
    switch (stage_) {
        case Stage::resolving:
            return (waits_for_tls() ? "the system's certificates were not read within "
                                    : "the host's name was not resolved within ") +
                   limit;
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
    return (sent                ? "no answer within "
            : fault_ != nullptr ? "it had not left within "
                                : "the request was not taken within ") +
           limit;
}

void OutgoingConnection::check_deadline(WallInstant now) {
    if (exchange_ == nullptr) {
        return;
    }
    if (now < deadline_) {
        if (starved_) {
            try_again(now);
        } else if (stage_ == Stage::connecting && now >= dial_deadline_) {
            give_up_dial();
        }
        return;
    }
    if (stage_ == Stage::connecting && starved_) {
        failed(AttemptEnd::could_not_connect, dial_problem_, now);
        return;
    }
    if (reader_.head_done()) {
        answered(false, now);  // the status came in time, the body stalls
        return;
    }
    failed(AttemptEnd::timed_out, overdue_text(), now);
}

void OutgoingConnection::answered(bool reusable, WallInstant now) {
    exchange_->result.end = AttemptEnd::answered;
    reader_.keep();
    finish(reusable, now);
}

void OutgoingConnection::failed(AttemptEnd end, std::string_view why, WallInstant now) {
    AttemptResult& result = exchange_->result;
    result.status = 0;  // a status line may have come, or an interim answer
    result.retry_after_s = 0;
    result.reason.reset();
    result.location.reset();
    result.end = end;
    result.error = fault_ != nullptr ? Text{fault_text(why)} : Text{why};
    finish(false, now);
}

void OutgoingConnection::finish(bool reusable, WallInstant now) {
    Exchange& exchange = *exchange_;
    exchange_ = nullptr;
    exchange.result.ended = now;
    const ConnectionPtr alive{this};
    if (fault_ != nullptr) {
        end_fault(reusable);
    }
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
    fault_.reset();
    if (tls_) {
        TlsClient::end_quietly(*tls_);
    }
    ErrorCode ignored;
    socket_.close(ignored);
}

}  // namespace ringback
