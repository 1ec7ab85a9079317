#include "simulator/edge/socket_connection.h"

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace ringback {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

void close_tcp(TcpSocket& socket, bool reset) noexcept {
    error_code ignored;  // the connection ends in either case
    if (reset) {
        socket.set_option(asio::socket_base::linger{true, 0}, ignored);
    }
    socket.close(ignored);
}

class PlainConnection final : public HttpConnection {
public:
    PlainConnection(std::shared_ptr<Front> front, TcpSocket socket, std::string remote_ip,
                    std::uint16_t remote_port)
        : HttpConnection{std::move(front), std::move(remote_ip), remote_port},
          socket_{std::move(socket)} {}

private:
    [[nodiscard]] bool is_tls() const override { return false; }
    bool start_handshake() override { return false; }
    void start_read(asio::mutable_buffer into) override {
        socket_.async_read_some(
            into, [self = shared_from_this(), this](const error_code& error, std::size_t count) {
                read_ended(error, count);
            });
    }
    /// By hand: nearly every answer leaves in one piece, and asio::async_write's state for the
    /// others takes longer to set up than the whole of this.
    void start_write(asio::const_buffer all) override {
        socket_.async_write_some(
            all, [self = shared_from_this(), this, all](const error_code& error, std::size_t sent) {
                error || sent == all.size() ? write_ended(error) : start_write(all + sent);
            });
    }
    bool start_half_close() override {
        error_code ignored;  // not connected any more: the next read says so
        socket_.shutdown(TcpSocket::shutdown_send, ignored);
        return false;
    }
    void start_discard(asio::mutable_buffer into) override { start_read(into); }
    void close_socket(bool reset) noexcept override { close_tcp(socket_, reset); }

    TcpSocket socket_;
};

class TlsConnection final : public HttpConnection {
public:
    TlsConnection(std::shared_ptr<Front> front, TcpSocket socket, asio::ssl::context& tls,
                  std::string remote_ip, std::uint16_t remote_port)
        : HttpConnection{std::move(front), std::move(remote_ip), remote_port},
          stream_{std::move(socket), tls} {
        if (SSL_get_rbio(stream_.native_handle()) == nullptr) {  // Asio does not look
            throw boost::system::system_error{asio::error::no_memory};
        }
    }

private:
    [[nodiscard]] bool is_tls() const override { return true; }
    bool start_handshake() override {
        stream_.async_handshake(
            asio::ssl::stream_base::server,
            [self = shared_from_this(), this](const error_code& error) { handshake_ended(error); });
        return true;
    }
    void start_read(asio::mutable_buffer into) override {
        stream_.async_read_some(into, [self = shared_from_this(), this](const error_code& error,
                                                                        std::size_t count) {
            // A client that leaves without saying so in TLS has left all the same.
            read_ended(
                error == asio::ssl::error::stream_truncated ? error_code{asio::error::eof} : error,
                count);
        });
    }
    void start_write(asio::const_buffer all) override {
        asio::async_write(stream_, all,
                          [self = shared_from_this(), this](const error_code& error, std::size_t) {
                              write_ended(error);
                          });
    }
    bool start_half_close() override {
        // Whatever its end, the goodbye of TLS has been sent; the TCP connection follows.
        stream_.async_shutdown([self = shared_from_this(), this](const error_code&) {
            error_code ignored;
            stream_.next_layer().shutdown(TcpSocket::shutdown_send, ignored);
            half_close_ended();
        });
        return true;
    }
    void start_discard(asio::mutable_buffer into) override {
        stream_.next_layer().async_read_some(
            into, [self = shared_from_this(), this](const error_code& error, std::size_t count) {
                read_ended(error, count);
            });
    }
    void close_socket(bool reset) noexcept override { close_tcp(stream_.next_layer(), reset); }

    asio::ssl::stream<TcpSocket> stream_;
};

}  // namespace

std::shared_ptr<HttpConnection> make_connection(std::shared_ptr<Front> front, TcpSocket socket,
                                                asio::ssl::context* tls) {
    error_code gone;  // then the address is 0.0.0.0:0 and the first read ends the connection
    const auto peer = socket.remote_endpoint(gone);
    auto address = peer.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    if (tls != nullptr) {
        return std::make_shared<TlsConnection>(std::move(front), std::move(socket), *tls,
                                               address.to_string(), peer.port());
    }
    return std::make_shared<PlainConnection>(std::move(front), std::move(socket),
                                             address.to_string(), peer.port());
}

}  // namespace ringback
