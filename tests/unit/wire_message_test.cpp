#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "simulator/core/message_numbers.h"
#include "simulator/wire/callback_json.h"
#include "simulator/wire/entry_json.h"
#include "simulator/wire/message_callback.h"
#include "simulator/wire/message_request.h"
#include "simulator/wire/query_object.h"
#include "simulator/wire/time_text.h"
#include "tests/support/entries.h"

namespace ringback::message_tests {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view production{"https://api.catapult.inetwork.com"};
constexpr std::string_view user{"u-axqs3dv6in72g4gfyxxcfhy"};

/// The message that a catalogue entry shows.
Message message_of(const ordered_json& body, const std::string& id) {
    const auto text = [&](const char* name) { return body.value(name, ""); };
    const std::map<std::string, MessageState> states{{"received", MessageState::received},
                                                     {"sent", MessageState::sent},
                                                     {"error", MessageState::error}};
    const std::map<std::string, ReceiptState> receipts{
        {"", ReceiptState::none},
        {"waiting", ReceiptState::waiting},
        {"delivered", ReceiptState::delivered},
        {"not-delivered", ReceiptState::not_delivered}};
    Message message;
    message.direction = text("direction") == "in" ? Direction::in : Direction::out;
    message.text = text("text");
    message.application_id = text("applicationId");
    message.state = states.at(text("state"));
    message.receipt = receipts.at(text("deliveryState"));
    message.code = static_cast<std::uint16_t>(
        text("deliveryCode").empty() ? 0 : std::stoi(text("deliveryCode")));
    message.segments = body["segmentCount"].get<std::uint16_t>();
    for (const auto& medium : body.value("media", ordered_json::array())) {
        auto name = medium.get<std::string>();
        if (message.direction == Direction::in) {  // kept by the name it had on the sender's phone
            name = name.substr(name.rfind("/media/") + 7);
            name.erase(name.find("-" + id), id.size() + 1);
        }
        message.media.push_back(name);
    }
    return message;
}

Event event_of(const ordered_json& entry) {
    const ordered_json& body = entry["example_post"];
    Event event;
    event.type = entry["eventType"] == "mms" ? EventType::mms : EventType::sms;
    event.time = parse_time(body["time"].get<std::string>()).value();
    event.from = body["from"].get<std::string>();
    event.to = body["to"].get<std::string>();
    event.tag = body.value("tag", "");
    event.detail.emplace<MessageDetail>().message.open() =
        message_of(body, body["messageId"].get<std::string>());
    return event;
}

std::string rendered(const ordered_json& entry, Method method) {
    std::string out;
    append_message_callback(out, event_of(entry), method, user,
                            entry["example_post"]["messageId"].get<std::string>(), production);
    return out;
}

NewMessage read(const std::string& text, std::optional<ApiError>& problem) {
    const auto body = RequestBody::parse(text);
    REQUIRE(body);
    FirstProblem problems;
    NewMessage message = read_message(Members{body.value(), "message", problems}, {});
    problem = problems.get();
    return message;
}
NewMessage read(const std::string& text) {
    std::optional<ApiError> problem;
    NewMessage message = read(text, problem);
    CAPTURE(text);
    REQUIRE_FALSE(problem.has_value());
    return message;
}
/// "400 missing-property: text".
std::string refusal(const std::string& text) {
    std::optional<ApiError> problem;
    static_cast<void>(read(text, problem));
    return problem ? std::to_string(problem->status) + " " + problem->code + ": " + problem->message
                   : "taken";
}
/// A body with both numbers.
std::string with(const std::string& more) {
    return R"({"from":"+19195550123","to":"+19195550187",)" + more + "}";
}

}  // namespace

TEST_CASE("message callback: every variant is the catalogue's, key by key", "[wire][message]") {
    std::ifstream in{RINGBACK_SOURCE_DIR "/fixtures/v1-events.json"};
    const auto catalogue = ordered_json::parse(in)["events"];
    int seen{0};
    for (const ordered_json& entry : catalogue) {
        if (entry["eventType"] != "sms" && entry["eventType"] != "mms") {
            continue;
        }
        ++seen;
        CAPTURE(entry["eventType"].get<std::string>(), entry["variant"].get<std::string>());
        const auto posted = nlohmann::json::parse(rendered(entry, Method::post));
        const std::string query = rendered(entry, Method::get);
        const auto expected = nlohmann::json::parse(entry["example_post"].dump());

        CHECK(posted == expected);
        for (const auto& [name, value] : expected.items()) {
            CAPTURE(name);
            CHECK(posted.at(name) == value);
        }
        CHECK(query == entry["example_get"].get<std::string>());
        CHECK(query_object(query) == query_object(entry["example_get"].get<std::string>()));
    }
    CHECK(seen == 9);
}

TEST_CASE("message callback: the post form is the catalogue's, byte for byte", "[wire][message]") {
    std::ifstream in{RINGBACK_SOURCE_DIR "/fixtures/v1-events.json"};
    const auto catalogue = ordered_json::parse(in)["events"];
    for (const ordered_json& entry : catalogue) {
        if (entry["eventType"] == "sms" || entry["eventType"] == "mms") {
            CAPTURE(entry["variant"].get<std::string>());
            CHECK(rendered(entry, Method::post) == entry["example_post"].dump());
        }
    }
}

TEST_CASE("message callback: append_callback makes the id and escapes what needs it",
          "[wire][message]") {
    const IdCodec ids{Seed{7}};
    Event event;
    event.type = EventType::sms;
    event.call = message_id(UserSlot{1}, 3);
    event.tag = "a\"b";
    Message& message = event.detail.emplace<MessageDetail>().message.open();
    message.text = "caf\xc3\xa9 & \"tea\"";
    const std::string id = ids.text(IdKind::message, hash_of("u 1"), 3);
    const CallbackText text{&ids, std::string{production}, CallerFields::documented};
    std::string posted;
    std::string query;
    append_callback(posted, event, Method::post, "u 1", hash_of("u 1"), text);
    append_callback(query, event, Method::get, "u 1", hash_of("u 1"), text);

    const auto body = nlohmann::json::parse(posted);
    CHECK(body["messageId"] == id);
    CHECK(id.starts_with("m-"));
    CHECK(body["messageUri"] == std::string{production} + "/v1/users/u%201/messages/" + id);
    CHECK(body["text"] == message.text);
    CHECK(body["tag"] == "a\"b");
    CHECK(query.find("&text=caf%C3%A9%20%26%20%22tea%22&") != std::string::npos);
    CHECK(query.ends_with("&tag=a%22b"));
    CHECK(ids.decode(IdKind::message, id, hash_of("u 1"))->call_number == 3);
    CHECK_FALSE(ids.decode(IdKind::call, id, hash_of("u 1")).has_value());
}

TEST_CASE("message: an empty text is said in both forms", "[wire][message]") {
    Event event;
    event.type = EventType::sms;
    event.detail.emplace<MessageDetail>().message.open();
    std::string posted;
    std::string query;
    append_message_callback(posted, event, Method::post, user, "m-1", production);
    append_message_callback(query, event, Method::get, user, "m-1", production);
    CHECK(posted.find(R"("text":"",)") != std::string::npos);
    CHECK(query.find("&text=&") != std::string::npos);
}

TEST_CASE("message: segments are counted by characters", "[wire][message]") {
    const auto of = [](std::size_t length, bool mms = false) {
        std::string text;
        for (std::size_t i = 0; i < length; ++i) {
            text += "\xc3\xa9";  // two bytes, one character
        }
        return segment_count(text, mms);
    };
    CHECK(of(0) == 1);
    CHECK(of(160) == 1);
    CHECK(of(161) == 2);
    CHECK(of(306) == 2);
    CHECK(of(307) == 3);
    CHECK(of(2048) == 14);
    CHECK(of(2048, true) == 1);
}

TEST_CASE("POST messages: everything that is asked for is read", "[wire][message]") {
    const NewMessage message = read(with(
        R"("text":"hi","receiptRequested":"ALL","callbackUrl":"http://127.0.0.1/cb",
           "callbackHttpMethod":"get","callbackTimeout":"2000","fallbackUrl":"http://127.0.0.1/f",
           "tag":"t","unknown":1,"media":null)"));
    CHECK(message.from == "+19195550123");
    CHECK(message.to == "+19195550187");
    CHECK(message.text == "hi");
    CHECK(message.receipts == ReceiptRequested::all);
    CHECK(*message.route == Route{"http://127.0.0.1/cb", "http://127.0.0.1/f", Method::get, true,
                                  std::chrono::milliseconds{2000}});
    CHECK(message.tag == "t");
    CHECK(message.segments == 1);
    CHECK(message.direction == Direction::out);
    CHECK(read(with(R"("media":"http://a/b.png")")).media ==
          std::vector<std::string>{"http://a/b.png"});
    CHECK(read(with(R"("media":["http://a/b.png","https://a/c"],"text":"")")).media.size() == 2);
    CHECK(read(with(R"("media":[],"text":"x")")).media.empty());
    CHECK(read(with(R"("text":"x","callbackUrl":"none")")).route->url.empty());
}

TEST_CASE("POST messages: what is wrong is refused in the provider's words", "[wire][message]") {
    const auto starts = [](const std::string& body, const std::string& expected) {
        CAPTURE(body);
        CHECK(refusal(body).substr(0, expected.size()) == expected);
    };
    const std::string required = "resource property 'text' is required but was not specified";
    starts("{}", "400 missing-property: The 'message' resource property 'from'");
    starts(R"({"from":"+19195550123"})",
           "400 missing-property: The 'message' resource property 'to'");
    starts(R"({"from":" ","to":"+1919"})", "400 blank-property: The 'message' resource property");
    starts(R"({"from":"12345","to":"+1919","text":"x"})",
           "400 validation-error: Invalid phone number");
    starts(with(R"("tag":"x")"), "400 missing-property: The 'message' " + required);
    starts(with(R"("media":[])"), "400 missing-property: The 'message' " + required);
    starts(with(R"("text":" \n")"), "400 blank-property: The 'message' resource property 'text'");
    starts(
        with(R"("text":")" + std::string(2049, 'x') + "\""),
        "400 validation-error: The 'message' resource property 'text' exceeds the limit of 2048");
    CHECK(refusal(with(R"("text":")" + std::string(2048, 'x') + "\"")) == "taken");
    starts(with(R"("text":5)"), "400 validation-error: Bad parameters: the 'message'");
    starts(with(R"("media":"ftp://x")"), "403 media-invalid-url: The media URL ftp://x");
    starts(with(R"("media":["http://a/b",""])"), "403 media-invalid-url");
    starts(with(R"("media":["http://a/b",5])"), "400 validation-error: Bad parameters");
    starts(with(R"("media":{"a":1},"text":"x")"), "400 validation-error: Bad parameters");
    for (const auto* const receipts : {"all", "error"}) {
        starts(with(R"("media":"http://a/b","receiptRequested":")" + std::string{receipts} + "\""),
               "400 validation-error: The 'message' resource property 'receiptRequested'");
    }
    CHECK(refusal(with(R"("media":"http://a/b","receiptRequested":"none")")) == "taken");
    starts(with(R"("text":"x","receiptRequested":"some")"), "400 validation-error");
    starts(with(R"("text":"x","callbackUrl":"ftp://x")"), "400 callback-invalid-url");
    starts(with(R"("text":"x","fallbackUrl":"x")"), "400 callback-invalid-url");
    starts(with(R"("text":"x","callbackHttpMethod":"PUT")"), "400 validation-error");
    starts(with(R"("text":"x","callbackTimeout":10001)"), "400 validation-error");
    starts(with(R"("text":"x","callbackTimeout":0)"), "400 validation-error");
}

TEST_CASE("PATCH messages: only the empty text and nothing else", "[wire][message]") {
    const auto refused = [](const std::string& text) {
        const auto body = RequestBody::parse(text);
        REQUIRE(body);
        const auto problem = refuse_redaction(body.value());
        return problem ? problem->code : "taken";
    };
    CHECK(refused(R"({"text":""})") == "taken");
    CHECK(refused(R"({"text":"","tag":null})") == "taken");  // null is absent, spec v1 1.3
    for (const auto* const bad : {"{}", R"({"text":"x"})", R"({"text":" "})", R"({"text":null})",
                                  R"({"text":"","tag":"x"})", R"({"text":0})", R"({"tag":""})",
                                  R"({"text":"","media":[]})"}) {
        CAPTURE(bad);
        CHECK(refused(bad) == "validation-error");
    }
}

TEST_CASE("request body: a list keeps its items, whatever they are", "[wire][message]") {
    const auto list = RequestBody::parse_list(R"( [ {"a":{"b":[1,2]}}, 5, [ ], {"a":"x"} ] )");
    REQUIRE(list);
    const auto places = list.value().items();
    REQUIRE(places.size() == 4);
    FirstProblem problems;
    CHECK(Members::at(list.value(), places[0], "x", problems).has_value());
    CHECK_FALSE(Members::at(list.value(), places[1], "x", problems).has_value());
    CHECK_FALSE(Members::at(list.value(), places[2], "x", problems).has_value());
    CHECK(Members::at(list.value(), places[3], "x", problems)->text("a") == "x");
    for (const auto* const bad : {"{}", "5", "[1,]", "[{\"a\":1,\"a\":2}]", "[1] x"}) {
        CAPTURE(bad);
        CHECK_FALSE(RequestBody::parse_list(bad));
    }
}

TEST_CASE("entry json: what became of a message stands under its own id", "[wire][message]") {
    const IdCodec ids{Seed{42}};
    const auto shown = [&](MessageChanged change) {
        Entry entry = test::entry(change);
        entry.call = message_id(UserSlot{1}, 4);
        return entry_json(entry, ids);
    };
    const auto queued = shown({MessageState::queued, MessageState::sending, ReceiptState::none, 0});
    const auto failed =
        shown({MessageState::sent, MessageState::sent, ReceiptState::not_delivered, 720});
    CHECK(queued["kind"] == "message");
    CHECK(queued["message"] == ids.text(IdKind::message, hash_of("u-test"), 4));
    CHECK_FALSE(queued.contains("call"));
    CHECK(queued["before"] == "queued");
    CHECK(queued["after"] == "sending");
    CHECK_FALSE(queued.contains("deliveryState"));
    CHECK(failed["deliveryState"] == "not-delivered");
    CHECK(failed["deliveryCode"] == "720");
}

TEST_CASE("entry json: no user information of a message's URLs gets through", "[wire][message]") {
    const IdCodec ids{Seed{42}};
    const auto line = [&](Method method, const std::string& payload) {
        return entry_line(test::entry(test::event(
                              EventType::mms, test::route("http://127.0.0.1/cb", method), payload)),
                          ids);
    };
    const std::string posted = line(
        Method::post, R"({"text":"see http://me:secret@a/x","media":["http://me:secret@a/y"]})");
    const std::string query =
        line(Method::get,
             "text=see%20http%3A%2F%2Fme%3Asecret%40a%2Fx&media=%5Bhttp%3A%2F%2Fme%3Asecret%40a%5D"
             "&to=%2B1919&tag=");
    CHECK(posted.find("secret") == std::string::npos);
    CHECK(posted.find("http://***@a/y") != std::string::npos);
    CHECK(query.find("secret") == std::string::npos);
    CHECK(query.find("&to=%2B1919&tag=\"") != std::string::npos);
    CHECK(line(Method::get, "eventType=sms&text=a%20b").find("eventType=sms&text=a%20b") !=
          std::string::npos);
}

}  // namespace ringback::message_tests
