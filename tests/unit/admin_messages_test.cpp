#include <catch2/catch.hpp>

#include "tests/support/admin_fixture.h"

namespace ringback {
namespace {

using nlohmann::json;
using test::AdminFixture;
using test::header_of;
using test::json_of;

TEST_CASE("admin messages: a message comes in with all it was given", "[admin][messages]") {
    AdminFixture f;
    const auto answer = f.post("/messages", R"({"userId":"u-in","from":"+19195550187",
        "to":"+19195550123","text":"Look at this","media":["photo.jpg","123_1.smil"],
        "callbackUrl":"http://127.0.0.1:9/cb","callbackHttpMethod":"GET","callbackTimeout":2000,
        "fallbackUrl":"http://127.0.0.1:9/f","applicationId":"a-1"})");
    REQUIRE(answer->got.status == 201);
    const auto summary = json_of(*answer);
    const std::string id = f.controls.ids().text(IdKind::message, hash_of("u-in"), 1);
    CHECK(summary == json{{"id", id},
                          {"user", "u-in"},
                          {"state", "received"},
                          {"direction", "in"},
                          {"from", "+19195550187"},
                          {"to", "+19195550123"},
                          {"time", "2026-01-05T09:00:00.000Z"}});
    CHECK(header_of(answer->got, "Location") == "/v1/users/u-in/messages/" + id);
    REQUIRE(f.controls.texted_in.has_value());
    const NewMessage& message = *f.controls.texted_in;
    CHECK(message.direction == Direction::in);
    CHECK(message.text == "Look at this");
    CHECK(message.media == std::vector<std::string>{"photo.jpg", "123_1.smil"});
    CHECK(message.application_id == "a-1");
    CHECK(message.segments == 1);
    CHECK(*message.route == Route{"http://127.0.0.1:9/cb", "http://127.0.0.1:9/f", Method::get,
                                  true, std::chrono::milliseconds{2000}});
    // In the journal under its own id, and found by it.
    const auto entries = json_of(*f.get("/journal?call=" + id));
    REQUIRE(entries.size() == 1);
    CHECK(entries[0]["message"] == id);
    CHECK(entries[0]["status"] == 201);
}

TEST_CASE("admin messages: numbers and a text are enough", "[admin][messages]") {
    AdminFixture f;
    const std::string text(161, 'x');
    const auto answer = f.post(
        "/messages", R"({"from":"+19195550187","to":"+19195550123","text":")" + text + R"("})");
    CHECK(json_of(*answer)["user"] == "u-ringback");
    CHECK(f.controls.texted_in->route->url.empty());
    CHECK(f.controls.texted_in->segments == 2);
    CHECK(json_of(*f.get("/stats"))["messages"] == json{{"live", 0}, {"known", 1}});
}

TEST_CASE("admin messages: everything wrong is named, and no message is made",
          "[admin][messages]") {
    AdminFixture f;
    const auto answer =
        f.post("/messages", R"({"userId":"a/b","from":"12","media":["a/b.jpg"],"text":")" +
                                std::string(2049, 'x') +
                                R"(","callbackUrl":"ftp://x","autoAnswer":true})");
    CHECK(answer->got.status == 400);
    std::vector<std::string> fields;
    const auto body = json_of(*answer);
    for (const auto& problem : body["problems"]) {
        fields.push_back(problem["field"]);
    }
    CHECK(fields == std::vector<std::string>{"userId", "from", "to", "media", "text", "callbackUrl",
                                             "autoAnswer"});
    CHECK_FALSE(f.controls.texted_in.has_value());
    const std::string numbers = R"({"from":"+19195550187","to":"+19195550123")";
    CHECK(f.post("/messages", numbers + "}")->got.status == 400);  // neither text nor media
    CHECK(f.post("/messages", numbers + R"(,"media":"photo.jpg"})")->got.status == 400);
    CHECK(f.post("/messages", numbers + R"(,"media":["photo.jpg"]})")->got.status == 201);
}

TEST_CASE("admin messages: none is taken while the simulator takes no calls", "[admin][messages]") {
    AdminFixture f;
    f.controls.refuses_calls = true;
    const auto answer =
        f.post("/messages", R"({"from":"+19195550187","to":"+19195550123","text":"x"})");
    CHECK(answer->got.status == 503);
    CHECK(json_of(*answer)["error"].get<std::string>().find("stopping") != std::string::npos);
}

TEST_CASE("admin message fates: what is set decides the next message to that number",
          "[admin][messages]") {
    AdminFixture f;
    const auto answer =
        f.post("/message-fates", R"({"to":"+19195550187","fate":"not-delivered","code":720})");
    CHECK(json_of(*answer) == json{{"to", "+19195550187"}, {"fate", "not-delivered"}});
    const auto& fates = f.controls.engine().settings().message_fates;
    CHECK(fates.at("+19195550187") == MessageFate{MessageFate::What::not_delivered, 720});
    f.post("/message-fates", R"({"to":"+19195550187","fate":"not-sent"})");
    CHECK(fates.at("+19195550187") == MessageFate{MessageFate::What::not_sent, 0});
    f.post("/message-fates", R"({"to":"+19195550188","fate":"delivered"})");
    CHECK(fates.at("+19195550188") == MessageFate{});
    CHECK(f.post("/message-fates", R"({"to":"+19195550187","fate":"default"})")->got.status == 200);
    CHECK(fates.size() == 1);
    CHECK(json_of(*f.get("/journal?kind=api")).size() == 4);
}

TEST_CASE("admin message fates: what cannot be is refused, and more than there is room for",
          "[admin][messages]") {
    AdminFixture f;
    Engine& engine = f.controls.engine();
    for (const auto* const bad :
         {R"({"fate":"delivered"})", R"({"to":"nobody","fate":"delivered"})", R"({"to":"+1919"})",
          R"({"to":"+1919","fate":"lost"})", R"({"to":"+1919","fate":"not-delivered"})",
          R"({"to":"+1919","fate":"not-delivered","code":721})",
          R"({"to":"+1919","fate":"not-delivered","code":0})",
          R"({"to":"+1919","fate":"delivered","code":720})",
          R"({"to":"+1919","fate":"delivered","then":1})"}) {
        CAPTURE(bad);
        const auto answer = f.post("/message-fates", bad);
        CHECK(answer->got.status == 400);
        CHECK(json_of(*answer)["problems"].size() == 1);
    }
    CHECK(engine.settings().message_fates.empty());
    for (int n = 0; engine.set_message_fate("+1919" + std::to_string(n), MessageFate{}); ++n) {
        REQUIRE(n < 1'000'000);
    }
    CHECK(f.post("/message-fates", R"({"to":"+19195550187","fate":"delivered"})")->got.status ==
          409);
}

}  // namespace
}  // namespace ringback
