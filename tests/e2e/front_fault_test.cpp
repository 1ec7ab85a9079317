// API answers that leave badly or slowly: what a client sees of each, and that everybody else is
// served as ever.

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <string>

#include "tests/support/front_fixture.h"
#include "tests/support/test_certificate.h"

namespace ringback::test {
namespace {

using End = WireFault::End;
using Clock = std::chrono::steady_clock;

constexpr std::string_view spoilt_request{"GET /spoilt HTTP/1.1\r\nHost: localhost\r\n\r\n"};
const std::string whole_answer{"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nGET /spoilt\n"};
constexpr std::size_t whole_head = 39;

/// A front whose answers to /spoilt meet that. Its end checks that the books balance.
class FaultyFront {
public:
    explicit FaultyFront(const WireFault& fault, ServerSettings settings = {})
        : front{std::move(settings)} {
        meet(fault);
    }
    FaultyFront(const FaultyFront&) = delete;
    FaultyFront& operator=(const FaultyFront&) = delete;
    ~FaultyFront() {
        CHECK(serves(front));
        CHECK(is_balanced(front.stop()));
    }
    void meet(const WireFault& fault) {
        front.on_loop([&] { front.handler.fault = std::make_shared<const WireFault>(fault); });
    }
    /// All that a client gets.
    std::string all_of_it(std::string_view request = spoilt_request) {
        RawClient client = front.client();
        client.send(request);
        return client.read_to_end();
    }

    FrontFixture front;
};

WireFault answer_ending(End end) {
    WireFault fault;
    fault.end = end;
    return fault;
}

WireFault answer_cut_at(std::uint64_t limit, End end) {
    WireFault fault = answer_ending(end);
    fault.limit = limit;
    return fault;
}

TEST_CASE("faulty answer: half the body, then the end in order", "[edge][front][faults]") {
    WireFault half = answer_ending(End::close);
    half.half_body = true;
    FaultyFront faulty{half};

    CHECK(faulty.all_of_it() == whole_answer.substr(0, whole_head + 6));
    half.end = End::normal;  // the same: there is no other way to go on
    faulty.meet(half);
    CHECK(faulty.all_of_it() == whole_answer.substr(0, whole_head + 6));
}

TEST_CASE("faulty answer: empty, or only so many bytes", "[edge][front][faults]") {
    FaultyFront faulty{answer_cut_at(0, End::close)};
    CHECK(faulty.all_of_it().empty());

    faulty.meet(answer_cut_at(20, End::close));
    CHECK(faulty.all_of_it() == whole_answer.substr(0, 20));
    faulty.meet(answer_cut_at(20'000, End::close));
    CHECK(faulty.all_of_it() == whole_answer);
}

TEST_CASE("faulty answer: reset, after what had left", "[edge][front][faults]") {
    FaultyFront faulty{answer_cut_at(0, End::reset)};
    for (const std::uint64_t limit : {0U, 20U}) {
        faulty.meet(answer_cut_at(limit, End::reset));
        RawClient client = faulty.front.client();
        client.limit_waits();
        client.send(spoilt_request);

        std::array<char, 100> bytes{};
        ssize_t count = 0;
        std::size_t all = 0;
        while ((count = ::recv(client.descriptor(), bytes.data(), bytes.size(), 0)) > 0) {
            all += static_cast<std::size_t>(count);
        }

        CHECK(count < 0);
        CHECK(errno == ECONNRESET);
        CHECK(all <= limit);
    }
}

TEST_CASE("faulty answer: garbage instead of HTTP", "[edge][front][faults]") {
    WireFault fault;
    fault.garbage = true;
    FaultyFront faulty{fault};

    const std::string got = faulty.all_of_it();

    CHECK(got.size() == whole_answer.size());
    CHECK(got.find("HTTP") == std::string::npos);
}

TEST_CASE("faulty answer: a Content-Length that is not its body's", "[edge][front][faults]") {
    WireFault fault;
    fault.length_error = 7;
    FaultyFront faulty{fault};
    CHECK(faulty.all_of_it() == "HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\nGET /spoilt\n");

    fault.length_error = -7;
    faulty.meet(fault);
    CHECK(faulty.all_of_it() == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nGET /spoilt\n");
}

TEST_CASE("faulty answer: late; the request is under way until it has left",
          "[edge][front][faults]") {
    WireFault late;
    late.latency.a = 200ms;
    FaultyFront faulty{late};
    RawClient client = faulty.front.client();
    const auto asked = Clock::now();

    client.send(std::string{spoilt_request} + std::string{good_request});
    REQUIRE(faulty.front.handler.wait_for([](const Tally& tally) { return tally.handled >= 1; }));
    const Tally meanwhile = faulty.front.handler.tally();
    const auto looked = Clock::now() - asked;
    const Answer answer = client.read_answer();
    const auto took = Clock::now() - asked;

    CHECK(answer.head + answer.body == whole_answer);
    CHECK(took >= 200ms);
    if (looked < 200ms) {  // a test that got no time to look has seen nothing
        CHECK(meanwhile.ends == 0);
        CHECK(meanwhile.kept == 0);
    }
    // Nothing but the time was wrong: the connection goes on, with what had come meanwhile.
    CHECK(client.read_answer().status == 200);
    client.send(good_request);
    CHECK(client.read_answer().status == 200);
}

TEST_CASE("faulty answer: in slices with pauses, it arrives whole", "[edge][front][faults]") {
    WireFault slow;
    slow.slice = 10;
    slow.pause = 10ms;
    FaultyFront faulty{slow};
    RawClient client = faulty.front.client();
    const auto asked = Clock::now();

    client.send(spoilt_request);
    const Answer answer = client.read_answer();

    CHECK(answer.head + answer.body == whole_answer);
    CHECK(Clock::now() - asked >= 50ms);
    client.send(good_request);
    CHECK(client.read_answer().status == 200);
}

TEST_CASE("faulty answer: it stalls, what hangs on it goes on, and then it ends",
          "[edge][front][faults]") {
    WireFault stall = answer_cut_at(30, End::silence);
    stall.silence = 200ms;
    FaultyFront faulty{stall};
    RawClient client = faulty.front.client();
    const auto asked = Clock::now();

    client.send(spoilt_request);
    REQUIRE(faulty.front.handler.wait_for([](const Tally& tally) { return tally.kept == 1; }));
    const int ended = faulty.front.handler.tally().ends;
    const auto looked = Clock::now() - asked;
    const std::string got = client.read_to_end();
    const auto took = Clock::now() - asked;

    CHECK(got == whole_answer.substr(0, 30));
    CHECK(took >= 200ms);
    CHECK((ended == 0 || looked >= 200ms));
}

TEST_CASE("faulty answer: a client that does not wait for the rest is let go",
          "[edge][front][faults]") {
    WireFault stall = answer_cut_at(30, End::silence);
    stall.silence = 1h;
    FaultyFront faulty{stall};
    WireFault late;
    late.latency.a = 1h;
    for (const WireFault& fault : {stall, late}) {
        faulty.meet(fault);
        const int before = faulty.front.handler.tally().ends;
        RawClient client = faulty.front.client();
        client.send(spoilt_request);
        REQUIRE(faulty.front.handler.wait_for(
            [&](const Tally& tally) { return tally.handled >= before + 1; }));
        client.close();
        CHECK(faulty.front.handler.wait_for(
            [&](const Tally& tally) { return tally.ends >= before + 1; }));
    }
}

TEST_CASE("faulty answer: no wait is longer than the idle deadline", "[edge][front][faults]") {
    ServerSettings settings;
    settings.idle_deadline = 100ms;
    WireFault late;
    late.latency.a = 1h;
    FaultyFront faulty{late, settings};
    CHECK(faulty.all_of_it().empty());

    faulty.meet(answer_cut_at(30, End::silence));  // for ever
    CHECK(faulty.all_of_it() == whole_answer.substr(0, 30));
}

TEST_CASE("faulty answer: a large body and a file meet the same as a small one",
          "[edge][front][faults]") {
    FaultyFront faulty{answer_cut_at(150'000, End::close)};
    faulty.front.on_loop(
        [&] { faulty.front.handler.file = std::make_shared<const std::string>(300'000, 'f'); });

    const std::string got =
        faulty.all_of_it("GET /spoilt-file HTTP/1.1\r\nHost: localhost\r\n\r\n");

    CHECK(got.size() == 150'000);
    CHECK(got.find("Content-Length: 300000\r\n") != std::string::npos);
    WireFault half;
    half.half_body = true;
    faulty.meet(half);
    CHECK(faulty.all_of_it("GET /spoilt-file HTTP/1.1\r\nHost: localhost\r\n\r\n").ends_with("ff"));
    CHECK(faulty.all_of_it("HEAD /spoilt-file HTTP/1.1\r\nHost: localhost\r\n\r\n")
              .starts_with("HTTP/1.1 200 OK"));
}

TEST_CASE("faulty answer: clients on other connections see nothing of it",
          "[edge][front][faults]") {
    WireFault stall = answer_cut_at(30, End::silence);
    stall.silence = 1h;
    FaultyFront faulty{stall};
    RawClient stalled = faulty.front.client();
    RawClient fine = faulty.front.client();

    stalled.send(spoilt_request);
    for (int n = 0; n < 50; ++n) {
        fine.send(good_request);
        CHECK(fine.read_answer().status == 200);
    }
}

TEST_CASE("faulty answer: a server that ends takes those that wait along",
          "[edge][front][faults]") {
    FrontFixture front;
    WireFault late;
    late.latency.a = 1h;
    front.on_loop([&] { front.handler.fault = std::make_shared<const WireFault>(late); });
    RawClient client = front.client();
    client.send(spoilt_request);
    REQUIRE(front.handler.wait_for([](const Tally& tally) { return tally.handled >= 1; }));

    CHECK(is_balanced(front.stop()));
    CHECK(client.ends_silently());
}

/// All that comes over TLS until the end; and whether that was said in TLS.
std::pair<std::string, bool> all_over_tls(std::uint16_t port) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{
        SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
    const RawClient socket{port};
    socket.limit_waits();
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl{SSL_new(context.get()), &SSL_free};
    SSL_set_fd(ssl.get(), socket.descriptor());
    REQUIRE(SSL_connect(ssl.get()) == 1);
    SSL_write(ssl.get(), spoilt_request.data(), static_cast<int>(spoilt_request.size()));
    std::string all;
    std::array<char, 1000> bytes{};
    for (int count = 0;
         (count = SSL_read(ssl.get(), bytes.data(), static_cast<int>(bytes.size()))) > 0;) {
        all.append(bytes.data(), static_cast<std::size_t>(count));
    }
    return {all, (SSL_get_shutdown(ssl.get()) & SSL_RECEIVED_SHUTDOWN) != 0};
}

TEST_CASE("faulty answer: the same over TLS", "[edge][front][faults]") {
    const TestCertificate certificate;
    ServerSettings settings;
    settings.https_port = 0;
    settings.certificate_file = certificate.certificate_file();
    settings.key_file = certificate.key_file();
    WireFault fault = answer_ending(End::close);
    fault.half_body = true;
    fault.latency.a = 20ms;
    fault.slice = 7;
    fault.pause = 1ms;
    FaultyFront faulty{fault, settings};
    const std::uint16_t port = faulty.front.server().https_port().value();

    CHECK(all_over_tls(port) == std::pair{whole_answer.substr(0, whole_head + 6), true});
    faulty.meet(answer_cut_at(0, End::reset));
    CHECK(all_over_tls(port) == std::pair{std::string{}, false});
    WireFault stall = answer_cut_at(30, End::silence);
    stall.silence = 50ms;
    faulty.meet(stall);
    CHECK(all_over_tls(port) == std::pair{whole_answer.substr(0, 30), true});
}

}  // namespace
}  // namespace ringback::test
