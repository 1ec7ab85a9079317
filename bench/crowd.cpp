// Is any of many keep-alive clients starved, and do idle connections hold up a good request?
//
//     crowd --port N --clients 2000 --seconds 4
//         every client always has one POST /calls outstanding. Watch never_served and
//         worst_wait_ms.
//     crowd --port N --idle 10000
//         that many connections open and say nothing; then one request is made. Watch
//         good_request_ms; exit 1 above 200.
//
// Prints one JSON object.

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/measure.h"

namespace ringback::bench {
namespace {

constexpr std::string_view body =
    R"({"from":"+19195550123","to":"+19195559902","callTimeout":"300",)"
    R"("callbackUrl":"http://127.0.0.1:9/cb"})";

std::string create_request(std::uint16_t port) {
    return fmt::format(
        "POST /v1/users/u-crowd/calls HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n"
        "Authorization: Basic dC10b2tlbjpzZWNyZXQ=\r\nContent-Type: application/json\r\n"
        "Content-Length: {}\r\n\r\n{}",
        port, body.size(), body);
}

int connect_to(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) {
        fail("crowd: cannot connect");
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

struct Client {
    int fd{-1};
    std::int64_t asked_ns{0};
    std::uint64_t served{0};
};

double ms(std::int64_t ns) { return static_cast<double>(ns) / 1e6; }

class Crowd {
public:
    Crowd(std::uint16_t port, std::size_t size) : request_{create_request(port)}, clients_(size) {
        const std::int64_t start = now_ns();
        for (std::size_t i = 0; i < size; ++i) {
            clients_[i].fd = connect_to(port);
            epoll_event wanted{};
            wanted.events = EPOLLIN;
            wanted.data.u64 = i;
            ::epoll_ctl(epoll_, EPOLL_CTL_ADD, clients_[i].fd, &wanted);
        }
        connected_ns_ = now_ns() - start;
    }

    void run(std::int64_t seconds) {
        for (Client& client : clients_) {
            ask(client);
        }
        const std::int64_t end = now_ns() + seconds * 1'000'000'000;
        std::array<epoll_event, 512> events{};
        while (now_ns() < end) {
            const int ready =
                ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 100);
            for (int i = 0; i < ready; ++i) {
                take_answer(clients_[events[static_cast<std::size_t>(i)].data.u64]);
            }
        }
        // Whoever still waits has waited at least until now.
        for (const Client& client : clients_) {
            worst_ns_ = std::max(worst_ns_, now_ns() - client.asked_ns);
        }
    }

    void report() const {
        const auto starved = std::ranges::count(clients_, 0U, &Client::served);
        std::uint64_t served = 0;
        for (const Client& client : clients_) {
            served += client.served;
        }
        fmt::print(
            "{{\"clients\":{},\"answers\":{},\"never_served\":{},\"connect_all_ms\":{:.1f},"
            "\"worst_wait_ms\":{:.1f}}}\n",
            clients_.size(), served, starved, ms(connected_ns_), ms(worst_ns_));
    }

private:
    void ask(Client& client) const {
        client.asked_ns = now_ns();
        if (::send(client.fd, request_.data(), request_.size(), MSG_NOSIGNAL) < 0) {
            fail("crowd: a connection was closed");
        }
    }

    /// An answer is small and comes in one piece; one that does not is counted by its last.
    void take_answer(Client& client) {
        std::array<char, 4096> bytes{};
        const ssize_t got = ::recv(client.fd, bytes.data(), bytes.size(), 0);
        if (got <= 0) {
            fail("crowd: a connection was closed");
        }
        const std::string_view answer{bytes.data(), static_cast<std::size_t>(got)};
        if (!answer.starts_with("HTTP/1.1 201")) {
            fail("crowd: a call was not created");
        }
        worst_ns_ = std::max(worst_ns_, now_ns() - client.asked_ns);
        ++client.served;
        ask(client);
    }

    std::string request_;
    std::vector<Client> clients_;
    int epoll_{::epoll_create1(EPOLL_CLOEXEC)};
    std::int64_t connected_ns_{0};
    std::int64_t worst_ns_{0};
};

/// Whether the good request was answered in the time that is promised.
bool ask_among_idle(std::uint16_t port, std::size_t idle) {
    std::vector<int> connections;
    const std::int64_t start = now_ns();
    for (std::size_t i = 0; i < idle; ++i) {
        connections.push_back(connect_to(port));
    }
    const std::int64_t connected_ns = now_ns() - start;
    const std::string request = create_request(port);
    const std::int64_t asked = now_ns();
    const int fd = connect_to(port);
    std::array<char, 4096> answer{};
    if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0 ||
        ::recv(fd, answer.data(), answer.size(), 0) <= 0) {
        fail("crowd: the good request was not answered");
    }
    const double good_request_ms = ms(now_ns() - asked);
    fmt::print("{{\"idle\":{},\"connect_all_ms\":{:.1f},\"good_request_ms\":{:.2f}}}\n", idle,
               ms(connected_ns), good_request_ms);
    constexpr double promised_ms = 200;
    return good_request_ms <= promised_ms;
}

}  // namespace
}  // namespace ringback::bench

int main(int argc, char** argv) {
    std::uint16_t port = 0;
    std::size_t clients = 2000;
    std::size_t idle = 0;
    std::int64_t seconds = 4;
    CLI::App app{"Many clients of the API at once"};
    app.add_option("--port", port, "of ringback serve")->required();
    app.add_option("--clients", clients, "with one request outstanding each");
    app.add_option("--seconds", seconds, "how long they ask");
    app.add_option("--idle", idle, "instead: connections that say nothing");
    CLI11_PARSE(app, argc, argv);

    ringback::bench::raise_descriptor_limit();
    if (idle > 0) {
        return ringback::bench::ask_among_idle(port, idle) ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    ringback::bench::Crowd crowd{port, clients};
    crowd.run(seconds);
    crowd.report();
    return EXIT_SUCCESS;
}
