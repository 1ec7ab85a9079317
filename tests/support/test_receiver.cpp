#include "tests/support/test_receiver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace ringback::test {
namespace {

struct Bound {
    int socket;
    std::uint16_t port;
};

Bound bind_to_loopback(bool ipv6) {
    const int socket = ::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (ipv6) {
        auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address);
        v6->sin6_family = AF_INET6;
        v6->sin6_addr = in6addr_loopback;
        size = sizeof *v6;
    } else {
        auto* const v4 = reinterpret_cast<sockaddr_in*>(&address);
        v4->sin_family = AF_INET;
        v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        size = sizeof *v4;
    }
    if (::bind(socket, reinterpret_cast<sockaddr*>(&address), size) != 0) {
        throw std::runtime_error{"a test receiver cannot bind to loopback"};
    }
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    const in_port_t port = ipv6 ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port
                                : reinterpret_cast<sockaddr_in*>(&address)->sin_port;
    return {socket, ntohs(port)};
}

std::size_t announced_length(std::string_view head) {
    constexpr std::string_view name = "Content-Length: ";
    std::size_t length = 0;
    if (const auto at = head.find(name); at != std::string_view::npos) {
        std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
    }
    return length;
}

}  // namespace

std::string ReceiverEnd::read_some() {
    std::array<char, 16384> buffer{};
    const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
    return got <= 0 ? std::string{} : std::string{buffer.data(), static_cast<std::size_t>(got)};
}

std::string ReceiverEnd::read_request() {
    for (;;) {
        if (const auto end = ahead_.find("\r\n\r\n"); end != std::string::npos) {
            const std::size_t whole = end + 4 + announced_length(ahead_.substr(0, end));
            if (ahead_.size() >= whole) {
                std::string request = ahead_.substr(0, whole);
                ahead_.erase(0, whole);
                return request;
            }
        }
        const std::string more = read_some();
        if (more.empty()) {
            return {};
        }
        ahead_ += more;
    }
}

bool ReceiverEnd::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool ReceiverEnd::dribble(std::string_view bytes) const {
    return std::ranges::all_of(bytes, [&](const char& byte) { return send({&byte, 1}); });
}

void ReceiverEnd::reset() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    // The descriptor stays ours until the receiver ends; connecting to "nowhere" sends the RST at
    // once.
    sockaddr nowhere{};
    nowhere.sa_family = AF_UNSPEC;
    ::connect(socket_, &nowhere, sizeof nowhere);
}

void ReceiverEnd::half_close() const { ::shutdown(socket_, SHUT_WR); }

void ReceiverEnd::close() { ::shutdown(socket_, SHUT_RDWR); }

void ReceiverEnd::wait_for_close() {
    while (!read_some().empty()) {
    }
}

TestReceiver::TestReceiver(Script script, bool ipv6) : script_{std::move(script)}, ipv6_{ipv6} {
    const Bound bound = bind_to_loopback(ipv6);
    listener_ = bound.socket;
    port_ = bound.port;
    ::listen(listener_, 128);
    acceptor_ = std::thread{[this] { accept_loop(); }};
}

void TestReceiver::accept_loop() {
    for (;;) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) {
            return;
        }
        const timeval longest{5, 0};
        const int on = 1;
        ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
        ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof longest);
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        ++connections_;
        const std::lock_guard lock{mutex_};
        open_.push_back(socket);
        threads_.emplace_back([this, socket] {
            ReceiverEnd peer{socket};
            script_(peer);
            const std::lock_guard closing{mutex_};
            std::erase(open_, socket);
            ::close(socket);
        });
    }
}

TestReceiver::~TestReceiver() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    {
        const std::lock_guard lock{mutex_};
        for (const int socket : open_) {
            ::shutdown(socket, SHUT_RDWR);
        }
    }
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

std::string TestReceiver::url(std::string_view rest) const {
    return (ipv6_ ? "http://[::1]:" : "http://127.0.0.1:") + std::to_string(port_) +
           std::string{rest};
}

std::uint16_t closed_port() {
    const Bound bound = bind_to_loopback(false);
    ::close(bound.socket);
    return bound.port;
}

}  // namespace ringback::test
