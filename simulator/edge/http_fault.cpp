// How an answer leaves badly or slowly. While it waits its connection is in the state in which
// answers are made: a client that goes away is noticed, and the request counts as under way.

#include <algorithm>
#include <utility>

#include "simulator/core/wire_fault.h"
#include "simulator/edge/http_connection.h"
#include "simulator/edge/spoilt_message.h"
#include "simulator/edge/tcp.h"

namespace ringback {

namespace {

/// As those of other answers: each has a deadline of its own.
constexpr std::size_t largest_slice = 262'144;

}  // namespace

struct HttpConnection::Fault {
    Fault(boost::asio::io_context& loop, WireFault met, std::size_t of_the_answer)
        : what{std::move(met)}, leaves{of_the_answer}, timer{loop} {}

    WireFault what;
    std::size_t leaves;  // bytes
    LoopTimer timer;     // one wait at a time
};

void HttpConnection::begin_fault(const WireFault& met) {
    out_.append(std::exchange(out_next_, {}));
    if (const auto file = std::exchange(file_, nullptr)) {
        out_.append(*file);
    }
    spoil(out_, met);
    fault_ = std::make_shared<Fault>(front_->loop, met, leaving(out_, met));
    keep_alive_ = keep_alive_ && !spoils(met);
    // On a later turn also without latency: what follows never runs inside the call that answers.
    after_pause(met.latency.a, &HttpConnection::write_spoilt);
}

/// No wait is longer than the idle deadline: the connection is closed then.
void HttpConnection::after_pause(Duration pause, void (HttpConnection::*then)()) {
    state_ = State::handling;
    begin_turn();
    set_deadline(front_->settings.idle_deadline);
    read_more();
    fault_->timer.expires_after(pause);
    fault_->timer.async_wait([self = shared_from_this(), of = std::weak_ptr<Fault>{fault_},
                              then](const boost::system::error_code& cancelled) {
        if (!cancelled && !of.expired()) {
            self->guarded([&] {
                self->state_ = State::answering;
                ((*self).*then)();
            });
        }
    });
}

void HttpConnection::write_spoilt() {
    const std::size_t rest = fault_->leaves - out_at_;
    if (rest == 0) {
        all_has_left();
        return;
    }
    const std::size_t slice = fault_->what.slice;
    slice_ = std::min(rest, slice == 0 ? largest_slice : slice);
    writing_ = true;
    begin_turn();
    set_deadline(front_->settings.body_deadline);
    start_write(boost::asio::buffer(out_.data() + out_at_, slice_));
}

void HttpConnection::wrote_spoilt() {
    if (out_at_ < fault_->leaves && fault_->what.pause > Duration{0}) {
        after_pause(fault_->what.pause, &HttpConnection::write_spoilt);
    } else {
        write_spoilt();
    }
}

/// What hangs on the answer goes on from here; the request is under way until its connection is
/// ended, or ready for the next.
void HttpConnection::all_has_left() {
    const WireFault& what = fault_->what;
    if (what.end == WireFault::End::reset) {
        cut(true);
        return;
    }
    if (what.end == WireFault::End::silence) {
        const std::weak_ptr<Fault> present{fault_};
        run_after_sent();
        if (!present.expired()) {
            after_pause(what.silence > Duration{0} ? what.silence
                                                   : Duration{front_->settings.idle_deadline},
                        &HttpConnection::end_fault);
        }
        return;
    }
    end_fault();
}

void HttpConnection::end_fault() {
    fault_.reset();
    out_.clear();
    out_at_ = 0;
    finish_answer();
}

}  // namespace ringback
