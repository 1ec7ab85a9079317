#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/core/time.h"
#include "simulator/edge/chunked_body.h"
#include "simulator/edge/http.h"
#include "simulator/edge/input_buffer.h"
#include "simulator/edge/request_head.h"
#include "simulator/edge/response_head.h"
#include "simulator/edge/settings.h"

namespace ringback {

class HttpConnection;

/// What the connections of one server have in common. Lives as long as the last of them.
struct Front {
    boost::asio::io_context& loop;
    ServerSettings settings;
    HttpHandler& handler;  // not touched by a dead connection
    std::vector<std::shared_ptr<HttpConnection>> live;
    std::array<char, 65'536> scratch;  // where bytes nobody wants are read to
    std::size_t large_bytes{0};        // of bodies that are larger than settings.max_body
};

/// One client: reads requests, one at a time, and writes their answers in order. Protocol only; how
/// bytes travel is the derived class's (plain TCP, TLS). Everything happens on the loop; every
/// operation of the derived class keeps the connection alive and ends in exactly one of the *_ended
/// functions, never from inside its start.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
public:
    HttpConnection(std::shared_ptr<Front> front, std::string remote_ip, std::uint16_t remote_port);
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;
    virtual ~HttpConnection() = default;

    /// Enters the connection among the live ones and waits for its first request.
    void start();
    /// Acts on a deadline that has passed.
    void sweep(WallInstant now);
    /// Closes at once; `reset` also throws away what the kernel still holds for the client.
    void cut(bool reset);
    [[nodiscard]] bool alive() const { return state_ != State::dead; }

    // For the Responder and the stream of the request numbered `serial`; late calls fall flat.
    void answer(std::uint64_t serial, Response&& response);
    void answer(std::uint64_t serial, Response&& response, std::shared_ptr<const std::string> file);
    void set_aside(std::uint64_t serial);
    void open_stream(std::uint64_t serial, Response head);
    [[nodiscard]] bool stream_is_open(std::uint64_t serial) const;
    bool write_stream(std::uint64_t serial, std::string_view bytes);
    void end_stream(std::uint64_t serial);
    void dropped(std::uint64_t serial) noexcept;

protected:
    [[nodiscard]] virtual bool is_tls() const = 0;
    /// False: there are no hands to shake.
    virtual bool start_handshake() = 0;
    virtual void start_read(boost::asio::mutable_buffer into) = 0;
    virtual void start_write(boost::asio::const_buffer all) = 0;
    /// Tells the client that nothing more will be sent. False: done at once.
    virtual bool start_half_close() = 0;
    /// Reads bytes to be thrown away, after the half close.
    virtual void start_discard(boost::asio::mutable_buffer into) = 0;
    virtual void close_socket(bool reset) noexcept = 0;

    // NOLINTBEGIN(bugprone-exception-escape): see guarded()
    void handshake_ended(const boost::system::error_code& error) noexcept;
    void read_ended(const boost::system::error_code& error, std::size_t count) noexcept;
    // NOLINTEND(bugprone-exception-escape)
    void write_ended(const boost::system::error_code& error) noexcept;
    void half_close_ended() noexcept;

private:
    enum class State : std::uint8_t {
        shaking_hands,
        idle,  // no byte of the next request yet
        head,
        inviting,  // 100 Continue is being written
        body,
        handling,  // the answer is the handler's to give
        answering,
        streaming,
        lingering,  // said everything; lets the client read it
        dead
    };

    // Requests (http_connection.cpp)
    template <class Step>
    void guarded(Step step) noexcept;
    void proceed();
    bool request_has_begun();
    void head_is_complete();
    void read_body();
    [[nodiscard]] bool has_room_for_body();
    void give_back_room();
    void refuse_large_body();
    void without_memory() noexcept;
    void dispatch();
    void read_more();
    void client_is_done(bool in_order);
    void after_read(std::size_t count);

    // Answers that leave badly or slowly (http_fault.cpp)
    struct Fault;
    void begin_fault(const WireFault& met);
    void after_pause(Duration pause, void (HttpConnection::*then)());
    void write_spoilt();
    void wrote_spoilt();
    void all_has_left();
    void end_fault();

    // Answers (http_answering.cpp)
    void refuse(const grammar::Refusal& refusal);
    void refuse_after_fault(const char* what);
    void start_answer(Response& response, BodyEnd end);
    void send_answer(Response&& response);
    void write_slice();
    void write_file_slice();
    void wrote_slice();
    void finish_answer();
    void request_is_over();
    void run_after_sent();
    void run_later(std::function<void()> after_sent);
    void next_request();
    void linger();
    void discard_more();
    [[nodiscard]] std::string_view connection_header() const;
    void begin_turn();
    void set_deadline(std::chrono::milliseconds from_now) { deadline_ = turn_at_ + from_now; }

    std::shared_ptr<Front> front_;
    std::string remote_;
    std::string remote_ip_;
    std::size_t index_{0};  // in front_->live
    WallInstant deadline_{WallInstant::max()};
    WallInstant read_at_{};
    WallInstant turn_at_{};  // now, for deadlines: one look at the clock for all of a turn
    State state_{State::idle};
    bool reading_{false};
    bool writing_{false};
    bool peer_ended_{false};  // its last byte has been read
    bool skipped_blank_line_{false};
    bool request_open_{false};  // begun and not ended, as the handler counts
    bool keep_alive_{true};
    bool head_only_{false};  // the request was HEAD
    bool stream_ended_{false};

    InputBuffer in_;
    RequestHead head_;
    ChunkedBody chunks_;
    Framing framing_;
    std::uint64_t serial_{0};  // of the request being handled

    std::string out_;  // being written, from out_at_ on
    std::size_t out_at_{0};
    std::size_t slice_{0};  // bytes of it given to the socket
    std::string out_next_;  // to be written after it: a large body, or what a stream has piled up
    std::shared_ptr<const std::string> file_;  // to be written after those; null: there is none
    std::size_t file_at_{0};
    std::function<void()> after_sent_;
    std::shared_ptr<Fault> fault_;  // that is at work on the answer; null: none

    std::size_t most_body_{0};    // of the request that is arriving
    std::size_t large_bytes_{0};  // of its body, as counted in front_->large_bytes
};

/// Where everything that escapes stops: the process serves others. Said on stderr, because it is
/// our bug (or no memory is left), and this connection is closed.
template <class Step>
// NOLINTNEXTLINE(bugprone-exception-escape): what cut() itself throws ends the process, see above
void HttpConnection::guarded(Step step) noexcept {
    try {
        step();
    } catch (const std::bad_alloc&) {
        without_memory();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "ringback: a connection was closed: %s\n", e.what());
        cut(true);
    }
}

}  // namespace ringback
