#include "simulator/edge/http_transport.h"

#include <algorithm>
#include <cstdio>
#include <new>

#include "simulator/edge/header_line.h"
#include "simulator/edge/spoilt_message.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

constexpr std::chrono::milliseconds fast_sweep{10};  // how late a deadline may be noticed
constexpr std::chrono::milliseconds slow_sweep{1000};
// Common receivers (node, cpp-httplib) close after 5 s: being earlier avoids sending into a closing
// door.
constexpr std::chrono::seconds idle_limit{4};
constexpr std::chrono::milliseconds probation{5};

void meet(Exchange& exchange, const WireFault& fault) {
    exchange.faulty = true;
    exchange.fault = std::make_unique<WireFault>(fault);
    if (!fault.only_kept) {
        spoil(exchange.request, fault);
    }
}

}  // namespace

Result<std::unique_ptr<HttpTransport>> HttpTransport::open(boost::asio::io_context& loop,
                                                           DeliverySettings settings,
                                                           const TargetPolicy& policy) {
    for (const std::string& line : settings.headers) {
        if (auto problem = problem_of_header_line(line)) {
            return Error{"--header", std::move(*problem)};
        }
    }
    std::unique_ptr<HttpTransport> transport{new HttpTransport{loop, std::move(settings), policy}};
    // The system's store is read when the first https URL comes: it costs more than the whole
    // start.
    const DeliverySettings& given = transport->settings_;
    if (!given.ca_file.empty() || !given.certificate_file.empty() || !given.key_file.empty()) {
        auto client = TlsClient::from(transport->settings_);
        if (!client.ok()) {
            return client.error();
        }
        transport->tls_ = std::move(client).value();
    }
    return transport;
}

HttpTransport::HttpTransport(boost::asio::io_context& loop, DeliverySettings settings,
                             const TargetPolicy& policy)
    : loop_{loop},
      settings_{std::move(settings)},
      policy_{policy},
      book_{settings_.user_agent, settings_.headers},
      names_{loop},
      reading_tls_{loop},
      signer_{settings_.signing.empty() ? nullptr
                                        : std::make_unique<CallbackSigner>(settings_.signing)},
      sweep_timer_{loop},
      shortage_{loop, told_when_short()} {}

HttpTransport::~HttpTransport() {
    for (const ConnectionPtr& connection : busy_) {
        connection->abandon();
    }
    book_.for_each_destination([](Destination& destination) {
        for (const ConnectionPtr& connection : destination.idle) {
            connection->close();
        }
    });
}

// --- the path of a try
// ------------------------------------------------------------------------------

Exchange& HttpTransport::take_exchange(const AttemptRequest& request) {
    if (free_exchanges_.empty()) {
        exchanges_.push_back(std::make_unique<Exchange>());
        free_exchanges_.push_back(exchanges_.back().get());
    }
    Exchange& exchange = *free_exchanges_.back();
    free_exchanges_.pop_back();
    exchange.id = request.id;
    exchange.timeout = request.timeout;
    exchange.told_sent = false;
    exchange.resent = false;
    exchange.asks_document = request.asks_document;
    exchange.faulty = false;
    exchange.result = {};
    exchange.url = &book_.find(request.url);
    ++exchange.url->in_use;
    return exchange;
}

void HttpTransport::start(const AttemptRequest& request) {
    if (listener_ == nullptr) {
        bug("a try is started before anybody listens");
    }
    Exchange& exchange = take_exchange(request);
    ++under_way_;
    PreparedUrl& url = *exchange.url;
    if (url.destination == nullptr) {
        end_later(exchange, AttemptEnd::target_refused, url.problem);
        return;
    }
    if (url.allowed_in != policy_.edition()) {
        if (!policy_.allows(url.target)) {
            end_later(exchange, AttemptEnd::target_refused,
                      policy_.refusal(url.target).value_or(std::string{}));
            return;
        }
        url.allowed_in = policy_.edition();
    }
    if (request.asks_options) {
        AddressBook::write_options(url, exchange.request);
    } else {
        AddressBook::write_request(url, request.method, request.payload, exchange.request);
    }
    if (request.asks_document) {
        AddressBook::ask_for_document(exchange.request);
    }
    if (!request.headers.empty()) {
        insert_headers(request, request.headers, exchange.request);
    }
    if (signer_ && request.message != 0) {
        sign(request, exchange.request);
    }
    if (request.wire != nullptr) {
        meet(exchange, *request.wire);
    }
    Destination& destination = *url.destination;
    if (destination.waiting.empty() && has_room(destination) && turns_.empty()) {
        begin(exchange, request.now);
        return;
    }
    destination.waiting.push_back(&exchange);
    if (!destination.has_turn && destination.active < settings_.attempts_per_target) {
        destination.has_turn = true;
        turns_.push_back(&destination);
    }
    give_turns();
}

void HttpTransport::insert_headers(const AttemptRequest& request, std::string_view lines,
                                   std::string& bytes) {
    const bool has_body = request.method == Method::post && !request.asks_options;
    const std::size_t behind = has_body ? request.payload.size() : 0;
    constexpr std::string_view end_of_head{"\r\n"};
    bytes.insert(bytes.size() - behind - end_of_head.size(), lines);
}

void HttpTransport::sign(const AttemptRequest& request, std::string& bytes) {
    const std::string_view payload =
        request.method == Method::get ? query_of_request(bytes) : request.payload;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    insert_headers(request,
                   signer_->headers(request.message, payload,
                                    std::chrono::duration_cast<std::chrono::seconds>(now).count(),
                                    request.signing_fault),
                   bytes);
}

bool HttpTransport::has_room(const Destination& destination) const {
    return busy_.size() < settings_.attempts_at_once &&
           destination.active < settings_.attempts_per_target;
}

/// First come, first served within a destination; destinations take turns, so that a slow one that
/// fills its own share does not keep the others waiting.
void HttpTransport::give_turns() {
    while (!turns_.empty() && busy_.size() < settings_.attempts_at_once) {
        Destination& destination = *turns_.front();
        turns_.pop_front();
        destination.has_turn = false;
        if (destination.waiting.empty() || !has_room(destination)) {
            continue;
        }
        Exchange& exchange = *destination.waiting.front();
        destination.waiting.pop_front();
        begin(exchange, wall_now());
        if (!destination.waiting.empty() && has_room(destination) && !destination.has_turn) {
            destination.has_turn = true;
            turns_.push_back(&destination);
        }
    }
}

/// Receivers that close behind their answer without saying so would take the next request with
/// them, and nobody could know whether it was read. Until a destination has shown that it keeps
/// connections, one is used again only when such a close would have been seen.
ConnectionPtr HttpTransport::take_idle(Destination& destination, WallInstant now) {
    auto& idle = destination.idle;
    if (idle.empty() || (!destination.keeps && now - idle.front()->idle_since() < probation)) {
        return nullptr;
    }
    const auto chosen = destination.keeps ? idle.end() - 1 : idle.begin();
    ConnectionPtr connection = std::move(*chosen);
    idle.erase(chosen);
    --idle_;
    idle_tls_ -= destination.tls ? 1 : 0;
    return connection;
}

void HttpTransport::begin(Exchange& exchange, WallInstant now) {
    exchange.deadline = now + exchange.timeout;
    Destination& destination = *exchange.url->destination;
    ++destination.active;
    if (const ConnectionPtr connection = take_idle(destination, now)) {
        connection->place = busy_.size();
        busy_.push_back(connection);
        connection->send(exchange, now);
    } else {
        connect(exchange, now);
    }
    if (sweep_ != Sweep::fast) {
        arm_sweep();
    }
}

// --- deadlines and tidying
// --------------------------------------------------------------------------

void HttpTransport::drop_idle(WallInstant before) {
    book_.for_each_destination([&](Destination& destination) {
        std::erase_if(destination.idle, [&](const ConnectionPtr& connection) {
            if (connection->idle_since() >= before) {
                return false;
            }
            connection->close();
            --idle_;
            idle_tls_ -= destination.tls ? 1 : 0;
            return true;
        });
    });
}

/// One timer for all deadlines: fast while tries are under way, slow while only connections are
/// kept.
void HttpTransport::arm_sweep() {
    const bool kept = idle_ > 0;
    sweep_ = !busy_.empty() ? Sweep::fast : kept ? Sweep::slow : Sweep::off;
    if (sweep_ == Sweep::off) {
        return;
    }
    sweep_timer_.expires_after(sweep_ == Sweep::fast ? fast_sweep : slow_sweep);
    sweep_timer_.async_wait(
        [this, alive = std::weak_ptr<bool>{alive_}](const boost::system::error_code& error) {
            if (!error && !alive.expired()) {
                try {
                    sweep();
                } catch (const std::bad_alloc&) {
                    std::fputs("ringback: out of memory when a try was to end\n", stderr);
                }
                arm_sweep();  // whatever was thrown: what is under way has to end in time
            }
        });
}

void HttpTransport::sweep() {
    const WallInstant now = wall_now();
    // From the back: what ends is replaced by the last one, which was looked at already.
    for (std::size_t i = busy_.size(); i-- > 0;) {
        if (i < busy_.size()) {
            const ConnectionPtr connection = busy_[i];
            connection->check_deadline(now);
        }
    }
    if (now - last_tidy_ >= slow_sweep) {
        last_tidy_ = now;
        drop_idle(now - idle_limit);
        book_.forget_unused();
    }
}

}  // namespace ringback
