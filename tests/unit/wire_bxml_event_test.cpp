#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "simulator/wire/bxml_news.h"
#include "simulator/wire/callback_json.h"
#include "simulator/wire/entry_json.h"
#include "simulator/wire/query_object.h"
#include "simulator/wire/time_text.h"

namespace ringback {
namespace bxml_events {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view production{"https://api.catapult.inetwork.com"};
constexpr std::string_view user{"u-axqs3dv6in72g4gfyxxcfhy"};

std::string text(const ordered_json& body, const char* name) { return body.value(name, ""); }

Instant instant(const ordered_json& body, const char* name) {
    return body.contains(name) ? parse_time(text(body, name)).value() : Instant{};
}

/// What an event says, by whichever method it is documented.
ordered_json example_of(const ordered_json& entry) {
    return entry["example_post"].is_object()
               ? entry["example_post"]
               : ordered_json::parse(query_object(entry["example_get"].get<std::string>()).dump());
}

Boxed<Caller> caller_of(const ordered_json& body) {
    Boxed<Caller> caller;
    if (body.contains("displayName")) {
        caller.open().display_name = text(body, "displayName");
    }
    return caller;
}

/// The event of a BXML variant of the catalogue.
Event event_of(const ordered_json& entry) {
    const ordered_json body = example_of(entry);
    const std::string type = entry["eventType"];
    Event event;
    event.from = text(body, "from");
    event.to = text(body, "to");
    event.tag = text(body, "tag");
    event.time = instant(body, "time");
    if (type == "incomingcall") {
        event.type = EventType::incomingcall;
        event.detail = IncomingDetail{text(body, "applicationId"), caller_of(body)};
    } else if (type == "answer") {
        event.type = EventType::answer;
        event.detail = AnswerDetail{false, caller_of(body)};
    } else if (type == "gather") {
        event.type = EventType::gather;
        event.detail = GatherDetail{1, GatherReason::terminating_digit, text(body, "digits"),
                                    text(body, "terminatingDigit").at(0), true};
    } else if (type == "hangup") {
        event.type = EventType::hangup;
        event.detail = HangupDetail{Cause::normal_clearing};
    } else if (type == "timeout") {
        event.type = EventType::timeout;
    } else if (type == "recording") {
        event.type = EventType::recording;
        event.detail =
            RecordingDetail{1, false, instant(body, "startTime"), instant(body, "endTime"), true};
    } else if (type == "transcription") {
        event.type = EventType::transcription;
        event.detail = TranscriptionDetail{1, 1, false, text(body, "text"), true};
    } else if (type == "redirect") {
        event.type = EventType::redirect;
    } else if (type == "transferComplete") {
        event.type = EventType::transfer_complete;
    } else {
        FAIL("unknown: " << type);
    }
    return event;
}

std::string rendered(const ordered_json& entry, Method method) {
    // Where the example of one form has no id, the other's has: every event has all of them.
    const ordered_json body = example_of(entry);
    const std::string call = text(body, "callId");
    const std::string gather = text(body, "gatherId");
    const std::string recording = body.contains("recordingId")
                                      ? text(body, "recordingId")
                                      : std::string{"rec-wr7vc7okymstwyv2l5cwiuq"};
    const std::string transcription = text(body, "transcriptionId");
    std::string out;
    append_callback(out, event_of(entry), method, {user, call, gather, recording, transcription},
                    production, CallerFields::documented);
    return out;
}

}  // namespace

TEST_CASE("bxml events: each reads as the catalogue's example, key by key", "[wire][bxml]") {
    std::ifstream in{RINGBACK_SOURCE_DIR "/fixtures/v1-events.json"};
    const ordered_json catalogue = ordered_json::parse(in)["events"];
    std::set<std::string> seen;
    for (const ordered_json& entry : catalogue) {
        if (entry["mode"] != "bxml") {
            continue;
        }
        const std::string type = entry["eventType"];
        CAPTURE(type);
        seen.insert(type);
        if (entry["methods"][0] == "GET") {
            CHECK(query_object(rendered(entry, Method::get)) ==
                  query_object(entry["example_get"].get<std::string>()));
        } else {
            CHECK(nlohmann::json::parse(rendered(entry, Method::post)) ==
                  nlohmann::json(entry["example_post"]));
        }
    }
    CHECK(seen.size() == 9);
}

TEST_CASE("bxml events: a gather that ends otherwise has no terminatingDigit", "[wire][bxml]") {
    Event event;
    event.type = EventType::gather;
    event.detail = GatherDetail{1, GatherReason::max_digits, "42", '\0', true};
    std::string out;
    append_callback(out, event, Method::get, {user, "c-1", "gtr-1", "", ""}, production,
                    CallerFields::documented);
    const auto query = query_object(out);
    CHECK_FALSE(query.contains("terminatingDigit"));
    CHECK_FALSE(query.contains("tag"));
    CHECK(query["reason"] == "max-digits");
}

TEST_CASE("bxml events: what failed has a status and nothing to read", "[wire][bxml]") {
    Event event;
    event.type = EventType::transcription;
    event.detail = TranscriptionDetail{1, 1, true, "", true};
    std::string out;
    append_callback(out, event, Method::post, {user, "c-1", "", "rec-1", "tr-1"}, production,
                    CallerFields::documented);
    CHECK(nlohmann::json::parse(out) == nlohmann::json{{"eventType", "transcription"},
                                                       {"status", "error"},
                                                       {"transcriptionId", "tr-1"}});

    event.type = EventType::recording;
    event.detail = RecordingDetail{1, true, Instant{}, Instant{}, true};
    out.clear();
    append_callback(out, event, Method::get, {user, "c-1", "", "rec-1", ""}, production,
                    CallerFields::documented);
    CHECK(query_object(out)["status"] == "error");
    CHECK_FALSE(query_object(out).contains("state"));
}

TEST_CASE("bxml: the journal's line names what happened, where, and no password", "[wire][bxml]") {
    Entry entry;
    entry.seq = 7;
    const auto line = [&](const BxmlNews& news) {
        put_news<BxmlNews>(entry.what, news);
        ordered_json shown = entry_json(entry, IdCodec{Seed{1}});
        shown.erase("wall");
        shown.erase("time");
        shown.erase("seq");
        return shown.dump();
    };
    const std::string url{"http://me:secret@127.0.0.1:9/cb"};
    CHECK(line({BxmlNews::What::document, {}, 3, "", url}) ==
          R"({"kind":"bxml","what":"document","verbs":3,"url":"http://***@127.0.0.1:9/cb"})");
    CHECK(line({BxmlNews::What::verb, {2, 5}, 0, "Gather", ""}) ==
          R"({"kind":"bxml","what":"verb","line":2,"column":5,"text":"Gather"})");
    CHECK(line({BxmlNews::What::invalid, {3, 7}, 0, "expected a, found b", url}) ==
          R"({"kind":"bxml","what":"refused","line":3,"column":7,"text":"expected a, found b",)"
          R"("url":"http://***@127.0.0.1:9/cb"})");
    CHECK(line({BxmlNews::What::hangs_up, {}, 0, "Hangup", ""}) ==
          R"({"kind":"bxml","what":"hangs_up","text":"Hangup"})");
}

TEST_CASE("bxml: errors are of what is wrong with a document only", "[wire][bxml]") {
    for (const auto what :
         {BxmlNews::What::document, BxmlNews::What::verb, BxmlNews::What::ignored,
          BxmlNews::What::no_document, BxmlNews::What::not_delivered, BxmlNews::What::hangs_up}) {
        CHECK_FALSE(bxml_error({what, {}, 0, "", ""}, "c-1", Instant{}).has_value());
    }
    const auto error = bxml_error(
        {BxmlNews::What::invalid_verb, {3, 7}, 0, "expected a, found b", "http://me:secret@h/cb"},
        "c-1", Instant{});
    REQUIRE(error.has_value());
    CHECK(error->category == "bad-request");
    CHECK(error->code == "bxml-invalid-verb");
    CHECK(error->message == "The BXML verb is invalid (line 3, column 7): expected a, found b");
    CHECK(error->details == std::vector<std::pair<std::string, std::string>>{
                                {"callId", "c-1"}, {"callbackUrl", "http://***@h/cb"}});
}

}  // namespace bxml_events
}  // namespace ringback
