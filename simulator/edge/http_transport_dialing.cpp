// How a try gets a connection: names, addresses, the policy's last word.

#include <algorithm>
#include <boost/asio/post.hpp>
#include <exception>
#include <iterator>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "simulator/edge/http_transport.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

constexpr std::chrono::seconds addresses_kept{1};

}  // namespace

/// What takes long is read beside the loop; tls_is_read() is called at once otherwise.
void HttpTransport::read_tls() {
    const bool takes_long = settings_.verify_tls && settings_.ca_file.empty();
    if (reading_tls_.under_way() || (takes_long && reading_tls_.start(settings_, [this](auto read) {
            tls_is_read(std::move(read));
        }))) {
        return;
    }
    tls_is_read(TlsClient::from(settings_));
}

void HttpTransport::tls_is_read(Result<std::unique_ptr<TlsClient>> read) {
    const std::string problem = read.ok() ? "" : to_text(read.error());
    if (read.ok()) {
        tls_ = std::move(read).value();
    }
    std::vector<ConnectionPtr> waiting;
    std::ranges::copy_if(busy_, std::back_inserter(waiting), [](const ConnectionPtr& connection) {
        return connection->waits_for_tls();
    });
    const WallInstant now = wall_now();
    for (const ConnectionPtr& connection : waiting) {
        if (tls_) {
            connection->use(*tls_);
        }
    }
    std::exception_ptr without_memory;
    for (const ConnectionPtr& connection : waiting) {
        try {
            tls_ ? dial_or_look_up(*connection, now)
                 : cannot_dial(*connection, AttemptEnd::tls_failed, problem);
        } catch (const std::bad_alloc&) {  // the others go on all the same
            without_memory = std::current_exception();
        }
    }
    if (without_memory) {
        std::rethrow_exception(without_memory);
    }
}

/// Told on a later turn, as this may be inside start(), or have come by the end of another try.
void HttpTransport::cannot_dial(OutgoingConnection& connection, AttemptEnd end,
                                std::string_view why) {
    const ConnectionPtr alive{&connection};
    end_later(connection.exchange(), end,
              why);  // first: it may throw, and then nothing has changed
    static_cast<void>(connection.abandon());
    no_longer_busy(connection);
}

void HttpTransport::connect(Exchange& exchange, WallInstant now) {
    Destination& destination = *exchange.url->destination;
    const Dialing dialing{.destination = &destination,
                          .port = destination.port,
                          .host = destination.host,
                          .host_is_address = destination.host_is_address,
                          .tls = destination.tls ? tls_.get() : nullptr,
                          .session = &destination.session,
                          .keep_headers = settings_.keep_answer_headers};
    const ConnectionPtr connection{new OutgoingConnection{loop_, *this, dialing}};
    connection->place = busy_.size();
    busy_.push_back(connection);
    connection->assign(exchange);
    connection->waits_for_tls() ? read_tls() : dial_or_look_up(*connection, now);
}

void HttpTransport::dial_or_look_up(OutgoingConnection& connection, WallInstant now) {
    Destination& destination = *connection.destination();
    if (now < destination.addresses_until) {
        dial(connection, now);
    } else if (!destination.resolving) {
        look_up(destination);
    }
}

/// The addresses that somebody gave for good; null: a resolver is to be asked.
const KnownName* HttpTransport::known(const std::string& host) const {
    const auto known = std::ranges::find(settings_.known_names, host, &KnownName::host);
    return known == settings_.known_names.end() ? nullptr : &*known;
}

/// The lost sending is told of first: what comes of the other may be told before connect() returns.
void HttpTransport::exchange_unheard(OutgoingConnection& connection, Exchange& exchange) {
    const ConnectionPtr alive{&connection};
    connection.close();
    // Its place is taken over at once: the try keeps its turn and its deadline.
    Destination& destination = *connection.destination();
    no_longer_busy(connection);
    ++destination.active;
    exchange.resent = true;
    AttemptResult lost = std::exchange(exchange.result, {});
    lost.end = AttemptEnd::broken;
    lost.sent_again = true;
    lost.error =
        Text{"the kept connection had ended before the receiver had a byte of the request"};
    lost.ended = wall_now();
    listener_->attempt_unheard(exchange.id, std::move(lost));
    connect(exchange, wall_now());
}

Shortage::Settings HttpTransport::told_when_short() {
    return {.begins =
                [](std::string_view reason) {
                    return "callbacks wait: " + std::string{reason} +
                           "; each is tried again until its time is over";
                },
            .ends =
                [](std::size_t waited) {
                    return "callbacks wait no longer: " +
                           (waited == 1 ? std::string{"one"} : std::to_string(waited)) + " had to";
                }};
}

void HttpTransport::short_of_room(const boost::system::error_code& why, bool before) {
    waited_for_room_ += before ? 0 : 1;
    const std::string reason = why.message();
    before ? shortage_.fails_again(reason) : shortage_.fails(reason);
}

/// The addresses are judged here, at the last moment, and these very ones are dialled.
void HttpTransport::dial(OutgoingConnection& connection, WallInstant now) {
    const Destination& to = *connection.destination();
    for (const IpAddress& address : to.addresses) {
        if (!policy_.allows_address(address, to.port, to.host)) {
            cannot_dial(
                connection, AttemptEnd::target_refused,
                "callbacks to " + to.host + " are refused: it resolves to " + to_text(address));
            return;
        }
    }
    connection.dial(to.addresses, now);
}

void HttpTransport::look_up(Destination& destination) {
    std::string key = AddressBook::key_of(destination);
    const auto then = [this, key](const std::vector<IpAddress>& addresses,
                                  const std::string& problem) {
        looked_up(key, addresses, problem);
    };
    const KnownName* const given = known(destination.host);
    std::optional<std::string> problem;
    if (given == nullptr) {
        problem = names_.start(destination.host, then);
        if (!problem) {
            destination.resolving = true;
            return;
        }
    }
    boost::asio::post(loop_,
                      [this, alive = std::weak_ptr<bool>{alive_}, key = std::move(key),
                       addresses = given == nullptr ? std::vector<IpAddress>{} : given->addresses,
                       problem = problem.value_or("")]() mutable {
                          if (!alive.expired()) {
                              looked_up(key, std::move(addresses), problem);
                          }
                      });
    destination.resolving = true;
}

void HttpTransport::looked_up(const std::string& key, std::vector<IpAddress> addresses,
                              const std::string& problem) {
    Destination* const destination = book_.find_destination(key);
    if (destination == nullptr) {
        return;  // forgotten; nobody can be waiting
    }
    const WallInstant now = wall_now();
    destination->resolving = false;
    destination->addresses = std::move(addresses);
    const WallInstant until =
        known(destination->host) != nullptr ? WallInstant::max() : now + addresses_kept;
    destination->addresses_until = destination->addresses.empty() ? now : until;
    std::vector<ConnectionPtr> waiting;
    std::ranges::copy_if(busy_, std::back_inserter(waiting), [&](const ConnectionPtr& connection) {
        return connection->destination() == destination && connection->resolving() &&
               !connection->waits_for_tls();
    });
    for (const ConnectionPtr& connection : waiting) {
        if (destination->addresses.empty()) {
            cannot_dial(*connection, AttemptEnd::could_not_connect,
                        "the host's name was not resolved: " + problem);
        } else {
            dial(*connection, now);
        }
    }
}

}  // namespace ringback
