#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "simulator/wire/callback_json.h"
#include "simulator/wire/conference_callback.h"
#include "simulator/wire/conference_json.h"
#include "simulator/wire/conference_request.h"
#include "simulator/wire/entry_json.h"
#include "simulator/wire/query_object.h"
#include "simulator/wire/time_text.h"
#include "simulator/wire/words.h"
#include "tests/support/entries.h"

namespace ringback::conference_tests {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::string_view production{"https://api.catapult.inetwork.com"};
constexpr std::string_view user{"u-axqs3dv6in72g4gfyxxcfhy"};

/// The catalogue's events of conferences.
std::vector<ordered_json> catalogue() {
    std::ifstream in{RINGBACK_SOURCE_DIR "/fixtures/v1-events.json"};
    std::vector<ordered_json> wanted;
    const ordered_json all = ordered_json::parse(in);
    for (const ordered_json& entry : all["events"]) {
        if (entry["eventType"].get<std::string>().starts_with("conference")) {
            wanted.push_back(entry);
        }
    }
    return wanted;
}

Instant instant(const ordered_json& body, const char* name) {
    return body.contains(name) ? parse_time(body[name].get<std::string>()).value() : never;
}

Event event_of(const ordered_json& body) {
    Event event;
    event.tag = body.value("tag", "");
    for (const EventType type : {EventType::conference, EventType::conference_member,
                                 EventType::conference_speak, EventType::conference_playback}) {
        event.type = body["eventType"].get<std::string>() == word(type) ? type : event.type;
    }
    event.time = body.contains("time") ? instant(body, "time") : Instant{};
    if (event.type == EventType::conference_speak || event.type == EventType::conference_playback) {
        event.detail = AudioDetail{body["status"] == "done"};
        return event;
    }
    ConferenceNotice& notice = event.detail.emplace<ConferenceDetail>().notice.open();
    notice.completed_at = instant(body, "completedTime");
    if (event.type == EventType::conference) {
        notice.created_at = instant(body, "createdTime");
    } else {
        notice.member = 1;
        notice.active_members = body["activeMembers"].get<std::uint32_t>();
        notice.left = body["state"] == "completed";
        notice.hold = body["hold"].get<bool>();
        notice.mute = body["mute"].get<bool>();
    }
    return event;
}

std::string rendered(const ordered_json& body, Method method) {
    std::string out;
    const std::string conference = body.value("conferenceId", "");
    const std::string member = body.value("memberId", "");
    const std::string call = body.value("callId", "");
    append_conference_callback(out, event_of(body), method, {user, conference, member, call},
                               production);
    return out;
}

RequestBody parsed(const std::string& text) {
    auto body = RequestBody::parse(text);
    CAPTURE(text);
    REQUIRE(body);
    return std::move(body).value();
}
/// "400 missing-property: The 'conference' ..." or "taken".
template <class T>
std::string verdict(const Intake<T>& read) {
    const auto* const wrong = std::get_if<ApiError>(&read);
    return wrong == nullptr
               ? "taken"
               : std::to_string(wrong->status) + " " + wrong->code + ": " + wrong->message;
}
std::string creation(const std::string& more) {
    return verdict(read_conference(parsed(R"({"from":"+19195550123",)" + more + "}"), {}));
}

}  // namespace

TEST_CASE("conference callback: every variant is the catalogue's, key by key, in both forms",
          "[wire][conference]") {
    const auto events = catalogue();
    CHECK(events.size() == 10);
    for (const ordered_json& entry : events) {
        CAPTURE(entry["eventType"].get<std::string>(), entry["variant"].get<std::string>());
        const ordered_json& body = entry["example_post"];
        const std::string posted = rendered(body, Method::post);
        const std::string query = rendered(body, Method::get);
        const auto shown = json::parse(posted);
        for (const auto& [name, value] : body.items()) {
            CAPTURE(name);
            REQUIRE(shown.contains(name));
            CHECK(shown.at(name) == json::parse(value.dump()));
        }
        CHECK(shown.size() == body.size());
        CHECK(posted == body.dump());
        CHECK(query == entry["example_get"].get<std::string>());
        CHECK(query_object(query) == query_object(entry["example_get"].get<std::string>()));
    }
}

TEST_CASE("conference callback: hold and mute are booleans, activeMembers is a number",
          "[wire][conference]") {
    for (const ordered_json& entry : catalogue()) {
        if (entry["eventType"] == "conference-member") {
            const auto shown = json::parse(rendered(entry["example_post"], Method::post));
            CHECK(shown["hold"].is_boolean());
            CHECK(shown["mute"].is_boolean());
            CHECK(shown["activeMembers"].is_number_integer());
        }
    }
}

TEST_CASE("conference callback: the tag is the last member of each, and escaped where it must be",
          "[wire][conference]") {
    for (const ordered_json& entry : catalogue()) {
        ordered_json body = entry["example_post"];
        body["tag"] = "a\"b &";
        CHECK(rendered(body, Method::post) == body.dump());
        CHECK(rendered(body, Method::get) ==
              entry["example_get"].get<std::string>() + "&tag=a%22b%20%26");
    }
}

TEST_CASE("conference callback: append_callback makes the ids, which name nothing else",
          "[wire][conference]") {
    const IdCodec ids{Seed{7}};
    Event event;
    event.type = EventType::conference_member;
    event.call = conference_id(UserSlot{1}, 3);
    ConferenceNotice& notice = event.detail.emplace<ConferenceDetail>().notice.open();
    notice.member = 2;
    notice.call = call_id(UserSlot{1}, 9);
    const CallbackText text{&ids, std::string{production}, CallerFields::documented};
    std::string posted;
    append_callback(posted, event, Method::post, "u 1", hash_of("u 1"), text);

    const auto body = json::parse(posted);
    const std::string id = ids.text(IdKind::conference, hash_of("u 1"), 3);
    const std::string member = ids.text(IdKind::conference_member, hash_of("u 1"), 3, 2);
    CHECK(id.starts_with("conf-"));
    CHECK(id.size() == 5 + 23);
    CHECK(member.starts_with("member-"));
    CHECK(member.size() == 7 + 23);
    CHECK(body["conferenceId"] == id);
    CHECK(body["memberId"] == member);
    CHECK(body["callId"] == ids.text(IdKind::call, hash_of("u 1"), 9));
    CHECK(body["memberUri"] ==
          std::string{production} + "/v1/users/u%201/conferences/" + id + "/members/" + member);
    const auto decoded = ids.decode(IdKind::conference_member, member, hash_of("u 1"));
    REQUIRE(decoded.has_value());
    CHECK(decoded->call_number == 3);
    CHECK(decoded->sub == 2);
    CHECK_FALSE(ids.decode(IdKind::call, id, hash_of("u 1")).has_value());
    CHECK_FALSE(ids.decode(IdKind::conference, member, hash_of("u 1")).has_value());
}

TEST_CASE("POST conferences: everything that is asked for is read", "[wire][conference]") {
    const auto read =
        read_conference(parsed(R"({"from":"+19195550123","callbackUrl":"http://127.0.0.1/cb",
                   "callbackHttpMethod":"get","callbackTimeout":"2000",
                   "fallbackUrl":"http://127.0.0.1/f","profile":"PassthruDigits","tag":"t",
                   "unknown":1})"),
                        {});
    REQUIRE(std::holds_alternative<NewConference>(read));
    const auto& wanted = std::get<NewConference>(read);
    CHECK(wanted.from == "+19195550123");
    CHECK(*wanted.route == Route{"http://127.0.0.1/cb", "http://127.0.0.1/f", Method::get, true,
                                 std::chrono::milliseconds{2000}});
    CHECK(wanted.profile == KeyProfile::passthru_digits);
    CHECK(wanted.tag == "t");
    const auto least =
        read_conference(parsed(R"({"from":"sip:me@host","callbackUrl":"none"})"), {});
    CHECK(std::get<NewConference>(least) == NewConference{"sip:me@host", "", {}, {}});
}

TEST_CASE("POST conferences: what is wrong is refused in the provider's words",
          "[wire][conference]") {
    const auto of = [](const std::string& text) {
        return verdict(read_conference(parsed(text), {}));
    };
    CHECK(of("{}") ==
          "400 missing-property: The 'conference' resource property 'from' is required but was not "
          "specified");
    CHECK(of(R"({"from":" "})").starts_with("400 blank-property: The 'conference'"));
    CHECK(of(R"({"from":"123"})") == "400 validation-error: Invalid phone number");
    CHECK(creation(R"("profile":"all_digits")") ==
          "400 validation-error: The 'conference' resource property 'profile' must be one of the "
          "following values: interpret_digits, passthru_digits");
    CHECK(creation(R"("callbackUrl":"ftp://x")").starts_with("400 callback-invalid-url"));
    CHECK(creation(R"("fallbackUrl":"x")").starts_with("400 callback-invalid-url"));
    CHECK(creation(R"("callbackHttpMethod":"PUT")").starts_with("400 validation-error"));
    CHECK(creation(R"("callbackTimeout":10001)").starts_with("400 validation-error"));
    CHECK(creation(R"("callbackTimeout":0)").starts_with("400 validation-error"));
    CHECK(creation(R"("tag":5)").starts_with("400 validation-error: Bad parameters"));
}

TEST_CASE("POST conferences/{id}: what is given is changed, the rest of the route stays",
          "[wire][conference]") {
    Conference conference;
    conference.route = RouteRef{
        Route{"http://127.0.0.1/a", "", Method::get, true, std::chrono::milliseconds{500}}};
    const auto read = [&](const std::string& text) {
        return read_conference_update(parsed(text), conference, {});
    };
    const auto all = std::get<UpdateConference>(
        read(R"({"state":"Completed","hold":"true","mute":false,"callbackUrl":"http://127.0.0.1/b",
                 "tag":""})"));
    CHECK(all.completes);
    CHECK(all.hold == true);
    CHECK(all.mute == false);
    CHECK(all.tag == "");
    CHECK(**all.route ==
          Route{"http://127.0.0.1/b", "", Method::get, true, std::chrono::milliseconds{500}});
    const auto method =
        std::get<UpdateConference>(read(R"({"callbackHttpMethod":"post","callbackTimeout":900,
                                            "fallbackUrl":"http://127.0.0.1/f"})"));
    CHECK(**method.route == Route{"http://127.0.0.1/a", "http://127.0.0.1/f", Method::post, true,
                                  std::chrono::milliseconds{900}});
    CHECK((*std::get<UpdateConference>(read(R"({"callbackUrl":"none"})")).route)->url.empty());
    const auto nothing = std::get<UpdateConference>(read("{}"));
    CHECK_FALSE(nothing.completes);
    CHECK_FALSE(nothing.route.has_value());
    CHECK_FALSE(nothing.tag.has_value());
    CHECK(verdict(read(R"({"state":"active"})")).starts_with("400 validation-error"));
    CHECK(verdict(read(R"({"hold":"perhaps"})")).starts_with("400 validation-error"));
    CHECK(verdict(read(R"({"callbackUrl":"x"})")).starts_with("400 callback-invalid-url"));
}

TEST_CASE("POST members: the call must be named, the rest has defaults", "[wire][conference]") {
    const auto read = [](const std::string& text) { return read_member(parsed(text)); };
    const auto request = std::get<MemberRequest>(
        read(R"({"callId":"c-1","joinTone":"true","leavingTone":true,"mute":"True","hold":null})"));
    CHECK(request.call_id == "c-1");
    CHECK(request.member.join_tone);
    CHECK(request.member.leaving_tone);
    CHECK(request.member.mute);
    CHECK_FALSE(request.member.hold);
    CHECK(verdict(read("{}")) ==
          "400 missing-property: The 'conference-member' resource property 'callId' is required "
          "but was not specified");
    CHECK(verdict(read(R"({"callId":""})")).starts_with("400 blank-property"));
    CHECK(verdict(read(R"({"callId":"c-1","mute":"soon"})")).starts_with("400 validation-error"));
    const auto update = std::get<UpdateMember>(
        read_member_update(parsed(R"({"state":"completed","mute":"false"})"), 3));
    CHECK(update.member == 3);
    CHECK(update.leaves);
    CHECK(update.mute == false);
    CHECK_FALSE(update.hold.has_value());
    CHECK(verdict(read_member_update(parsed(R"({"state":"active"})"), 1))
              .starts_with("400 validation-error"));
}

TEST_CASE("entry json: what became of a conference and its members stands under its id",
          "[wire][conference]") {
    const IdCodec ids{Seed{42}};
    const auto shown = [&](ConferenceChanged change) {
        Entry entry = test::entry(change);
        entry.call = conference_id(UserSlot{1}, 4);
        return entry_json(entry, ids);
    };
    const std::string id = ids.text(IdKind::conference, hash_of("u-test"), 4);
    ConferenceChanged active{ConferenceState::created, ConferenceState::active};
    active.active_members = 1;
    const auto conference = shown(active);
    CHECK(conference["kind"] == "conference");
    CHECK(conference["conference"] == id);
    CHECK_FALSE(conference.contains("call"));
    CHECK(conference["before"] == "created");
    CHECK(conference["after"] == "active");
    CHECK(conference["activeMembers"] == 1);
    CHECK_FALSE(conference.contains("memberId"));
    ConferenceChanged left = active;
    left.member = 2;
    left.call = call_id(UserSlot{1}, 5);
    left.left = true;
    left.mute = true;
    const auto member = shown(left);
    CHECK(member["conference"] == id);
    CHECK(member["memberId"] == ids.text(IdKind::conference_member, hash_of("u-test"), 4, 2));
    CHECK(member["callId"] == ids.text(IdKind::call, hash_of("u-test"), 5));
    CHECK(member["state"] == "completed");
    CHECK(member["mute"] == true);
    CHECK(member["hold"] == false);
    CHECK_FALSE(member.contains("after"));
}

}  // namespace ringback::conference_tests
