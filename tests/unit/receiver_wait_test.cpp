#include "harness/run/receiver_wait.h"

#include <catch2/catch.hpp>
#include <future>
#include <new>
#include <optional>
#include <thread>

using namespace ringback;

namespace {

/// A receiver that is not there until it is given up.
struct Absent {
    std::promise<void> gone;
    int given_up{0};
    SuiteReceiver receiver;

    Absent() {
        receiver.await = [over = gone.get_future().share()]() -> std::optional<Error> {
            over.wait();
            return Error{"receiver", "given up"};
        };
        receiver.give_up = [this] {
            if (given_up++ == 0) {
                gone.set_value();
            }
        };
    }
};

}  // namespace

TEST_CASE("receiver: who awaits it and ends by an exception gives it up and has nobody left behind",
          "[run]") {
    Absent absent;
    boost::asio::io_context loop;
    std::thread thread = await_beside(loop, absent.receiver, [](const auto& /*error*/) {});
    const auto run_out_of_memory = [&] {
        const WaiterJoined waiter{thread, absent.receiver};
        throw std::bad_alloc{};
    };

    CHECK_THROWS_AS(run_out_of_memory(), std::bad_alloc);

    CHECK(absent.given_up == 1);
    CHECK_FALSE(thread.joinable());
}

TEST_CASE("receiver: whoever has joined the thread that awaits it does not give it up", "[run]") {
    Absent absent;
    absent.gone.set_value();
    boost::asio::io_context loop;
    std::optional<Error> told;
    std::thread thread =
        await_beside(loop, absent.receiver, [&told](const auto& error) { told = error; });
    {
        WaiterJoined waiter{thread, absent.receiver};
        waiter.join();
    }
    loop.run();

    CHECK(absent.given_up == 0);
    CHECK(told == Error{"receiver", "given up"});
}
