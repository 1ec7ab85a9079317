// A whole fake over sockets whose answers go wrong: what a client and a receiver see in which
// order, and what the modelled clock does meanwhile.

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/http_server.h"
#include "simulator/edge/http_transport.h"
#include "tests/support/fake_network.h"
#include "tests/support/raw_client.h"
#include "tests/support/test_receiver.h"

using namespace ringback;
using namespace ringback::test;
using nlohmann::json;
using When = fault::Early::When;

namespace {

/// What happened, in the order in which those who saw it said so.
class Diary {
public:
    void note(const std::string& what) {
        {
            const std::lock_guard lock{mutex_};
            notes_.push_back(what);
        }
        changed_.notify_all();
    }
    /// False when it does not come within `at_most`.
    bool wait_for(const std::string& what, std::chrono::milliseconds at_most = patience) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, at_most,
                                 [&] { return std::ranges::find(notes_, what) != notes_.end(); });
    }
    std::vector<std::string> notes() {
        const std::lock_guard lock{mutex_};
        return notes_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> notes_;
};

/// A simulator behind a server and before a transport, on a loop of its own.
class WholeFake final : private HttpHandler {
public:
    template <class Action>
    auto on_loop(Action action) {
        std::packaged_task<decltype(action())()> task{std::move(action)};
        auto done = task.get_future();
        boost::asio::post(loop_, std::move(task));
        if (done.wait_for(patience) != std::future_status::ready) {
            throw std::runtime_error{"the loop did not come round in time"};
        }
        return done.get();
    }
    explicit WholeFake(ClockSettings::Mode mode = ClockSettings::Mode::jumping)
        : settings_{settings_of(mode)}, history{settings_.seed} {
        transport_ = HttpTransport::open(loop_, settings_.delivery, targets_).value();
        simulator_.emplace(loop_, settings_, *transport_, targets_, history, [] {});
        simulator_->ready();
        ServerSettings server;
        server.port = 0;
        server_.emplace(loop_, server, static_cast<HttpHandler&>(*this));
        port = server_->listen().value();
        thread_ = std::thread{[this] { loop_.run(); }};
    }
    WholeFake(const WholeFake&) = delete;
    WholeFake& operator=(const WholeFake&) = delete;
    ~WholeFake() override {
        on_loop([this] { server_.reset(); });
        on_loop([] {});  // what hangs on answers that were cut has had its turn
        loop_.stop();
        thread_.join();
        CHECK(begun_ == ended_);
    }

    void meet(const std::vector<FaultRule::AnswerFault>& faults, const RequestFilter& on = {}) {
        FaultPlan plan;
        for (const FaultRule::AnswerFault& what : faults) {
            FaultRule& rule = plan.rules.emplace_back();
            rule.name = "rule " + std::to_string(plan.rules.size());
            rule.what = FaultRule::OfAnswers{on, what};
        }
        on_loop([&] { simulator_->set_faults(std::move(plan)); });
    }
    /// How far the clock moved during each request, when so many have ended: a client may have read
    /// its answer before the front has noted that it left.
    std::vector<Duration> clock_moves(std::size_t requests) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        auto moves = on_loop([this] { return clock_moved; });
        while (moves.size() < requests && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::yield();
            moves = on_loop([this] { return clock_moved; });
        }
        return moves;
    }
    Simulator& simulator() { return *simulator_; }
    std::vector<nlohmann::ordered_json> entries() {
        return on_loop([this] { return history.entries; });
    }

    std::uint16_t port{0};
    std::vector<Duration> clock_moved;  // while each request was under way; read on the loop

private:
    static SimulatorSettings settings_of(ClockSettings::Mode mode) {
        SimulatorSettings settings = FakeNetwork::jumping();
        settings.clock.mode = mode;
        return settings;
    }
    std::optional<Response> admit(const Request& head) override { return simulator_->admit(head); }
    void handle(Request&& request, std::shared_ptr<Responder> responder) override {
        handled_at_ = simulator_->now();
        simulator_->handle(request, responder);
    }
    Response refuse(int status, std::string_view what, std::string_view remote_ip) override {
        return refused_before_routes(status, what, remote_ip);
    }
    void request_begins() override {
        ++begun_;
        simulator_->request_begins();
    }
    void request_ends() override {
        ++ended_;
        clock_moved.push_back(simulator_->now() - handled_at_);
        simulator_->request_ends();
    }

    SimulatorSettings settings_;
    boost::asio::io_context loop_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> busy_{
        loop_.get_executor()};
    TargetPolicy targets_;

public:
    CanonicalHistory history;

private:
    std::unique_ptr<HttpTransport> transport_;
    std::optional<Simulator> simulator_;
    std::optional<HttpServer> server_;
    Instant handled_at_{};
    int begun_{0};
    int ended_{0};
    std::thread thread_;
};

/// Notes each callback when it has come, and again before it is answered; `before_answer` runs
/// between the two.
class NotingReceiver {
public:
    explicit NotingReceiver(
        Diary& diary, std::function<void()> before_answer = [] {})
        : receiver{[&diary, before_answer = std::move(before_answer)](ReceiverEnd& peer) {
              while (true) {
                  const std::string request = peer.read_request();
                  if (request.empty()) {
                      return;
                  }
                  const json event = json::parse(request.substr(request.find("\r\n\r\n") + 4));
                  const std::string name = event["eventType"].get<std::string>();
                  diary.note(name);
                  before_answer();
                  diary.note(name + " answered");
                  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
              }
          }} {}

    TestReceiver receiver;
};

Answer ask(RawClient& client, const std::string& method, const std::string& path,
           const std::string& body) {
    client.send(method + " " + path +
                " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic dC10OnM=\r\n"
                "Content-Type: application/json\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
    return client.read_answer();
}

Answer create_call(RawClient& client, const TestReceiver& receiver,
                   const std::string& to = "+19195550187") {
    return ask(client, "POST", "/v1/users/u-test/calls",
               R"({"from":"+19195550123","to":")" + to + R"(","callbackUrl":")" + receiver.url() +
                   R"("})");
}

fault::BadAnswer late_by(std::chrono::milliseconds latency) {
    fault::BadAnswer late;
    late.wire.latency.a = latency;
    return late;
}

using Notes = std::vector<std::string>;

}  // namespace

TEST_CASE("early event: before, the answer comes when the event has been answered",
          "[edge][faults]") {
    // A call rings for four seconds: the fault does not wait for that, whatever the clock.
    for (const auto mode : {ClockSettings::Mode::jumping, ClockSettings::Mode::real}) {
        WholeFake fake{mode};
        Diary diary;
        NotingReceiver there{diary};
        fake.meet({fault::Early{When::before}});
        RawClient client{fake.port};

        const Answer created = create_call(client, there.receiver);
        diary.note("created");

        CHECK(created.status == 201);
        CHECK(diary.notes() == Notes{"answer", "answer answered", "created"});
        const auto entries = fake.entries();
        const auto api = std::ranges::find(entries, "api", [](const auto& e) { return e["kind"]; });
        const auto event =
            std::ranges::find(entries, "event", [](const auto& e) { return e["kind"]; });
        REQUIRE(api != entries.end());
        REQUIRE(event != entries.end());
        CHECK((api + 1)->at("kind") == "fault");
        CHECK((api + 1)->at("text") == "the first event comes before the answer");
        CHECK((api + 1)->at("call") == event->at("call"));
        if (mode == ClockSettings::Mode::jumping) {
            CHECK(api->at("time") == event->at("time"));
        }
    }
}

TEST_CASE("early event: during, the answer comes once the event is on the wire", "[edge][faults]") {
    WholeFake fake;
    Diary diary;
    // Answers only when the client has its answer, as no receiver could with `before`.
    NotingReceiver there{diary, [&diary] { diary.wait_for("created"); }};
    fake.meet({fault::Early{When::during}, late_by(200ms)});
    RawClient client{fake.port};

    const Answer created = create_call(client, there.receiver);
    diary.note("created");

    CHECK(created.status == 201);
    REQUIRE(diary.wait_for("answer answered"));
    CHECK(diary.notes() == Notes{"answer", "created", "answer answered"});
}

TEST_CASE("early event: after, it comes right behind the answer and not before", "[edge][faults]") {
    for (const auto mode : {ClockSettings::Mode::jumping, ClockSettings::Mode::real}) {
        WholeFake fake{mode};
        Diary diary;
        NotingReceiver there{diary};
        fake.meet({fault::Early{When::after}, late_by(100ms)});
        RawClient client{fake.port};

        client.send("");
        const auto asked = std::chrono::steady_clock::now();
        const Answer created = create_call(client, there.receiver);
        REQUIRE(diary.wait_for("answer"));
        const auto took = std::chrono::steady_clock::now() - asked;

        CHECK(created.status == 201);
        CHECK(took >= 100ms);
        CHECK(took < 3s);  // not after the four seconds of ringing
        const auto moved = fake.on_loop([&] { return fake.clock_moved; });
        REQUIRE_FALSE(moved.empty());
        if (mode == ClockSettings::Mode::jumping) {
            CHECK(moved.front() == Duration{0});
        }
    }
}

TEST_CASE("early event: a command's first event is early as well, what follows is not",
          "[edge][faults]") {
    WholeFake fake;
    Diary diary;
    NotingReceiver there{diary};
    RawClient client{fake.port};
    const Answer created = create_call(client, there.receiver);
    REQUIRE(diary.wait_for("answer answered"));
    const std::string location = created.header("Location");
    fake.meet({fault::Early{When::before}});

    const Answer spoken = ask(client, "POST", location.substr(location.find("/v1/")) + "/audio",
                              R"({"sentence":"Hello"})");
    const Notes notes = diary.notes();

    CHECK(spoken.status == 200);
    CHECK(std::ranges::find(notes, "speak answered") != notes.end());
}

TEST_CASE("early event: where none is coming the answer comes all the same", "[edge][faults]") {
    WholeFake fake;
    Diary diary;
    NotingReceiver there{diary};
    RawClient client{fake.port};
    fake.meet({fault::Early{When::before}});
    const auto asked = std::chrono::steady_clock::now();

    const Answer listed = ask(client, "GET", "/v1/users/u-test/calls", "");
    const Answer silent = ask(client, "POST", "/v1/users/u-test/calls",
                              R"({"from":"+19195550123","to":"+19195550187"})");

    CHECK(listed.status == 200);
    CHECK(silent.status == 201);  // it has no callbackUrl
    CHECK(std::chrono::steady_clock::now() - asked < 8s);
    CHECK(diary.notes().empty());
}

TEST_CASE("early event: a receiver that never answers holds the answer for its patience only",
          "[edge][faults]") {
    WholeFake fake;
    Diary diary;
    const TestReceiver silent{[](ReceiverEnd& peer) {
        peer.read_request();
        peer.wait_for_close();
    }};
    fake.meet({fault::Early{When::before}});
    RawClient client{fake.port};
    const auto asked = std::chrono::steady_clock::now();

    const Answer created = create_call(client, silent);
    const auto took = std::chrono::steady_clock::now() - asked;

    CHECK(created.status == 201);
    CHECK(took >= 200ms);
    CHECK(took < 5s);
}

TEST_CASE("early event: clients that left and a fake that ends leave nothing behind",
          "[edge][faults]") {
    Diary diary;
    const TestReceiver silent{[&diary](ReceiverEnd& peer) {
        peer.read_request();
        diary.note("event");
        peer.wait_for_close();
    }};
    WholeFake fake;
    fake.meet({fault::Early{When::before}});
    std::optional<RawClient> gone{std::in_place, fake.port};
    RawClient waiting{fake.port};
    const std::string body =
        R"({"from":"+19195550123","to":"+19195550187","callbackUrl":")" + silent.url() + R"("})";
    const std::string request =
        "POST /v1/users/u-test/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic "
        "dC10OnM=\r\nContent-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    gone->send(request);
    waiting.send(request);
    REQUIRE(diary.wait_for("event"));
    gone.reset();
}

TEST_CASE("faulty answer: while it is late the modelled clock stands still", "[edge][faults]") {
    WholeFake fake;
    Diary diary;
    NotingReceiver there{diary};
    RawClient client{fake.port};
    CHECK(create_call(client, there.receiver, "+19195559903").status == 201);
    fault::BadAnswer stalls;
    stalls.wire.limit = 20;
    stalls.wire.end = WireFault::End::silence;
    stalls.wire.silence = 100ms;
    fake.meet({late_by(150ms)}, {"POST", ""});

    CHECK(create_call(client, there.receiver).status == 201);
    const auto late = fake.clock_moves(2);
    fake.meet({stalls}, {"POST", ""});
    CHECK(create_call(client, there.receiver).status == 0);
    const auto stalled = fake.clock_moves(3);

    REQUIRE(late.size() == 2);
    CHECK(late[1] == Duration{0});
    REQUIRE(stalled.size() == 3);
    CHECK(stalled[2] == Duration{0});
    CHECK(diary.wait_for("answer"));
}

TEST_CASE("faulty answer: the callbacks it causes come all the same, whatever became of it",
          "[edge][faults]") {
    using End = WireFault::End;
    for (const End end : {End::close, End::reset}) {
        WholeFake fake;
        Diary diary;
        NotingReceiver there{diary};
        fault::BadAnswer cut;
        cut.wire.limit = 0;
        cut.wire.end = end;
        fake.meet({cut}, {"POST", ""});
        RawClient client{fake.port};

        CHECK(create_call(client, there.receiver).status == 0);

        CHECK(diary.wait_for("answer"));
        const auto entries = fake.entries();
        CHECK(entries.at(0)["kind"] == "api");
        CHECK(entries.at(0)["status"] == 201);  // what was meant to arrive
        CHECK(entries.at(1)["kind"] == "fault");
    }
}
