#pragma once

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

/// What the benchmark programs measure with. They print one JSON object a line, for bench/compare.
namespace ringback::bench {

[[noreturn]] inline void fail(const char* what) {
    std::fprintf(stderr, "%s\n", what);
    std::exit(EXIT_FAILURE);
}

/// CLOCK_MONOTONIC, nanoseconds.
[[nodiscard]] inline std::int64_t now_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

/// CPU this process has used, microseconds.
struct Cpu {
    double user_us{0};
    double system_us{0};

    [[nodiscard]] static Cpu used() {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        const auto us = [](const timeval& time) {
            return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
        };
        return {us(usage.ru_utime), us(usage.ru_stime)};
    }
    [[nodiscard]] double all_us() const { return user_us + system_us; }
    friend Cpu operator-(const Cpu& a, const Cpu& b) {
        return {a.user_us - b.user_us, a.system_us - b.system_us};
    }
};

/// Resident bytes of this process now.
[[nodiscard]] inline std::uint64_t resident_bytes() {
    std::ifstream in{"/proc/self/statm"};
    std::uint64_t virtual_pages = 0;
    std::uint64_t resident_pages = 0;
    in >> virtual_pages >> resident_pages;
    constexpr std::uint64_t page = 4096;
    return resident_pages * page;
}

/// The q-th quantile of `sorted` (0 <= q <= 1); 0 of nothing.
[[nodiscard]] inline double quantile(const std::vector<std::int64_t>& sorted, double q) {
    if (sorted.empty()) {
        return 0;
    }
    const auto last = static_cast<double>(sorted.size() - 1);
    return static_cast<double>(sorted[static_cast<std::size_t>(q * last)]);
}

/// One descriptor per connection: as many as we may have.
inline void raise_descriptor_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace ringback::bench
