/// Question: how long does a test wait for a fake of its own? From before the constructor of
/// ringback::testing::Fake to the last byte of the answer to a first request on loopback. Watch the
/// time an iteration; the target is 2 ms. The end of a fake is measured apart.
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <ringback/fake.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>

namespace {

using Clock = std::chrono::steady_clock;

/// Every fake leaves a port behind that waits for a minute (TIME_WAIT); with thousands of those the
/// kernel takes milliseconds to find a free one, which is not what is asked here.
constexpr int few = 500;

double seconds_since(Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
}

/// Asks once, and reads to the end; whether it was a 200.
bool is_answered(const ringback::testing::Fake& fake) {
    const std::string& url = fake.url();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    // NOLINTNEXTLINE(*reinterpret-cast): the sockets API has it so
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        ::close(socket);
        return false;
    }
    // "t-ringback:s-ringback"
    const std::string request = "GET /v1/users/" + fake.user() +
                                "/calls HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                                "Authorization: Basic dC1yaW5nYmFjazpzLXJpbmdiYWNr\r\n\r\n";
    std::string answer;
    if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
        std::array<char, 4096> piece{};
        for (ssize_t got = 1; got > 0;) {
            got = ::recv(socket, piece.data(), piece.size(), 0);
            answer.append(piece.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
        }
    }
    ::close(socket);
    return answer.starts_with("HTTP/1.1 200 ");
}

void fake_from_constructor_to_answer(benchmark::State& state) {
    for ([[maybe_unused]] auto _ : state) {
        const auto begin = Clock::now();
        const ringback::testing::Fake fake;
        const bool answered = is_answered(fake);
        state.SetIterationTime(seconds_since(begin));
        if (!answered) {
            state.SkipWithError("the fake did not answer 200");
            break;
        }
    }
}
BENCHMARK(fake_from_constructor_to_answer)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond)
    ->Iterations(few);

void fake_end(benchmark::State& state) {
    for ([[maybe_unused]] auto _ : state) {
        std::optional<ringback::testing::Fake> fake{std::in_place};
        const bool answered = is_answered(*fake);
        const auto begin = Clock::now();
        fake.reset();
        state.SetIterationTime(seconds_since(begin));
        if (!answered) {
            state.SkipWithError("the fake did not answer 200");
            break;
        }
    }
}
BENCHMARK(fake_end)->UseManualTime()->Unit(benchmark::kMicrosecond)->Iterations(few);

}  // namespace
