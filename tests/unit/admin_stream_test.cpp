#include <catch2/catch.hpp>

#include "harness/admin/event_stream.h"
#include "tests/support/admin_fixture.h"
#include "tests/support/entries.h"

namespace ringback {
namespace {

using namespace std::chrono_literals;
using test::AdminFixture;
using test::entry;
using test::json_of;

StateChanged ended() { return {CallState::active, CallState::completed, Cause::normal_clearing}; }

std::size_t count_of(const std::string& text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

TEST_CASE("event stream: each entry is one frame with its number, kind and JSON",
          "[admin][events]") {
    AdminFixture f;
    f.journal.record(entry(ended()));
    const auto client = f.get("/events");
    REQUIRE(client->opened != nullptr);
    CHECK(client->got.status == 200);
    CHECK(test::header_of(client->got, "Content-Type") == "text/event-stream");
    CHECK(test::header_of(client->got, "Cache-Control") == "no-store");
    CHECK(client->opened->text == "retry: 1000\n\n");

    f.journal.record(entry(test::api("GET", "/v1/a\r\n\ndata: forged", 200)));
    std::string line;
    f.journal.each({.since = 1}, [&](const Entry& one) {
        line = f.journal.line(one);
        return true;
    });
    CHECK(client->opened->text == "retry: 1000\n\nid: 2\nevent: api\ndata: " + line + "\n\n");
}

TEST_CASE("event stream: since and Last-Event-ID bring what came after, the latter is stronger",
          "[admin][events]") {
    AdminFixture f;
    for (int i = 0; i < 4; ++i) {
        f.journal.record(entry(ended()));
    }
    CHECK(count_of(f.get("/events?since=0")->opened->text, "data: ") == 4);
    CHECK(count_of(f.get("/events?since=3")->opened->text, "data: ") == 1);
    Request again = AdminFixture::request("GET", "/__admin/events?since=0");
    again.headers.push_back({"Last-Event-ID", "2"});
    const auto client = f.send(again);
    CHECK(count_of(client->opened->text, "data: ") == 2);
    CHECK(client->opened->text.find("id: 3\n") != std::string::npos);
}

TEST_CASE("event stream: the journal's filters hold, for old and new entries", "[admin][events]") {
    AdminFixture f;
    f.journal.record(entry(ended(), "u-a"));
    f.journal.record(entry(ended(), "u-b"));
    const auto client = f.get("/events?since=0&user=u-a");
    f.journal.record(entry(ended(), "u-b"));
    f.journal.record(entry(ended(), "u-a"));

    CHECK(count_of(client->opened->text, "data: ") == 2);
    CHECK(client->opened->text.find("u-b") == std::string::npos);
    for (const auto* const bad : {"/events?kind=x", "/events?limit=5", "/events?since=x"}) {
        CHECK(f.get(bad)->got.status == 400);
    }
}

TEST_CASE("event stream: a long replay comes in portions and misses nothing", "[admin][events]") {
    AdminFixture f;
    ApiExchange exchange = test::api("POST", "/v1", 200);
    exchange.request_body = std::string(3000, 'x');
    for (int i = 0; i < 300; ++i) {
        f.journal.record(entry(exchange));
    }
    const auto client = f.get("/events?since=0");
    const auto first = client->opened->text.size();
    CHECK(first < 200'000);
    f.journal.record(entry(exchange));  // recorded while it catches up
    f.controls.pass(1s);
    f.journal.record(entry(exchange));  // and after

    CHECK(count_of(client->opened->text, "data: ") == 302);
    for (int i = 1; i < 302; ++i) {
        const auto here = client->opened->text.find("id: " + std::to_string(i) + "\n");
        const auto next = client->opened->text.find("id: " + std::to_string(i + 1) + "\n");
        REQUIRE(here < next);
    }
}

TEST_CASE("event stream: a replay of many entries that do not match also ends", "[admin][events]") {
    AdminFixture f;
    for (int i = 0; i < 12'000; ++i) {
        f.journal.record(entry(ended(), "u-a"));
    }
    f.journal.record(entry(ended(), "u-b"));
    const auto client = f.get("/events?since=0&user=u-b");
    CHECK(count_of(client->opened->text, "data: ") == 0);
    f.controls.pass(1s);
    CHECK(count_of(client->opened->text, "data: ") == 1);
}

TEST_CASE("event stream: what the ring has forgotten is said", "[admin][events]") {
    test::FakeControls controls;
    Journal journal{controls.ids(), {.entries = 3}};
    EventStreams streams{controls, journal};
    for (int i = 0; i < 5; ++i) {
        journal.record(entry(ended()));
    }
    const auto client = std::make_shared<test::FakeStream>();
    streams.add(client, {.since = 1});

    CHECK(client->text.find("event: gap\ndata: {\"from\":2,\"to\":2}\n\nid: 3\n") !=
          std::string::npos);
    CHECK(count_of(client->text, "id: ") == 3);
}

TEST_CASE("event stream: quiet streams are kept alive, closed ones are dropped",
          "[admin][events]") {
    AdminFixture f;
    const auto client = f.get("/events");
    const auto gone = f.get("/events");
    f.controls.pass(16s);
    CHECK(count_of(client->opened->text, ":\n\n") == 1);
    CHECK(json_of(*f.get("/stats"))["event_streams"] == 2);
    gone->opened->is_open = false;
    f.controls.pass(15s);
    CHECK(json_of(*f.get("/stats"))["event_streams"] == 1);
    client->opened->is_open = false;
    f.controls.pass(15s);
    CHECK(json_of(*f.get("/stats"))["event_streams"] == 0);
    CHECK(f.controls.timers.empty());
}

TEST_CASE("event stream: beyond the limit a client is told to come back", "[admin][events]") {
    AdminFixture f;
    std::vector<std::shared_ptr<test::AdminResponder>> clients;
    for (std::size_t i = 0; i < EventStreams::most_streams; ++i) {
        clients.push_back(f.get("/events"));
    }
    CHECK(f.get("/events")->got.status == 503);
}

TEST_CASE("event stream: the end of the admin plane ends the streams, timers or not",
          "[admin][events]") {
    test::FakeControls controls;
    Journal journal{controls.ids()};
    auto admin = std::make_unique<AdminApi>(controls, journal, AdminSettings{});
    const auto client = std::make_shared<test::AdminResponder>();
    admin->handle(AdminFixture::request("GET", "/__admin/events"), client);
    const auto waiter = std::make_shared<test::AdminResponder>();
    admin->handle(AdminFixture::request("GET", "/__admin/wait?for=idle"), waiter);
    admin.reset();

    CHECK_FALSE(client->opened->is_open);
    journal.record(entry(ended()));
    controls.pass(10min);
    test::FakeControls::call_all(controls.quiet_waiters);
    CHECK(waiter->answers == 0);
}

TEST_CASE("wait: what is so already is answered at once", "[admin][wait]") {
    AdminFixture f;
    CHECK(json_of(*f.get("/wait")) ==
          nlohmann::json{{"for", "ready"}, {"met", true}, {"waited_ms", 0}});
    f.controls.is_quiet = true;
    CHECK(f.get("/wait?for=idle")->got.status == 200);
    const auto id = f.call();
    f.post("/calls/" + id + "/caller", R"({"action":"decline"})");
    const auto over = f.get("/wait?for=call-ended&call=" + id);
    CHECK(over->got.status == 200);
    CHECK(json_of(*over)["call"] == id);
    CHECK(f.controls.timers.empty());
}

TEST_CASE("wait: it is answered when it has come to be so", "[admin][wait]") {
    AdminFixture f;
    f.controls.reason_not_ready = "loading";
    const auto ready = f.get("/wait?for=ready");
    const auto idle = f.get("/wait?for=idle");
    const auto id = f.call("u-a");
    const auto ended_call = f.get("/wait?for=call-ended&call=" + id);
    const User& user = *f.controls.engine().find_user("u-a");
    f.controls.pass(1500ms);
    CHECK(ready->answers + idle->answers + ended_call->answers == 0);
    CHECK(json_of(*f.get("/stats"))["waits"] == 3);

    test::FakeControls::call_all(f.controls.ready_waiters);
    CHECK(json_of(*ready)["waited_ms"] == 1500);
    test::FakeControls::call_all(f.controls.quiet_waiters);
    CHECK(idle->got.status == 200);
    Entry other = entry(ended(), "u-a");
    other.call = call_id(user.slot, 2);
    f.journal.record(other);
    CHECK(ended_call->answers == 0);
    Entry mine = entry(StateChanged{CallState::started, CallState::active, {}}, "u-a");
    mine.call = call_id(user.slot, 1);
    f.journal.record(mine);
    CHECK(ended_call->answers == 0);
    mine.what = ended();
    f.journal.record(mine);
    CHECK(ended_call->got.status == 200);
    CHECK(json_of(*f.get("/stats"))["waits"] == 0);

    f.controls.pass(60s);
    CHECK(ready->answers == 1);
    CHECK(idle->answers == 1);
    CHECK(ended_call->answers == 1);
}

TEST_CASE("wait: when the time is over it says why", "[admin][wait]") {
    AdminFixture f;
    f.controls.reason_not_ready = "loading";
    const auto id = f.call();
    const auto ready = f.get("/wait?for=ready&timeout=2s");
    const auto idle = f.get("/wait?for=idle");
    const auto call = f.get("/wait?for=call-ended&call=" + id + "&timeout=500ms");
    f.controls.pass(1999ms);
    CHECK(ready->answers == 0);
    CHECK(call->got.status == 504);
    CHECK(json_of(*call)["error"] == "the time is over: the call is not over");
    f.controls.pass(1ms);
    CHECK(ready->got.status == 504);
    CHECK(json_of(*ready)["error"] == "the time is over: loading");
    CHECK(json_of(*ready)["met"] == false);
    f.controls.pass(30s);
    CHECK(json_of(*idle)["error"] ==
          "the time is over: 1 calls are not over, 3 events are not delivered");
    test::FakeControls::call_all(f.controls.ready_waiters);
    CHECK(ready->answers == 1);
    CHECK(f.get("/wait?for=idle&timeout=0s")->got.status == 504);
}

TEST_CASE("wait: what cannot be waited for is refused", "[admin][wait]") {
    AdminFixture f;
    for (const auto* const bad :
         {"/wait?for=christmas", "/wait?for=idle&timeout=soon", "/wait?for=idle&timeout=11m",
          "/wait?for=call-ended", "/wait?for=idle&call=c-x", "/wait?until=idle"}) {
        CAPTURE(bad);
        CHECK(f.get(bad)->got.status == 400);
    }
    CHECK(f.get("/wait?for=call-ended&call=c-x")->got.status == 404);
}

}  // namespace
}  // namespace ringback
