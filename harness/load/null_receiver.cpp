#include "harness/load/null_receiver.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "simulator/edge/loop_hearing.h"
#include "simulator/wire/ascii.h"

namespace ringback {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::string_view answer{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};

/// The length of the first whole request in `bytes`; 0 while it is incomplete. They are our own.
std::size_t request_length(std::string_view bytes) {
    const std::size_t head_end = bytes.find("\r\n\r\n");
    if (head_end == std::string_view::npos) {
        return 0;
    }
    constexpr std::string_view name{"\r\nContent-Length: "};
    std::size_t body{0};
    if (const std::size_t at = bytes.substr(0, head_end).find(name); at != std::string_view::npos) {
        const char* const digits = bytes.data() + at + name.size();
        std::from_chars(digits, bytes.data() + head_end, body);
    }
    const std::size_t length = head_end + 4 + body;
    return length <= bytes.size() ? length : 0;
}

/// One connection; keeps itself alive while something is under way on it.
class NullConnection : public std::enable_shared_from_this<NullConnection> {
public:
    explicit NullConnection(tcp::socket socket) : socket_{std::move(socket)} {}

    void read() {
        if (held_ == bytes_.size()) {
            return;  // larger than any callback: it is none of ours
        }
        socket_.async_read_some(
            asio::buffer(bytes_.data() + held_, bytes_.size() - held_),
            [self = shared_from_this()](const boost::system::error_code& error, std::size_t count) {
                if (!error) {
                    self->held_ += count;
                    self->answer_next();
                }
            });
    }

private:
    void answer_next() {
        const std::size_t length = request_length({bytes_.data(), held_});
        if (length == 0) {
            read();
            return;
        }
        std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(length),
                  bytes_.begin() + static_cast<std::ptrdiff_t>(held_), bytes_.begin());
        held_ -= length;
        asio::async_write(socket_, asio::buffer(answer),
                          [self = shared_from_this()](const boost::system::error_code& error,
                                                      std::size_t /*count*/) {
                              if (!error) {
                                  self->answer_next();
                              }
                          });
    }

    tcp::socket socket_;
    std::array<char, std::size_t{64} * 1024> bytes_{};
    std::size_t held_{0};
};

}  // namespace

struct NullReceiver::Parts {
    asio::io_context loop{1};
    std::optional<LoopPulse> pulse{};  // for who stops it
    tcp::acceptor acceptor{loop};
    std::uint16_t port{0};
    std::thread thread;

    void accept() {
        acceptor.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
            if (error == asio::error::operation_aborted) {
                return;
            }
            if (!error) {
                boost::system::error_code ignored;  // an option is no promise
                socket.set_option(tcp::no_delay{true}, ignored);
                std::make_shared<NullConnection>(std::move(socket))->read();
            }
            accept();
        });
    }
};

NullReceiver::NullReceiver(std::unique_ptr<Parts> parts) : parts_{std::move(parts)} {}

Result<std::unique_ptr<NullReceiver>> NullReceiver::start() {
    auto parts = std::make_unique<Parts>();
    if (auto error = deafness_of(parts->loop, Hearing::timers)) {
        return *error;
    }
    parts->pulse.emplace(parts->loop);
    boost::system::error_code error;
    const tcp::endpoint any{asio::ip::address_v4::loopback(), 0};
    parts->acceptor.open(any.protocol(), error);
    if (!error) {
        parts->acceptor.bind(any, error);
    }
    if (!error) {
        parts->acceptor.listen(4096, error);
    }
    if (error) {
        return Error{"null receiver", "expected a port of 127.0.0.1, found: " + error.message()};
    }
    parts->port = parts->acceptor.local_endpoint().port();
    parts->accept();
    parts->thread = std::thread{[loop = &parts->loop] { loop->run(); }};
    return std::unique_ptr<NullReceiver>{new NullReceiver{std::move(parts)}};
}

NullReceiver::~NullReceiver() {
    parts_->loop.stop();
    parts_->thread.join();
}

std::string NullReceiver::url() const { return fmt::format("http://127.0.0.1:{}", parts_->port); }

}  // namespace ringback
