// How a request leaves badly or slowly. What an outgoing connection does otherwise is in
// outgoing_connection.cpp; a deadline, an answer or an end by the receiver ends the try here as
// there.

#include <algorithm>
#include <boost/asio/socket_base.hpp>
#include <utility>

#include "simulator/core/wire_fault.h"
#include "simulator/edge/outgoing_connection.h"
#include "simulator/edge/spoilt_message.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {

using End = WireFault::End;

/// Not kept in the exchange: over a fresh connection it begins anew.
struct OutgoingConnection::Fault {
    Fault(const LoopExecutor& loop, WireFault met, std::size_t of_the_request)
        : what{std::move(met)}, leaves{of_the_request}, timer{loop} {}

    WireFault what;
    std::size_t leaves;  // bytes
    LoopTimer timer;     // one wait at a time
};

/// False: this try does not meet it.
bool OutgoingConnection::begin_fault() {
    const WireFault& met = *exchange_->fault;
    if (met.only_kept && !reused_) {
        return false;
    }
    fault_ = std::make_shared<Fault>(socket_.get_executor(), met, leaving(exchange_->request, met));
    Rng rng{static_cast<std::uint64_t>(exchange_->id)};  // where nobody has drawn it yet
    fault_->what = settled(met, rng);
    // On a later turn also without latency: nobody is told of an end from inside start().
    after_pause(fault_->what.latency.a, &OutgoingConnection::write_slice);
    return true;
}

void OutgoingConnection::after_pause(Duration pause, void (OutgoingConnection::*then)()) {
    fault_->timer.expires_after(pause);
    fault_->timer.async_wait([self = ConnectionPtr{this}, of = std::weak_ptr<Fault>{fault_},
                              then](const boost::system::error_code& cancelled) {
        if (!cancelled && !of.expired()) {
            ((*self).*then)();
        }
    });
}

void OutgoingConnection::write_slice() {
    if (written_ >= fault_->leaves) {
        all_has_left();
        return;
    }
    const std::size_t rest = fault_->leaves - written_;
    const std::size_t slice = fault_->what.slice;
    start_write(boost::asio::buffer(exchange_->request.data() + written_,
                                    slice == 0 ? rest : std::min(slice, rest)));
}

void OutgoingConnection::wrote_slice() {
    if (written_ < fault_->leaves && fault_->what.pause > Duration{0}) {
        after_pause(fault_->what.pause, &OutgoingConnection::write_slice);
    } else {
        write_slice();
    }
}

void OutgoingConnection::all_has_left() {
    const std::weak_ptr<Fault> present{fault_};
    if (written_ > 0) {
        exchange_->result.sent = wall_now();
        host_.request_sent(*exchange_);
    }
    if (present.expired()) {
        return;  // whoever was told has ended the try
    }
    const WireFault& what = fault_->what;
    if (what.end == End::silence && what.silence > Duration{0}) {
        after_pause(what.silence, &OutgoingConnection::end_by_fault);
    } else if (what.end == End::close || what.end == End::reset ||
               (what.end == End::normal && what.only_kept)) {
        end_by_fault();
    }
    // Else the answer or the deadline is waited for, as behind a whole request.
}

void OutgoingConnection::end_by_fault() {
    if (fault_->what.end == End::reset) {
        boost::system::error_code gone_already;
        socket_.set_option(boost::asio::socket_base::linger{true, 0}, gone_already);
    }
    failed(AttemptEnd::broken, {}, wall_now());
}

/// What came of the exchange is known; the connection may be used again only where nothing was
/// wrong but the time.
void OutgoingConnection::end_fault(bool& reusable) {
    reusable = reusable && !spoils(fault_->what);
    fault_.reset();
}

std::string OutgoingConnection::fault_text(std::string_view why) const {
    std::string text = "fault: " + to_text(fault_->what);
    if (!why.empty()) {
        text.append(": ").append(why);
    }
    return text;
}

}  // namespace ringback
