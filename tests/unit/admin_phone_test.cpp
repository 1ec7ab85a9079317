#include <catch2/catch.hpp>

#include "tests/support/admin_fixture.h"

namespace ringback {
namespace {

using nlohmann::json;
using test::AdminFixture;
using test::header_of;
using test::json_of;

TEST_CASE("admin calls: they are listed newest first, by user and state", "[admin][calls]") {
    AdminFixture f;
    const auto first = f.call("u-a");
    const auto second = f.call("u-a", "+19195550188");
    const auto other = f.call("u-b");
    const auto all = json_of(*f.get("/calls"));

    REQUIRE(all.size() == 3);
    CHECK(all[0]["id"] == second);
    CHECK(all[1] == json{{"id", first},
                         {"user", "u-a"},
                         {"state", "started"},
                         {"direction", "out"},
                         {"from", "+19195550123"},
                         {"to", "+19195550187"},
                         {"pending", true},
                         {"startTime", "2026-01-05T09:00:00.000Z"}});
    CHECK(all[2]["id"] == other);
    CHECK(json_of(*f.get("/calls?user=u-b")).size() == 1);
    CHECK(json_of(*f.get("/calls?state=active")).empty());
    const auto one = f.get("/calls?limit=1");
    CHECK(json_of(*one).size() == 1);
    CHECK(header_of(one->got, "X-Ringback-More") == "true");
    CHECK(header_of(f.get("/calls?limit=3")->got, "X-Ringback-More").empty());
    for (const auto* const bad : {"/calls?state=ringing", "/calls?limit=0", "/calls?colour=red"}) {
        CHECK(f.get(bad)->got.status == 400);
    }
}

TEST_CASE("admin calls: one call is shown, an unknown one is 404", "[admin][calls]") {
    AdminFixture f;
    const auto id = f.call();
    f.controls.advance(std::chrono::seconds{60}, {});
    const auto answer = f.get("/calls/" + id);
    CHECK(answer->got.status == 200);
    CHECK(json_of(*answer)["state"] == "active");
    CHECK(json_of(*answer)["activeTime"] == "2026-01-05T09:00:04.000Z");
    CHECK(f.post("/calls/" + id + "/caller", R"({"action":"hangup"})")->got.status == 200);
    CHECK(json_of(*f.get("/calls/" + id))["cause"] == "NORMAL_CLEARING");
    CHECK(json_of(*f.get("/calls/" + id))["endTime"] == "2026-01-05T09:01:00.000Z");
    for (const auto* const unknown : {"/calls/c-nonsense", "/calls/%00", "/calls/%zz"}) {
        CHECK(f.get(unknown)->got.status == 404);
    }
}

TEST_CASE("admin calls: a call comes in with all it was given", "[admin][calls]") {
    AdminFixture f;
    const auto answer = f.post("/calls", R"({"userId":"u-in","from":"+19195550187",
        "to":"sip:me@example.com","callbackUrl":"http://127.0.0.1:9/cb","callbackHttpMethod":"GET",
        "callbackTimeout":2000,"fallbackUrl":"http://127.0.0.1:9/f","autoAnswer":false,
        "applicationId":"a-1","displayName":"Ann","withholdCallerNumber":true,
        "diversion":{"origTo":"+19195550144","reason":"unavailable","counter":2},"fallbackNumber":"+19195550100",
        "pressOnGather":"12#","hangUpAfter":"10s"})");
    REQUIRE(answer->got.status == 201);
    const auto summary = json_of(*answer);
    CHECK(summary["user"] == "u-in");
    CHECK(summary["direction"] == "in");
    CHECK(header_of(answer->got, "Location") ==
          "/__admin/calls/" + summary["id"].get<std::string>());

    REQUIRE(f.controls.rung_in.has_value());
    const NewCall& call = *f.controls.rung_in;
    CHECK(call.direction == Direction::in);
    CHECK(call.to == "sip:me@example.com");
    CHECK(*call.route == Route{"http://127.0.0.1:9/cb", "http://127.0.0.1:9/f", Method::get, true,
                               std::chrono::milliseconds{2000}});
    CHECK(call.auto_answer == false);
    CHECK(call.application_id == "a-1");
    REQUIRE(call.caller);
    CHECK(call.caller->display_name == "Ann");
    CHECK(call.caller->number_withheld);
    CHECK_FALSE(call.caller->name_withheld);
    CHECK(*call.caller->diversion.get() ==
          Diversion{"+19195550144", "unavailable", "off", "no", 2, 1});
    CHECK(call.fallback_number == "+19195550100");
    REQUIRE(call.far_end.has_value());
    CHECK(call.far_end->script->keys_on_gather == "12#");
    CHECK(call.far_end->script->hangs_up_after == std::chrono::seconds{10});
}

TEST_CASE("admin calls: two numbers are enough for an inbound call", "[admin][calls]") {
    AdminFixture f;
    const auto answer = f.post("/calls", R"({"from":"+19195550187","to":"+19195550123"})");
    CHECK(json_of(*answer)["user"] == "u-ringback");
    CHECK_FALSE(f.controls.rung_in->auto_answer.has_value());
    CHECK(f.controls.rung_in->route->url.empty());
    CHECK_FALSE(f.controls.rung_in->far_end.has_value());
}

TEST_CASE("admin calls: everything wrong with an inbound call is named, and no call is made",
          "[admin][calls]") {
    AdminFixture f;
    const auto answer = f.post("/calls", R"({"userId":"a/b","from":"12","callbackUrl":"ftp://x",
        "callbackHttpMethod":"PUT","callbackTimeout":0,"autoAnswer":"yes","pressOnGather":"x",
        "fallbackUrl":"http://user:geheim@example.com/","hangUpAfter":"soon","colour":"red"})");
    CHECK(answer->got.status == 400);
    std::vector<std::string> fields;
    const auto body = json_of(*answer);
    for (const auto& problem : body["problems"]) {
        fields.push_back(problem["field"]);
    }
    CHECK(fields == std::vector<std::string>{"userId", "from", "to", "callbackUrl", "fallbackUrl",
                                             "callbackHttpMethod", "callbackTimeout", "autoAnswer",
                                             "pressOnGather", "hangUpAfter", "colour"});
    CHECK(answer->got.body.find("add --allow-target to allow it") != std::string::npos);
    CHECK(answer->got.body.find("geheim") == std::string::npos);
    CHECK_FALSE(f.controls.rung_in.has_value());
}

TEST_CASE("admin calls: a simulator that takes no call is 503", "[admin][calls]") {
    AdminFixture f;
    f.controls.refuses_calls = true;
    const auto answer = f.post("/calls", R"({"from":"+19195550187","to":"+19195550123"})");
    CHECK(answer->got.status == 503);
    CHECK(json_of(*answer)["error"] == "stopping");
}

TEST_CASE("admin calls: while the journal cannot be written no call is taken", "[admin][calls]") {
    AdminFixture f;
    auto full = JournalFile::open({.path = "/dev/full", .say = [](std::string_view) {}});
    REQUIRE(full.ok());
    f.journal.keep_in(full.value().get());
    // The first is only found out about when it is recorded.
    f.post("/calls", R"({"from":"+19195550187","to":"+19195550123"})");
    f.controls.rung_in.reset();
    const auto answer = f.post("/calls", R"({"from":"+19195550187","to":"+19195550123"})");
    CHECK(answer->got.status == 503);
    CHECK(json_of(*answer)["error"] == "the journal cannot be written: No space left on device");
    CHECK_FALSE(f.controls.rung_in.has_value());
    CHECK(json_of(*f.get("/stats"))["journal"]["file"]["healthy"] == false);
    f.journal.keep_in(nullptr);
}

TEST_CASE("admin caller: each action reaches the call", "[admin][caller]") {
    AdminFixture f;
    const auto id = f.call("u-a");
    const auto act = [&](const std::string& body) {
        return f.post("/calls/" + id + "/caller", body);
    };
    CHECK(json_of(*act(R"({"action":"answer"})"))["state"] == "active");
    CHECK(act(R"({"action":"press","digits":"12#"})")->got.status == 200);
    CHECK(act(R"({"action":"say","text":"hello"})")->got.status == 200);
    CHECK(act(R"({"action":"speak-over","text":"stop"})")->got.status == 200);
    CHECK(json_of(*act(R"({"action":"hangup"})"))["state"] == "completed");
    REQUIRE(f.controls.acted.size() == 5);
    CHECK(std::get<PressKeys>(f.controls.acted[1]).keys == "12#");
    CHECK(std::get<Say>(f.controls.acted[3]).text == "stop");

    const auto late = act(R"({"action":"press","digits":"1"})");
    CHECK(late->got.status == 409);
    CHECK(json_of(*late)["error"] == "the call is over");
    CHECK(json_of(*late)["call"]["state"] == "completed");
}

TEST_CASE("admin caller: who declines ends the call, and cannot answer after", "[admin][caller]") {
    AdminFixture f;
    for (const std::string action : {"decline", "reject"}) {
        const auto id = f.call();
        CHECK(json_of(*f.post("/calls/" + id + "/caller",
                              R"({"action":")" + action + R"("})"))["state"] == "rejected");
        CHECK(f.post("/calls/" + id + "/caller", R"({"action":"answer"})")->got.status == 409);
    }
}

TEST_CASE("admin caller: what is not an action changes nothing", "[admin][caller]") {
    AdminFixture f;
    const auto id = f.call();
    for (const auto* const bad :
         {"", "{}", R"({"action":"dance"})", R"({"action":5})", R"({"action":"press"})",
          R"({"action":"press","digits":"x"})", R"({"action":"press","digits":""})",
          R"({"action":"say"})", R"({"action":"say","text":""})",
          R"({"action":"hangup","digits":"1"})", R"({"action":"answer","text":"hi"})",
          R"({"action":"answer","when":"now"})"}) {
        CAPTURE(bad);
        const auto answer = f.post("/calls/" + id + "/caller", bad);
        CHECK(answer->got.status == 400);
        CHECK(json_of(*answer)["problems"].size() == 1);
    }
    CHECK(f.controls.acted.empty());
    CHECK(f.post("/calls/c-x/caller", R"({"action":"answer"})")->got.status == 404);
}

TEST_CASE("admin far ends: what is set decides the next call to that number", "[admin][far-end]") {
    AdminFixture f;
    const auto answer = f.post("/far-ends", R"({"to":"+19195550187","act":"busy","after":"2s"})");
    CHECK(json_of(*answer) == json{{"to", "+19195550187"}, {"act", "busy"}});
    const auto id = f.call();
    f.controls.advance(std::chrono::seconds{2}, {});
    CHECK(json_of(*f.get("/calls/" + id))["cause"] == "USER_BUSY");

    CHECK(f.post("/far-ends", R"({"to":"+19195550187","act":"default"})")->got.status == 200);
    CHECK(f.controls.far_ends.back().second == std::nullopt);
}

TEST_CASE("admin far ends: a person can be scripted", "[admin][far-end]") {
    AdminFixture f;
    f.post("/far-ends", R"({"to":"+1919","pressAfterAnswer":"12","pressOnGather":"1",
        "pressDelay":"250ms","hangUpAfter":"10s","says":"yes","recordingFails":true,
        "transcriptionFails":true})");
    REQUIRE(f.controls.far_ends.size() == 1);
    const FarEnd& far_end = *f.controls.far_ends[0].second;
    CHECK(far_end.act == FarEndAct::answers);
    CHECK(*far_end.script == FarEndScript{std::chrono::seconds{10}, false, "12", "1",
                                          std::chrono::milliseconds{250}, true, true, "yes"});
}

TEST_CASE("admin far ends: what cannot be is refused", "[admin][far-end]") {
    AdminFixture f;
    for (const auto* const bad :
         {"{}", R"({"to":"nobody"})", R"({"to":"+1919","act":"explode"})",
          R"({"to":"+1919","act":"busy","says":"hi"})",
          R"({"to":"+1919","act":"no-answer","after":"1s"})",
          R"({"to":"+1919","act":"default","after":"1s"})", R"({"to":"+1919","after":-1})",
          R"({"to":"+1919","recordingFails":"true"})", R"({"to":"+1919","then":"x"})"}) {
        CAPTURE(bad);
        const auto answer = f.post("/far-ends", bad);
        CHECK(answer->got.status == 400);
        CHECK(json_of(*answer)["problems"].size() == 1);
    }
    CHECK(f.controls.far_ends.empty());
}

TEST_CASE("admin far ends: beyond the limit a new one is refused", "[admin][far-end]") {
    AdminFixture f;
    Engine& engine = f.controls.engine();
    for (int n = 0; engine.set_far_end("+1919" + std::to_string(n), FarEnd{}); ++n) {
        REQUIRE(n < 1'000'000);
    }
    const auto refused = f.post("/far-ends", R"({"to":"+19195550187","act":"busy"})");
    CHECK(refused->got.status == 409);
    CHECK_FALSE(engine.settings().far_ends.contains("+19195550187"));
    CHECK(f.post("/far-ends", R"({"to":"+19190","act":"default"})")->got.status == 200);
    CHECK(f.post("/far-ends", R"({"to":"+19195550187","act":"busy"})")->got.status == 200);
}

TEST_CASE("admin: what changes the telephone network is in the journal before its answer",
          "[admin][calls]") {
    AdminFixture f;
    const auto id = f.call("u-a");
    f.post("/calls/" + id + "/caller", R"({"action":"answer"})");
    f.post("/far-ends", R"({"to":"+1919","act":"busy"})");
    f.get("/calls");
    const auto entries = json_of(*f.get("/journal?kind=api"));

    REQUIRE(entries.size() == 2);
    CHECK(entries[0]["path"] == "/__admin/calls/" + id + "/caller");
    CHECK(entries[0]["user"] == "u-a");
    CHECK(entries[0]["call"] == id);
    CHECK(entries[0]["request"] == json{{"action", "answer"}});
    CHECK(entries[1]["status"] == 200);
}

}  // namespace
}  // namespace ringback
