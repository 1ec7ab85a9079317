// How a run begins.
#include <fmt/format.h>

#include <algorithm>

#include "harness/scenario/events.h"
#include "harness/scenario/reading.h"
#include "harness/scenario/shown.h"
#include "simulator/wire/ascii.h"

namespace ringback {
namespace {

using nlohmann::json;

/// A token of RFC 9110; whoever sends it would refuse anything else.
bool is_header_name(std::string_view name) {
    constexpr std::string_view marks{"!#$%&'*+-.^_`|~"};
    return !name.empty() && std::ranges::all_of(name, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               marks.find(c) != std::string_view::npos;
    });
}

void read_headers(Reading& reading, const Cursor& at, Kick& kick) {
    if (!at.is_object()) {
        return;
    }
    note_texts(reading, at);
    for (const auto& [name, member] : at.members()) {
        const auto text = member.text();
        if (!is_header_name(name)) {
            note_at_name(member, fmt::format("expected a header's name such as \"X-Test\", found "
                                             "\"{}\"",
                                             shown_text(name, 40)));
        } else if (text && text->find_first_of("\r\n") != std::string::npos) {
            member.note("expected a header's value in one line");
        } else if (text) {
            kick.headers[name] = *text;
        }
    }
}

Kick read_kick(Reading& reading, const Cursor& at) {
    Kick kick;
    if (!at.is_object()) {
        return kick;
    }
    at.only({"method", "url", "headers", "body", "expect"});
    if (const auto method = at.member("method")) {
        kick.method = method->one_of({"GET", "POST"}).value_or("POST");
    }
    if (const auto url = at.required("url")) {
        kick.url = url->text().value_or("");
        note_texts(reading, *url);
        const bool may_be_one = kick.url.starts_with("http://") ||
                                kick.url.starts_with("https://") || kick.url.starts_with("${");
        if (url->value().is_string() && !may_be_one) {
            url->wrong_address("a URL such as \"${receiver}/dial\"");
        }
    }
    if (const auto headers = at.member("headers")) {
        read_headers(reading, *headers, kick);
    }
    if (const auto body = at.member("body")) {
        kick.body = body->value();
        note_texts(reading, *body);
    }
    if (const auto expect = at.member("expect")) {
        kick.expect = read_expect(reading, *expect);
        for (const std::string_view name : {"deliveredVia", "attempts"}) {
            if (const auto member =
                    expect->value().is_object() ? expect->member(name) : std::nullopt) {
                note_at_name(*member, fmt::format("expected \"{}\" only of a send: a kick is "
                                                  "tried once",
                                                  name));
            }
        }
    }
    return kick;
}

json read_members(Reading& reading, const Cursor& at) {
    note_texts(reading, at);
    return at.value().is_object() ? json(at.value()) : json::object();
}

/// Of files, as the last part of a path.
bool is_list_of_names(const json& value) {
    return value.is_array() && !value.empty() && std::ranges::all_of(value, [](const json& one) {
               return one.is_string() &&
                      one.get_ref<const std::string&>().find('/') == std::string::npos;
           });
}

/// What the API would ignore would also be ignored here, were it not told.
void read_own_call(Reading& reading, const Cursor& at, Start& start) {
    if (at.is_object()) {
        at.only({"from", "to", "callTimeout", "callbackUrl", "callbackTimeout",
                 "callbackHttpMethod", "fallbackUrl", "bridgeId", "conferenceId",
                 "recordingEnabled", "recordingMaxDuration", "recordingFileFormat",
                 "transcriptionEnabled", "tag", "sipHeaders"});
        start.how = OwnCall{read_members(reading, at)};
    }
}

/// Where the call was forwarded, as the admin plane's POST calls takes it.
void read_diversion(const Cursor& at) {
    constexpr std::int64_t most_times = 1000;
    if (!at.is_object()) {
        return;
    }
    at.only({"origTo", "reason", "privacy", "screen", "counter", "limit"});
    static_cast<void>(at.required("origTo"));
    for (const auto& [name, member] : at.members()) {
        if (name == "counter" || name == "limit") {
            static_cast<void>(member.integer(1, most_times));
        } else {
            static_cast<void>(member.text());
        }
    }
}

/// What a callback's route may say, of whatever comes in.
bool fits_route(std::string_view name, const json& value) {
    constexpr std::int64_t longest_ms = 10'000;  // spec v1 5.1
    if (name == "callbackTimeout") {
        return value.is_number_integer() && value >= 1 && value <= longest_ms;
    }
    return value.is_string() &&
           (name != "callbackHttpMethod" || value == "POST" || value == "GET" ||
            has_reference(value.get_ref<const std::string&>()));
}

std::string_view expected_of_route(std::string_view name) {
    return name == "callbackTimeout"      ? "a whole number of milliseconds from 1 to 10000"
           : name == "callbackHttpMethod" ? R"("POST" or "GET")"
                                          : "a text";
}

void read_inbound_call(Reading& reading, const Cursor& at, Start& start) {
    if (at.is_object()) {
        at.only({"from", "to", "url", "autoAnswer", "applicationId", "displayName",
                 "withholdCallerName", "withholdCallerNumber", "diversion", "fallbackNumber",
                 "fallbackUrl", "callbackHttpMethod", "callbackTimeout", "callbackUrl"});
        if (const auto url = at.member("callbackUrl")) {
            note_at_name(*url, R"(unknown member "callbackUrl", did you mean "url"?)");
        }
        for (const auto& [name, member] : at.members()) {
            if (name == "diversion") {
                read_diversion(member);
                continue;
            }
            const bool is_choice = name == "autoAnswer" || name.starts_with("withhold");
            if (is_choice ? !member.value().is_boolean() : !fits_route(name, member.value())) {
                member.wrong(is_choice ? "true or false" : expected_of_route(name));
            }
        }
        start.how = InboundCall{read_members(reading, at)};
    }
}

void read_inbound_message(Reading& reading, const Cursor& at, Start& start) {
    if (!at.is_object()) {
        return;
    }
    at.only({"from", "to", "text", "media", "url", "applicationId", "fallbackUrl",
             "callbackHttpMethod", "callbackTimeout"});
    for (const auto& [name, member] : at.members()) {
        const bool is_list = name == "media";
        if (is_list ? !is_list_of_names(member.value()) : !fits_route(name, member.value())) {
            member.wrong(is_list ? "a list of the parts' file names, which hold no slash"
                                 : expected_of_route(name));
        }
    }
    if (!at.member("text") && !at.member("media")) {
        at.note(R"(expected "text", "media" or both: what the message says)");
    }
    start.how = InboundMessage{read_members(reading, at)};
}

/// The POST /calls that a kick brings about; without one in the file, any.
void read_start_await(Reading& reading, const std::optional<Cursor>& at, const Cursor& around,
                      Start& start) {
    Step step;
    step.file = around.file();
    step.place = at ? at->place() : around.place();
    ++reading.moment;
    if (!at) {
        const ApiCommand& create = api_commands().front();
        Await await;
        await.api = {std::string{create.method}, std::string{create.path}, {}};
        step.what = std::move(await);
    } else if (at->is_object()) {
        at->only({"id", "method", "path", "command", "match", "within", "reaction", "answered"});
        Await await = read_await(reading, *at);
        if (const auto id = at->member("id")) {
            step.id = read_id(reading, *id, step.place, known_await(await.api));
        }
        step.what = std::move(await);
    }
    start.await = std::move(step);
}

/// What of it is called: "start.kick.url", "start.call.callbackUrl", ...
void keep_urls(std::string_view word, const std::optional<Cursor>& way, Scenario& scenario) {
    if (!way || !way->value().is_object()) {
        return;
    }
    for (const auto& [name, member] : way->members()) {
        const auto* const text = member.value().get_ptr<const std::string*>();
        if (text != nullptr && (name == "url" || name == "callbackUrl" || name == "fallbackUrl")) {
            scenario.urls.push_back(
                {fmt::format("start.{}.{}", word, name), *text, member.place()});
        }
    }
}

}  // namespace

void read_start(Reading& reading, const Cursor& at, Scenario& scenario) {
    Start& start = scenario.start;
    start.place = at.place();
    if (!at.is_object()) {
        return;
    }
    at.only({"kick", "await", "call", "inbound", "message"});
    const auto kick = at.member("kick");
    const auto call = at.member("call");
    const auto inbound = at.member("inbound");
    const auto message = at.member("message");
    const auto await = at.member("await");
    const int ways = (kick ? 1 : 0) + (call ? 1 : 0) + (inbound ? 1 : 0) + (message ? 1 : 0);
    if (ways != 1) {
        at.note(
            fmt::format("expected one of kick, call, inbound and message, found {} of them", ways));
    }
    if (kick) {
        start.how = read_kick(reading, *kick);
        reading.kicks = true;
        ++reading.moment;
    } else if (await) {
        await->note(R"(expected "await" only beside "kick": nobody else asks for the call)");
    }
    if (kick || await) {
        read_start_await(reading, await, at, start);
    }
    if (call) {
        read_own_call(reading, *call, start);
    }
    if (inbound) {
        read_inbound_call(reading, *inbound, start);
    }
    if (message) {
        read_inbound_message(reading, *message, start);
    }
    keep_urls("kick", kick, scenario);
    keep_urls("call", call, scenario);
    keep_urls("inbound", inbound, scenario);
    keep_urls("message", message, scenario);
    ++reading.moment;
}

bool may_answer_with_documents(const Start& start) {
    const auto by_get = [](const json& members) {
        const auto method = members.find("callbackHttpMethod");
        const auto* const text =
            method == members.end() ? nullptr : method->get_ptr<const std::string*>();
        return text != nullptr && (has_reference(*text) || equal_ignoring_case(*text, "GET"));
    };
    if (const auto* const call = std::get_if<OwnCall>(&start.how)) {
        return by_get(call->members);
    }
    if (const auto* const inbound = std::get_if<InboundCall>(&start.how)) {
        return by_get(inbound->members) && inbound->members.value("autoAnswer", json()) != false;
    }
    return std::holds_alternative<Kick>(start.how);  // it is the application's call
}

}  // namespace ringback
