#include "simulator/edge/loop_hearing.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <csignal>
#include <future>
#include <thread>

using namespace ringback;
using namespace std::chrono_literals;

TEST_CASE("loop hearing: a loop that hears is as it was, and does what it was told to before",
          "[edge][loop]") {
    for (const Hearing wanted : {Hearing::timers, Hearing::timers_and_signals}) {
        boost::asio::io_context loop;
        bool done = false;
        boost::asio::post(loop, [&done] { done = true; });
        CHECK(deafness_of(loop, wanted) == std::nullopt);
        CHECK_FALSE(loop.stopped());
        loop.run();
        CHECK(done);
    }
}

TEST_CASE(
    "loop hearing: it hears where whoever has started the process blocks signals, and leaves "
    "that as it is",
    "[edge][loop]") {
    sigset_t alone;
    sigset_t mask_before;
    sigemptyset(&alone);
    sigaddset(&alone, SIGCONT);
    REQUIRE(pthread_sigmask(SIG_BLOCK, &alone, &mask_before) == 0);
    boost::asio::io_context loop;
    const auto deafness = deafness_of(loop);
    sigset_t after;
    REQUIRE(pthread_sigmask(SIG_SETMASK, &mask_before, &after) == 0);
    CHECK(deafness == std::nullopt);
    CHECK(sigismember(&after, SIGCONT) == 1);
    struct sigaction action {};
    REQUIRE(sigaction(SIGCONT, nullptr, &action) == 0);
    CHECK(action.sa_handler == SIG_DFL);  // NOLINT(*cstyle-cast*, *int-to-ptr*): the system's word
}

TEST_CASE("loop hearing: loops may be asked on several threads at once", "[edge][loop]") {
    std::vector<std::future<std::optional<Error>>> asked;
    for (int loop = 0; loop < 4; ++loop) {
        asked.push_back(std::async(std::launch::async, [] {
            boost::asio::io_context own;
            return deafness_of(own, Hearing::timers);
        }));
    }
    for (auto& one : asked) {
        CHECK(one.get() == std::nullopt);
    }
}

TEST_CASE("loop hearing: a loop with a pulse goes on until it is stopped", "[edge][loop]") {
    boost::asio::io_context loop;
    const LoopPulse pulse{loop};
    CHECK(loop.run_one_for(60s) == 1);  // its first beat
    CHECK(loop.run_one_for(60s) == 1);
    CHECK_FALSE(loop.stopped());
}
