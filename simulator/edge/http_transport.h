#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "simulator/core/result.h"
#include "simulator/edge/address_book.h"
#include "simulator/edge/callback_signer.h"
#include "simulator/edge/exchange.h"
#include "simulator/edge/name_lookup.h"
#include "simulator/edge/outgoing_connection.h"
#include "simulator/edge/settings.h"
#include "simulator/edge/shortage.h"
#include "simulator/edge/target.h"
#include "simulator/edge/tcp.h"
#include "simulator/edge/tls_client.h"
#include "simulator/edge/tls_reading.h"
#include "simulator/edge/transport.h"

namespace ringback {

/// Makes the tries over sockets: keeps connections, bounds how many tries run at once, and ends
/// every one of them in time. Everything on one loop.
///
/// A request goes out once. It is sent a second time, over a fresh connection, only when a kept
/// connection was lost and the receiver's TCP had not acknowledged one byte of it; the listener is
/// told of both sendings.
class HttpTransport : public Transport, private ConnectionHost {
public:
    /// `policy` outlives the transport and is asked before every try and for every address dialled.
    /// Errors  where: a file of certificates or keys, or "--header" for an extra header that cannot
    /// be sent.
    [[nodiscard]] static Result<std::unique_ptr<HttpTransport>> open(boost::asio::io_context& loop,
                                                                     DeliverySettings settings,
                                                                     const TargetPolicy& policy);
    ~HttpTransport() override;

    void listen(AttemptListener& listener) override { listener_ = &listener; }
    void start(const AttemptRequest& request) override;
    /// Closes the kept connections too.
    void abandon_all() override;
    [[nodiscard]] std::size_t under_way() const override { return under_way_; }

    /// Connections open at the moment without a try on them.
    [[nodiscard]] std::size_t idle_connections() const { return idle_; }
    /// Tries so far that had to wait until the system had a descriptor or a buffer for them.
    [[nodiscard]] std::uint64_t waited_for_room() const { return waited_for_room_; }

private:
    HttpTransport(boost::asio::io_context& loop, DeliverySettings settings,
                  const TargetPolicy& policy);

    // ConnectionHost
    void request_sent(Exchange& exchange) override;
    void exchange_over(OutgoingConnection& connection, Exchange& exchange, bool reusable) override;
    void exchange_unheard(OutgoingConnection& connection, Exchange& exchange) override;
    void idle_lost(OutgoingConnection& connection) override;
    bool let_idle_go() override;
    void short_of_room(const boost::system::error_code& why, bool before) override;

    [[nodiscard]] static Shortage::Settings told_when_short();

    static void insert_headers(const AttemptRequest& request, std::string_view lines,
                               std::string& bytes);
    void sign(const AttemptRequest& request, std::string& bytes);
    [[nodiscard]] bool has_room(const Destination& destination) const;
    void begin(Exchange& exchange, WallInstant now);
    [[nodiscard]] ConnectionPtr take_idle(Destination& destination, WallInstant now);
    void connect(Exchange& exchange, WallInstant now);
    [[nodiscard]] const KnownName* known(const std::string& host) const;
    void dial(OutgoingConnection& connection, WallInstant now);
    void look_up(Destination& destination);
    void looked_up(const std::string& key, std::vector<IpAddress> addresses,
                   const std::string& problem);
    void read_tls();
    void tls_is_read(Result<std::unique_ptr<TlsClient>> read);
    void dial_or_look_up(OutgoingConnection& connection, WallInstant now);
    void cannot_dial(OutgoingConnection& connection, AttemptEnd end, std::string_view why);
    void no_longer_busy(OutgoingConnection& connection);
    void give_turns();
    void end_later(Exchange& exchange, AttemptEnd end, std::string_view error);
    void tell_later();
    void tell_ended();
    void deliver(Exchange& exchange);
    Exchange& take_exchange(const AttemptRequest& request);
    [[nodiscard]] bool may_keep(const Destination& destination) const;
    void drop_idle(WallInstant before);
    void arm_sweep();
    void sweep();

    boost::asio::io_context& loop_;
    DeliverySettings settings_;
    const TargetPolicy& policy_;
    AttemptListener* listener_{nullptr};
    AddressBook book_;
    NameLookup names_;
    std::unique_ptr<TlsClient> tls_;  // null: not read yet
    TlsReading reading_tls_;
    std::unique_ptr<CallbackSigner> signer_;  // none: events go unsigned
    std::vector<std::unique_ptr<Exchange>> exchanges_;
    std::vector<Exchange*> free_exchanges_;
    std::vector<ConnectionPtr> busy_;  // each knows its place
    std::deque<Destination*> turns_;   // have tries waiting and room for one
    std::vector<Exchange*> ended_;     // to be told of on a later turn of the loop
    bool tell_posted_{false};
    std::size_t under_way_{0};  // started and not yet told of
    std::size_t idle_{0};
    std::size_t idle_tls_{0};
    LoopTimer sweep_timer_;
    enum class Sweep : std::uint8_t { off, slow, fast };
    Sweep sweep_{Sweep::off};
    WallInstant last_tidy_{};
    Shortage shortage_;  // of descriptors, or of the system's memory
    std::uint64_t waited_for_room_{0};
    std::shared_ptr<bool> alive_{std::make_shared<bool>(true)};  // posted functions hold it weakly
};

}  // namespace ringback
