// Callbacks that leave badly or slowly: what a receiver sees of each, how the try ends, and that a
// good receiver lives through all of them.

#include <httplib.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/attempts.h"
#include "tests/support/hostile.h"
#include "tests/support/test_certificate.h"
#include "tests/support/test_receiver.h"

using namespace ringback;
using namespace ringback::test;
using namespace std::chrono_literals;
using End = WireFault::End;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::string_view fine_answer{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
const std::string event_body = R"({"n":"0123456789"})";

/// Keeps every byte of every connection in the order they came, and whether it ended with RST;
/// answers once `answer_after` has come.
class Watching {
public:
    struct Seen {
        std::string bytes;
        bool reset{false};
        bool over{false};
    };
    explicit Watching(std::string answer_after = {}, std::string answer = std::string{fine_answer})
        : receiver{[this, after = std::move(answer_after),
                    answer = std::move(answer)](ReceiverEnd& peer) {
              const std::size_t place = open();
              std::array<char, 4096> bytes{};
              bool answered = after.empty();
              ssize_t count = 0;
              while ((count = ::recv(peer.socket(), bytes.data(), bytes.size(), 0)) > 0) {
                  const std::string all =
                      keep(place, {bytes.data(), static_cast<std::size_t>(count)});
                  if (!answered && all.find(after) != std::string::npos) {
                      answered = true;
                      peer.send(answer);
                  }
              }
              close(place, count < 0 && errno == ECONNRESET);
          }} {}

    std::vector<Seen> seen() {
        const std::lock_guard lock{mutex_};
        return seen_;
    }
    /// Waits until that connection is over, for as long as `attempts` would.
    Seen over(Attempts& attempts, std::size_t place = 0) {
        attempts.run_until([&] {
            const auto all = seen();
            return all.size() > place && all[place].over;
        });
        return seen()[place];
    }

private:
    std::size_t open() {
        const std::lock_guard lock{mutex_};
        seen_.emplace_back();
        return seen_.size() - 1;
    }
    std::string keep(std::size_t place, std::string_view bytes) {
        const std::lock_guard lock{mutex_};
        return seen_[place].bytes += bytes;
    }
    void close(std::size_t place, bool reset) {
        const std::lock_guard lock{mutex_};
        seen_[place].reset = reset;
        seen_[place].over = true;
    }

    std::mutex mutex_;
    std::vector<Seen> seen_;

public:
    TestReceiver receiver;  // last: its threads use what is above
};

WireFault callback_ending(End end) {
    WireFault fault;
    fault.end = end;
    return fault;
}

WireFault after_bytes(std::uint64_t limit, End end) {
    WireFault fault = callback_ending(end);
    fault.limit = limit;
    return fault;
}

WireFault half_body(End end) {
    WireFault fault = callback_ending(end);
    fault.half_body = true;
    return fault;
}

/// One of each kind that ends by itself soon, or is answered.
std::vector<WireFault> one_of_each() {
    std::vector<WireFault> all{
        half_body(End::close),       half_body(End::reset),       half_body(End::silence),
        after_bytes(0, End::close),  after_bytes(0, End::reset),  after_bytes(25, End::close),
        after_bytes(25, End::reset), callback_ending(End::close), callback_ending(End::reset)};
    all[2].silence = 30ms;
    WireFault slow;
    slow.slice = 5;
    slow.pause = 1ms;
    all.push_back(slow);
    WireFault late;
    late.latency.a = 30ms;
    all.push_back(late);
    WireFault garbage;
    garbage.garbage = true;
    all.push_back(garbage);
    WireFault shorter;
    shorter.length_error = -3;
    all.push_back(shorter);
    WireFault longer = callback_ending(End::silence);
    longer.length_error = 3;
    longer.silence = 30ms;
    all.push_back(longer);
    WireFault kept;
    kept.only_kept = true;
    all.push_back(kept);
    return all;
}

std::size_t open_descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator{"/proc/self/fd"}) {
        ++count;
    }
    return count;
}

/// A receiver as people write them in C++, plain or https.
template <class Server>
class GoodReceiver {
public:
    template <class... Parts>
    explicit GoodReceiver(const Parts&... parts) : server_{parts...} {
        server_.Post("/cb", [this](const httplib::Request& request, httplib::Response& response) {
            events_ += request.body == "good" ? 1 : 0;
            response.set_content(request.body, "text/plain");
        });
        server_.set_read_timeout(1, 0);
        port_ = server_.bind_to_any_port("127.0.0.1");
        thread_ = std::thread{[this] { server_.listen_after_bind(); }};
        const auto limit = Clock::now() + 10s;
        while (!server_.is_running() && Clock::now() < limit) {
            std::this_thread::yield();
        }
    }
    GoodReceiver(const GoodReceiver&) = delete;
    GoodReceiver& operator=(const GoodReceiver&) = delete;
    ~GoodReceiver() {
        server_.stop();
        thread_.join();
    }
    [[nodiscard]] std::string url(const std::string& scheme) const {
        return scheme + "://127.0.0.1:" + std::to_string(port_) + "/cb";
    }
    [[nodiscard]] int events() const { return events_; }

private:
    Server server_;
    std::atomic<int> events_{0};
    int port_{0};
    std::thread thread_;
};

/// Behind each broken request comes a good one, which is to be answered.
template <class Server>
void check_lives_through_all(Attempts& attempts, const GoodReceiver<Server>& receiver,
                             const std::string& scheme) {
    int good = 0;
    for (const WireFault& fault : one_of_each()) {
        const AttemptResult bad = attempts.make_badly(receiver.url(scheme), fault, "bad", 2000ms);
        CAPTURE(bad.error.view(), bad.status);
        CHECK((bad.end == AttemptEnd::answered || bad.error.view().starts_with("fault: ")));
        const AttemptResult result = attempts.make(receiver.url(scheme), "good");
        CHECK(result.error.view() == "");
        CHECK(result.status == 200);
        CHECK(result.body == "good");
        CHECK(receiver.events() == ++good);
    }
}

}  // namespace

TEST_CASE("faulty callback: half the body, then the connection is closed or reset",
          "[edge][transport][faults]") {
    for (const bool reset : {false, true}) {
        Watching there;
        Attempts attempts;

        const auto result = attempts.make_badly(
            there.receiver.url(), half_body(reset ? End::reset : End::close), event_body);
        const auto seen = there.over(attempts);

        CHECK(result.end == AttemptEnd::broken);
        CHECK(result.error ==
              (reset ? "fault: reset after half the body" : "fault: closed after half the body"));
        CHECK(result.status == 0);
        CHECK(seen.bytes.ends_with("\r\n\r\n" + event_body.substr(0, event_body.size() / 2)));
        CHECK(seen.reset == reset);
        CHECK(attempts.transport().idle_connections() == 0);
        CHECK(attempts.sent.size() == 1);
    }
}

TEST_CASE("faulty callback: a head that comes slowly comes whole, and its connection is kept",
          "[edge][transport][faults]") {
    Watching there{event_body};
    Attempts attempts;
    WireFault slow;
    slow.slice = 8;
    slow.pause = 2ms;
    const auto begun = Clock::now();

    const auto result = attempts.make_badly(there.receiver.url(), slow, event_body);

    CHECK(result.end == AttemptEnd::answered);
    CHECK(result.error.view() == "");
    CHECK(Clock::now() - begun >= 20ms);
    CHECK(attempts.transport().idle_connections() == 1);
    CHECK(there.seen()[0].bytes.find("Content-Length: 18\r\n\r\n" + event_body) !=
          std::string::npos);
}

TEST_CASE("faulty callback: more announced than comes, and the deadline still holds",
          "[edge][transport][faults]") {
    Watching there{"this never comes"};
    Attempts attempts;
    WireFault longer;
    longer.length_error = 5;
    const auto begun = Clock::now();

    const auto result =
        attempts.make_badly(there.receiver.url(), longer, event_body, short_timeout);

    CHECK(result.end == AttemptEnd::timed_out);
    CHECK(result.error == "fault: Content-Length 5 too large: no answer within 150 ms");
    CHECK(Clock::now() - begun < short_timeout + 1s);
    CHECK(there.over(attempts).bytes.find("Content-Length: 23\r\n\r\n" + event_body) !=
          std::string::npos);
}

TEST_CASE("faulty callback: less announced than comes is answered, and its connection not kept",
          "[edge][transport][faults]") {
    Watching there{event_body};
    Attempts attempts;
    WireFault shorter;
    shorter.length_error = -5;

    const auto result = attempts.make_badly(there.receiver.url(), shorter, event_body);

    CHECK(result.end == AttemptEnd::answered);
    CHECK(result.status == 200);
    CHECK(attempts.transport().idle_connections() == 0);
    CHECK(there.over(attempts).bytes.find("Content-Length: 13\r\n\r\n" + event_body) !=
          std::string::npos);
}

TEST_CASE("faulty callback: garbage, and the receiver's refusal is an answer",
          "[edge][transport][faults]") {
    Watching there{"\r\n\r\n", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"};
    Attempts attempts;
    WireFault garbage;
    garbage.garbage = true;

    const auto result = attempts.make_badly(there.receiver.url(), garbage, event_body);

    CHECK(result.end == AttemptEnd::answered);
    CHECK(result.status == 400);
    CHECK(attempts.transport().idle_connections() == 0);
    CHECK(there.over(attempts).bytes.find("POST") == std::string::npos);
}

TEST_CASE("faulty callback: an answer to half a body ends the try as an answer",
          "[edge][transport][faults]") {
    for (const End end : {End::normal, End::silence}) {
        Watching there{"{\"n\":", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"};
        Attempts attempts;

        const auto result = attempts.make_badly(there.receiver.url(), half_body(end), event_body);

        CHECK(result.end == AttemptEnd::answered);
        CHECK(result.status == 400);
        CHECK(attempts.transport().idle_connections() == 0);
    }
}

TEST_CASE("faulty callback: silence after so many bytes ends it", "[edge][transport][faults]") {
    Watching there;
    Attempts attempts;
    WireFault quiet = after_bytes(10, End::silence);
    quiet.silence = 50ms;
    const auto begun = Clock::now();

    const auto result = attempts.make_badly(there.receiver.url(), quiet, event_body);

    CHECK(result.end == AttemptEnd::broken);
    CHECK(result.error == "fault: silent for 50 ms after 10 bytes");
    CHECK(Clock::now() - begun >= 50ms);
    CHECK(there.over(attempts).bytes.size() == 10);
    quiet.silence = 0ms;  // until the deadline
    const auto longer = attempts.make_badly(there.receiver.url(), quiet, event_body, short_timeout);
    CHECK(longer.end == AttemptEnd::timed_out);
    CHECK(longer.error == "fault: silent after 10 bytes: no answer within 150 ms");
}

TEST_CASE("faulty callback: late, within the deadline and beyond it", "[edge][transport][faults]") {
    Watching there{event_body};
    Attempts attempts;
    WireFault late;
    late.latency.a = 100ms;
    const auto begun = Clock::now();

    const auto result = attempts.make_badly(there.receiver.url(), late, event_body);
    const auto took = Clock::now() - begun;
    late.latency.a = 1h;
    const auto beyond = attempts.make_badly(there.receiver.url(), late, event_body, short_timeout);

    CHECK(result.end == AttemptEnd::answered);
    CHECK(took >= 100ms);
    CHECK(beyond.end == AttemptEnd::timed_out);
    CHECK(beyond.error == "fault: 3600000 ms late: it had not left within 150 ms");
    CHECK(beyond.sent == WallInstant::min());
    attempts.make(there.receiver.url(), event_body);
    CHECK(Clock::now() - begun < 60s);  // nowhere near the hour
}

TEST_CASE("faulty callback: a kept connection closed under the request, and only such a one",
          "[edge][transport][faults]") {
    std::atomic<int> requests{0};
    const TestReceiver receiver{[&](ReceiverEnd& peer) {
        while (!peer.read_request().empty()) {
            ++requests;
            peer.send(fine_answer);
        }
    }};
    Attempts attempts;
    WireFault kept;
    kept.only_kept = true;

    const auto fresh = attempts.make_badly(receiver.url(), kept, event_body);
    CHECK(fresh.end == AttemptEnd::answered);
    CHECK_FALSE(fresh.reused_connection);
    attempts.make_until_reused(receiver.url());
    const int before = requests;
    const std::size_t idle = attempts.transport().idle_connections();
    const auto under = attempts.make_badly(receiver.url(), kept, event_body);
    attempts.run_until([&] { return requests == before + 1; });  // it came whole

    CHECK(under.reused_connection);
    CHECK(under.end == AttemptEnd::broken);
    CHECK(under.error == "fault: kept connection closed after the last byte");
    CHECK(attempts.transport().idle_connections() == idle - 1);
    const auto next = attempts.make(receiver.url());
    CHECK(next.end == AttemptEnd::answered);
}

TEST_CASE("faulty callback: a fault over a kept connection, and nothing before it is told",
          "[edge][transport][faults]") {
    const TestReceiver receiver{[](ReceiverEnd& peer) {
        while (!peer.read_request().empty()) {
            peer.send(fine_answer);
        }
    }};
    Attempts attempts;
    attempts.make_until_reused(receiver.url());

    // That it does not end from inside start() is what Attempts checks.
    const auto result = attempts.make_badly(receiver.url(), after_bytes(0, End::close), event_body);

    CHECK(result.reused_connection);
    CHECK(result.error == "fault: closed before the first byte");
    CHECK(result.sent == WallInstant::min());
}

TEST_CASE("faulty callback: GET meets it too, with half of its head", "[edge][transport][faults]") {
    Watching there;
    Attempts attempts;
    const WireFault half = half_body(End::close);

    const auto result = attempts.result(
        attempts.start(there.receiver.url(), "eventType=answer", Method::get, 5000ms, {}, &half));
    const auto seen = there.over(attempts);

    CHECK(result.error == "fault: closed after half the body");
    CHECK(seen.bytes.starts_with("GET /cb?eventType=answer HTTP/1.1\r\n"));
    CHECK(seen.bytes.find("\r\n\r\n") == std::string::npos);
}

TEST_CASE("faulty callback: tries on other connections are not touched",
          "[edge][transport][faults]") {
    const TestReceiver receiver{[](ReceiverEnd& peer) {
        while (!peer.read_request().empty()) {
            peer.send(fine_answer);
        }
    }};
    Attempts attempts;
    const WireFault silent = half_body(End::silence);
    std::vector<AttemptId> good;

    const AttemptId bad =
        attempts.start(receiver.url(), event_body, Method::post, 300ms, {}, &silent);
    for (int n = 0; n < 20; ++n) {
        good.push_back(attempts.start(receiver.url(), event_body));
    }

    for (const AttemptId id : good) {
        CHECK(attempts.result(id).end == AttemptEnd::answered);
    }
    CHECK(attempts.result(bad).end == AttemptEnd::timed_out);
}

TEST_CASE("faulty callback: no descriptor is left behind, however it ends",
          "[edge][transport][faults]") {
    const std::size_t before = open_descriptors();
    {
        Watching there{event_body};
        Attempts attempts;
        WireFault stall = half_body(End::silence);
        WireFault late;
        late.latency.a = 1h;
        for (int n = 0; n < 20; ++n) {
            for (const WireFault& fault : one_of_each()) {
                attempts.start(there.receiver.url(), event_body, Method::post, 100ms, {}, &fault);
            }
        }
        attempts.run_until([&] { return attempts.transport().under_way() == 0; });
        const AttemptId one =
            attempts.start(there.receiver.url(), event_body, Method::post, 1h, {}, &late);
        const AttemptId two =
            attempts.start(there.receiver.url(), event_body, Method::post, 1h, {}, &stall);
        attempts.run_until(
            [&] { return std::ranges::find(attempts.sent, two) != attempts.sent.end(); });
        attempts.transport().abandon_all();
        CHECK(attempts.result(one).end == AttemptEnd::abandoned);
        CHECK(attempts.result(two).end == AttemptEnd::abandoned);
        // And one under way when all of it ends.
        attempts.start(there.receiver.url(), event_body, Method::post, 1h, {}, &late);
    }
    CHECK(open_descriptors() == before);
}

TEST_CASE("faulty callback: a cpp-httplib receiver lives through all of them",
          "[edge][transport][faults]") {
    const GoodReceiver<httplib::Server> receiver;
    Attempts attempts;
    check_lives_through_all(attempts, receiver, "http");
}

TEST_CASE("faulty callback: an https receiver lives through all of them",
          "[edge][transport][tls][faults]") {
    const TestCertificate certificate;
    const GoodReceiver<httplib::SSLServer> receiver{certificate.certificate_file().c_str(),
                                                    certificate.key_file().c_str()};
    DeliverySettings settings;
    settings.ca_file = certificate.certificate_file();
    Attempts attempts{settings};
    check_lives_through_all(attempts, receiver, "https");
}
