#include "harness/process/wait_for.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "harness/process/host_lookup.h"

namespace ringback {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds between_tries{25};
constexpr milliseconds one_try{2000};  // a receiver that is still starting may drop a request
constexpr std::size_t most_read = 1024;

/// A socket address of either family.
struct Endpoint {
    sockaddr_storage storage{};
    socklen_t length{};

    [[nodiscard]] const sockaddr* raw() const {
        return reinterpret_cast<const sockaddr*>(&storage);  // NOLINT(*reinterpret*): POSIX
    }
    [[nodiscard]] sockaddr* raw() {
        return reinterpret_cast<sockaddr*>(&storage);  // NOLINT(*reinterpret*): POSIX
    }
};

Endpoint endpoint_of(const std::string& ip, std::uint16_t port) {
    Endpoint endpoint;
    sockaddr_in six_not{};
    if (::inet_pton(AF_INET, ip.c_str(), &six_not.sin_addr) == 1) {
        six_not.sin_family = AF_INET;
        six_not.sin_port = htons(port);
        endpoint.length = sizeof six_not;
        std::memcpy(&endpoint.storage, &six_not, sizeof six_not);
        return endpoint;
    }
    sockaddr_in6 six{};
    ::inet_pton(AF_INET6, ip.c_str(), &six.sin6_addr);
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    endpoint.length = sizeof six;
    std::memcpy(&endpoint.storage, &six, sizeof six);
    return endpoint;
}

std::string reason(int error) { return std::generic_category().message(error); }

/// A socket that reaches out to a port nobody listens on may be given that very port and then meet
/// itself; it would also keep the receiver from it.
bool met_itself(int socket) {
    Endpoint here;
    Endpoint there;
    here.length = there.length = sizeof(sockaddr_storage);
    return ::getsockname(socket, here.raw(), &here.length) == 0 &&
           ::getpeername(socket, there.raw(), &there.length) == 0 && here.length == there.length &&
           std::memcmp(&here.storage, &there.storage, here.length) == 0;
}

/// What ends every wait before its time: the end of the command, and `enough`.
using Enders = std::array<int, 2>;

/// One look at one address.
class Try {
public:
    Try(const ReceiverAddress& address, SteadyTime deadline, const Enders& enders)
        : address_{address}, deadline_{deadline}, enders_{enders} {}

    /// "" when the receiver is there, else what came instead.
    [[nodiscard]] std::string at(const std::string& ip) {
        const Endpoint endpoint = endpoint_of(ip, address_.port);
        socket_ = Descriptor{
            ::socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
        if (!socket_.is_open()) {
            return reason(errno);
        }
        std::string failed = connect(endpoint);
        if (failed.empty() && !address_.request_target.empty()) {
            failed = ask();
        }
        return failed;
    }

private:
    /// False when the time is over, or one of the enders has come.
    [[nodiscard]] bool ready(int16_t events) const {
        std::array<pollfd, 3> watched{{{.fd = socket_.get(), .events = events, .revents = 0},
                                       {.fd = enders_[0], .events = POLLIN, .revents = 0},
                                       {.fd = enders_[1], .events = POLLIN, .revents = 0}}};
        return poll_until(watched, deadline_) && watched[0].revents != 0;
    }

    [[nodiscard]] std::string connect(const Endpoint& endpoint) const {
        if (::connect(socket_.get(), endpoint.raw(), endpoint.length) != 0) {
            if (errno != EINPROGRESS) {
                return reason(errno);
            }
            int error = 0;
            socklen_t size = sizeof error;
            if (!ready(POLLOUT)) {
                return "no connection in time";
            }
            if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 ||
                error != 0) {
                return reason(error);
            }
        }
        return met_itself(socket_.get()) ? reason(ECONNREFUSED) : "";
    }

    [[nodiscard]] std::string ask() const {
        const std::string request = fmt::format(
            "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: ringback\r\nAccept: */*\r\n"
            "Connection: close\r\n\r\n",
            address_.request_target, address_.host_header);
        std::string_view left = request;
        while (!left.empty()) {
            const ssize_t sent =
                ::send(socket_.get(), left.data(), left.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent >= 0) {
                left.remove_prefix(static_cast<std::size_t>(sent));
            } else if (errno == EAGAIN) {
                if (!ready(POLLOUT)) {
                    return "a request that was not taken in time";
                }
            } else if (errno != EINTR) {
                return reason(errno);
            }
        }
        return read_status();
    }

    [[nodiscard]] std::string read_status() const {
        std::array<char, most_read> answer{};
        std::size_t length = 0;
        while (length < answer.size()) {
            const ssize_t got =
                ::recv(socket_.get(), answer.data() + length, answer.size() - length, MSG_DONTWAIT);
            if (got > 0) {
                length += static_cast<std::size_t>(got);
                const std::string_view text{answer.data(), length};
                if (text.find('\n') != std::string_view::npos) {
                    return is_status_line(text) ? "" : "an answer that is not HTTP";
                }
            } else if (got == 0) {
                return "a connection closed without an answer";
            } else if (errno == EAGAIN) {
                if (!ready(POLLIN)) {
                    return "no answer in time";
                }
            } else if (errno != EINTR) {
                return reason(errno);
            }
        }
        return "an answer that is not HTTP";
    }

    /// "HTTP/1.1 503 ..."
    [[nodiscard]] static bool is_status_line(std::string_view text) {
        constexpr std::string_view shape = "HTTP/d.d ddd";
        return text.size() > shape.size() &&
               std::equal(shape.begin(), shape.end(), text.begin(), [](char wanted, char found) {
                   return wanted == 'd' ? found >= '0' && found <= '9' : wanted == found;
               });
    }

    const ReceiverAddress& address_;
    SteadyTime deadline_;
    Enders enders_;
    Descriptor socket_;
};

/// None when it is there; else what came, of the last host.
std::optional<std::string> try_hosts(const ReceiverAddress& address, HostLookup& lookup,
                                     SteadyTime deadline, const Enders& enders) {
    std::string failed;
    std::vector<std::string> hosts = address.hosts;
    if (!address.name.empty()) {
        const auto found = lookup.find(deadline, enders);
        hosts = found.ips;
        failed = found.failure;
    }
    for (const std::string& host : hosts) {
        const auto patience = std::min(deadline, steady_clock::now() + one_try);
        std::string now = Try{address, patience, enders}.at(host);
        if (now.empty()) {
            return std::nullopt;
        }
        // Of localhost the more telling half: the other family is most often refused, or off.
        const bool tells =
            failed.empty() || (now != reason(ECONNREFUSED) && now != reason(EADDRNOTAVAIL) &&
                               now != reason(EAFNOSUPPORT));
        failed = tells ? std::move(now) : failed;
    }
    return failed;
}

}  // namespace

std::optional<Error> await_receiver(const ReceiverAddress& address, SteadyTime deadline,
                                    Child* child, int enough) {
    const auto began = steady_clock::now();
    const Enders enders{child != nullptr ? child->pidfd() : -1, enough};
    HostLookup lookup{address.name};
    std::string last;
    for (int tries = 1;; ++tries) {
        const auto failed = try_hosts(address, lookup, deadline, enders);
        // Also when something answers: then it is not the command, which has ended, but another.
        if (const auto end = child != nullptr ? child->ended() : std::nullopt) {
            return Error{"", fmt::format("the receiver's command {} before it answered at {}",
                                         to_text(*end), address.text)};
        }
        if (!failed) {
            return std::nullopt;
        }
        if (enough >= 0 && readable_by(enough, {})) {
            return Error{address.text, "nobody waits for it any more"};
        }
        const auto now = steady_clock::now();
        if (now < deadline || tries == 1) {
            last = *failed;  // what the deadline cut short says less than the one before
        }
        if (now >= deadline) {
            const auto took = std::chrono::duration_cast<milliseconds>(now - began);
            return Error{
                address.text,
                fmt::format("expected {}, found none within {} ms, in {} {}; the last came to: {}",
                            address.request_target.empty() ? "a connection" : "an answer",
                            took.count(), tries, tries == 1 ? "try" : "tries", last)};
        }
        std::array<pollfd, 2> watched{{{.fd = enders[0], .events = POLLIN, .revents = 0},
                                       {.fd = enders[1], .events = POLLIN, .revents = 0}}};
        static_cast<void>(poll_until(watched, std::min(deadline, now + between_tries)));
    }
}

}  // namespace ringback
