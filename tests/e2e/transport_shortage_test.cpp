// A system that has no room for a moment: what becomes of the try that meets it. An executable of
// its own, because its functions stand before the C library's.

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/attempts.h"
#include "tests/support/test_receiver.h"
#include "tests/support/tls_receiver.h"

using namespace ringback;
using namespace ringback::test;
using namespace std::chrono_literals;

namespace {

/// Of the calls to one function: the first ones do as they should, then some fail.
struct Failing {
    int good{0};
    int left{0};
    int error{0};

    bool fails_now() {
        if (left == 0 || good-- > 0) {
            return false;
        }
        good = 0;
        --left;
        errno = error;
        return true;
    }
};

/// Of this thread only: receivers have others.
struct System {
    Failing send;
    Failing socket;
    Failing outcome_of_connect;
};
System& failing() {
    thread_local System system;
    return system;
}

constexpr int for_ever = 1'000'000;
constexpr std::string_view ok{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};

/// Answers every request and keeps what it was.
class Keeping {
public:
    std::vector<std::string> requests() {
        const std::lock_guard lock{mutex_};
        return requests_;
    }

private:
    void serve(ReceiverEnd& peer) {
        for (auto request = peer.read_request(); !request.empty(); request = peer.read_request()) {
            {
                const std::lock_guard lock{mutex_};
                requests_.push_back(request);
            }
            peer.send(ok);
        }
    }

    std::mutex mutex_;
    std::vector<std::string> requests_;

public:
    TestReceiver receiver{[this](ReceiverEnd& peer) { serve(peer); }};  // last: it uses the above
};

/// What comes of a try when all is well again.
struct Fixture {
    Fixture() { failing() = {}; }
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;
    ~Fixture() { failing() = {}; }

    Keeping there;
    Attempts attempts;
};

}  // namespace

TEST_CASE("shortage: a request that the system does not take once leaves a moment later, once",
          "[edge][transport][shortage]") {
    const int error = GENERATE(ENOBUFS, ENOMEM);
    const bool kept = GENERATE(false, true);
    CAPTURE(error, kept);
    Fixture fixture;
    if (kept) {
        fixture.attempts.make_until_reused(fixture.there.receiver.url());
    }
    const std::size_t before = fixture.there.requests().size();
    failing().send = {.left = 2, .error = error};

    const AttemptResult result = fixture.attempts.make(fixture.there.receiver.url(), R"({"n":1})");

    CHECK(failing().send.left == 0);
    CHECK(result.error.empty());
    CHECK(result.status == 200);
    CHECK(result.reused_connection == kept);
    REQUIRE(fixture.there.requests().size() == before + 1);
    CHECK(fixture.there.requests().back().ends_with(R"({"n":1})"));
    CHECK(fixture.attempts.unheard.empty());
}

TEST_CASE("shortage: a request that leaves in slices goes on where it was not taken",
          "[edge][transport][shortage][fault]") {
    Fixture fixture;
    WireFault slowly;
    slowly.slice = 16;
    failing().send = {.good = 3, .left = 1, .error = ENOBUFS};

    const AttemptResult result =
        fixture.attempts.make_badly(fixture.there.receiver.url(), slowly, R"({"n":1})");

    CHECK(failing().send.left == 0);
    CHECK(result.status == 200);
    REQUIRE(fixture.there.requests().size() == 1);
    CHECK(fixture.there.requests().front().ends_with(R"({"n":1})"));
}

TEST_CASE("shortage: a request that is never taken ends the try in its time",
          "[edge][transport][shortage]") {
    Fixture fixture;
    failing().send = {.left = for_ever, .error = ENOBUFS};

    const AttemptResult result =
        fixture.attempts.make(fixture.there.receiver.url(), "{}", Method::post, 200ms);

    CHECK(result.end == AttemptEnd::timed_out);
    CHECK(result.error == "the request was not taken within 200 ms");
    CHECK(result.sent == WallInstant::min());
    CHECK(failing().send.left < for_ever - 3);
    CHECK(fixture.there.requests().empty());
}

TEST_CASE("shortage: a connection whose outcome the system cannot tell is made again",
          "[edge][transport][shortage]") {
    const int error = GENERATE(ENOBUFS, ENOMEM);
    CAPTURE(error);
    Fixture fixture;
    failing().outcome_of_connect = {.left = 2, .error = error};

    const AttemptResult result = fixture.attempts.make(fixture.there.receiver.url());

    CHECK(failing().outcome_of_connect.left == 0);
    CHECK(result.error.empty());
    CHECK(result.status == 200);
    CHECK(fixture.there.requests().size() == 1);
}

TEST_CASE("shortage: without a descriptor a try waits for one until its time is over",
          "[edge][transport][shortage]") {
    const int error = GENERATE(EMFILE, ENFILE, ENOBUFS, ENOMEM);
    CAPTURE(error);
    Fixture fixture;
    failing().socket = {.left = 3, .error = error};

    const AttemptResult late = fixture.attempts.make(fixture.there.receiver.url());
    failing().socket = {.left = for_ever, .error = error};
    fixture.attempts.transport().abandon_all();  // what is kept needs no descriptor
    const AttemptResult starved =
        fixture.attempts.make(fixture.there.receiver.url(), "{}", Method::post, 200ms);

    CHECK(late.status == 200);
    CHECK(starved.end == AttemptEnd::could_not_connect);
    CHECK(starved.error ==
          boost::system::error_code{error, boost::system::system_category()}.message() +
              " (127.0.0.1:" + std::to_string(fixture.there.receiver.port()) + ")");
}

TEST_CASE("shortage: a TLS record that the system does not take ends the try at once",
          "[edge][transport][shortage][tls]") {
    const TlsReceiver there;
    DeliverySettings trusting;
    trusting.ca_file = there.certificate().certificate_file();
    Attempts attempts{trusting};
    attempts.make_until_reused(there.url("localhost"));
    failing().send = {.left = 1, .error = ENOBUFS};

    const AttemptResult result = attempts.make(there.url("localhost"));

    CHECK(failing().send.left == 0);
    CHECK(result.end == AttemptEnd::broken);
    CHECK(result.error == "the request was not taken: No buffer space available");
    CHECK(attempts.make(there.url("localhost")).status == 200);
}

// They stand before the system's own, and ask the kernel unless a failure is due.
extern "C" {

ssize_t send(int descriptor, const void* bytes, size_t size, int flags) {
    return failing().send.fails_now()
               ? -1
               : ::syscall(SYS_sendto, descriptor, bytes, size, flags, nullptr, 0);
}

int socket(int domain, int type, int protocol) noexcept {
    return failing().socket.fails_now()
               ? -1
               : static_cast<int>(::syscall(SYS_socket, domain, type, protocol));
}

int getsockopt(int descriptor, int level, int option, void* value, socklen_t* size) noexcept {
    const bool of_connect = level == SOL_SOCKET && option == SO_ERROR;
    return of_connect && failing().outcome_of_connect.fails_now()
               ? -1
               : static_cast<int>(
                     ::syscall(SYS_getsockopt, descriptor, level, option, value, size));
}
}
