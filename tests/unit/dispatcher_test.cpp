#include "simulator/edge/dispatcher.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/fake_transport.h"

using namespace ringback;
using namespace ringback::test;
using namespace std::chrono_literals;

namespace {

struct DispatchBench : DispatchHost {
    boost::asio::io_context loop;
    FakeTransport network{loop};
    DeliverySettings settings;
    std::vector<AttemptMade> made;
    std::vector<std::pair<EventType, bool>> news;
    std::unique_ptr<Dispatcher> dispatcher;

    Dispatcher& start() {
        dispatcher = std::make_unique<Dispatcher>(loop, network, settings, Seed{1}, *this);
        return *dispatcher;
    }
    void attempt_made(const Owed& owed, bool fallback, AttemptResult&& result) override {
        made.emplace_back(owed.delivery, owed.type, owed.delivery.attempts, fallback, owed.route,
                          owed.redirected_to, std::move(result));
    }
    void told(const Owed& owed, bool failed) override { news.emplace_back(owed.type, failed); }
    void activity_changed(WallInstant /*now*/) override {}

    DeliveryId owe(std::uint64_t call, std::string payload, std::string fallback = {}) {
        return dispatcher->owe(callback_of(call, std::move(fallback)), Text{payload}, {});
    }
    /// The same, whose first sending breaks off, and is made again as it should be.
    void owe_badly(std::uint64_t call, const std::string& payload) {
        Parcel parcel;
        parcel.id = dispatcher->next_id();
        parcel.callback = callback_of(call, {});
        parcel.payload = Text{payload};
        parcel.badly.open().send = fault::BadSend{};
        dispatcher->owe(std::move(parcel));
    }
    static Callback callback_of(std::uint64_t call, std::string fallback) {
        Route route;
        route.url = "http://127.0.0.1:9/cb";
        route.fallback_url = std::move(fallback);
        Callback callback;
        callback.event.type = EventType::answer;
        callback.event.call = CallId{call};
        callback.route = RouteRef{route};
        callback.strand = CallId{call};
        return callback;
    }
    bool settled() {
        return run_until(loop, [&] { return dispatcher->pending() == 0; });
    }
};

}  // namespace

TEST_CASE("dispatcher: events of a call go one after the other, calls beside each other",
          "[edge][delivery]") {
    DispatchBench bench;
    std::vector<FakeTransport::Sent> open;
    bench.network.respond = [&](const auto& sent) {
        open.push_back(sent);
        return 0;
    };
    bench.settings.reply_patience = 1h;
    bench.start();
    bench.owe(1, "1a");
    bench.owe(1, "1b");
    bench.owe(2, "2a");
    REQUIRE(run_until(bench.loop, [&] { return open.size() == 2; }));
    CHECK(open[0].payload == "1a");
    CHECK(open[1].payload == "2a");
    bench.network.answer(open[0].id, 200);
    REQUIRE(run_until(bench.loop, [&] { return open.size() == 3; }));
    CHECK(open[2].payload == "1b");
    CHECK(bench.dispatcher->busy());
    bench.network.answer(open[1].id, 204);
    bench.network.answer(open[2].id, 500);
    CHECK(bench.settled());
    CHECK_FALSE(bench.dispatcher->busy());
    CHECK(bench.made.back().after == DeliveryState::failed);
}

TEST_CASE("dispatcher: a receiver that never replies holds its call up for replyPatience only",
          "[edge][delivery]") {
    DispatchBench bench;
    std::vector<FakeTransport::Sent> open;
    bench.network.respond = [&](const auto& sent) {
        open.push_back(sent);
        return 0;
    };
    bench.settings.reply_patience = 5ms;
    bench.start();
    bench.owe(1, "a");
    bench.owe(1, "b");
    REQUIRE(run_until(bench.loop, [&] { return open.size() == 2; }));
    REQUIRE(run_until(bench.loop, [&] { return !bench.dispatcher->busy(); }));
    CHECK(bench.dispatcher->pending() == 2);
    bench.network.answer(open[0].id, 200);  // late, but it still counts
    bench.network.answer(open[1].id, 200);
    CHECK(bench.settled());
    CHECK(bench.made.size() == 2);
    CHECK(bench.made[0].after == DeliveryState::delivered);
    CHECK(bench.news.size() == 2);
}

TEST_CASE(
    "dispatcher: a sending that was lost with its kept connection is told, and changes nothing",
    "[edge][delivery]") {
    DispatchBench bench;
    std::vector<FakeTransport::Sent> open;
    bench.network.respond = [&](const auto& sent) {
        open.push_back(sent);
        return 0;
    };
    bench.settings.reply_patience = 1h;
    bench.start();
    bench.owe(1, "a", "http://127.0.0.1:9/fallback");
    bench.owe(1, "b");
    REQUIRE(run_until(bench.loop, [&] { return open.size() == 1; }));

    bench.network.lose(open[0].id);

    REQUIRE(bench.made.size() == 1);
    CHECK(bench.made[0].attempt == 1);
    CHECK(bench.made[0].unheard == 1);
    CHECK(bench.made[0].after == DeliveryState::owed);
    CHECK(bench.made[0].result.due <= bench.made[0].result.ended);
    CHECK(bench.news.empty());
    CHECK(bench.dispatcher->busy());
    CHECK(open.size() == 1);
    bench.network.answer(open[0].id, 500);
    REQUIRE(run_until(bench.loop, [&] { return open.size() == 2; }));
    bench.network.lose(open[1].id);
    bench.network.answer(open[1].id, 200);
    REQUIRE(run_until(bench.loop, [&] { return open.size() == 3; }));
    bench.network.answer(open[2].id, 200);
    CHECK(bench.settled());
    REQUIRE(bench.made.size() == 5);
    CHECK(open[1].url == "http://127.0.0.1:9/fallback");
    CHECK(bench.made[1].attempt == 2);
    CHECK(bench.made[1].is_first_try());
    CHECK(bench.made[2].fallback);
    CHECK(bench.made[2].attempt == 3);
    CHECK(bench.made[2].unheard == 2);
    CHECK(bench.made[3].attempt == 4);
    CHECK(bench.made[3].after == DeliveryState::delivered_by_fallback);
    CHECK(bench.made[1].result.due == bench.made[0].result.ended);
}

TEST_CASE("dispatcher: patience counts from the sending that is as it should be",
          "[edge][delivery][faults]") {
    DispatchBench bench;
    std::vector<FakeTransport::Sent> open;
    std::vector<WallInstant> sent_at;
    bench.network.respond = [&](const auto& sent) {
        open.push_back(sent);
        sent_at.push_back(wall_now());
        return 0;
    };
    bench.settings.reply_patience = 20ms;
    bench.start();
    bench.owe_badly(1, "a");
    bench.owe(1, "b");
    REQUIRE(run_until(bench.loop, [&] { return open.size() == 1; }));
    CHECK(open[0].badly);
    // Until the patience with it would be over; the loop does not run meanwhile.
    while (wall_now() < sent_at[0] + bench.settings.reply_patience) {
    }
    AttemptResult broken;
    broken.end = AttemptEnd::broken;
    const WallInstant broke = wall_now();
    bench.network.end(open[0].id, std::move(broken));
    CHECK(bench.dispatcher->busy());

    REQUIRE(run_until(bench.loop, [&] { return open.size() == 3; }));
    CHECK(open[1].payload == "a");
    CHECK_FALSE(open[1].badly);
    CHECK(open[2].payload == "b");
    CHECK(sent_at[2] - broke >= bench.settings.reply_patience);
    bench.network.answer(open[1].id, 200);
    bench.network.answer(open[2].id, 200);
    CHECK(bench.settled());
    CHECK(bench.made.back().after == DeliveryState::delivered);
}

TEST_CASE("dispatcher: strict order waits for the answer, concurrent for nothing",
          "[edge][delivery]") {
    for (const Ordering ordering : {Ordering::strict, Ordering::concurrent}) {
        DispatchBench bench;
        std::vector<FakeTransport::Sent> open;
        bench.network.respond = [&](const auto& sent) {
            open.push_back(sent);
            return 0;
        };
        bench.settings.reply_patience = 0ms;
        bench.settings.ordering = ordering;
        bench.start();
        bench.owe(1, "a");
        bench.owe(1, "b");
        const std::size_t expected = ordering == Ordering::strict ? 1 : 2;
        REQUIRE(run_until(bench.loop, [&] { return open.size() >= 1; }));
        bench.loop.restart();
        bench.loop.poll();
        CHECK(open.size() == expected);
    }
}

TEST_CASE("dispatcher: nothing of a held strand leaves before its release", "[edge][delivery]") {
    DispatchBench bench;
    bench.start();
    bench.dispatcher->hold(CallId{1});
    bench.owe(1, "a");
    bench.loop.poll();
    CHECK(bench.network.sent.empty());
    CHECK(bench.dispatcher->busy());
    bench.dispatcher->release(CallId{1});
    CHECK(bench.settled());
    CHECK(bench.network.sent.size() == 1);
}

TEST_CASE(
    "dispatcher: while it is paused nothing begins, of any strand, and what is under way ends",
    "[edge][delivery]") {
    DispatchBench bench;
    std::vector<FakeTransport::Sent> open;
    bench.network.respond = [&](const auto& sent) {
        open.push_back(sent);
        return 0;
    };
    bench.settings.reply_patience = 1h;
    bench.start();
    bench.dispatcher->hold(CallId{3});
    bench.owe(1, "1a");
    bench.owe(1, "1b");
    REQUIRE(run_until(bench.loop, [&] { return open.size() == 1; }));
    bench.dispatcher->pause();
    bench.dispatcher->pause();
    CHECK(bench.dispatcher->under_way() == 1);
    bench.owe(2, "2a");
    bench.owe(3, "3a");
    bench.network.answer(open[0].id, 200);
    REQUIRE(run_until(bench.loop, [&] { return bench.made.size() == 1; }));
    bench.loop.poll();
    CHECK(bench.dispatcher->under_way() == 0);
    CHECK(bench.dispatcher->pending() == 3);
    CHECK(open.size() == 1);

    bench.network.respond = [&](const auto& sent) {
        open.push_back(sent);
        return 200;
    };
    bench.dispatcher->resume();
    bench.dispatcher->resume();
    REQUIRE(run_until(bench.loop, [&] { return bench.dispatcher->pending() == 1; }));
    bench.dispatcher->release(CallId{3});  // who else held one still has to let it go
    CHECK(bench.settled());
    CHECK(open.size() == 4);
    bench.owe(4, "4a");
    CHECK(bench.settled());

    bench.dispatcher->pause();
    open.clear();
    std::vector<std::string> wanted;
    for (const std::uint64_t call : {7U, 5U, 9U, 6U, 8U, 4U}) {
        wanted.push_back(std::to_string(call));
        bench.owe(call, wanted.back());
    }
    bench.dispatcher->resume();
    CHECK(bench.settled());
    std::vector<std::string> came;
    for (const auto& sent : open) {
        came.push_back(sent.payload);
    }
    CHECK(came == wanted);  // in the order in which they became owed, whosever they are
}

TEST_CASE("dispatcher: the fallback gets the same event once, the next goes to callbackUrl again",
          "[edge][delivery]") {
    DispatchBench bench;
    bench.network.respond = [&](const auto& sent) {
        return sent.url.find("/fb") != std::string::npos ? 200 : 500;
    };
    bench.start();
    bench.owe(1, "a", "http://127.0.0.1:9/fb");
    bench.owe(1, "b", "http://127.0.0.1:9/fb");
    CHECK(bench.settled());
    std::vector<std::string> seen;
    for (const auto& sent : bench.network.sent) {
        seen.push_back(sent.url.substr(18) + " " + sent.payload);
    }
    CHECK(seen == std::vector<std::string>{"/cb a", "/fb a", "/cb b", "/fb b"});
    CHECK(bench.made[1].fallback);
    CHECK(bench.made[1].after == DeliveryState::delivered_by_fallback);
}

TEST_CASE("dispatcher: redirects are followed only when asked, then without a body after 302",
          "[edge][delivery]") {
    DispatchBench bench;
    bench.settings.policy.follow_redirects = true;
    bench.network.respond = [&](const FakeTransport::Sent& sent) {
        if (sent.url.find("/cb") != std::string::npos) {
            bench.network.answer(sent.id, 302, "/there");
            return 0;
        }
        return 200;
    };
    bench.start();
    bench.owe(1, "body");
    CHECK(bench.settled());
    REQUIRE(bench.network.sent.size() == 2);
    CHECK(bench.network.sent[1].url == "http://127.0.0.1:9/there");
    CHECK(bench.network.sent[1].method == Method::get);
    CHECK(bench.network.sent[1].payload.empty());
    CHECK(bench.made[1].redirected_to.view() == "http://127.0.0.1:9/there");
}

TEST_CASE("dispatcher: random answers at random times invert nothing", "[edge][delivery]") {
    DispatchBench bench;
    Rng dice{7};
    std::vector<AttemptId> open;
    bench.network.respond = [&](const auto& sent) -> int {
        if (dice.below(3) == 0) {
            return 200;
        }
        open.push_back(sent.id);
        return 0;
    };
    bench.settings.reply_patience = 1h;
    bench.start();
    constexpr std::uint64_t calls = 500;
    for (int event = 0; event < 4; ++event) {
        for (std::uint64_t call = 1; call <= calls; ++call) {
            bench.owe(call, std::to_string(call) + " " + std::to_string(event));
        }
    }
    REQUIRE(run_until(bench.loop, [&] {
        if (!open.empty()) {
            std::swap(open[dice.below(open.size())], open.back());
            const AttemptId id = open.back();
            open.pop_back();
            bench.network.answer(id, dice.below(2) == 0 ? 200 : 500);
        }
        return bench.dispatcher->pending() == 0;
    }));
    std::map<std::string, int> next;
    for (const auto& sent : bench.network.sent) {
        const auto space = sent.payload.find(' ');
        CHECK(std::stoi(sent.payload.substr(space)) == next[sent.payload.substr(0, space)]++);
    }
    CHECK(bench.network.sent.size() == calls * 4);
}
