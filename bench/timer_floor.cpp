// How late does this machine wake a thread up, when all it does is wait for the next tick?
//
// A plain timer loop: an absolute timerfd and epoll, no network. The floor under every send lag; a
// target is a multiple of this p99 in the same run. Watch lag_us_p99.
//
//     timer_floor [--rate 10000] [--seconds 5]

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "bench/measure.h"

int main(int argc, char** argv) {
    using ringback::bench::now_ns;
    std::int64_t rate = 10'000;
    std::int64_t seconds = 5;
    CLI::App app{"Wake-up lag of a plain timer loop"};
    app.add_option("--rate", rate, "ticks a second");
    app.add_option("--seconds", seconds, "how long");
    CLI11_PARSE(app, argc, argv);

    const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &wanted);

    std::vector<std::int64_t> lag_ns;
    lag_ns.reserve(static_cast<std::size_t>(rate * seconds));
    const auto cpu_at_start = ringback::bench::Cpu::used();
    const std::int64_t start = now_ns();
    for (std::int64_t n = 0; n < rate * seconds; ++n) {
        const std::int64_t due = start + n * 1'000'000'000 / rate;
        while (now_ns() < due) {
            itimerspec at{};
            at.it_value.tv_sec = due / 1'000'000'000;
            at.it_value.tv_nsec = due % 1'000'000'000;
            ::timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, nullptr);
            epoll_event woken{};
            ::epoll_wait(epoll, &woken, 1, 1000);
        }
        lag_ns.push_back(now_ns() - due);
    }
    const auto cpu = ringback::bench::Cpu::used() - cpu_at_start;
    std::ranges::sort(lag_ns);
    const auto us = [&](double q) { return ringback::bench::quantile(lag_ns, q) / 1e3; };
    std::printf(
        "{\"rate\":%lld,\"lag_us_p50\":%.1f,\"lag_us_p99\":%.1f,\"lag_us_p999\":%.1f,"
        "\"lag_us_max\":%.1f,\"cpu_us\":%.2f}\n",
        static_cast<long long>(rate), us(0.5), us(0.99), us(0.999), us(1),
        cpu.all_us() / static_cast<double>(lag_ns.size()));
    return EXIT_SUCCESS;
}
