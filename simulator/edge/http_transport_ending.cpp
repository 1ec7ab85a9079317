// How a try ends: what becomes of its connection, whose turn it is then, who is told.

#include <boost/asio/post.hpp>
#include <cstddef>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "simulator/edge/http_transport.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

constexpr std::chrono::milliseconds dropped_at_once{100};
constexpr std::size_t idle_tls_at_most = 256;  // 88 kB each, performance.md 3b
constexpr std::size_t request_buffer_kept = std::size_t{64} * 1024;
constexpr std::size_t request_buffers_kept = 4096;  // a crowd that waited leaves no more

}  // namespace

void HttpTransport::request_sent(Exchange& exchange) {
    if (!exchange.told_sent) {
        exchange.told_sent = true;
        listener_->attempt_sent(exchange.id, exchange.result.sent);
    }
}

void HttpTransport::no_longer_busy(OutgoingConnection& connection) {
    const std::size_t place = connection.place;
    Destination& destination = *connection.destination();
    if (place + 1 != busy_.size()) {
        std::swap(busy_[place], busy_.back());
        busy_[place]->place = place;
    }
    busy_.pop_back();
    --destination.active;
    if (!destination.waiting.empty() && !destination.has_turn) {
        destination.has_turn = true;
        turns_.push_back(&destination);
    }
}

bool HttpTransport::may_keep(const Destination& destination) const {
    return idle_ < settings_.attempts_at_once && (!destination.tls || idle_tls_ < idle_tls_at_most);
}

void HttpTransport::exchange_over(OutgoingConnection& connection, Exchange& exchange,
                                  bool reusable) {
    const ConnectionPtr alive{&connection};
    Destination& destination = *connection.destination();
    no_longer_busy(connection);
    if (reusable && may_keep(destination)) {
        destination.keeps = destination.keeps || exchange.result.reused_connection;
        destination.idle.push_back(alive);
        ++idle_;
        idle_tls_ += destination.tls ? 1 : 0;
    } else {
        connection.close();
    }
    give_turns();
    deliver(exchange);
}

void HttpTransport::idle_lost(OutgoingConnection& connection) {
    const ConnectionPtr alive{&connection};
    Destination& destination = *connection.destination();
    if (std::erase(destination.idle, alive) > 0) {
        --idle_;
        idle_tls_ -= destination.tls ? 1 : 0;
        if (wall_now() - connection.idle_since() < dropped_at_once) {
            destination.keeps = false;
        }
    }
    connection.close();
}

bool HttpTransport::let_idle_go() {
    const bool some = idle_ > 0;
    drop_idle(WallInstant::max());
    return some;
}

/// Tells the listener, last of all: it may start the next try before it returns.
void HttpTransport::deliver(Exchange& exchange) {
    const AttemptId id = exchange.id;
    --exchange.url->in_use;
    exchange.url = nullptr;
    if (exchange.request.capacity() > request_buffer_kept ||
        free_exchanges_.size() >= request_buffers_kept) {
        std::string{}.swap(exchange.request);
    }
    free_exchanges_.push_back(&exchange);
    --under_way_;
    listener_->attempt_ended(id, std::move(exchange.result));
}

/// All or nothing, where memory runs out.
void HttpTransport::end_later(Exchange& exchange, AttemptEnd end, std::string_view error) {
    Text said{error};
    ended_.push_back(&exchange);
    try {
        tell_later();
    } catch (...) {
        ended_.pop_back();
        throw;
    }
    exchange.result.end = end;
    exchange.result.error = std::move(said);
}

void HttpTransport::tell_later() {
    if (tell_posted_) {
        return;
    }
    boost::asio::post(loop_, [this, alive = std::weak_ptr<bool>{alive_}] {
        if (!alive.expired()) {
            tell_posted_ = false;
            tell_ended();
        }
    });
    tell_posted_ = true;
}

void HttpTransport::tell_ended() {
    const std::size_t there = ended_.size();  // what comes meanwhile has a turn of its own
    std::size_t told = 0;
    try {
        while (told < there) {
            Exchange& exchange = *ended_[told++];
            exchange.result.ended = wall_now();
            deliver(exchange);
        }
    } catch (const std::bad_alloc&) {
        ended_.erase(ended_.begin(), ended_.begin() + static_cast<std::ptrdiff_t>(told));
        tell_later();  // the others
        throw;
    }
    ended_.erase(ended_.begin(), ended_.begin() + static_cast<std::ptrdiff_t>(told));
    give_turns();  // who could not be dialled has left a place
}

void HttpTransport::abandon_all() {
    const std::string why = "ringback gave it up";
    for (const ConnectionPtr& connection : busy_) {
        --connection->destination()->active;
        end_later(*connection->abandon(), AttemptEnd::abandoned, why);
    }
    busy_.clear();
    turns_.clear();
    book_.for_each_destination([&](Destination& destination) {
        destination.has_turn = false;
        for (Exchange* const exchange : destination.waiting) {
            end_later(*exchange, AttemptEnd::abandoned, why);
        }
        destination.waiting.clear();
    });
    drop_idle(WallInstant::max());
}

}  // namespace ringback
