// What is the least a callback can cost on this machine? The kernel's TCP path and nothing else.
//
// Blocking send() on every connection, then blocking recv() on every connection; no epoll, no
// parser, no timers, the bytes of one callback and of one answer. Watch cpu_us.
//
//     floor --port N [--in-flight 64] [--requests 300000]

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/measure.h"

namespace {

using ringback::bench::Cpu;
using ringback::bench::fail;

/// As long as an answer event with our usual head.
std::string request() {
    const std::string body(249, 'x');
    return "POST /cb HTTP/1.1\r\nHost: 127.0.0.1:9100\r\nUser-Agent: BandwidthAPI/v1\r\n"
           "Accept: */*\r\nConnection: keep-alive\r\n"
           "Content-Type: application/json; charset=utf-8\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

int connected(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) {
        fail("floor: cannot connect");
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

void round_of(const std::vector<int>& connections, const std::string& bytes) {
    std::array<char, 4096> answer{};
    for (const int fd : connections) {
        if (::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) {
            fail("floor: cannot send");
        }
    }
    for (const int fd : connections) {
        if (::recv(fd, answer.data(), answer.size(), 0) <= 0) {
            fail("floor: no answer");
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::uint16_t port = 0;
    std::uint64_t in_flight = 64;
    std::uint64_t requests = 300'000;
    CLI::App app{"The bare send/recv limit"};
    app.add_option("--port", port, "of bench_sink")->required();
    app.add_option("--in-flight", in_flight, "connections");
    app.add_option("--requests", requests, "how many, rounded up to whole rounds");
    CLI11_PARSE(app, argc, argv);

    ringback::bench::raise_descriptor_limit();
    std::vector<int> connections;
    for (std::uint64_t i = 0; i < in_flight; ++i) {
        connections.push_back(connected(port));
    }
    const std::string bytes = request();
    round_of(connections, bytes);

    const std::uint64_t rounds = (requests + in_flight - 1) / in_flight;
    const Cpu cpu_at_start = Cpu::used();
    const std::int64_t start = ringback::bench::now_ns();
    for (std::uint64_t i = 0; i < rounds; ++i) {
        round_of(connections, bytes);
    }
    const Cpu cpu = Cpu::used() - cpu_at_start;
    const auto sent = static_cast<double>(rounds * in_flight);
    const auto took_ns = static_cast<double>(ringback::bench::now_ns() - start);
    std::printf("{\"in_flight\":%llu,\"requests_per_s\":%.0f,\"cpu_us\":%.3f,\"user_us\":%.3f}\n",
                static_cast<unsigned long long>(in_flight), sent * 1e9 / took_ns,
                cpu.all_us() / sent, cpu.user_us / sent);
    return EXIT_SUCCESS;
}
