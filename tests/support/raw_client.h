#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "simulator/wire/ascii.h"

namespace ringback::test {

using namespace std::chrono_literals;

/// No wait in a test is longer; sanitizers and a busy machine included.
inline constexpr std::chrono::seconds patience{20};

/// One answer as it came: status 0 when the connection ended before a whole one.
struct Answer {
    int status{0};
    std::string head;  // with its blank line
    std::string body;

    /// The value of a header, "" if none.
    [[nodiscard]] std::string header(std::string_view name) const {
        std::size_t at = head.find("\r\n");
        while (at != std::string::npos && at + 4 < head.size()) {
            const std::size_t end = head.find("\r\n", at + 2);
            const std::string_view line{head.data() + at + 2, end - at - 2};
            if (line.size() > name.size() && line[name.size()] == ':' &&
                equal_ignoring_case(line.substr(0, name.size()), name)) {
                return std::string{line.substr(name.size() + 2)};
            }
            at = end;
        }
        return "";
    }
};

/// A client that sends exactly the bytes it is given, blocking, with a deadline on every wait.
class RawClient {
public:
    /// Connected at once.
    explicit RawClient(std::uint16_t port, const char* address = "127.0.0.1") : RawClient{address} {
        connect(port);
    }
    /// A socket for later.
    explicit RawClient(const char* address = "127.0.0.1") : address_{address} {
        const int family = address_.find(':') == std::string::npos ? AF_INET : AF_INET6;
        descriptor_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (descriptor_ < 0) {
            throw std::system_error{errno, std::generic_category(), "a client's socket"};
        }
        const int on = 1;
        ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;
    ~RawClient() { close(); }

    void connect(std::uint16_t port) {
        sockaddr_in v4{};
        sockaddr_in6 v6{};
        v4.sin_family = AF_INET;
        v6.sin6_family = AF_INET6;
        v4.sin_port = v6.sin6_port = htons(port);
        const bool is_v4 = ::inet_pton(AF_INET, address_.c_str(), &v4.sin_addr) == 1;
        const bool is_v6 = ::inet_pton(AF_INET6, address_.c_str(), &v6.sin6_addr) == 1;
        const int failed = is_v4   ? ::connect(descriptor_, as_address(&v4), sizeof v4)
                           : is_v6 ? ::connect(descriptor_, as_address(&v6), sizeof v6)
                                   : -1;
        if (failed != 0) {
            throw std::system_error{errno, std::generic_category(), "connecting a client"};
        }
    }

    /// Sends all, in segments of `segment` bytes if given; false once the server has hung up.
    bool send(std::string_view bytes, std::size_t segment = std::string_view::npos) {
        while (!bytes.empty()) {
            const auto part = bytes.substr(0, segment);
            if (!send_some(part)) {
                return false;
            }
            bytes.remove_prefix(part.size());
        }
        return true;
    }

    /// The next whole answer; 1xx count as answers. `head_only` for answers to HEAD.
    Answer read_answer(bool head_only = false) {
        Answer answer;
        std::size_t end = 0;
        while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
            if (!receive()) {
                return answer;
            }
        }
        answer.head = received_.substr(0, end + 4);
        received_.erase(0, end + 4);
        int status = 0;
        std::from_chars(answer.head.data() + 9, answer.head.data() + 12, status);
        std::size_t length = 0;
        const std::string announced = answer.header("Content-Length");
        std::from_chars(announced.data(), announced.data() + announced.size(), length);
        while (!head_only && received_.size() < length) {
            if (!receive()) {
                return answer;
            }
        }
        answer.status = status;
        answer.body = received_.substr(0, head_only ? 0 : length);
        received_.erase(0, answer.body.size());
        return answer;
    }
    /// Waits until at least `text` has arrived and gives everything before and including it; "" if
    /// it never comes.
    std::string read_until(std::string_view text) {
        std::size_t at = 0;
        while ((at = received_.find(text)) == std::string::npos) {
            if (!receive()) {
                return "";
            }
        }
        std::string seen = received_.substr(0, at + text.size());
        received_.erase(0, seen.size());
        return seen;
    }
    /// Everything up to the end of the connection, in order or by reset.
    std::string read_to_end() {
        while (receive()) {
        }
        return std::move(received_);
    }
    /// True when the connection ends and nothing more comes before.
    bool ends_silently() { return read_to_end().empty(); }
    /// One answer, then the end.
    Answer read_last_answer() {
        Answer answer = read_answer();
        if (!ends_silently()) {
            throw std::runtime_error{"more came after the last answer"};
        }
        return answer;
    }

    void half_close() { ::shutdown(descriptor_, SHUT_WR); }
    void close() {
        if (descriptor_ >= 0) {
            ::close(std::exchange(descriptor_, -1));
        }
    }
    /// Ends the connection so that the server reads an error, not an end.
    void reset() {
        const linger at_once{1, 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close();
    }
    /// For who reads and writes by other means, which limit_waits() keeps from waiting for ever.
    [[nodiscard]] int descriptor() const { return descriptor_; }
    void limit_waits() const {
        const timeval limit{patience.count(), 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    }
    [[nodiscard]] std::uint16_t local_port() const {
        sockaddr_in6 own{};  // the port is at the same place in both families
        socklen_t size = sizeof own;
        ::getsockname(descriptor_, as_address(&own), &size);
        return ntohs(own.sin6_port);
    }

private:
    template <class Address>
    static sockaddr* as_address(Address* address) {
        return reinterpret_cast<sockaddr*>(
            address);  // NOLINT(*reinterpret-cast): the system's own way
    }
    void wait(short events) {
        pollfd watched{descriptor_, events, 0};
        const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
        if (::poll(&watched, 1, static_cast<int>(limit)) <= 0) {
            throw std::runtime_error{"the server let a client wait beyond the test's patience"};
        }
    }
    bool send_some(std::string_view part) {
        while (!part.empty()) {
            wait(POLLOUT);
            const auto sent =
                ::send(descriptor_, part.data(), part.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0) {
                return false;
            }
            part.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    bool receive() {
        wait(POLLIN);
        char bytes[16'384];  // NOLINT(*avoid-c-arrays): a place for recv
        const auto count = ::recv(descriptor_, bytes, sizeof bytes, 0);
        if (count <= 0) {
            return false;
        }
        received_.append(bytes, static_cast<std::size_t>(count));
        return true;
    }

    std::string address_;
    int descriptor_{-1};
    std::string received_;
};

}  // namespace ringback::test
