#include "tests/support/scenario_mistakes.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "harness/scenario/load.h"

using namespace ringback;
using namespace ringback::test;

namespace {

/// The same of a file with these steps, which begin at 1:25.
Texts in_steps(const std::string& steps) {
    return mistakes_in(R"({"version":1, "steps": [)" + steps + "]}");
}

/// The same of a file with these members, which begin at 1:14.
Texts in_file(const std::string& members) {
    return mistakes_in(R"({"version":1,)" + members + "}");
}

const std::string many_mistakes = R"({
  "versoin": 1,
  "version": 1,
  "seed": -1,
  "clock": { "mode": "warp", "start": "today" },
  "vars": { "digit": "1" },
  "steps": [
    { "send": "anser", "id": "a" },
    { "send": "speak.done", "id": "a", "set": { "staet": "x" } },
    { "await": { "command": "audo", "within": "soon", "match": { "boddy": {} } } },
    { "awiat": {} },
    { "send": "answer", "expect": { "status": 99 } },
    { "caller": { "press": "x" } },
    { "pause": "${digit}" },
    { "repeat": { "times": 0, "steps": [] } },
    { "send": "dtmf", "set": { "dtmfDigit": "${digt}${b:x}${c:y}${data.z}" }, "id": "b" }
  ],
  "verify": [ { "order": ["a", "nobody"] }, { "count": { "await": "b" } } ],
  "invariants": { "monotonic-tims": true },
  "model": { "answer-dely": "1s", "key-gap": "1s..2s" }
})";

}  // namespace

TEST_CASE("scenario mistakes: all of a file's are told at once, in their order", "[scenario]") {
    CHECK(mistakes_in(many_mistakes) ==
          Texts{R"(f:2:3: unknown member "versoin", did you mean "version"?)",
                R"(f:4:11: expected a whole number of at least 0, found -1)",
                R"(f:5:22: expected "virtual" or "real", found "warp")",
                R"(f:5:39: expected a time such as "2026-01-05T09:00:00Z", found "today")",
                R"(f:8:15: expected the name of an event, found "anser", did you mean "answer"?)",
                R"(f:9:35: the id "a" is taken: the step at f:8:5 has it)",
                R"(f:9:49: an event "speak.done" has no member "staet", did you mean "state"?)",
                R"(f:10:29: expected an API command, found "audo", did you mean "audio"?)",
                R"(f:10:47: expected a duration like 250ms, 2s or 1m30s, found "soon")",
                R"(f:10:66: unknown member "boddy", did you mean "body"?)",
                R"(f:11:7: unknown member "awiat", did you mean "await"?)",
                R"(f:12:47: expected a status such as 200, "2xx" or "200-204", found 99)",
                R"(f:13:28: expected keys of 0-9, *, #, A-D, found "x")",
                R"(f:14:16: expected a duration like 250ms, 2s or 1m30s, found "${digit}")",
                R"(f:15:28: expected a whole number from 1 to 1000, found 0)",
                R"(f:15:40: expected at least one step, found none)",
                R"(f:16:45: there is no variable "digt", did you mean "digit"?)",
                R"(f:16:45: "${b:x}" cannot be known here: step "b" comes later (f:16:5))",
                R"(f:16:45: there is no step "c")",
                R"(f:16:45: there is no "data" to take "${data.z}" from)",
                R"(f:18:32: there is no step "nobody")",
                R"(f:18:45: expected "exactly", or "atLeast" or "atMost" or both, beside "count")",
                R"(f:18:67: expected the id of an "await", found "b")",
                R"(f:19:19: unknown invariant "monotonic-tims", did you mean "monotonic-times"?)",
                R"(f:20:14: unknown delay "answer-dely", did you mean "answer-delay"?)",
                R"(f:20:46: expected a duration like 250ms, 2s or 1m30s, found "1s..2s")"});
}

TEST_CASE("scenario mistakes: the version comes before all else", "[scenario]") {
    CHECK(mistakes_in(R"({"version": 2, "wibble": true})") ==
          Texts{R"(f:1:13: this file needs a ringback that reads version 2; this one reads 1)"});
    CHECK(mistakes_in("{}") == Texts{R"(f:1:1: expected a member "version", found none)"});
    CHECK(mistakes_in(R"({"version": "1"})") == Texts{R"(f:1:13: expected version 1, found "1")"});
    CHECK(mistakes_in("[]") == Texts{R"(f:1:1: expected an object, found an array)"});
    CHECK(
        mistakes_in("{") ==
        Texts{
            R"(f:1:2: expected the name of a member in double quotes, or }, found the end of the file)"});
    CHECK(in_file(R"("dialect": "v2")") ==
          Texts{R"(f:1:25: expected "v1", found "v2", which this ringback cannot play)"});
}

TEST_CASE("scenario mistakes: a step is of one kind, with what belongs to it", "[scenario]") {
    CHECK(in_steps(R"({"send": "answer", "await": {"command": "audio"}})") ==
          Texts{R"(f:1:25: expected one kind of step, found "send" and "await" in one)"});
    CHECK(
        in_steps(R"({"id": "x"})") ==
        Texts{
            R"(f:1:25: expected a step with one of send, await, caller, pause, quiet, branch, repeat, use, block, found an object)"});
    CHECK(in_steps(R"({"pause": "1s", "after": "1s"})") ==
          Texts{R"(f:1:41: unknown member "after", expected one of pause, id)"});
    CHECK(in_steps(R"("pause")") == Texts{R"(f:1:25: expected an object, found "pause")"});
    CHECK(in_steps(R"({"await": {}})") ==
          Texts{R"(f:1:35: expected a member "path" or "command", found none)"});
    CHECK(
        in_steps(R"({"await": {"command": "audio", "path": "/x"}})") ==
        Texts{
            R"(f:1:64: expected either "command" or "method" and "path", found "path" beside "command")"});
    CHECK(
        in_steps(R"({"await": {"method": "post", "path": "v1"}})") ==
        Texts{
            R"(f:1:46: expected "GET", "POST", "PUT", "DELETE", "PATCH" or "HEAD", found "post", did you mean "POST"?)",
            R"(f:1:62: expected a path that begins with "/", found "v1")"});
    CHECK(
        in_steps(R"({"await": {"path": "/v1/**/audio"}}, {"await": {"path": "/v1?x=1"}})") ==
        Texts{
            R"(f:1:44: expected "**" at the end of a path only, found "/v1/**/audio")",
            R"(f:1:81: expected a path without a query (that is "query" in "match"), found "/v1?x=1")"});
    CHECK(in_steps(R"({"await": {"id": "x", "command": "audio"}, "id": "y"})") ==
          Texts{R"(f:1:74: expected one id, found one inside "await" and one beside it)"});
    CHECK(
        in_steps(
            R"({"await": {"command": "audio", "reaction": "400ms!", "answered": [200, "3x"]}})") ==
        Texts{R"(f:1:68: expected a comparison with a time, such as "<250ms", found "400ms!")",
              R"(f:1:96: expected a status such as 200, "2xx" or "200-204", found "3x")"});
    CHECK(
        in_steps(R"({"caller": {"press": "1", "say": "one"}}, {"caller": {"hangup": false}})") ==
        Texts{
            R"(f:1:36: expected one of press, say, hangup, answer, decline and text, found 2 of them)",
            R"(f:1:89: expected true, found false)"});
    CHECK(in_steps(R"({"quiet": {"uniform": ["2s", "1s"]}}, {"pause": {"uniform": ["1s"]}})") ==
          Texts{R"(f:1:47: expected the shortest time first, found 2s before 1s)",
                R"(f:1:85: expected the shortest and the longest time, found 1 elements)"});
    CHECK(
        in_steps(R"({"pause": {"lognormal": {"median": "1s"}}}, {"pause": {}}, {"pause": 3})") ==
        Texts{
            R"(f:1:49: expected a member "sigma", found none)",
            R"(f:1:79: expected a time such as "250ms", or an object with one of uniform, normal, lognormal, exponential, oneOf, speech, found 0 members)",
            R"(f:1:94: expected a time such as "250ms", or an object with one of uniform, normal, lognormal, exponential, oneOf, speech, found 3)"});
    CHECK(
        in_steps(R"({"send": "answer", "expect": {"deliveredVia": "fallbak", "attempts": 0}})") ==
        Texts{
            R"(f:1:71: expected "callback", "fallback" or "none", found "fallbak", did you mean "fallback"?)",
            R"(f:1:94: expected a whole number from 1 to 100, found 0)"});
    CHECK(in_steps("") == Texts{R"(f:1:24: expected at least one step, found none)"});
}

TEST_CASE("scenario mistakes: compound steps", "[scenario]") {
    CHECK(in_steps(R"({"branch": []}, {"branch": [{"else": [{"pause": "1s"}]}]})") ==
          Texts{R"(f:1:36: expected at least one case with a condition, found none)",
                R"(f:1:52: expected at least one case with a condition, found none)"});
    CHECK(
        in_steps(
            R"({"branch": [{"else": [{"pause": "1s"}]}, {"on": "x", "is": "y", "steps": [{"pause": "1s"}]}]})") ==
        Texts{R"(f:1:37: expected "else" as the last case only)"});
    CHECK(in_steps(R"({"branch": [{"on": "x", "steps": [{"pause": "1s"}]}]})") ==
          Texts{R"(f:1:37: expected "await", "on" and "is", or "else" in a case of a branch)"});
    CHECK(
        in_steps(
            R"({"repeat": {"times": 1001, "steps": [{"pause": "1s"}]}}, {"repeat": {"times": "few"}})") ==
        Texts{
            R"(f:1:46: expected a whole number from 1 to 1000, found 1001)",
            R"(f:1:93: expected a member "steps", found none)",
            R"(f:1:103: expected a whole number from 1 to 1000, or a reference to one, found "few")"});
    CHECK(in_steps(R"({"block": {"order": "some", "steps": [{"pause": "1s"}]}})") ==
          Texts{R"(f:1:45: expected "strict", "ordered" or "any", found "some")"});
    CHECK(
        in_steps(R"({"use": "nobody"}, {"use": "busi", "with": {"a b": 1}})") ==
        Texts{
            R"(f:1:33: there is no file "nobody" beside the scenario, and no built-in scenario has that name)",
            R"(f:1:52: there is no file "busi" beside the scenario, and no built-in scenario has that name, did you mean "busy"?)",
            R"(f:1:69: expected a name of letters, digits, _ and -, a letter first, found "a b")"});
}

TEST_CASE("scenario mistakes: what could not be played as it is written", "[scenario]") {
    CHECK(
        in_steps(
            R"({"send": "answer"}, {"await": {"command": "gather"}}, {"send": "gather", "after": "1s"})") ==
        Texts{
            R"(f:1:107: expected no "after" here: when "gather" comes follows from keys, rings and requests; give the step before it an "after", or put a "pause" there)"});
    CHECK(
        in_steps(
            R"({"block": {"order": "any", "steps": [{"send": "answer"}, {"pause": "1s"}]}})") ==
        Texts{
            R"(f:1:82: expected only "send" and "await" in "order": "any", found "pause"; put it before or behind a block of that order)"});
    CHECK(
        in_steps(
            R"({"repeat": {"times": 1000, "steps": [{"repeat": {"times": 11, "steps": [{"pause": "0ms"}]}}]}})") ==
        Texts{
            R"(f:1:83: expected at most 10000 times, those of the repeats around it multiplied, found 11000)"});
}

TEST_CASE("scenario mistakes: set takes the members of that event, or what is called extra",
          "[scenario]") {
    CHECK(
        in_steps(R"({"send": "answer", "set": {"tga": "x", "wibble": 1}})") ==
        Texts{
            R"(f:1:52: an event "answer" has no member "tga", did you mean "tag"?)",
            R"(f:1:64: an event "answer" has no member "wibble"; to send it all the same, name it in "extra")"});
    CHECK(in_steps(R"({"send": "answer", "set": {"wibble": 1}, "extra": ["wibble"]})").empty());
    CHECK(in_steps(R"({"send": "answer", "extra": ["wibble"]})") ==
          Texts{R"(f:1:54: expected the name of a member in "set", found "wibble")"});
}

TEST_CASE("scenario mistakes: references stand for something that is there by then", "[scenario]") {
    const auto set = [](const std::string& text) {
        return in_file(R"("vars": {"digit": "1", "o": {"a": 1}}, "data": [{"word": "x"}], "steps": [
{"send": "answer", "id": "early", "set": {"tag": ")" +
                       text + R"("}},
{"await": {"command": "audio", "id": "late"}}])");
    };
    for (const char* const fine : {"${digit}", "${o.a}", "${data.word}", "${env.HOME}",
                                   "${receiver}", "${userId}", "$${x}", "${runId}"}) {
        CAPTURE(fine);
        CHECK(set(fine) == Texts{});
    }
    CHECK(set("${digi}") == Texts{R"(f:2:50: there is no variable "digi", did you mean "digit"?)"});
    CHECK(set("${data.wrd}") ==
          Texts{R"(f:2:50: the data has no column "wrd", did you mean "word"?)"});
    CHECK(set("${late:body}") ==
          Texts{R"(f:2:50: "${late:body}" cannot be known here: step "late" comes later (f:3:1))"});
    CHECK(set("${lat:body}") == Texts{R"(f:2:50: there is no step "lat", did you mean "late"?)"});
    CHECK(
        set("${early:callId}") ==
        Texts{
            R"(f:2:50: "${early:callId}" cannot be known here: step "early" comes later (f:2:1))"});
    CHECK(
        set("${early}") ==
        Texts{
            R"(f:2:50: there is no variable "early"; what step "early" saw is "${early:path.to.it}")"});
    CHECK(set("${open") == Texts{R"(f:2:50: expected a } that closes the ${)"});
    CHECK(set("${}") == Texts{R"(f:2:50: expected a name between the braces)"});
    CHECK(set("${env.}") == Texts{R"(f:2:50: expected the name of a variable behind "env.")"});
    CHECK(in_steps(R"({"send": "answer", "set": {"tag": "${data.x}"}})") ==
          Texts{R"(f:1:59: there is no "data" to take "${data.x}" from)"});
    CHECK(in_file(R"("vars": {"a": "${b}", "b": "${a}"})") ==
          Texts{R"(f:1:28: the variable "b" cannot be known here: it comes later)"});
    CHECK(in_steps(R"({"send": "answer", "id": "a", "expect": {"body": {"id": "${a:callId}"}}})") ==
          Texts{});
    CHECK(in_steps(R"({"send": "answer"}, {"block": {"order": "any", "steps": [
{"await": {"command": "audio", "match": {"body": {"tag": "${b:body.tag}"}}}}, {"await": {"id": "b", "command": "gather"}}]}})") ==
          Texts{});
    CHECK(
        in_steps(
            R"({"send": "answer"}, {"branch": [{"await": {"command": "gather"}, "steps": [{"send": "gather", "set": {"gatherId": "${way:gatherId}"}}]}], "id": "way"})") ==
        Texts{});
}

TEST_CASE("scenario mistakes: events come in an order that a call can have", "[scenario]") {
    const std::string answer = R"({"send": "answer"},)";
    CHECK(in_steps(answer + "\n" + R"({"send": "answer"})") ==
          Texts{R"(f:2:1: "answer" can never come here: the call was answered at f:1:25)"});
    CHECK(in_steps(answer + "\n" + R"({"send": "speak.done"})") ==
          Texts{R"(f:2:1: "speak.done" can never come here: no "speak.started" comes before it)"});
    CHECK(
        in_steps(answer + "\n" +
                 R"({"send": "speak.started"}, {"send": "speak.done"}, {"send": "speak.done"})") ==
        Texts{
            R"(f:2:52: "speak.done" can never come here: each "speak.started" before it has its "speak.done" already)"});
    CHECK(in_steps(R"({"send": "dtmf"})") ==
          Texts{R"(f:1:25: "dtmf" can never come here: no "answer" comes before it)"});
    CHECK(
        in_steps(answer + R"({"send": "gather"})") ==
        Texts{
            R"(f:1:44: "gather" can never come here: no step before it awaits a request that could start a gather, or one more)"});
    CHECK(in_steps(answer +
                   R"({"await": {"path": "/v1/users/${userId}/calls/**"}}, {"send": "gather"})") ==
          Texts{});
    CHECK(
        in_steps(
            answer +
            R"({"send": "hangup"}, {"send": "dtmf"}, {"send": "recording.complete"}, {"send": "transcription.complete"})") ==
        Texts{
            R"(f:1:64: "dtmf" can never come here: the call was hung up at f:1:44, and only recording and transcription come after that)"});
    CHECK(
        in_steps(answer + R"({"send": "hangup"}, {"send": "hangup"})") ==
        Texts{
            R"(f:1:64: "hangup" can never come here: the call was hung up at f:1:44, and only recording and transcription come after that)"});
    CHECK(
        in_steps(R"({"send": "incomingcall"})") ==
        Texts{
            R"(f:1:25: "incomingcall" can never come here: only a run that starts with "inbound" has it)"});
    CHECK(
        in_steps(R"({"send": "timeout"}, {"send": "answer"})") ==
        Texts{
            R"(f:1:46: "answer" can never come here: the call was given up by "timeout" at f:1:25)"});
    CHECK(in_steps(R"({"send": "timeout"}, {"send": "hangup"})") == Texts{});
    CHECK(
        in_steps(R"({"send": "hangup"}, {"send": "recording.complete"})") ==
        Texts{
            R"(f:1:45: "recording.complete" can never come here: no "answer" comes before it, and what is not answered is not recorded)"});
    CHECK(
        in_steps(answer + R"({"send": "transcription.complete"})") ==
        Texts{
            R"(f:1:44: "transcription.complete" can never come here: no "recording.complete" comes before it)"});
    CHECK(
        in_steps(answer + R"({"repeat": {"times": 2, "steps": [{"send": "hangup"}]}})") ==
        Texts{
            R"(f:1:78: "hangup" can never come here: the call was hung up at f:1:78, and only recording and transcription come after that)"});
    CHECK(
        in_file(
            R"("start": {"inbound": {}}, "steps": [{"send": "incomingcall"}, {"send": "timeout"}])") ==
        Texts{
            R"(f:1:76: "timeout" can never come here: an inbound call has none: its caller gives up, which is a "hangup")"});
    CHECK(
        in_file(
            R"("start": {"inbound": {}}, "steps": [{"send": "answer"}, {"send": "incomingcall"}])") ==
        Texts{
            R"(f:1:70: "incomingcall" can never come here: it is the first event of an inbound call)"});
}

TEST_CASE("scenario mistakes: what only BXML brings about needs a call whose events come by GET",
          "[scenario]") {
    const auto begun = [](const std::string& start, const std::string& events) {
        return in_file(R"("start": )" + start + R"(, "steps": [{"send": "answer"}, )" + events +
                       "]");
    };
    const std::string redirect = R"({"send": "redirect"})";
    const std::string why =
        R"(can never come here: only BXML brings it about: the call's events would have to come by GET)";
    for (const char* event : {"redirect", "transferComplete"}) {
        CHECK(in_steps(R"({"send": "answer"}, {"send": ")" + std::string{event} + "\"}") ==
              Texts{fmt::format(R"(f:1:45: "{}" {})", event, why)});
    }
    CHECK(begun(R"({"call": {"callbackHttpMethod": "POST"}})", redirect).size() == 1);
    CHECK(begun(R"({"inbound": {}})", redirect).size() == 1);
    CHECK(begun(R"({"inbound": {"callbackHttpMethod": "GET", "autoAnswer": false}})", redirect)
              .size() == 1);
    for (const char* start : {R"({"call": {"callbackHttpMethod": "get"}})",
                              R"({"call": {"callbackHttpMethod": "${to}"}})",
                              R"({"inbound": {"callbackHttpMethod": "GET"}})",
                              R"({"kick": {"url": "${receiver}/dial"}})"}) {
        CAPTURE(start);
        CHECK(begun(start, redirect + R"(, {"send": "gather"}, {"send": "redirect"},
                     {"send": "transferComplete"}, {"send": "hangup"},
                     {"send": "transcription.complete"})") == Texts{});
    }
    CHECK(begun(R"({"inbound": {}})",
                R"({"await": {"command": "create"}}, {"send": "redirect"})") == Texts{});
    CHECK(in_file(R"("start": {"call": {"callbackHttpMethod": "GET"}}, "steps": [)" + redirect +
                  "]") ==
          Texts{R"(f:1:74: "redirect" can never come here: no "answer" comes before it)"});
    CHECK(
        begun(R"({"call": {"callbackHttpMethod": "GET"}})", R"({"send": "gather", "after": "1s"})")
            .size() == 1);
}

TEST_CASE("scenario mistakes: a message's events need the message", "[scenario]") {
    const auto no = [](const char* event, const char* why) {
        return std::string{"f:1:25: \""} + event + "\" can never come here: " + why;
    };
    CHECK(in_steps(R"({"send": "sms.received"})") ==
          Texts{no("sms.received",
                   R"(nobody sends the receiver one, or one more: by "start" or a "caller")")});
    for (const char* event : {"sms.sent", "sms.delivered", "mms.error"}) {
        CHECK(in_steps(R"({"send": ")" + std::string{event} + "\"}") ==
              Texts{no(event, "no step before it awaits a request that could send a message")});
    }
    const auto begun = [](const std::string& steps) {
        return in_file(R"("start": {"message": {"text": "Hi"}}, "steps": [)" + steps + "]");
    };
    CHECK(begun(R"({"send": "sms.received"}, {"await": {"command": "message"}},
                   {"send": "sms.sent"}, {"send": "sms.delivered"})")
              .empty());
    CHECK(begun(R"({"send": "sms.received"}, {"caller": {"text": "again"}},
                   {"send": "sms.received"}, {"await": {"command": "create"}},
                   {"send": "answer"})")
              .empty());
    CHECK(begun(R"({"send": "sms.received"}, {"send": "mms.received"})").size() == 1);
    CHECK(begun(R"({"send": "answer"})") ==
          Texts{"f:1:62: \"answer\" can never come here: the run starts with a message, and no "
                "step before it awaits a POST /calls"});
    CHECK(in_file(R"("start": {"kick": {"url": "${receiver}/send"},
                               "await": {"command": "message"}},
                     "steps": [{"send": "sms.sent"}])")
              .empty());
    CHECK(in_file(R"("start": {"message": {}})") ==
          Texts{R"(f:1:35: expected "text", "media" or both: what the message says)"});
    CHECK(
        in_file(R"("start": {"message": {"media": "a.jpg", "callbackTimeout": "1s"}})") ==
        Texts{
            R"(f:1:45: expected a list of the parts' file names, which hold no slash, found "a.jpg")",
            "f:1:73: expected a whole number of milliseconds from 1 to 10000, found \"1s\""});
    CHECK(in_file(R"("start": {"message": {"media": ["a/b"], "callbackHttpMethod": "get"}})") ==
          Texts{"f:1:45: expected a list of the parts' file names, which hold no slash, found "
                "an array",
                R"(f:1:76: expected "POST" or "GET", found "get")"});
    CHECK(in_file(R"("start": {"inbound": {"callbackTimeout": 0, "callbackHttpMethod": "get"}},
                     "steps": [{"send": "incomingcall"}])") ==
          Texts{"f:1:55: expected a whole number of milliseconds from 1 to 10000, found 0",
                R"(f:1:80: expected "POST" or "GET", found "get")"});
}

TEST_CASE("scenario mistakes: where an order cannot be known, nothing is said", "[scenario]") {
    const std::string answer = R"({"send": "answer"},)";
    // A transfer has a second answer, and a hangup of its own.
    CHECK(
        in_steps(
            answer +
            R"({"await": {"command": "update"}}, {"send": "answer"}, {"send": "hangup"}, {"send": "hangup"})") ==
        Texts{});
    // So has a caller who is put through because nobody takes the incoming call.
    CHECK(
        in_file(
            R"("start": {"inbound": {"fallbackNumber": "+15550100001"}}, "steps": [{"send": "incomingcall"}, {"send": "hangup"}, {"send": "hangup"}])") ==
        Texts{});
    // Between ordered steps others may have come.
    CHECK(in_file(R"("order": "ordered", "steps": [{"send": "speak.done"}, {"send": "gather"}])") ==
          Texts{});
    CHECK(
        in_file(
            R"("allow": [{"command": "update"}], "steps": [{"send": "answer"}, {"send": "answer"}])") ==
        Texts{});
    CHECK(
        in_steps(
            answer +
            R"({"block": {"order": "any", "steps": [{"send": "hangup"}, {"send": "speak.done"}, {"send": "speak.started"}]}})") ==
        Texts{});
    CHECK(
        in_steps(
            answer +
            R"({"branch": [{"await": {"command": "gather"}, "steps": [{"pause": "1s"}]}, {"await": {"command": "audio"}, "steps": [{"send": "hangup"}]}]}, {"send": "gather"}, {"send": "hangup"})") ==
        Texts{});
    CHECK(
        in_file(
            R"("vars": {"n": "1"}, "steps": [{"repeat": {"times": "${n}", "steps": [{"send": "answer"}]}}, {"send": "answer"}])") ==
        Texts{});
}

TEST_CASE("scenario mistakes: how a run begins", "[scenario]") {
    CHECK(in_file(R"("start": {})") ==
          Texts{R"(f:1:23: expected one of kick, call, inbound and message, found 0 of them)"});
    CHECK(in_file(R"("start": {"call": {"too": "+1555"}, "await": {"command": "create"}})") ==
          Texts{R"(f:1:33: unknown member "too", did you mean "to"?)",
                R"(f:1:59: expected "await" only beside "kick": nobody else asks for the call)"});
    CHECK(in_file(R"("start": {"kick": {"url": "dial", "headers": {"X Y": "1", "Z": 2}}})") ==
          Texts{R"(f:1:40: expected a URL such as "${receiver}/dial", found "dial")",
                R"(f:1:60: expected a header's name such as "X-Test", found "X Y")",
                R"(f:1:77: expected a text, found 2)"});
    CHECK(in_file(R"("start": {"kick": {"url": "${receiver}", "expect": {"attempts": 1}}})") ==
          Texts{R"(f:1:66: expected "attempts" only of a send: a kick is tried once)"});
    CHECK(in_file(R"("start": {"inbound": {"autoAnswer": "yes", "callbackUrl": "x"}})") ==
          Texts{R"(f:1:50: expected true or false, found "yes")",
                R"(f:1:57: unknown member "callbackUrl", did you mean "url"?)"});
    CHECK(
        in_file(
            R"("start": {"inbound": {"withholdCallerName": 1, "diversion": {"limit": 0, "to": "x"}}})") ==
        Texts{
            R"(f:1:58: expected true or false, found 1)",
            R"(f:1:74: expected a member "origTo", found none)",
            R"(f:1:84: expected a whole number from 1 to 1000, found 0)",
            R"(f:1:87: unknown member "to", expected one of origTo, reason, privacy, screen, counter, limit)"});
    CHECK(
        in_file(R"("waitFor": "somewhere", "name": "")") ==
        Texts{R"(f:1:25: expected a URL, HOST:PORT, or a port from 1 to 65535, found "somewhere")",
              R"(f:1:46: expected a name, found "")"});
}

TEST_CASE("scenario mistakes: of a URL they show no password", "[scenario]") {
    CHECK(in_file(R"("start": {"kick": {"url": "ftp://me:s3cret@h/"}})") ==
          Texts{R"(f:1:40: expected a URL such as "${receiver}/dial", found "ftp://***@h/")"});
    CHECK(in_file(R"("start": {"kick": {"url": "me:s3cret@h/"}})") ==
          Texts{R"(f:1:40: expected a URL such as "${receiver}/dial", found "***@h/")"});
    const std::string waited{
        "f:1:25: expected a URL, HOST:PORT, or a port from 1 to 65535, found "};
    CHECK(in_file(R"("waitFor": "ftp://me:s3cret@h/")") == Texts{waited + R"("ftp://***@h/")"});
    CHECK(in_file(R"("waitFor": "me:s3cret@h")") == Texts{waited + R"("***@h")"});
    // What is cut off may be what would have told that it is a password.
    CHECK(in_file(R"("waitFor": "ftp://me:s3crets3crets3crets3crets3crets3cret@h/")") ==
          Texts{waited + R"("ftp://***@h/")"});
    CHECK(in_file(R"("clock": {"mode": "http://me:s3cret@h/"})") ==
          Texts{R"(f:1:32: expected "virtual" or "real", found "http://***@h/")"});
}

TEST_CASE("scenario mistakes: what stands around the steps", "[scenario]") {
    CHECK(
        in_file(R"("clock": {"scale": 0, "start": 5}, "vars": {"a b": 1})") ==
        Texts{
            R"(f:1:33: expected a number from 0.001 to 10000, found 0)",
            R"(f:1:45: expected a time such as "2026-01-05T09:00:00Z", found 5)",
            R"(f:1:58: expected a name of letters, digits, _ and -, a letter first, found "a b")"});
}

TEST_CASE("scenario mistakes: checks and load", "[scenario]") {
    const std::string steps =
        R"("steps": [{"await": {"id": "a", "command": "audio"}}, {"pause": "1s", "id": "p"}],)";
    const auto verify = [&](const std::string& checks) {
        return in_file(steps + "\n" + R"("verify": [)" + checks + "]");
    };
    CHECK(verify(R"({"order": ["a"]}, {"order": ["a", "a"]}, {"order": ["a", "q"]})") ==
          Texts{R"(f:2:22: expected at least two ids of steps, found 1)",
                R"(f:2:46: expected every id once, found "a" again)",
                R"(f:2:69: there is no step "q")"});
    CHECK(verify(R"({"count": {"await": "p"}, "exactly": 1}, {"count": {}, "exactly": 1})") ==
          Texts{R"(f:2:32: expected the id of an "await", found "p")",
                R"(f:2:63: expected one of await, event and api, found 0 of them)"});
    CHECK(verify(R"({"count": {"event": "answr"}, "exactly": 1, "atMost": 2})") ==
          Texts{R"(f:2:12: expected "exactly", or "atLeast" or "atMost" or both, beside "count")",
                R"(f:2:32: expected the name of an event, found "answr", did you mean "answer"?)"});
    CHECK(verify(R"({"count": {"event": "answer"}, "atLeast": 3, "atMost": 2})") ==
          Texts{R"(f:2:12: expected "atLeast" not above "atMost", found 3 and 2)"});
    CHECK(verify(R"({"never": {}}, {"never": {"event": "answer", "afterEvent": "x"}})") ==
          Texts{R"(f:2:22: expected either "api" or "event", found neither)",
                R"(f:2:71: there is no step "x")"});
    CHECK(
        verify(R"({"resource": "calls"}, {"nevr": {}}, {})") ==
        Texts{
            R"(f:2:12: expected a member "match", found none)",
            R"(f:2:25: expected a path that begins with "/", found "calls")",
            R"(f:2:36: unknown member "nevr", did you mean "never"?)",
            R"(f:2:49: expected a check with one of order, count, never, resource, found an object)"});
    CHECK(
        in_file(
            R"("load": {"stages": [{"for": "0", "rate": "fast"}], "arrivals": "now", "timers": {"t": ["a"]}, "thresholds": ["p99<1"]})") ==
        Texts{R"(f:1:42: expected a time above 0, found "0")",
              R"(f:1:55: expected a rate such as "20/1s", found "fast")",
              R"(f:1:77: expected "constant", "poisson" or "trace=FILE", found "now")",
              R"(f:1:100: expected the ids of two steps, found 1)",
              R"(f:1:101: there is no step "a")",
              R"(f:1:123: expected a threshold such as response:p(99)<250ms, found "p99<1")"});
    CHECK(
        in_file(
            R"("load": {"timers": {"api": ["a", "a"]}, "thresholds": ["respnse:p(99)<1s", "response{step:a}:p(99)<1s"]})") ==
        Texts{R"(f:1:41: "api" is measured in every load run; a timer needs a name of its own)",
              R"(f:1:42: there is no step "a")", R"(f:1:47: there is no step "a")",
              R"(f:1:69: expected a metric or a timer, found "respnse", did you mean "response"?)",
              R"(f:1:89: there is no step "a")"});
    CHECK(
        in_file(
            R"("load": {"timers": {"t": ["start", "start"]}, "thresholds": ["response{step:start}:p(99)<1s"]})") ==
        Texts{R"(f:1:40: there is no step "start")", R"(f:1:49: there is no step "start")",
              R"(f:1:75: there is no step "start")"});
    CHECK(
        in_file(
            R"("start": {"kick": {"url": "${receiver}"}}, "load": {"thresholds": ["response{step:start}:p(99)<1s"]})") ==
        Texts{});
}
