#include "harness/ladder/ladder.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "harness/ladder/highlights.h"
#include "harness/ladder/rows.h"
#include "harness/ladder/story.h"

using namespace ringback;
using nlohmann::json;

namespace {

constexpr const char* call_id = "c-b6bgm4bz4okhvoesy5cwxsy";

/// The members every entry has, at `ms` of modelled time, and those of `more`.
json entry(const char* kind, int ms, const json& more) {
    char time[32];
    std::snprintf(time, sizeof time, "2026-01-05T09:%02d:%02d.%03dZ", ms / 60'000, ms / 1'000 % 60,
                  ms % 1'000);
    json all{{"kind", kind}, {"time", time}, {"user", "u-1"}, {"call", call_id}};
    all.update(more);
    return all;
}

json api(int ms, const std::string& below, const json& request, int status = 200) {
    return entry("api", ms,
                 {{"method", "POST"},
                  {"path", "/v1/users/u-1/calls" + below},
                  {"request", request},
                  {"status", status}});
}

json event(int ms, int delivery, const char* name, const json& payload) {
    return entry("event", ms,
                 {{"delivery", delivery},
                  {"event", name},
                  {"method", payload.is_string() ? "GET" : "POST"},
                  {"url", "http://127.0.0.1:9000/cb"},
                  {"payload", payload}});
}

json attempt(int ms, int delivery, const char* name, const json& more) {
    json all = entry("attempt", ms,
                     {{"delivery", delivery},
                      {"event", name},
                      {"attempt", 1},
                      {"fallback", false},
                      {"method", "POST"},
                      {"url", "http://127.0.0.1:9000/cb"},
                      {"end", "answered"},
                      {"status", 200},
                      {"outcome", "delivered"},
                      {"wall", {{"sent_us", 1'000}, {"first_byte_us", 4'100}}}});
    all.update(more);
    return all;
}

json fault(int ms, int delivery, const char* name, const json& more) {
    json all = entry("fault", ms, {{"delivery", delivery}, {"event", "speak"}, {"fault", name}});
    all.update(more);
    return all;
}

json state(int ms, const char* before, const char* after, const char* cause = nullptr) {
    json all = entry("state", ms, {{"before", before}, {"after", after}});
    if (cause != nullptr) {
        all["cause"] = cause;
    }
    return all;
}

json phone(int ms, const char* what, const char* text = "") {
    return entry("phone", ms, {{"what", what}, {"text", text}});
}

const std::string below_call = std::string{"/"} + call_id;

/// The founding conversation: answered, a sentence, hung up by the application.
std::vector<json> conversation() {
    return {
        api(0, "", {{"from", "+19195550123"}, {"to", "+19195550187"}}, 201),
        state(4000, "started", "active"),
        event(4000, 1, "answer", {{"callState", "active"}}),
        api(4000, below_call + "/audio", {{"sentence", "Hello!"}}),
        attempt(4000, 1, "answer", json::object()),
        phone(4300, "heard_speech", "Hello!"),
        event(4300, 2, "speak", {{"state", "PLAYBACK_START"}, {"status", "started"}}),
        attempt(4300, 2, "speak", json::object()),
        event(5300, 3, "speak", {{"state", "PLAYBACK_STOP"}, {"status", "done"}}),
        api(5300, below_call, {{"state", "completed"}}),
        state(5300, "active", "completed", "NORMAL_CLEARING"),
        attempt(5300, 3, "speak", json::object()),
        event(65500, 4, "hangup", {{"cause", "NORMAL_CLEARING"}}),
        attempt(65500, 4, "hangup", {{"wall", {{"sent_us", 10}, {"first_byte_us", 500}}}}),
    };
}

std::size_t columns(const std::string& line) {
    std::size_t count = 0;
    for (const char c : line) {
        count += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1U : 0U;
    }
    return count;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::size_t begin = 0;
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

std::vector<std::string> labels(const std::vector<json>& entries) {
    std::vector<std::string> all;
    for (const LadderRow& row : ladder_rows(entries)) {
        all.push_back(row.label + (row.tail.empty() ? "" : " | " + row.tail) +
                      (row.failed ? " !" : ""));
    }
    return all;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("ladder: the founding conversation, line by line", "[ladder]") {
    const std::string golden =
        " seconds your app                                ringback                  phone\n"
        "   0.000 │─ POST /calls to +19195550187 ────── 201 ─▶│                         │\n"
        "         │                                           │─ dials +19195550187 ───▶│\n"
        "   4.000 │                                           │◀─ picks up ─────────────│\n"
        "         │◀─ answer active ────────────── 200  3 ms ─│                         │\n"
        "         │─ POST …/audio \"Hello!\" ──────────── 200 ─▶│                         │\n"
        "   4.300 │                                           │─ \"Hello!\" ─────────────▶│\n"
        "         │◀─ speak PLAYBACK_START ─────── 200  3 ms ─│                         │\n"
        "   5.300 │◀─ speak PLAYBACK_STOP ──────── 200  3 ms ─│                         │\n"
        "         │─ POST /calls/… state=completed ──── 200 ─▶│                         │\n"
        "         │                                           │─ hangs up ─────────────▶│\n"
        "  65.500 │◀─ hangup NORMAL_CLEARING ──── 200  <1 ms ─│                         │\n";

    CHECK(ladder(conversation(), {80, true, false}) == golden);
}

TEST_CASE("ladder: every line is exactly as wide as the terminal", "[ladder]") {
    for (const std::size_t width : {60U, 80U, 97U, 120U}) {
        for (const bool utf8 : {true, false}) {
            CAPTURE(width, utf8);
            const std::vector<std::string> lines =
                lines_of(ladder(conversation(), {width, utf8, false}));

            REQUIRE(lines.size() == 12);
            for (std::size_t i = 1; i < lines.size(); ++i) {
                CAPTURE(lines[i]);
                CHECK(columns(lines[i]) == width);
            }
        }
    }
}

TEST_CASE("ladder: without UTF-8 it is plain ASCII", "[ladder]") {
    auto entries = conversation();
    entries[3]["request"]["sentence"] = "Gr\u00fc\u00df dich \u2026";

    const std::string text = ladder(entries, {80, false, false});

    CHECK(std::all_of(text.begin(), text.end(),
                      [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
    CHECK(text.find("|<- answer active") != std::string::npos);
    CHECK(text.find("../audio") != std::string::npos);
}

TEST_CASE("ladder: colours surround arrows and are all switched off again", "[ladder]") {
    const std::string plain = ladder(conversation(), {80, true, false});
    std::string coloured = ladder(conversation(), {80, true, true});

    CHECK(plain.find('\x1b') == std::string::npos);
    CHECK(coloured.find("\x1b[32m◀─ answer") != std::string::npos);
    for (const char* code : {"\x1b[0m", "\x1b[2m", "\x1b[36m", "\x1b[32m", "\x1b[33m"}) {
        for (auto at = coloured.find(code); at != std::string::npos; at = coloured.find(code)) {
            coloured.erase(at, std::string_view{code}.size());
        }
    }
    CHECK(coloured == plain);
}

TEST_CASE("ladder: text from outside cannot move the cursor", "[ladder]") {
    auto entries = conversation();
    entries[3]["request"]["sentence"] = "a\x1b[2J\nb\u0085\x7f";
    entries[2]["payload"]["callState"] = "\r\xff";

    const std::string text = ladder(entries, {80, true, false});

    CHECK(text.find("\"a?[2J?b??\"") != std::string::npos);
    CHECK(text.find("answer ??") != std::string::npos);
    CHECK(lines_of(text).size() == 12);

    entries[3]["request"]["sentence"] = "a\u202eb\u2028c\u2066d\u200be";
    CHECK(ladder(entries, {80, true, false}).find("\"a?b?c?d?e\"") != std::string::npos);
}

TEST_CASE("ladder: no entries, no picture", "[ladder]") { CHECK(ladder({}, {}).empty()); }

TEST_CASE("ladder: what goes wrong with a callback is said and marked", "[ladder]") {
    const auto bad = [](const json& more) {
        return labels(
            {event(0, 1, "answer", {{"callState", "active"}}), attempt(0, 1, "answer", more)});
    };

    CHECK(bad({{"status", 500}, {"outcome", "failed"}}) == Texts{"answer active | 500  3 ms !"});
    CHECK(bad({{"end", "could_not_connect"}, {"status", nullptr}}) ==
          Texts{"answer active | could not connect !"});
    CHECK(bad({{"end", "timed_out"},
               {"status", nullptr},
               {"wall", {{"sent_us", 0}, {"ended_us", 10'000'200}}}}) ==
          Texts{"answer active | timed out  10.0 s !"});
    CHECK(
        ladder({event(0, 1, "answer", json::object()), attempt(0, 1, "answer", {{"status", 500}})},
               {80, true, false})
            .find("│✗─ answer ──") != std::string::npos);
}

TEST_CASE("ladder: further tries and the fallback URL have rows of their own", "[ladder]") {
    const Texts told = labels({
        event(0, 7, "hangup", {{"cause", "USER_BUSY"}}),
        attempt(0, 7, "hangup", {{"status", 503}, {"outcome", "owed"}}),
        entry("error", 0, {{"code", "callback-http-failure-status"}}),
        attempt(0, 7, "hangup", {{"attempt", 2}, {"status", 503}, {"outcome", "owed"}}),
        attempt(0, 7, "hangup",
                {{"attempt", 3}, {"fallback", true}, {"outcome", "delivered_by_fallback"}}),
    });

    CHECK(told == Texts{"hangup USER_BUSY | 503  3 ms !",
                        "error record callback-http-failure-status !",
                        "hangup, try 2 | 503  3 ms !", "hangup, to the fallback URL | 200  3 ms"});
}

TEST_CASE("ladder: a sending that was lost and made again is no try of its own", "[ladder]") {
    const Texts told = labels({
        event(0, 7, "hangup", {{"cause", "USER_BUSY"}}),
        attempt(0, 7, "hangup",
                {{"unheard", 1},
                 {"end", "broken"},
                 {"status", nullptr},
                 {"sent_again", true},
                 {"outcome", "owed"}}),
        attempt(0, 7, "hangup",
                {{"attempt", 2}, {"unheard", 1}, {"status", 503}, {"outcome", "owed"}}),
        attempt(0, 7, "hangup", {{"attempt", 3}, {"unheard", 1}}),
    });

    CHECK(told == Texts{"hangup USER_BUSY | 503  3 ms !",
                        "hangup, to be sent again | connection lost  3 ms !",
                        "hangup, try 2 | 200  3 ms"});
}

TEST_CASE("ladder: a callback without an outcome waits", "[ladder]") {
    CHECK(labels({event(0, 1, "dtmf", {{"dtmfDigit", "5"}})}) == Texts{"dtmf 5 | waiting"});
}

TEST_CASE("ladder: a try whose event has left the journal is still told", "[ladder]") {
    CHECK(labels({attempt(0, 1, "answer", json::object())}) == Texts{"answer | 200  3 ms"});
}

TEST_CASE("ladder: callbacks by GET are read from their query", "[ladder]") {
    CHECK(labels({event(0, 1, "gather",
                        "eventType=gather&reason=max-digits&digits=2%235&tag=a%20b")}) ==
          Texts{"gather (GET) digits 2#5 max-digits tag=a b | waiting"});
}

TEST_CASE("ladder: a refused request shows the API's own word for it", "[ladder]") {
    json refused = api(0, below_call + "/audio", {{"sentence", ""}}, 403);
    refused["response"] = {{"code", "call-audio-invalid-state"}, {"message", "..."}};

    CHECK(labels({refused}) == Texts{"POST …/audio stop | 403 !", "call-audio-invalid-state !"});
}

TEST_CASE("ladder: how a call ends is seen on the phone's side", "[ladder]") {
    const auto ending = [](const char* cause) {
        return labels({state(0, "started", "completed", cause)});
    };

    CHECK(ending("USER_BUSY") == Texts{"busy"});
    CHECK(ending("CALL_REJECTED") == Texts{"declines"});
    CHECK(ending("UNALLOCATED_NUMBER") == Texts{"not in service"});
    CHECK(ending("NO_ANSWER") == Texts{"nobody answers"});
    CHECK(ending("NORMAL_TEMPORARY_FAILURE") == Texts{"network fails"});
    CHECK(ending("ORIGINATOR_CANCEL") == Texts{"cancels"});
}

TEST_CASE("ladder: what the person did is told once, not again by the state", "[ladder]") {
    CHECK(labels({phone(0, "answered"), state(0, "started", "active"), phone(0, "pressed", "5"),
                  phone(0, "said", "yes"), phone(0, "heard_tone", "1"),
                  phone(0, "heard_file", "http://h/a/moh.wav"), phone(9, "hung_up"),
                  state(9, "active", "completed", "NORMAL_CLEARING")}) ==
          Texts{"picks up", "presses 5", "says \"yes\"", "tone 1", "plays moh.wav", "hangs up"});
}

TEST_CASE("ladder: the second leg of a transfer is named", "[ladder]") {
    auto entries = std::vector<json>{
        api(0, below_call, {{"state", "transferring"}, {"transferTo", "+19195550199"}}, 201),
        event(0, 1, "answer", json::object())};
    entries[1]["call"] = "c-ylpxohhqfctzb24pbziicga";

    CHECK(labels(entries) == Texts{"POST /calls/… state=transferring to +19195550199 | 201",
                                   "dials +19195550199", "B: answer | waiting"});
}

TEST_CASE("ladder: nothing in an entry can make it throw", "[ladder]") {
    const std::vector<json> odd{
        json::object(),
        json::array(),
        json(7),
        nullptr,
        {{"kind", "api"}, {"path", 5}, {"request", "text"}, {"time", "soon"}},
        {{"kind", "event"}, {"payload", {1, 2}}, {"delivery", "x"}},
        {{"kind", "attempt"}, {"wall", "none"}, {"delivery", nullptr}},
        {{"kind", "state"}},
        {{"kind", "phone"}, {"what", {}}},
        {{"kind", "nobody knows"}}};

    CHECK_NOTHROW(ladder(odd, {80, true, false}));
    CHECK_NOTHROW(story_of(odd));
}

TEST_CASE("story: a conversation that went well", "[ladder]") {
    const CallStory story = story_of(conversation());

    CHECK(story.ended);
    CHECK(story.cause == "NORMAL_CLEARING");
    CHECK(story.hangup_told);
    CHECK(story.delivered == 4);
    CHECK(story.failed.empty());
    CHECK(story.owed.empty());
    CHECK_FALSE(story.nobody_there);
}

TEST_CASE("story: what failed and what is owed is named with its URL", "[ladder]") {
    const CallStory story = story_of({
        event(0, 1, "answer", json::object()),
        attempt(0, 1, "answer",
                {{"end", "could_not_connect"},
                 {"status", nullptr},
                 {"outcome", "failed"},
                 {"wall", {}}}),
        event(0, 2, "speak", json::object()),
    });

    CHECK_FALSE(story.ended);
    CHECK(story.failed == Texts{"answer to http://127.0.0.1:9000/cb: could not connect"});
    CHECK(story.owed == Texts{"speak to http://127.0.0.1:9000/cb: under way, no answer yet"});
    CHECK(story.nobody_there);
}

TEST_CASE("story: of what is owed, what was sent differs from what may wait behind it",
          "[ladder]") {
    auto entries = std::vector<json>{
        event(0, 1, "answer", json::object()),
        event(0, 2, "speak", json::object()),
        event(0, 3, "hangup", json::object()),
        event(0, 4, "answer", json::object()),
    };
    entries[3]["call"] = "c-ylpxohhqfctzb24pbziicga";  // a strand of its own
    const std::string to{" to http://127.0.0.1:9000/cb: "};

    CHECK(story_of(entries).owed ==
          Texts{"answer" + to + "under way, no answer yet",
                "speak" + to + "behind answer, which is owed too; not sent yet, or not answered",
                "hangup" + to + "behind answer, which is owed too; not sent yet, or not answered",
                "answer" + to + "under way, no answer yet"});

    // A try that failed with another to come; what is first in line then is still the same one.
    entries.push_back(attempt(0, 1, "answer", {{"status", 503}, {"outcome", "owed"}}));
    const Texts owed = story_of(entries).owed;
    REQUIRE(owed.size() == 4);
    CHECK(owed[0] == "answer" + to + "503  3 ms; to be tried again");
    CHECK(owed[1] ==
          "speak" + to + "behind answer, which is owed too; not sent yet, or not answered");

    entries.push_back(attempt(0, 1, "answer", {{"attempt", 2}}));
    CHECK(story_of(entries).owed.at(0) == "speak" + to + "under way, no answer yet");
}

TEST_CASE("story: a receiver that answers badly is there all the same", "[ladder]") {
    const CallStory story =
        story_of({event(0, 1, "answer", json::object()),
                  attempt(0, 1, "answer", {{"status", 500}, {"outcome", "failed"}})});

    CHECK(story.failed.size() == 1);
    CHECK_FALSE(story.nobody_there);
}

TEST_CASE("ladder: a dropped event is lost, a copy has a row of its own, the rest is remarked",
          "[ladder][faults]") {
    const json said{{"eventType", "speak"}, {"status", "done"}};
    const std::vector<json> entries{
        event(0, 1, "speak", said),
        fault(0, 1, "drop", {{"lost", true}, {"text", "lost for good"}}),
        event(5, 2, "speak", said),
        fault(5, 2, "delay", {{"text", "3ms late"}}),
        attempt(8, 2, "speak", {{"attempt", 0}, {"status", 400}, {"outcome", "owed"}}),
        attempt(9, 2, "speak", json::object()),
        fault(9, 3, "duplicate", {{"extra", true}, {"payload", said}}),
        attempt(10, 3, "speak", {{"status", 500}, {"outcome", "failed"}}),
    };
    std::vector<std::string> labels;
    for (const LadderRow& row : ladder_rows(entries)) {
        labels.push_back(row.label + " | " + row.tail.substr(0, 4) + (row.failed ? "!" : ""));
    }
    CHECK(labels == std::vector<std::string>{"speak | lost", "fault drop: lost for good | ",
                                             "speak | 200 ", "fault delay: 3ms late | ",
                                             "speak, sent badly | 400 !",
                                             "speak (duplicate) | 500 !"});

    const CallStory story = story_of(entries);
    CHECK(story.lost == 1);
    CHECK(story.delivered == 1);
    CHECK(story.failed.size() == 1);
    CHECK(story.owed.empty());
}
