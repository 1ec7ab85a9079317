// The half of HttpConnection that answers; http_connection.cpp is the half that reads.
#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <exception>
#include <iterator>
#include <utility>

#include "simulator/edge/http_connection.h"

namespace ringback {

namespace {

/// A body up to here is copied behind its head and sent with it; a larger one follows uncopied.
constexpr std::size_t max_copied_body = 65'536;
/// Each slice of an answer has the body deadline to leave, so that a client that reads slowly gets
/// a long answer and one that does not read is cut.
constexpr std::size_t max_slice = 262'144;
/// What a stream may pile up before its client is cut (http.h).
constexpr std::size_t max_unsent_stream = 1'000'000;
/// A connection keeps this much between requests.
constexpr std::size_t max_kept_output = 4096;
/// Time for the client to read the last answer while what it still sends is thrown away
/// (reliability.md 3).
constexpr std::chrono::milliseconds linger_time{500};

void call_guarded(const std::function<void()>& after_sent) {
    try {
        after_sent();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "ringback: what follows an answer failed: %s\n", e.what());
    }
}

}  // namespace

void HttpConnection::answer(std::uint64_t serial, Response&& response) {
    if (state_ != State::handling || serial != serial_) {
        run_later(std::move(response.after_sent));
        return;
    }
    guarded([&] { send_answer(std::move(response)); });
}

void HttpConnection::answer(std::uint64_t serial, Response&& response,
                            std::shared_ptr<const std::string> file) {
    if (state_ == State::handling && serial == serial_) {
        file_ = std::move(file);
    }
    answer(serial, std::move(response));
}

void HttpConnection::set_aside(std::uint64_t serial) {
    if (state_ == State::handling && serial == serial_) {
        request_is_over();
    }
}

/// Never from inside the call that brought it: the caller may not be ready for what it sets off.
void HttpConnection::run_later(std::function<void()> after_sent) {
    if (after_sent) {
        boost::asio::post(front_->loop, [done = std::move(after_sent)] { call_guarded(done); });
    }
}

void HttpConnection::refuse(const grammar::Refusal& refusal) {
    Response response = front_->handler.refuse(refusal.status, refusal.what, remote_ip_);
    response.close = true;  // where the next request would begin is not known
    send_answer(std::move(response));
}

void HttpConnection::refuse_after_fault(const char* what) {
    std::fprintf(stderr, "ringback: a request was not handled: %s\n", what);
    refuse({500, "the server failed to answer this request"});
}

void HttpConnection::send_answer(Response&& response) {
    state_ = State::answering;
    start_answer(response, BodyEnd::length);
    if (!head_only_ && !is_bodiless(response.status)) {
        if (response.body.size() <= max_copied_body) {
            out_.append(response.body);
        } else {
            out_next_ = std::move(response.body);
        }
    }
    if (response.fault != nullptr) {
        begin_fault(*response.fault);
        return;
    }
    write_slice();
}

void HttpConnection::start_answer(Response& response, BodyEnd end) {
    keep_alive_ = keep_alive_ && !response.close && end != BodyEnd::close;
    after_sent_ = std::move(response.after_sent);
    out_.clear();
    out_at_ = 0;
    out_next_.clear();
    append_response_head(out_, response, end, connection_header(),
                         file_ != nullptr ? file_->size() : response.body.size());
    file_at_ = 0;
    if (head_only_) {
        file_.reset();
    }
}

std::string_view HttpConnection::connection_header() const {
    if (!keep_alive_) {
        return "close";
    }
    return framing_.http_1_0 ? "keep-alive" : "";
}

void HttpConnection::write_slice() {
    slice_ = std::min(out_.size() - out_at_, max_slice);
    writing_ = true;
    begin_turn();
    set_deadline(front_->settings.body_deadline);
    start_write(boost::asio::buffer(out_.data() + out_at_, slice_));
}

/// Uncopied: others may be sending the same.
void HttpConnection::write_file_slice() {
    const std::size_t size = std::min(file_->size() - file_at_, max_slice);
    if (size == 0) {
        file_.reset();
        finish_answer();
        return;
    }
    const boost::asio::const_buffer slice = boost::asio::buffer(file_->data() + file_at_, size);
    file_at_ += size;
    slice_ = 0;
    writing_ = true;
    begin_turn();
    set_deadline(front_->settings.body_deadline);
    start_write(slice);
}

void HttpConnection::write_ended(const boost::system::error_code& error) noexcept {
    guarded([&] {
        writing_ = false;
        if (state_ == State::dead) {
            run_after_sent();
        } else if (error) {
            cut(false);
        } else if (state_ == State::inviting) {
            state_ = State::body;
            begin_turn();
            set_deadline(front_->settings.body_deadline);
            proceed();
        } else {
            wrote_slice();
        }
    });
}

void HttpConnection::wrote_slice() {
    out_at_ += slice_;
    if (fault_ != nullptr) {
        wrote_spoilt();
        return;
    }
    if (out_at_ < out_.size()) {
        write_slice();
        return;
    }
    out_.clear();
    out_at_ = 0;
    if (state_ ==
        State::streaming) {  // the head of a stream is its answer; later rounds find nothing to do
        run_after_sent();
        request_is_over();
        if (!alive()) {
            return;
        }
    }
    if (!out_next_.empty()) {
        out_.swap(out_next_);
        write_slice();
    } else if (file_ != nullptr) {
        write_file_slice();
    } else if (state_ == State::streaming && !stream_ended_) {
        deadline_ = WallInstant::max();
        read_more();  // so that a client that goes away is noticed
    } else {
        finish_answer();
    }
}

void HttpConnection::finish_answer() {
    run_after_sent();
    request_is_over();
    if (!alive()) {
        return;
    }
    keep_alive_ ? next_request() : linger();
}

void HttpConnection::run_after_sent() {
    if (const auto done = std::exchange(after_sent_, nullptr)) {
        call_guarded(done);
    }
}

void HttpConnection::request_is_over() {
    if (std::exchange(request_open_, false)) {
        front_->handler.request_ends();
    }
}

void HttpConnection::next_request() {
    state_ = State::idle;
    head_.clear();
    chunks_ = ChunkedBody{front_->settings.max_body};
    file_.reset();
    skipped_blank_line_ = false;
    if (!reading_) {
        in_.relax();
    }
    // Swapped: a string that an empty one is moved to keeps what it has.
    if (out_.capacity() > max_kept_output) {
        std::string{}.swap(out_);
    }
    std::string{}.swap(out_next_);
    begin_turn();
    set_deadline(front_->settings.idle_deadline);
    proceed();
}

void HttpConnection::linger() {
    if (peer_ended_) {
        cut(false);
        return;
    }
    state_ = State::lingering;
    begin_turn();
    set_deadline(linger_time);
    if (!reading_) {
        in_.release();
    }
    if (!start_half_close()) {
        discard_more();
    }
}

void HttpConnection::half_close_ended() noexcept {
    guarded([&] {
        if (alive()) {
            discard_more();
        }
    });
}

void HttpConnection::discard_more() {
    if (!reading_) {
        reading_ = true;
        start_discard(boost::asio::buffer(front_->scratch));
    }
}

void HttpConnection::open_stream(std::uint64_t serial, Response head) {
    if (state_ != State::handling || serial != serial_) {
        run_later(std::move(head.after_sent));
        return;
    }
    guarded([&] {
        head.body.clear();
        stream_ended_ = false;
        // The answer to a HEAD is over with its head.
        state_ = head_only_ ? State::answering : State::streaming;
        start_answer(head, framing_.http_1_0 ? BodyEnd::close : BodyEnd::chunked);
        write_slice();
    });
}

bool HttpConnection::stream_is_open(std::uint64_t serial) const {
    return state_ == State::streaming && serial == serial_ && !stream_ended_;
}

bool HttpConnection::write_stream(std::uint64_t serial, std::string_view bytes) {
    if (!stream_is_open(serial)) {
        return false;
    }
    if (bytes.empty()) {
        return true;  // an empty chunk would be the last
    }
    guarded([&] {
        const std::size_t unsent = out_.size() - out_at_ + out_next_.size();
        if (unsent + bytes.size() > max_unsent_stream) {
            cut(true);
            return;
        }
        if (framing_.http_1_0) {
            out_next_.append(bytes);
        } else {
            fmt::format_to(std::back_inserter(out_next_), FMT_COMPILE("{:x}\r\n"), bytes.size());
            out_next_.append(bytes).append("\r\n");
        }
        if (!writing_) {
            out_.swap(out_next_);
            write_slice();
        }
    });
    return stream_is_open(serial);
}

void HttpConnection::end_stream(std::uint64_t serial) {
    if (!stream_is_open(serial)) {
        return;
    }
    guarded([&] {
        stream_ended_ = true;
        if (!framing_.http_1_0) {
            out_next_.append("0\r\n\r\n");
        }
        if (writing_) {
            return;
        }
        if (out_next_.empty()) {
            finish_answer();
        } else {
            out_.swap(out_next_);
            write_slice();
        }
    });
}

/// Posted: the handler may be half destroyed when it lets go of its responders.
void HttpConnection::dropped(std::uint64_t serial) noexcept {
    if (!alive() || serial != serial_) {
        return;
    }
    guarded([&] {
        boost::asio::post(front_->loop, [self = shared_from_this(), serial] {
            if (self->state_ == State::handling && serial == self->serial_) {
                self->guarded([&] { self->refuse_after_fault("its responder was dropped"); });
            } else {
                self->end_stream(serial);
            }
        });
    });
}

}  // namespace ringback
