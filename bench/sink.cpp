// The receiver every benchmark sends to: answers each request with an empty 200, at once or a fixed
// time later, and does nothing else.
//
// One thread, level-triggered epoll, one recv and one send per request, no heap per request, so
// that the sender under measurement is what limits (performance figures are CPU of the sender
// anyway).
//
//     sink [--port N] [--seconds N] [--delay MS] [--arrivals FILE]
//
// Prints {"port":N} when it listens. Ends after --seconds (default 600) or on SIGTERM; then writes
// --arrivals, one CLOCK_MONOTONIC nanosecond count per request and line, and prints
// {"requests":N,"connections_most":N}: how many were open at once.

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "bench/measure.h"

namespace {

using ringback::bench::fail;
using ringback::bench::raise_descriptor_limit;

constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// What of a request has come in an earlier recv. Empty for nearly every request.
struct Peer {
    std::string begun;
    std::uint32_t generation{0};  // of the descriptor, which the next connection may get
};

/// An answer that --delay holds back.
struct Owed {
    std::int64_t due_ns{0};
    int fd{-1};
    std::uint32_t generation{0};
};

/// The length of the first whole request in `bytes`; 0 while it is incomplete.
std::size_t request_length(std::string_view bytes) {
    const std::size_t head_end = bytes.find("\r\n\r\n");
    if (head_end == std::string_view::npos) {
        return 0;
    }
    const std::string_view head = bytes.substr(0, head_end + 2);
    std::size_t body = 0;
    for (const std::string_view name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
        if (const std::size_t at = head.find(name); at != std::string_view::npos) {
            const std::string_view digits = head.substr(at + name.size());
            std::from_chars(digits.data(), digits.data() + digits.size(), body);
            break;
        }
    }
    const std::size_t whole = head_end + 4 + body;
    return whole <= bytes.size() ? whole : 0;
}

class Sink {
public:
    Sink(std::uint16_t port, std::int64_t delay_ns, std::string arrivals_file)
        : delay_ns_{delay_ns}, arrivals_file_{std::move(arrivals_file)}, peers_(1U << 16U) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        const int on = 1;
        ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(port);
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        auto* const address = reinterpret_cast<sockaddr*>(&at);
        if (::bind(listener_, address, size) != 0 || ::listen(listener_, 4096) != 0 ||
            ::getsockname(listener_, address, &size) != 0) {
            fail("sink: cannot listen on 127.0.0.1");
        }
        port_ = ntohs(at.sin_port);
        epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
        watch(listener_);
        sigset_t ends{};
        sigemptyset(&ends);
        sigaddset(&ends, SIGTERM);
        sigaddset(&ends, SIGINT);
        sigprocmask(SIG_BLOCK, &ends, nullptr);
        signals_ = ::signalfd(-1, &ends, SFD_CLOEXEC);
        watch(signals_);
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }

    void run(std::int64_t seconds) {
        std::array<epoll_event, 512> events{};
        const std::int64_t end = ringback::bench::now_ns() + seconds * 1'000'000'000;
        while (true) {
            const std::int64_t now = ringback::bench::now_ns();
            answer_due(now);
            if (now >= end) {
                return;
            }
            const std::int64_t until = owed_.empty() ? end : std::min(end, owed_.front().due_ns);
            const std::int64_t left = std::max<std::int64_t>(until - now, 0);
            // Whole milliseconds would hand the answers out in bunches.
            const timespec wait{left / 1'000'000'000, left % 1'000'000'000};
            const int ready = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()),
                                             &wait, nullptr);
            for (int i = 0; i < ready; ++i) {
                const int fd = events[static_cast<std::size_t>(i)].data.fd;
                if (fd == signals_) {
                    return;
                }
                if (fd == listener_) {
                    accept_all();
                } else {
                    serve(fd);
                }
            }
        }
    }

    void report() const {
        if (!arrivals_file_.empty()) {
            std::ofstream out{arrivals_file_};
            for (const std::int64_t at : arrivals_) {
                out << at << '\n';
            }
        }
        std::printf("{\"requests\":%llu,\"connections_most\":%zu}\n",
                    static_cast<unsigned long long>(requests_), most_open_);
    }

private:
    void watch(int fd) const {
        epoll_event wanted{};
        wanted.events = EPOLLIN;
        wanted.data.fd = fd;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &wanted);
    }

    void accept_all() {
        while (true) {
            const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0) {
                return;
            }
            if (static_cast<std::size_t>(fd) >= peers_.size()) {
                ::close(fd);
                continue;
            }
            const int on = 1;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            peers_[static_cast<std::size_t>(fd)].begun.clear();
            watch(fd);
            most_open_ = std::max(most_open_, ++open_);
        }
    }

    void drop(int fd) {
        ::close(fd);
        ++peers_[static_cast<std::size_t>(fd)].generation;
        --open_;
    }

    void serve(int fd) {
        const ssize_t got = ::recv(fd, input_.data(), input_.size(), 0);
        if (got <= 0) {
            drop(fd);
            return;
        }
        Peer& peer = peers_[static_cast<std::size_t>(fd)];
        std::string& begun = peer.begun;
        std::string_view bytes{input_.data(), static_cast<std::size_t>(got)};
        if (!begun.empty()) {
            begun.append(bytes);
            bytes = begun;
        }
        while (const std::size_t length = request_length(bytes)) {
            note_request();
            if (delay_ns_ > 0) {
                owed_.push_back({ringback::bench::now_ns() + delay_ns_, fd, peer.generation});
            } else if (!send_answer(fd)) {
                return;
            }
            bytes.remove_prefix(length);
        }
        if (bytes.empty()) {
            begun.clear();
        } else {
            begun = std::string{bytes};
        }
    }

    bool send_answer(int fd) {
        const bool sent = ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) >= 0;
        if (!sent) {
            drop(fd);
        }
        return sent;
    }

    void answer_due(std::int64_t now) {
        while (!owed_.empty() && owed_.front().due_ns <= now) {
            const Owed owed = owed_.front();
            owed_.pop_front();
            if (peers_[static_cast<std::size_t>(owed.fd)].generation == owed.generation) {
                send_answer(owed.fd);
            }
        }
    }

    void note_request() {
        ++requests_;
        if (!arrivals_file_.empty()) {
            arrivals_.push_back(ringback::bench::now_ns());
        }
    }

    std::int64_t delay_ns_;
    std::string arrivals_file_;
    std::vector<std::int64_t> arrivals_;
    std::vector<Peer> peers_;  // by descriptor
    std::deque<Owed> owed_;    // all wait equally long, so the first is the next
    std::size_t open_{0};
    std::size_t most_open_{0};
    std::array<char, 64U * 1024U> input_{};
    std::uint64_t requests_{0};
    std::uint16_t port_{0};
    int listener_{-1};
    int epoll_{-1};
    int signals_{-1};
};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"The null receiver of the benchmarks"};
    std::uint16_t port = 0;
    std::int64_t seconds = 600;
    double delay_ms = 0;
    std::string arrivals;
    app.add_option("--port", port, "TCP port on 127.0.0.1; 0: a free one");
    app.add_option("--seconds", seconds, "end by itself after that long");
    app.add_option("--delay", delay_ms, "answer that many milliseconds after a request");
    app.add_option("--arrivals", arrivals, "write the time of every request there at the end");
    CLI11_PARSE(app, argc, argv);

    raise_descriptor_limit();
    Sink sink{port, static_cast<std::int64_t>(delay_ms * 1e6), arrivals};
    std::printf("{\"port\":%u}\n", static_cast<unsigned>(sink.port()));
    std::fflush(stdout);
    sink.run(seconds);
    sink.report();
    return EXIT_SUCCESS;
}
