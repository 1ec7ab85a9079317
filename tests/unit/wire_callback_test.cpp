#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "simulator/wire/callback_json.h"
#include "simulator/wire/time_text.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view production{"https://api.catapult.inetwork.com"};
constexpr std::string_view user{"u-axqs3dv6in72g4gfyxxcfhy"};

const ordered_json& catalogue() {
    static const ordered_json events = [] {
        std::ifstream in{RINGBACK_SOURCE_DIR "/fixtures/v1-events.json"};
        return ordered_json::parse(in)["events"];
    }();
    return events;
}

std::string text(const ordered_json& body, const char* name) { return body.value(name, ""); }

Instant instant(const ordered_json& body, const char* name) {
    return parse_time(text(body, name)).value();
}

EventType type_of(const std::string& name) {
    static const std::map<std::string, EventType> types{{"incomingcall", EventType::incomingcall},
                                                        {"answer", EventType::answer},
                                                        {"speak", EventType::speak},
                                                        {"playback", EventType::playback},
                                                        {"dtmf", EventType::dtmf},
                                                        {"gather", EventType::gather},
                                                        {"hangup", EventType::hangup},
                                                        {"timeout", EventType::timeout},
                                                        {"recording", EventType::recording},
                                                        {"transcription", EventType::transcription},
                                                        {"error", EventType::error}};
    return types.at(name);
}

template <class Enum>
Enum one_of(const std::string& word, const std::map<std::string, Enum>& words) {
    return words.at(word);
}

Boxed<Caller> caller_of(const ordered_json& body) {
    Boxed<Caller> caller;
    if (body.contains("diversion")) {
        const ordered_json& said = body["diversion"];
        caller.open().diversion.open() = Diversion{text(said, "origTo"),
                                                   text(said, "reason"),
                                                   text(said, "privacy"),
                                                   text(said, "screen"),
                                                   said["counter"].get<std::uint32_t>(),
                                                   said["limit"].get<std::uint32_t>()};
    }
    return caller;
}

EventDetail detail_of(const ordered_json& entry) {
    const ordered_json& body = entry["example_post"];
    const bool failed = text(body, "state") == "error";
    switch (type_of(entry["eventType"])) {
        case EventType::incomingcall:
            return IncomingDetail{text(body, "applicationId"), caller_of(body)};
        case EventType::answer:
            return AnswerDetail{entry["variant"] == "transfer-leg", caller_of(body)};
        case EventType::speak:
        case EventType::playback:
            return AudioDetail{text(body, "status") == "done"};
        case EventType::dtmf:
            return DigitDetail{text(body, "dtmfDigit").at(0)};
        case EventType::gather:
            return GatherDetail{
                1,
                one_of<GatherReason>(text(body, "reason"),
                                     {{"max-digits", GatherReason::max_digits},
                                      {"terminating-digit", GatherReason::terminating_digit},
                                      {"inter-digit-timeout", GatherReason::inter_digit_timeout},
                                      {"hung-up", GatherReason::hung_up},
                                      {"cancelled", GatherReason::cancelled}}),
                text(body, "digits")};
        case EventType::hangup:
            return HangupDetail{
                one_of<Cause>(text(body, "cause"),
                              {{"NORMAL_CLEARING", Cause::normal_clearing},
                               {"ORIGINATOR_CANCEL", Cause::originator_cancel},
                               {"USER_BUSY", Cause::user_busy},
                               {"CALL_REJECTED", Cause::call_rejected},
                               {"UNALLOCATED_NUMBER", Cause::unallocated_number},
                               {"NO_ANSWER", Cause::no_answer},
                               {"NORMAL_TEMPORARY_FAILURE", Cause::normal_temporary_failure}})};
        case EventType::recording:
            return RecordingDetail{1, failed, instant(body, "startTime"), instant(body, "endTime")};
        case EventType::transcription:
            return TranscriptionDetail{1, 1, failed, text(body, "text")};
        case EventType::timeout:
        case EventType::error:
        case EventType::redirect:  // wire_bxml_event_test.cpp
        case EventType::transfer_complete:
        case EventType::sms:  // wire_message_test.cpp
        case EventType::mms:
        case EventType::conference:  // wire_conference_test.cpp
        case EventType::conference_member:
        case EventType::conference_speak:
        case EventType::conference_playback:
            break;
    }
    return NoDetail{};
}

Event event_of(const ordered_json& entry) {
    const ordered_json& body = entry["example_post"];
    Event event;
    event.type = type_of(entry["eventType"]);
    event.time = body.contains("time") ? instant(body, "time") : Instant{};
    event.from = text(body, "from");
    event.to = text(body, "to");
    event.tag = text(body, "tag");
    event.detail = detail_of(entry);
    return event;
}

std::string rendered(const ordered_json& entry, Method method) {
    const ordered_json& body = entry["example_post"];
    const std::string call = text(body, "callId");
    const std::string gather = text(body, "gatherId");
    const std::string recording = text(body, "recordingId");
    const std::string transcription = text(body, "transcriptionId");
    std::string out;
    append_callback(out, event_of(entry), method, {user, call, gather, recording, transcription},
                    production, CallerFields::documented);
    return out;
}

/// Everything of the catalogue that calls alone can raise: P1, and what the call model does beyond.
bool is_ours(const ordered_json& entry) {
    const std::set<std::string> beyond{"cancelled", "NORMAL_TEMPORARY_FAILURE", "diversion",
                                       "inbound-diversion"};
    return entry["mode"] == "rest" &&
           (entry["priority"] == "P1" || beyond.contains(entry["variant"].get<std::string>()) ||
            entry["eventType"] == "error");
}

const IdCodec& codec() {
    static const IdCodec ids{Seed{7}};
    return ids;
}

std::string rendered(const Event& event, Method method, CallerFields fields,
                     std::string_view name = user) {
    std::string out;
    append_callback(out, event, method, name, hash_of(name),
                    {&codec(), std::string{production}, fields});
    return out;
}

Event answer() {
    Event event;
    event.type = EventType::answer;
    event.call = call_id(UserSlot{1}, 3);
    event.from = "+19195550123";
    event.to = "+19195550187";
    event.detail = AnswerDetail{};
    return event;
}

}  // namespace

TEST_CASE("callback: every event reads as the catalogue's example, byte for byte", "[wire]") {
    int seen{0};
    for (const ordered_json& entry : catalogue()) {
        if (!is_ours(entry)) {
            continue;
        }
        ++seen;
        const std::string variant = entry["variant"];
        CAPTURE(entry["eventType"].get<std::string>(), variant);

        CHECK(rendered(entry, Method::post) == entry["example_post"].dump());
        CHECK(rendered(entry, Method::get) == entry["example_get"].get<std::string>());
    }
    CHECK(seen == 34);
}

TEST_CASE("callback: its ids are the codec's, also where an event names two resources", "[wire]") {
    Event event;
    event.type = EventType::transcription;
    event.call = call_id(UserSlot{1}, 3);
    event.detail = TranscriptionDetail{2, 5, false, "hello"};
    const auto hash = hash_of(user);

    const auto body = ordered_json::parse(rendered(event, Method::post, CallerFields::documented));

    const std::string recording = codec().text(IdKind::recording, hash, 3, 2);
    const std::string transcription = codec().text(IdKind::transcription, hash, 3, 5);
    CHECK(body["recordingId"] == recording);
    CHECK(body["transcriptionId"] == transcription);
    CHECK(body["transcriptionUri"] == std::string{production} + "/v1/users/" + std::string{user} +
                                          "/recordings/" + recording + "/transcriptions/" +
                                          transcription);
    CHECK(body["textUrl"] ==
          std::string{production} + "/v1/users/" + std::string{user} + "/media/" + transcription);
}

TEST_CASE("callback: a tag and digits that need it are escaped in both forms", "[wire]") {
    Event event = answer();
    event.tag = "a\"b\\c\n\x01 \xc3\xa9&\xff";

    const std::string body = rendered(event, Method::post, CallerFields::documented);
    const std::string query = rendered(event, Method::get, CallerFields::documented);

    CHECK(body.ends_with(R"("tag":"a\"b\\c\n\u0001 )"
                         "\xc3\xa9&\xef\xbf\xbd\"}"));
    CHECK(query.ends_with("&tag=a%22b%5Cc%0A%01%20%C3%A9%26%FF"));
}

TEST_CASE("callback: callerFields decides about displayName and withhold", "[wire]") {
    const auto names = [](Method method, CallerFields fields) {
        return rendered(answer(), method, fields).find("displayName") != std::string::npos;
    };

    CHECK_FALSE(names(Method::post, CallerFields::documented));
    CHECK(names(Method::get, CallerFields::documented));
    CHECK(names(Method::post, CallerFields::always));
    CHECK(names(Method::get, CallerFields::always));
    CHECK_FALSE(names(Method::post, CallerFields::none));
    CHECK_FALSE(names(Method::get, CallerFields::none));
}

TEST_CASE("callback: displayName is what the caller's network said, else the number", "[wire]") {
    Event event = answer();
    AnswerDetail detail;
    detail.caller.open().display_name = "ACME Inc";
    detail.caller->number_withheld = true;
    event.detail = detail;
    CHECK(
        rendered(event, Method::get, CallerFields::documented).find("withholdCallerNumber=true&") !=
        std::string::npos);
    CHECK(
        rendered(event, Method::get, CallerFields::documented).find("withholdCallerName=false&") !=
        std::string::npos);

    CHECK(rendered(event, Method::get, CallerFields::documented).find("displayName=ACME%20Inc") !=
          std::string::npos);
    CHECK(rendered(answer(), Method::get, CallerFields::documented)
              .find("displayName=%2B19195550123") != std::string::npos);
}

TEST_CASE("callback: an odd user id is percent-encoded in URLs", "[wire]") {
    CHECK(rendered(answer(), Method::post, CallerFields::documented, "u 1/\xc3\xa9")
              .find("/v1/users/u%201%2F%C3%A9/calls/") != std::string::npos);
}

TEST_CASE("callback: a long transcription is cropped at 1026 characters, its size is not",
          "[wire]") {
    Event event;
    event.type = EventType::transcription;
    std::string said;
    for (int i = 0; i < 1100; ++i) {
        said += "\xc3\xa9";  // two bytes, one character
    }
    event.detail = TranscriptionDetail{1, 1, false, said};

    const auto body = ordered_json::parse(rendered(event, Method::post, CallerFields::documented));

    CHECK(body["text"].get<std::string>().size() == 2052);
    CHECK(body["textSize"] == 1100);
}

}  // namespace ringback
