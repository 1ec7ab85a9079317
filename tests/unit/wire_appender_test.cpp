// The fast writers against the slow and obvious way to write the same.

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "simulator/wire/appender.h"
#include "simulator/wire/callback_json.h"
#include "simulator/wire/json_out.h"
#include "simulator/wire/time_text.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/utf8.h"
#include "simulator/wire/words.h"
#include "tests/support/seeds.h"

namespace ringback {
namespace {

/// Mostly short and plain; sometimes with what needs escapes, sometimes longer than any buffer.
std::string random_text(Rng& rng) {
    const bool odd = rng.below(2) == 0;
    const std::uint64_t size = rng.below(20) == 0 ? rng.below(3000) : rng.below(40);
    std::string text;
    while (text.size() < size) {
        const std::uint64_t draw = odd ? rng.below(20) : 20;
        if (draw == 0) {
            text += static_cast<char>(rng.below(256));
        } else if (draw == 1) {
            text += "\xe2\x82\xac";
        } else if (draw == 2) {
            text += "\"\\\n\x7f"[rng.below(4)];
        } else {
            text += static_cast<char>('A' + rng.below(26));
        }
    }
    return text;
}

std::string naive_json(std::string_view text) {
    std::string out{"\""};
    while (!text.empty()) {
        const std::size_t length = utf8_sequence(text);
        const auto byte = static_cast<unsigned char>(text.front());
        if (length == 0) {
            out += "\xef\xbf\xbd";
        } else if (byte == '"' || byte == '\\') {
            out += {'\\', text.front()};
        } else if (byte == '\n' || byte == '\r' || byte == '\t') {
            out += byte == '\n' ? "\\n" : byte == '\r' ? "\\r" : "\\t";
        } else if (byte < 0x20 || byte == 0x7f) {
            out += "\\u00";
            out += "0123456789abcdef"[byte / 16];
            out += "0123456789abcdef"[byte % 16];
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out + '"';
}

using QueryMembers = std::vector<std::pair<std::string, std::string>>;

/// Whose name the POST form does not have.
Boxed<Caller> random_caller(Rng& rng) {
    Boxed<Caller> caller;
    if (rng.below(2) == 0) {
        caller.open().display_name = random_text(rng);
    }
    return caller;
}

Event random_event(Rng& rng) {
    Event event;
    event.type = static_cast<EventType>(rng.below(11));
    event.call = call_id(UserSlot{1}, rng.below(1U << 30U));
    event.time = Instant{Duration{static_cast<std::int64_t>(rng.next() >> 2U)}};
    event.from = random_text(rng);
    event.to = random_text(rng);
    event.tag = rng.below(2) == 0 ? "" : random_text(rng);
    const bool yes = rng.below(2) == 0;
    switch (event.type) {
        case EventType::incomingcall:
            event.detail = IncomingDetail{yes ? "" : random_text(rng), random_caller(rng)};
            break;
        case EventType::answer:
            event.detail = AnswerDetail{yes, random_caller(rng)};
            break;
        case EventType::speak:
        case EventType::playback:
            event.detail = AudioDetail{yes};
            break;
        case EventType::dtmf:
            event.detail = DigitDetail{static_cast<char>(rng.below(256))};
            break;
        case EventType::gather:
            event.detail =
                GatherDetail{7, static_cast<GatherReason>(rng.below(5)), random_text(rng)};
            break;
        case EventType::hangup:
            event.detail = HangupDetail{static_cast<Cause>(rng.below(7))};
            break;
        case EventType::recording:
            event.detail = RecordingDetail{7, yes, event.time, event.time + std::chrono::hours{1}};
            break;
        case EventType::transcription:
            event.detail = TranscriptionDetail{7, 8, yes, random_text(rng)};
            break;
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
    return event;
}

/// The members of the POST body, in their order, as spec v1 3.3 has them; textSize is the only one
/// that is no text.
QueryMembers members_of(const Event& event, const EventIds& ids, const std::string& base) {
    const std::string at_user = base + "/v1/users/" + std::string{ids.user};
    const std::pair type{"eventType", std::string{word(event.type)}};
    const std::pair call{"callId", std::string{ids.call}};
    const std::pair uri{"callUri", at_user + "/calls/" + std::string{ids.call}};
    const std::pair from{"from", event.from};
    const std::pair to{"to", event.to};
    const std::pair time{"time", time_text(event.time)};
    const std::string recording{ids.recording};
    const std::string transcription{ids.transcription};
    QueryMembers members;
    switch (event.type) {
        case EventType::incomingcall: {
            const auto& about = std::get<IncomingDetail>(event.detail);
            members = {type, from, to, call, uri, {"callState", "active"}};
            if (!about.application_id.empty()) {
                members.emplace_back("applicationId", about.application_id);
            }
            members.emplace_back(time);
            break;
        }
        case EventType::answer:
            members = {call, from, type, to, time, uri, {"callState", "active"}};
            break;
        case EventType::speak:
        case EventType::playback: {
            const bool done = std::get<AudioDetail>(event.detail).done;
            members = {call, type, time};
            if (event.type == EventType::speak) {
                members.emplace_back("state", done ? "PLAYBACK_STOP" : "PLAYBACK_START");
            }
            members.emplace_back(uri);
            members.emplace_back("status", done ? "done" : "started");
            break;
        }
        case EventType::dtmf:
            members = {type,
                       call,
                       uri,
                       {"dtmfDigit", std::string(1, std::get<DigitDetail>(event.detail).digit)},
                       time};
            break;
        case EventType::gather: {
            const auto& about = std::get<GatherDetail>(event.detail);
            members = {type,
                       {"reason", std::string{word(about.reason)}},
                       {"state", "completed"},
                       {"digits", about.digits},
                       time,
                       call,
                       {"gatherId", std::string{ids.gather}}};
            break;
        }
        case EventType::hangup:
            members = {call,
                       type,
                       from,
                       to,
                       time,
                       {"cause", std::string{word(std::get<HangupDetail>(event.detail).cause)}},
                       {"callState", "completed"},
                       uri};
            break;
        case EventType::timeout:
            members = {call, type, from, to, time, uri};
            break;
        case EventType::recording: {
            const auto& about = std::get<RecordingDetail>(event.detail);
            const std::string state = about.failed ? "error" : "complete";
            members = {call,
                       type,
                       {"recordingId", recording},
                       {"recordingUri", at_user + "/recordings/" + recording},
                       {"state", state},
                       {"status", state},
                       {"startTime", time_text(about.started_at)},
                       {"endTime", time_text(about.ended_at)}};
            break;
        }
        case EventType::transcription: {
            const auto& about = std::get<TranscriptionDetail>(event.detail);
            const std::string state = about.failed ? "error" : "completed";
            members = {type};
            if (!about.failed) {
                members.emplace_back("transcriptionUri", at_user + "/recordings/" + recording +
                                                             "/transcriptions/" + transcription);
                members.emplace_back("textSize", std::to_string(utf8_length(about.text)));
                members.emplace_back("text", utf8_crop(about.text, 1026));
            }
            members.emplace_back("status", state);
            if (!about.failed) {
                members.emplace_back("textUrl", at_user + "/media/" + transcription);
            }
            members.emplace_back("recordingId", recording);
            members.emplace_back("state", state);
            members.emplace_back("transcriptionId", transcription);
            break;
        }
        case EventType::redirect:  // wire_bxml_event_test.cpp
        case EventType::transfer_complete:
        case EventType::sms:  // wire_message_test.cpp
        case EventType::mms:
        case EventType::conference:  // wire_conference_test.cpp
        case EventType::conference_member:
        case EventType::conference_speak:
        case EventType::conference_playback:
            break;
        case EventType::error:
            members = {type, {"callState", "error"}, to, from, call, uri, time};
            break;
    }
    if (!event.tag.empty()) {
        members.emplace_back("tag", event.tag);
    }
    return members;
}

std::string naive_body(const QueryMembers& members) {
    std::string out;
    for (const auto& [name, value] : members) {
        out += (out.empty() ? "{\"" : ",\"") + name + "\":";
        out += name == "textSize" ? value : naive_json(value);
    }
    return out + '}';
}

std::string naive_query(const QueryMembers& members) {
    std::string out;
    for (const auto& [name, value] : members) {
        out += (out.empty() ? "" : "&") + name + "=" + percent_encoded(value);
    }
    return out;
}

/// What the GET form has in another order, and more of: held against the catalogue instead.
bool has_own_query(const Event& event) {
    const auto* const answer = std::get_if<AnswerDetail>(&event.detail);
    return event.type == EventType::incomingcall || (answer != nullptr && !answer->transfer_leg);
}

}  // namespace

TEST_CASE("callback: random events of every type read as written member by member", "[wire]") {
    const std::uint64_t chosen = test::chosen_seed();
    CAPTURE(chosen);
    Rng rng{chosen};
    for (int i = 0; i < 5000; ++i) {
        const Event event = random_event(rng);
        const EventIds ids{"u-someone", "c-call", "gtr-gather", "rec-recording", "tr-text"};
        const std::string base = "http://h" + std::string(rng.below(50) == 0 ? 2000 : 20, 'x');
        const QueryMembers members = members_of(event, ids, base);
        std::string body{"before "};
        std::string query;

        append_callback(body, event, Method::post, ids, base, CallerFields::documented);
        append_callback(query, event, Method::get, ids, base, CallerFields::documented);

        CAPTURE(i, word(event.type));
        REQUIRE(body == "before " + naive_body(members));
        if (!has_own_query(event)) {
            REQUIRE(query == naive_query(members));
        }
    }
}

TEST_CASE("appender: pieces of any length arrive whole and in order", "[wire]") {
    const std::uint64_t chosen = test::chosen_seed();
    CAPTURE(chosen);
    Rng rng{chosen};
    for (int i = 0; i < 500; ++i) {
        std::string out{"begun"};
        std::string expected{out};
        {
            Appender to{out};
            for (std::uint64_t puts = rng.below(40); puts > 0; --puts) {
                const std::string piece(rng.below(10) == 0 ? rng.below(5000) : rng.below(80), 'p');
                to.put('<', piece, "literal", std::array{'1', '2'}, std::string_view{}, '>');
                expected += '<' + piece + "literal12>";
                if (rng.below(10) == 0) {
                    to.complete() += "between";
                    expected += "between";
                }
            }
        }
        REQUIRE(out == expected);
    }
}

TEST_CASE("json: a text is plain if each of its bytes is, wherever the odd one is", "[wire]") {
    for (std::size_t size = 1; size <= 26; ++size) {
        for (std::size_t place = 0; place < size; ++place) {
            for (unsigned byte = 0; byte < 256; ++byte) {
                std::string text(size, '~');
                text[place] = static_cast<char>(byte);
                std::string quoted;
                append_json_string(quoted, text);
                CAPTURE(size, place, byte);
                const bool plain = byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
                REQUIRE(is_plain_json(text) == plain);
                REQUIRE(quoted == naive_json(text));
            }
        }
    }
    CHECK(is_plain_json(""));
}

TEST_CASE("time: it is what the C library says, in every year it can be", "[wire]") {
    const std::uint64_t chosen = test::chosen_seed();
    CAPTURE(chosen);
    Rng rng{chosen};
    for (int i = 0; i < 20'000; ++i) {
        const Instant at{Duration{static_cast<std::int64_t>(rng.next())}};
        const std::time_t second =
            std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
        std::tm parts{};
        REQUIRE(gmtime_r(&second, &parts) != nullptr);
        std::array<char, 32> text{};
        const std::size_t size =
            std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
        REQUIRE(time_text(at) == std::string_view{text.data(), size});
    }
}

TEST_CASE("time: a second asked for again, or as the first of all, has the same text", "[wire]") {
    std::string first;
    std::thread{[&first] { first = time_text(Instant{}); }}.join();
    CHECK(first == "1970-01-01T00:00:00Z");
    const Instant at{std::chrono::seconds{1'767'603'600}};
    const Duration late = std::chrono::nanoseconds{999'999'999};
    CHECK(time_text(at) == "2026-01-05T09:00:00Z");
    CHECK(time_text(at + late) == "2026-01-05T09:00:00Z");
    CHECK(time_text(at + late + std::chrono::nanoseconds{1}) == "2026-01-05T09:00:01Z");
    CHECK(time_text(at) == "2026-01-05T09:00:00Z");
}

}  // namespace ringback
