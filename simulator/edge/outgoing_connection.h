#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/edge/exchange.h"
#include "simulator/edge/ip_address.h"
#include "simulator/edge/operation_memory.h"
#include "simulator/edge/response_reader.h"
#include "simulator/edge/tcp.h"
#include "simulator/edge/tls_client.h"

namespace ringback {

class OutgoingConnection;
struct Destination;

/// Told what becomes of a connection; may start or close others, and this one, before it returns.
class ConnectionHost {
public:
    ConnectionHost() = default;
    ConnectionHost(const ConnectionHost&) = delete;
    ConnectionHost& operator=(const ConnectionHost&) = delete;
    virtual ~ConnectionHost() = default;

    /// The whole request has been handed to the system.
    virtual void request_sent(Exchange& exchange) = 0;
    /// The exchange's result is complete. `reusable`: the connection can carry another one.
    virtual void exchange_over(OutgoingConnection& connection, Exchange& exchange,
                               bool reusable) = 0;
    /// The kept connection was gone before one byte of the request could reach the receiver.
    virtual void exchange_unheard(OutgoingConnection& connection, Exchange& exchange) = 0;
    /// Idle and ended by the receiver, or talked on by it unasked.
    virtual void idle_lost(OutgoingConnection& connection) = 0;
    /// Descriptors are short: closes what is only kept. False: nothing was.
    virtual bool let_idle_go() = 0;
    /// The system has no room for it just now, for the reason given; it is tried again at the
    /// sweep. `before`: the exchange had to wait already.
    virtual void short_of_room(const boost::system::error_code& why, bool before) = 0;
};

/// What a connection needs to know of where it goes.
struct Dialing {
    Destination* destination{nullptr};
    std::uint16_t port{0};
    std::string_view host;  // for certificates; outlives the handshake
    bool host_is_address{false};
    TlsClient* tls{nullptr};  // null: plain, or not read yet
    TlsSession* session{nullptr};
    bool keep_headers{false};  // of the answers, in their results
};

/// One TCP or TLS connection to a receiver, carrying one exchange at a time, from dialling to
/// closing. Lives on the loop; its pending operations keep it alive, and find it closed when they
/// end late.
class OutgoingConnection
    : public boost::intrusive_ref_counter<OutgoingConnection, boost::thread_unsafe_counter> {
public:
    OutgoingConnection(boost::asio::io_context& loop, ConnectionHost& host, const Dialing& dialing);
    OutgoingConnection(const OutgoingConnection&) = delete;
    OutgoingConnection& operator=(const OutgoingConnection&) = delete;
    ~OutgoingConnection();

    /// Takes the exchange; its deadline runs. Nothing is dialled before dial().
    void assign(Exchange& exchange);
    /// Tries the addresses in turn, at least one, then sends. Reports from a later turn of the
    /// loop.
    void dial(std::vector<IpAddress> addresses, WallInstant now);
    /// Sends another exchange over the kept connection.
    void send(Exchange& exchange, WallInstant now);

    /// Ends what is overdue; reports at once.
    void check_deadline(WallInstant now);
    /// Gives up the exchange without a report and closes.
    Exchange* abandon();
    void close();

    /// While it is busy.
    [[nodiscard]] Exchange& exchange() const { return *exchange_; }
    [[nodiscard]] Destination* destination() const { return dialing_.destination; }
    [[nodiscard]] bool resolving() const { return stage_ == Stage::resolving; }
    /// It is assigned, and use() is to come before dial().
    [[nodiscard]] bool waits_for_tls() const;
    void use(TlsClient& tls) { dialing_.tls = &tls; }
    [[nodiscard]] WallInstant idle_since() const { return idle_since_; }

    std::size_t place{0};  // in the host's list of busy connections

private:
    enum class Stage : std::uint8_t {
        resolving,
        connecting,
        handshaking,
        exchanging,
        idle,
        closed
    };

    template <void (OutgoingConnection::*then)(const boost::system::error_code&, std::size_t)>
    struct Handler;
    struct Fault;

    void dial_next(WallInstant now);
    [[nodiscard]] bool open_socket(bool v6, boost::system::error_code& error);
    [[nodiscard]] static bool is_shortage(const boost::system::error_code& error);
    void starve(const boost::system::error_code& why);
    void try_again(WallInstant now);
    void on_connected(const boost::system::error_code& error, std::size_t unused);
    void on_handshake(const boost::system::error_code& error, std::size_t unused);
    void connect_failed(const std::string& why);
    void give_up_dial();
    void write();
    void start_write(boost::asio::const_buffer bytes);
    void on_written(const boost::system::error_code& error, std::size_t bytes);
    void not_written(const boost::system::error_code& error);
    void write_again();
    void on_writable(const boost::system::error_code& error, std::size_t unused);
    void arm_read();
    void on_read(const boost::system::error_code& error, std::size_t bytes);
    void judge(WallInstant now);
    void lost(const boost::system::error_code& error);
    void answered(bool reusable, WallInstant now);
    void failed(AttemptEnd end, std::string_view why, WallInstant now);
    void finish(bool reusable, WallInstant now);
    [[nodiscard]] bool make_room();
    [[nodiscard]] bool request_was_unheard(const boost::system::error_code& end);
    [[nodiscard]] std::string overdue_text() const;
    [[nodiscard]] std::string address_text() const;

    // A request that leaves badly: outgoing_fault.cpp
    [[nodiscard]] bool begin_fault();
    void write_slice();
    void wrote_slice();
    void all_has_left();
    void end_by_fault();
    void after_pause(Duration pause, void (OutgoingConnection::*then)());
    void end_fault(bool& reusable);
    [[nodiscard]] std::string fault_text(std::string_view why) const;

    ConnectionHost& host_;
    Dialing dialing_;
    TcpSocket socket_;
    std::unique_ptr<TlsStream> tls_;
    Exchange* exchange_{nullptr};
    Stage stage_{Stage::resolving};
    bool reused_{false};
    bool write_pending_{false};
    boost::system::error_code write_error_;
    std::size_t written_{0};           // of the present request
    std::uint64_t written_before_{0};  // bytes the receiver's TCP may have acknowledged before it
    WallInstant deadline_{};           // of the exchange; moves once, when the head is there
    WallInstant dial_deadline_{};
    WallInstant idle_since_{};
    std::vector<IpAddress> addresses_;
    std::size_t next_address_{0};
    bool starved_{false};            // no room to dial or to write: the sweep tries again
    WallInstant starved_until_{};    // the deadline of the exchange that has last been starved
    int given_up_dials_{0};          // whose completions are still to come and mean nothing
    std::string dial_problem_;       // of every address so far
    std::unique_ptr<char[]> input_;  // NOLINT(*avoid-c-arrays*): grown by hand, never zeroed
    std::size_t input_size_{0};
    std::size_t begin_{0};  // unread bytes: [begin_, end_)
    std::size_t end_{0};
    ResponseReader reader_;
    std::shared_ptr<Fault> fault_;  // that is at work on the exchange; null: none
    OperationMemory read_memory_;
    OperationMemory write_memory_;
};

using ConnectionPtr = boost::intrusive_ptr<OutgoingConnection>;

}  // namespace ringback
