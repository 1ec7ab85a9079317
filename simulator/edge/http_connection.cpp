#include "simulator/edge/http_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <new>
#include <utility>

#include "simulator/edge/http_responder.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {

namespace {

/// Read-ahead at most: a head in full and what came with it.
constexpr std::size_t max_read_ahead = 32'768;

constexpr std::string_view invitation{"HTTP/1.1 100 Continue\r\n\r\n"};

}  // namespace

HttpConnection::HttpConnection(std::shared_ptr<Front> front, std::string remote_ip,
                               std::uint16_t remote_port)
    : front_{std::move(front)},
      remote_ip_{std::move(remote_ip)},
      head_{UINT64_MAX},  // what may be announced depends on the request: head_is_complete
      chunks_{front_->settings.max_body} {
    const bool v6 = remote_ip_.find(':') != std::string::npos;
    remote_ = v6 ? fmt::format("[{}]:{}", remote_ip_, remote_port)
                 : fmt::format("{}:{}", remote_ip_, remote_port);
}

void HttpConnection::start() {
    index_ = front_->live.size();
    front_->live.push_back(shared_from_this());
    guarded([this] {
        if (start_handshake()) {
            state_ = State::shaking_hands;
            begin_turn();
            set_deadline(front_->settings.head_deadline);
        } else {
            next_request();
        }
    });
}

void HttpConnection::begin_turn() { turn_at_ = wall_now(); }

// Without memory even to close, the process says so and ends.
// NOLINTNEXTLINE(bugprone-exception-escape)
void HttpConnection::handshake_ended(const boost::system::error_code& error) noexcept {
    guarded([&] {
        if (!alive()) {
            return;
        }
        // Who was refused is let read why: TLS 1.3 clients have sent their request by then, and a
        // socket closed on unread bytes takes the alert with it.
        error ? linger() : next_request();
    });
}

void HttpConnection::sweep(WallInstant now) {
    if (now < deadline_) {
        return;
    }
    guarded([this] {
        switch (state_) {
            case State::head:
                refuse({408, "the request's head did not arrive in time"});
                break;
            case State::body:
                refuse({408, "the request's body did not arrive in time"});
                break;
            case State::answering:
            case State::inviting:
            case State::streaming:
                cut(true);  // it does not read
                break;
            default:
                cut(false);
        }
    });
}

void HttpConnection::cut(bool reset) {
    if (!alive()) {
        return;
    }
    const auto self = shared_from_this();  // the list may have held the last one
    state_ = State::dead;
    front_->live[index_] = std::move(front_->live.back());
    front_->live[index_]->index_ = index_;
    front_->live.pop_back();
    fault_.reset();
    close_socket(reset);
    if (!reading_) {
        in_.release();
    }
    if (large_bytes_ != 0) {
        give_back_room();
    }
    if (!writing_) {
        run_after_sent();
    }
    request_is_over();
}

void HttpConnection::read_more() {
    if (reading_ || peer_ended_) {
        return;
    }
    const InputBuffer::Room room = in_.prepare(max_read_ahead);
    if (room.size > 0) {
        reading_ = true;
        start_read(boost::asio::buffer(room.data, room.size));
    }
}

// NOLINTNEXTLINE(bugprone-exception-escape): as handshake_ended
void HttpConnection::read_ended(const boost::system::error_code& error,
                                std::size_t count) noexcept {
    guarded([&] {
        reading_ = false;
        if (state_ == State::dead) {
            in_.release();
            return;
        }
        if (state_ == State::lingering) {
            error ? cut(false) : discard_more();
        } else if (error) {
            peer_ended_ = true;
            client_is_done(error == boost::asio::error::eof);
        } else {
            after_read(count);
        }
    });
}

void HttpConnection::after_read(std::size_t count) {
    in_.commit(count);
    begin_turn();
    read_at_ = turn_at_;
    if (state_ == State::handling || state_ == State::streaming) {
        read_more();  // only read ahead; its turn comes
    } else if (state_ != State::answering && state_ != State::inviting) {
        proceed();  // else when what is being written is out
    }
}

/// No more bytes will come: in order (it said so) or not.
void HttpConnection::client_is_done(bool in_order) {
    const bool half_way = state_ == State::head || state_ == State::body;
    if (half_way && in_order) {
        refuse({400, "the request ended before it was complete"});
    } else if (state_ != State::answering || !in_order) {
        // A client that closes while its answer is being made is taken to be gone: a half close
        // looks the same.
        cut(false);
    }
}

/// Goes on with what has been read, as far as it reaches.
void HttpConnection::proceed() {
    if (state_ == State::idle && !request_has_begun()) {
        peer_ended_ ? cut(false) : read_more();
        return;
    }
    if (state_ == State::body) {
        read_body();
        return;
    }
    switch (head_.advance(in_.view())) {
        case RequestHead::State::incomplete:
            peer_ended_ ? client_is_done(true) : read_more();
            break;
        case RequestHead::State::refused:
            head_only_ = head_.request().method == "HEAD";
            refuse(head_.refusal());
            break;
        case RequestHead::State::complete:
            in_.consume(head_.size());
            head_is_complete();
            break;
    }
}

/// RFC 9112 2.2: one empty line before a request is passed over; it does not begin one.
bool HttpConnection::request_has_begun() {
    if (!skipped_blank_line_ && in_.view().starts_with('\r')) {
        if (in_.size() == 1) {
            return false;
        }
        if (in_.view()[1] == '\n') {
            in_.consume(2);
            skipped_blank_line_ = true;
        }
    }
    if (in_.empty()) {
        return false;
    }
    state_ = State::head;
    set_deadline(front_->settings.head_deadline);
    request_open_ = true;
    front_->handler.request_begins();
    return true;
}

void HttpConnection::head_is_complete() {
    Request& request = head_.request();
    framing_ = head_.framing();
    request.remote = remote_;
    request.remote_ip = remote_ip_;
    request.tls = is_tls();
    request.received = read_at_;
    keep_alive_ = framing_.keep_alive;
    head_only_ = request.method == "HEAD";
    const auto more = framing_.has_body() ? front_->handler.most_body(request) : std::nullopt;
    most_body_ = more.value_or(front_->settings.max_body);
    if (!more && framing_.content_length > most_body_) {
        refuse({413, "the announced body is too large"});
        return;
    }
    std::optional<Response> early;
    try {
        early = front_->handler.admit(request);
    } catch (const std::exception& e) {
        refuse_after_fault(e.what());
        return;
    }
    if (!alive()) {
        return;
    }
    if (early) {
        // The body was not invited: whether it comes is unknown, so what follows cannot be told
        // from it.
        early->close = early->close || framing_.has_body();
        send_answer(std::move(*early));
        return;
    }
    if (!framing_.has_body()) {
        dispatch();
        return;
    }
    if (framing_.content_length > most_body_) {
        refuse_large_body();
        return;
    }
    chunks_.allow(most_body_);
    state_ = State::body;
    set_deadline(front_->settings.body_deadline);
    if (framing_.expects_continue && in_.empty()) {
        state_ = State::inviting;
        writing_ = true;
        start_write(boost::asio::buffer(invitation));
        return;
    }
    read_body();
}

void HttpConnection::read_body() {
    std::string& body = head_.request().body;
    if (framing_.chunked) {
        in_.consume(chunks_.advance(in_.view(), body));
        if (chunks_.state() == ChunkedBody::State::refused) {
            const bool large = most_body_ > front_->settings.max_body;
            large&& chunks_.refusal().status == 413 ? refuse_large_body()
                                                    : refuse(chunks_.refusal());
            return;
        }
        if (chunks_.state() == ChunkedBody::State::complete) {
            dispatch();
            return;
        }
    } else {
        const auto length = static_cast<std::size_t>(framing_.content_length);
        const std::size_t count = std::min(length - body.size(), in_.size());
        body.append(in_.view().substr(0, count));
        in_.consume(count);
        if (body.size() == length) {
            dispatch();
            return;
        }
    }
    if (body.size() > front_->settings.max_body && !has_room_for_body()) {
        refuse({503, "too many large bodies arrive at once"});
        return;
    }
    peer_ended_ ? client_is_done(true) : read_more();
}

/// Of a large body every further MiB gets the time that a small one has in all, and is counted:
/// what all connections hold of such bodies is bounded.
bool HttpConnection::has_room_for_body() {
    constexpr std::size_t step = std::size_t{1} << 20U;
    const std::string& body = head_.request().body;
    if (body.size() <= large_bytes_) {
        return true;
    }
    const std::size_t more = (body.size() - large_bytes_ + step - 1) / step * step;
    if (front_->large_bytes + more > front_->settings.max_large_bodies) {
        return false;
    }
    if (large_bytes_ == 0) {  // by now it is no empty promise
        head_.request().body.reserve(static_cast<std::size_t>(framing_.content_length));
    }
    large_bytes_ += more;
    front_->large_bytes += more;
    set_deadline(front_->settings.body_deadline);
    return true;
}

void HttpConnection::give_back_room() { front_->large_bytes -= std::exchange(large_bytes_, 0); }

void HttpConnection::refuse_large_body() {
    Response response = front_->handler.too_large(head_.request());
    response.close = true;
    send_answer(std::move(response));
}

/// Answers as long as there is nothing of an answer yet, with what the body gives back; else, or
/// where even that is too much, nothing is left but to close.
// NOLINTNEXTLINE(bugprone-exception-escape): as handshake_ended
void HttpConnection::without_memory() noexcept {
    std::fputs("ringback: out of memory for a request\n", stderr);
    try {
        if (state_ == State::head || state_ == State::body || state_ == State::handling) {
            std::string{}.swap(head_.request().body);
            Response response = front_->handler.out_of_memory(head_.request());
            response.close = true;
            send_answer(std::move(response));
            return;
        }
    } catch (const std::exception& e) {
        std::fprintf(stderr, "ringback: nor for its answer: %s\n", e.what());
    }
    cut(true);
}

void HttpConnection::dispatch() {
    state_ = State::handling;
    deadline_ = WallInstant::max();
    head_.request().received = read_at_;
    const std::uint64_t serial = ++serial_;
    try {
        // A responder dropped on the way answers for itself, so nothing is owed after an exception.
        front_->handler.handle(std::move(head_.request()),
                               std::make_shared<HttpResponder>(shared_from_this(), serial));
    } catch (const std::bad_alloc&) {
        without_memory();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "ringback: a request was not handled: %s\n", e.what());
    }
    if (large_bytes_ != 0) {
        give_back_room();
        std::string{}.swap(head_.request().body);
    }
    if (state_ == State::handling) {
        read_more();  // so that a client that goes away is noticed
    }
}

}  // namespace ringback
