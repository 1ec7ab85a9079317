#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <utility>

#include "tests/support/attempts.h"
#include "tests/support/test_receiver.h"

namespace ringback::test {

inline constexpr auto short_timeout = std::chrono::milliseconds{150};

/// Reads one request, answers so, and waits for the sender to close.
inline TestReceiver::Script answers(std::string bytes) {
    return [bytes = std::move(bytes)](ReceiverEnd& peer) {
        peer.read_request();
        peer.send(bytes);
        peer.wait_for_close();
    };
}

/// The same, but closes by itself.
inline TestReceiver::Script answers_and_closes(std::string bytes) {
    return [bytes = std::move(bytes)](ReceiverEnd& peer) {
        peer.read_request();
        peer.send(bytes);
        peer.half_close();
        peer.wait_for_close();
    };
}

inline AttemptResult result_from(TestReceiver::Script script,
                                 std::chrono::milliseconds timeout = short_timeout) {
    TestReceiver receiver{std::move(script)};
    Attempts attempts;
    const auto before = std::chrono::steady_clock::now();
    AttemptResult result = attempts.make(receiver.url(), "{}", Method::post, timeout);
    // Promise 5: the timeout and at most a second more.
    CHECK(std::chrono::steady_clock::now() - before < timeout + std::chrono::seconds{1});
    CHECK(attempts.transport().idle_connections() <= 1);
    return result;
}

}  // namespace ringback::test
