#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "harness/admin/answers.h"
#include "harness/admin/body.h"
#include "harness/admin/routes.h"
#include "simulator/wire/entry_json.h"
#include "simulator/wire/redaction.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

struct ActWord {
    std::string_view word;
    FarEndAct act;
};
constexpr std::array acts{ActWord{"answer", FarEndAct::answers},
                          ActWord{"busy", FarEndAct::busy},
                          ActWord{"no-answer", FarEndAct::never_answers},
                          ActWord{"decline", FarEndAct::declines},
                          ActWord{"unallocated", FarEndAct::unallocated},
                          ActWord{"network-failure", FarEndAct::network_failure},
                          ActWord{"platform-error", FarEndAct::platform_error}};
constexpr std::string_view act_words{
    "one of answer, busy, no-answer, decline, unallocated, network-failure, platform-error, "
    "default"};
constexpr std::string_view action_words{
    "one of press, say, speak-over, hangup, answer, decline, reject"};

/// A URL that callbacks may go to; "" when the member is absent or refused.
std::string url_member(Body& body, const char* name, Controls& controls) {
    const auto url = body.text(name, 2048);
    if (!url) {
        return {};
    }
    if (!is_http_url(*url)) {
        body.note({name, "an absolute http or https URL", redacted(*url)});
        return {};
    }
    if (const auto refusal = controls.refuse_url(*url)) {
        body.note({name, "a URL that may be called: " + *refusal, redacted(*url)});
        return {};
    }
    return *url;
}

/// What the person on the phone will do by themselves; whether anything was said about it.
bool script_members(Body& body, FarEnd& far_end) {
    FarEndScript script;
    script.keys_after_answer = body.keys("pressAfterAnswer").value_or("");
    script.keys_on_gather = body.keys("pressOnGather").value_or("");
    script.keys_delay = body.duration("pressDelay");
    script.hangs_up_after = body.duration("hangUpAfter");
    script.says = body.text("says").value_or("");
    script.recording_fails = body.boolean("recordingFails").value_or(false);
    script.transcription_fails = body.boolean("transcriptionFails").value_or(false);
    if (script == FarEndScript{}) {
        return false;
    }
    far_end.script.open() = std::move(script);
    return true;
}

/// diversion: {origTo, reason, privacy, screen, counter, limit}.
std::optional<Diversion> diversion_member(Body& body) {
    constexpr std::size_t longest_word = 32;
    constexpr std::int64_t most_times = 1000;
    auto inside = body.inside("diversion");
    if (!inside) {
        return std::nullopt;
    }
    Diversion said;
    said.orig_to = address_member(*inside, "origTo");
    said.reason = inside->text("reason", longest_word).value_or(said.reason);
    said.privacy = inside->text("privacy", longest_word).value_or(said.privacy);
    said.screen = inside->text("screen", longest_word).value_or(said.screen);
    const auto count = [&](const char* name, std::uint32_t otherwise) {
        return static_cast<std::uint32_t>(inside->integer(name, 1, most_times).value_or(otherwise));
    };
    said.counter = count("counter", said.counter);
    said.limit = count("limit", said.limit);
    body.take_problems("diversion", *inside);
    return said;
}

/// What the caller's network says beyond the number; empty when it says nothing.
Boxed<Caller> caller_members(Body& body) {
    Caller said;
    said.display_name = body.text("displayName", 256).value_or("");
    said.name_withheld = body.boolean("withholdCallerName").value_or(false);
    said.number_withheld = body.boolean("withholdCallerNumber").value_or(false);
    if (auto diversion = diversion_member(body)) {
        said.diversion.open() = std::move(*diversion);
    }
    Boxed<Caller> caller;
    if (said != Caller{}) {
        caller.open() = std::move(said);
    }
    return caller;
}

/// What the person does, or none with a problem noted.
std::optional<Input> action_of(Body& body) {
    const auto action = body.text("action", 32);
    const auto digits = body.keys("digits");
    const auto text = body.text("text");
    if (!action) {
        if (!body.has("action")) {
            body.missing("action", action_words);
        }
        return std::nullopt;
    }
    const bool speaks = *action == "say" || *action == "speak-over";
    if (*action != "press" && body.has("digits")) {
        body.note({"digits", "no digits: only press has them", *action});
    }
    if (!speaks && body.has("text")) {
        body.note({"text", "no text: only say and speak-over have it", *action});
    }
    if (*action == "press") {
        if (!body.has("digits")) {
            body.missing("digits", "the keys to press, like \"12#\"");
        }
        return Input{PressKeys{digits.value_or("")}};
    }
    if (speaks) {
        if (!text || text->empty()) {
            body.missing("text", "what is said");
        }
        return Input{Say{text.value_or("")}};
    }
    if (*action == "hangup") {
        return Input{FarEndHangsUp{}};
    }
    if (*action == "answer") {
        return Input{FarEndAnswers{}};
    }
    if (*action == "decline" || *action == "reject") {
        return Input{FarEndDeclines{}};
    }
    body.note({"action", std::string{action_words}, *action});
    return std::nullopt;
}

}  // namespace

Route route_members(Body& body, Controls& controls) {
    Route route;
    route.url = url_member(body, "callbackUrl", controls);
    route.fallback_url = url_member(body, "fallbackUrl", controls);
    if (const auto method = body.text("callbackHttpMethod", 16)) {
        route.method_given = true;
        route.method = *method == "GET" ? Method::get : Method::post;
        if (*method != "GET" && *method != "POST") {
            body.note({"callbackHttpMethod", "POST or GET", *method});
        }
    }
    if (const auto timeout = body.integer("callbackTimeout", 1, 10'000)) {
        route.timeout = std::chrono::milliseconds{*timeout};
    }
    return route;
}

std::string user_member(Body& body) {
    auto user = body.text("userId", 128).value_or("u-ringback");
    if (user.empty() || !std::all_of(user.begin(), user.end(), is_unreserved)) {
        body.note({"userId", "1..128 characters of A-Z a-z 0-9 - . _ ~", user});
    }
    return user;
}

std::string called_user(AdminParts& parts, Body& body, std::string given, std::string_view number) {
    if (body.has("userId")) {
        return given;
    }
    const auto has_it = [&](const User& user) {
        return user.directory && user.directory->number(number) != nullptr;
    };
    const User* const usual = parts.controls.engine().find_user(given);
    if (usual != nullptr && has_it(*usual)) {
        return given;
    }
    for (const User* const user : parts.controls.engine().users()) {
        if (has_it(*user)) {
            return user->name;
        }
    }
    return given;
}

std::string address_member(Body& body, const char* name) {
    if (!body.has(name)) {
        body.missing(name, "a number like \"+19195550123\" or a SIP address");
    }
    return body.address(name).value_or("");
}

bool may_come_in(AdminParts& parts, AdminVisit& visit, Body& body) {
    if (const auto problems = body.finish(); !problems.empty()) {
        answer_recorded(parts, visit, problem_answer(problems));
        return false;
    }
    if (!parts.journal.healthy()) {
        answer_recorded(
            parts, visit,
            error_answer(503, "the journal cannot be written: " + parts.journal.file()->trouble()));
        return false;
    }
    return true;
}

void answer_come_in(AdminParts& parts, AdminVisit& visit, Response response, std::string_view user,
                    CallId id) {
    if (record_exchange(parts, visit, response, user, id)) {
        visit.responder->send(std::move(response));
        return;
    }
    parts.controls.forget(id);
    answer_recorded(
        parts, visit,
        error_answer(503, "the journal cannot be written: " + parts.journal.file()->trouble()));
}

void post_calls(AdminParts& parts, AdminVisit& visit) {
    Body body = Body::parse(visit.request.body);
    NewCall wanted;
    wanted.direction = Direction::in;
    std::string user = user_member(body);
    wanted.from = address_member(body, "from");
    wanted.to = address_member(body, "to");
    user = called_user(parts, body, std::move(user), wanted.to);
    wanted.route = RouteRef{route_members(body, parts.controls)};
    wanted.auto_answer = body.boolean("autoAnswer");
    wanted.application_id = body.text("applicationId", 128).value_or("");
    wanted.caller = caller_members(body);
    wanted.fallback_number = body.address("fallbackNumber").value_or("");
    FarEnd caller;
    if (script_members(body, caller)) {
        wanted.far_end = std::move(caller);
    }
    if (!may_come_in(parts, visit, body)) {
        return;
    }
    const auto made = parts.controls.ring_in(user, std::move(wanted));
    const Call* const call = made ? parts.controls.engine().find(made.value()) : nullptr;
    if (call == nullptr) {
        answer_recorded(parts, visit,
                        error_answer(503, made ? "the call was over at once and is forgotten"
                                               : to_text(made.error())));
        return;
    }
    const auto summary = call_summary(parts.controls, *call);
    Response response = json_answer(201, summary);
    response.headers.push_back(
        {"Location", "/__admin/calls/" + summary.at("id").get<std::string>()});
    answer_come_in(parts, visit, std::move(response), user, made.value());
}

void post_caller(AdminParts& parts, AdminVisit& visit) {
    const Call* const call = find_call(parts.controls, visit.id);
    if (call == nullptr) {
        answer_recorded(parts, visit, error_answer(404, "there is no such call"));
        return;
    }
    const CallId id = call->id;
    const std::string user = parts.controls.engine().find_user(user_of(id))->name;
    Body body = Body::parse(visit.request.body);
    auto input = action_of(body);
    if (const auto problems = body.finish(); !problems.empty()) {
        answer_recorded(parts, visit, problem_answer(problems), user, id);
        return;
    }
    const Outcome outcome = parts.controls.act(id, std::move(*input));
    const Call* const after = parts.controls.engine().find(id);
    nlohmann::ordered_json answer;
    if (after != nullptr) {
        answer = call_summary(parts.controls, *after);
    }
    if (outcome.refusal == Refusal::none) {
        answer_recorded(parts, visit, json_answer(200, answer), user, id);
        return;
    }
    const bool over =
        outcome.refusal == Refusal::already_ended || (after != nullptr && is_over(after->state));
    answer_recorded(
        parts, visit,
        json_answer(409, {{"error", over ? "the call is over"
                                         : "that cannot be done to a call in this state"},
                          {"call", answer}}),
        user, id);
}

void post_far_ends(AdminParts& parts, AdminVisit& visit) {
    Body body = Body::parse(visit.request.body);
    const std::string to = address_member(body, "to");
    const std::string act = body.text("act", 32).value_or("answer");
    FarEnd far_end;
    far_end.after = body.duration("after");
    const bool scripted = script_members(body, far_end);
    const bool forgets = act == "default";
    const auto* const found = std::find_if(acts.begin(), acts.end(),
                                           [&](const ActWord& known) { return known.word == act; });
    if (found == acts.end() && !forgets) {
        body.note({"act", std::string{act_words}, act});
    } else if (!forgets) {
        far_end.act = found->act;
    }
    if (act == "no-answer" && far_end.after) {
        body.note({"after", "no time: who never answers does so for ever", "one"});
    }
    if (far_end.act != FarEndAct::answers && scripted) {
        body.note({"act", "answer: only who answers can press, say or hang up", act});
    }
    if (forgets && (scripted || far_end.after)) {
        body.note({"act", "nothing besides \"default\": it takes back what was set", act});
    }
    if (const auto problems = body.finish(); !problems.empty()) {
        answer_recorded(parts, visit, problem_answer(problems));
        return;
    }
    if (!parts.controls.set_far_end(to,
                                    forgets ? std::nullopt : std::optional{std::move(far_end)})) {
        answer_recorded(parts, visit,
                        error_answer(409,
                                     "there are too many far ends: take some back with act "
                                     "\"default\", or all of them with a reset"));
        return;
    }
    answer_recorded(parts, visit, json_answer(200, {{"to", to}, {"act", act}}));
}

}  // namespace ringback
