#include "simulator/wire/entry_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <utility>

#include "simulator/core/overloaded.h"
#include "simulator/core/random.h"
#include "simulator/core/result.h"
#include "simulator/wire/account_json.h"
#include "simulator/wire/bxml_news.h"
#include "simulator/wire/header_object.h"
#include "simulator/wire/json_out.h"
#include "simulator/wire/time_text.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

// nlohmann copies and dumps recursively; deeper bodies are kept as text.
constexpr int deepest_body = 64;
// History says 4 kB; what is longer than this was not cut as promised and is not worth parsing.
constexpr std::size_t longest_parsed_body = std::size_t{64} * 1024;
// A body this long may be the first part of a longer one.
constexpr std::size_t kept_body = 4096;

/// Whether a look over the text says that parsing and dumping it are harmless: not nested deeply,
/// and without a control byte between the tokens (the parser takes NUL for the end).
bool may_be_parsed(std::string_view text) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            i += c == '\\' ? 1U : 0U;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            --depth;
        } else if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') {
            return false;
        }
        if (depth > deepest_body) {
            return false;
        }
    }
    return text.size() <= longest_parsed_body;
}

void redact_strings(ordered_json& value) {
    if (value.is_string()) {
        auto& text = value.get_ref<std::string&>();
        if (text.find('@') != std::string::npos) {
            text = redacted(text);
        }
    } else if (value.is_structured()) {
        for (auto& part : value) {
            redact_strings(part);
        }
    }
}

/// JSON lets DEL and the C1 controls through, but a terminal obeys them. They can only stand inside
/// strings, and in well-formed UTF-8 a C1 is 0xc2 and its own number.
std::string without_raw_controls(std::string line) {
    const auto is_beyond_ascii = [](char c) { return static_cast<unsigned char>(c) >= 0x7f; };
    if (std::none_of(line.begin(), line.end(), is_beyond_ascii)) {
        return line;
    }
    std::string out;
    out.reserve(line.size() + 16);
    for (std::size_t i = 0; i < line.size(); ++i) {
        const auto byte = static_cast<unsigned char>(line[i]);
        const unsigned next = i + 1 < line.size() ? static_cast<unsigned char>(line[i + 1]) : 0U;
        if (byte == 0x7f) {
            out += "\\u007f";
        } else if (byte == 0xc2 && next < 0xa0) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", next);
            ++i;
        } else {
            out += line[i];
        }
    }
    return out;
}

/// A body as JSON when it is JSON, else as a string.
void append_body(std::string& out, std::string_view body) {
    if (may_be_parsed(body)) {
        auto value = ordered_json::parse(body, nullptr, /*allow_exceptions=*/false);
        if (!value.is_discarded()) {
            redact_strings(value);
            out += value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
            return;
        }
    }
    append_json_string(out, redacted(body, body.size() >= kept_body));
}

/// One entry being written. Texts are made safe here, once for all kinds.
class Line {
public:
    explicit Line(std::string& out) : object_{out} {}

    void text(std::string_view name, std::string_view value) { object_.text(name, value); }
    void text_if(std::string_view name, std::string_view value) { object_.text_if(name, value); }
    /// A text that may hold a URL with user information.
    void url_text_if(std::string_view name, std::string_view value) {
        if (!value.empty()) {
            object_.text(name, redacted(value));
        }
    }
    void boolean(std::string_view name, bool value) { object_.boolean(name, value); }
    template <class Number>
    void number(std::string_view name, Number value) {
        fmt::format_to(std::back_inserter(object_.member(name)), "{}", value);
    }
    void body_if(std::string_view name, std::string_view body) {
        if (!body.empty()) {
            append_body(object_.member(name), body);
        }
    }
    void time(std::string_view name, Instant instant) {
        std::string& out = object_.member(name);
        out += '"';
        append_time_ms(out, instant);
        out += '"';
    }
    void wall_time(std::string_view name, WallInstant instant) {
        if (instant != WallInstant::min()) {
            number(name, instant.time_since_epoch() / std::chrono::microseconds{1});
        }
    }
    /// Begins a member whose value the caller appends: a nested object, ready JSON.
    std::string& member(std::string_view name) { return object_.member(name); }
    void end() { object_.end(); }

private:
    JsonObject object_;
};

std::string_view phone_text(OnThePhone::What what) {
    switch (what) {
        case OnThePhone::What::pressed:
            return "pressed";
        case OnThePhone::What::said:
            return "said";
        case OnThePhone::What::heard_tone:
            return "heard_tone";
        case OnThePhone::What::heard_speech:
            return "heard_speech";
        case OnThePhone::What::heard_file:
            return "heard_file";
        case OnThePhone::What::hung_up:
            return "hung_up";
        case OnThePhone::What::answered:
            return "answered";
        case OnThePhone::What::declined:
            return "declined";
    }
    bug("an OnThePhone::What without a name");
}

// Each kind writes its own members, then opens `wall` with what is measured for this kind only.

void add(Line& line, const ApiExchange& api) {
    line.text("method", api.method);
    line.text("path", redacted(api.target));
    line.number("status", api.status);
    line.body_if("request", api.request_body);
    line.url_text_if("location", api.location);
    line.body_if("response", api.response_body);
}
void add_wall(Line& line, const ApiExchange& api) {
    line.number("handled_us", api.handled_in / std::chrono::microseconds{1});
    line.text_if("remote", api.remote);
}

/// A query with the user information of the URLs in its values replaced.
std::string redacted_query(std::string_view query) {
    std::string out;
    while (!query.empty()) {
        const std::string_view field = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(field.size() + 1, query.size()));
        const std::size_t value = std::min(field.find('='), field.size() - 1) + 1;
        out += out.empty() ? "" : "&";
        out += field.substr(0, value);
        append_percent_encoded(
            out, redacted(percent_decoded(field.substr(value)).value_or(std::string{})));
    }
    return out;
}

/// Unlike a call's, a message's own words and media are URLs often, whole ones among them.
void add_message_payload(Line& line, const EventRaised& event) {
    if (event.route->method == Method::get) {
        line.text("payload", redacted_query(event.payload.view()));
    } else {
        line.body_if("payload", event.payload.view());
    }
}

void add(Line& line, const EventRaised& event) {
    line.number("delivery", static_cast<std::uint64_t>(event.delivery));
    line.text("event", word(event.type));
    line.text("method", word(event.route->method));
    line.text("url", redacted(event.route->url));
    if (!event.payload) {
        return;
    }
    if (is_of_message(event.type)) {
        add_message_payload(line, event);
    } else if (event.route->method == Method::post) {
        line.member("payload") += event.payload.view();
    } else {
        line.text("payload", event.payload.view());
    }
}

std::string_view url_of(const AttemptMade& attempt) {
    if (attempt.redirected_to) {
        return attempt.redirected_to.view();
    }
    return attempt.fallback ? attempt.route->fallback_url : attempt.route->url;
}

void add(Line& line, const AttemptMade& attempt) {
    const AttemptResult& result = attempt.result;
    line.number("delivery", static_cast<std::uint64_t>(attempt.delivery));
    line.text("event", word(attempt.type));
    line.number("attempt", attempt.attempt);
    line.boolean("fallback", attempt.fallback);
    line.text("method", word(attempt.route->method));
    line.text("url", redacted(url_of(attempt)));
    line.text("end", word(result.end));
    if (result.end == AttemptEnd::answered) {
        line.number("status", result.status);
        line.text("reason", result.reason);
        if (result.headers) {
            line.member("reply_headers") +=
                header_object(result.headers.view())
                    .dump(-1, ' ', /*ensure_ascii=*/true, ordered_json::error_handler_t::replace);
        }
        if (const std::string_view reply = result.body.view(); !reply.empty()) {
            line.text("reply", redacted(reply, reply.size() >= kept_body));
        }
        line.number("reply_bytes", result.body_bytes);
    }
    line.url_text_if("error", result.error);
    line.text("outcome", word(attempt.after));
}
void add_wall(Line& line, const AttemptMade& attempt) {
    const AttemptResult& result = attempt.result;
    line.wall_time("due_us", result.due);
    line.wall_time("connected_us", result.connected);
    line.wall_time("sent_us", result.sent);
    line.wall_time("first_byte_us", result.first_byte);
    line.wall_time("last_byte_us", result.last_byte);
    line.wall_time("ended_us", result.ended);
    line.boolean("reused_connection", result.reused_connection);
}

void add(Line& line, const StateChanged& change) {
    line.text("before", word(change.before));
    line.text("after", word(change.after));
    if (is_over(change.after)) {
        line.text("cause", word(change.cause));
    }
}

void add(Line& line, const MessageChanged& change) {
    line.text("before", word(change.before));
    line.text("after", word(change.after));
    line.text_if("deliveryState", word(change.receipt));
    if (has_code(change.receipt)) {
        line.text("deliveryCode", std::to_string(change.code));
    }
}

/// Of a member see add_member.
void add(Line& line, const ConferenceChanged& change) {
    if (change.member == 0) {
        line.text("before", word(change.before));
        line.text("after", word(change.after));
    }
    line.number("activeMembers", change.active_members);
    line.boolean("hold", change.hold);
    line.boolean("mute", change.mute);
}

/// Which one it is about, and whose ids only the whole entry can tell.
void add_member(Line& line, const ConferenceChanged& change, const Entry& entry,
                const IdCodec& ids) {
    if (change.member != 0 && entry.user) {
        const std::uint64_t user = hash_of(entry.user.view());
        line.text(
            "memberId",
            ids.make(IdKind::conference_member, user, number_of(entry.call), change.member).view());
        line.text("callId", ids.make(IdKind::call, user, number_of(change.call)).view());
        line.text("state", member_word(change.left));
    }
}

std::string_view news_text(ItemNews news) {
    return news == ItemNews::created   ? "created"
           : news == ItemNews::changed ? "changed"
                                       : "removed";
}

void add(Line& line, const ApplicationChanged& change) {
    const Application& about = *change.application.get();
    line.text("what", news_text(change.news));
    line.text("name", about.name);
    line.url_text_if("incomingCallUrl", about.calls->url);
    line.url_text_if("incomingCallFallbackUrl", about.calls->fallback_url);
    line.url_text_if("incomingMessageUrl", about.messages->url);
    line.url_text_if("incomingMessageFallbackUrl", about.messages->fallback_url);
    line.text("callbackHttpMethod", word(about.calls->method));
    line.boolean("autoAnswer", about.auto_answer);
}

void add(Line& line, const NumberChanged& change) {
    const PhoneNumber& about = *change.number.get();
    line.text("what", news_text(change.news));
    line.text("number", about.number);
    line.text_if("name", about.name);
    line.text_if("fallbackNumber", about.fallback_number);
}

void add(Line& line, const DomainChanged& change) {
    line.text("item", word(change.what));
    line.text("what", word(change.how));
}

void add(Line& line, const Charged& charge) {
    line.text("productType", word(charge.product));
    line.text("amount", money_text(price_of(charge.product)));
}

void add(Line& line, const BridgeChanged& change) {
    line.text("before", word(change.before));
    line.text("after", word(change.after));
    line.boolean("bridgeAudio", change.audio);
}
/// Only here are ids needed beyond the one that the entry is about.
void add_calls(Line& line, const BridgeChanged& change, std::uint64_t user_hash,
               const IdCodec& ids) {
    std::string& out = line.member("callIds");
    out += '[';
    for (const CallId call : change.calls) {
        if (call != CallId::none) {
            out += out.back() == '[' ? "\"" : ",\"";
            ids.append(out, IdKind::call, user_hash, number_of(call));
            out += '"';
        }
    }
    out += ']';
}

void add(Line& line, const BxmlNews& news) {
    using What = BxmlNews::What;
    line.text("what", word(news.what));
    if (news.what == What::document) {
        line.number("verbs", news.verbs);
    }
    const bool has_place = news.what == What::verb || news.what == What::ignored ||
                           news.what == What::unknown_verb || news.what == What::invalid ||
                           news.what == What::invalid_verb;
    if (has_place) {
        line.number("line", news.place.line);
        line.number("column", news.place.column);
    }
    line.url_text_if("text", news.text);
    line.url_text_if("url", news.url);
}

void add(Line& line, const OtherNews& news) {
    std::visit([&](const auto& what) { add(line, what); }, news);
}

void add(Line& line, const OnThePhone& phone) {
    line.text("what", phone_text(phone.what));
    line.text("text", phone.text);
}

/// Details that are measured in wall time (see attempt_error.cpp).
bool is_measured(std::string_view detail) {
    return detail == "totalDuration" || detail == "responseDuration" || detail == "requestDuration";
}

void add(Line& line, const UserError& error) {
    line.number("number", error.number);
    line.text("category", error.category);
    line.text("code", error.code);
    line.text("message", error.message);
    Line details{line.member("details")};
    for (const auto& [name, value] : error.details) {
        if (!is_measured(name)) {
            details.text(name, redacted(value));
        }
    }
    details.end();
}
void add_wall(Line& line, const UserError& error) {
    for (const auto& [name, value] : error.details) {
        if (is_measured(name)) {
            line.text(name, value);
        }
    }
}

void add(Line& line, const ClockMoved& clock) {
    line.text("how", clock.how);
    line.time("before", clock.before);
}

/// The ids of what an entry is about that is neither a call nor a message.
void add_ids(Line& line, const Entry& entry, const IdCodec& ids) {
    const auto id = [&](std::string_view name, IdKind kind, std::uint64_t number) {
        line.text(name, ids.make(kind, hash_of(entry.user.view()), number).view());
    };
    if (const auto* const application = other_news<ApplicationChanged>(entry.what)) {
        id("applicationId", IdKind::application, application->application->id);
    } else if (const auto* const number = other_news<NumberChanged>(entry.what)) {
        id("numberId", IdKind::phone_number, number->number->id);
        if (number->number->application != 0) {
            id("applicationId", IdKind::application, number->number->application);
        }
    } else if (const auto* const change = other_news<DomainChanged>(entry.what)) {
        id("domainId", IdKind::domain, change->domain);
        if (change->endpoint != 0) {
            line.text("endpointId", ids.make(IdKind::endpoint, hash_of(entry.user.view()),
                                             change->domain, change->endpoint)
                                        .view());
        }
    } else if (const auto* const charge = other_news<Charged>(entry.what)) {
        line.text("transactionId",
                  charge_id(charge->number, ids, hash_of(entry.user.view())).view());
    }
}

template <class Kind>
void add_wall(Line& /*line*/, const Kind& /*nothing is measured*/) {}

/// The authority of the URL that goes on at the front of `text`, without what follows it.
std::size_t authority_length(std::string_view text) {
    return std::min(text.find_first_of("/?#\"'\\<> \t\r\n"), text.size());
}

/// As far as a URL could reach.
std::size_t token_length(std::string_view text) {
    return std::min(text.find_first_of("\"'\\<> \t\r\n"), text.size());
}

/// What stands around an authority at `begin` is a callback URL as it may be.
bool is_good_url(std::string_view text, std::size_t begin) {
    const auto rest = text.substr(begin, token_length(text.substr(begin)));
    return is_http_url("http://" + std::string{rest});
}

/// Where the next URL's authority begins, at or after `from`; npos if there is none. JSON may write
/// the slashes as "\/".
std::size_t next_authority(std::string_view text, std::size_t from) {
    for (auto colon = text.find(':', from); colon != std::string_view::npos;
         colon = text.find(':', colon + 1)) {
        const auto rest = text.substr(colon + 1);
        for (const std::string_view slashes : {"//", "\\/\\/"}) {
            if (rest.starts_with(slashes)) {
                return colon + 1 + slashes.size();
            }
        }
    }
    return std::string_view::npos;
}

}  // namespace

std::string redacted(std::string_view text, bool cut) {
    if (!cut && text.find('@') == std::string_view::npos) {
        return std::string{text};  // nobody's password without one
    }
    std::string out;
    std::size_t done = 0;
    for (auto begin = next_authority(text, 0); begin != std::string_view::npos;
         begin = next_authority(text, done)) {
        auto authority = text.substr(begin, authority_length(text.substr(begin)));
        auto at = authority.rfind('@');
        if (at == std::string_view::npos && !is_good_url(text, begin)) {
            // A password may hold a raw '/', '?' or '#'; then the URL is none, and hidden further.
            authority = text.substr(begin, token_length(text.substr(begin)));
            at = authority.rfind('@');
        }
        const bool may_go_on = cut && begin + authority.size() == text.size();
        out.append(text.substr(done, begin - done));
        done = begin;
        if (at != std::string_view::npos) {
            out += "***";
            done = begin + at;
        } else if (may_go_on) {
            out += "***";
            done = text.size();
        }
    }
    return out.append(text.substr(done));
}

namespace {

void hide_passwords(ordered_json& value) {
    if (!value.is_structured()) {
        return;
    }
    for (auto member = value.begin(); member != value.end(); ++member) {
        if (value.is_object() && member.key() == "password") {
            *member = "***";
        } else {
            hide_passwords(*member);
        }
    }
}

}  // namespace

std::string without_passwords(std::string_view body) {
    if (body.empty()) {
        return {};
    }
    auto value = may_be_parsed(body) ? ordered_json::parse(body, nullptr, false)
                                     : ordered_json(ordered_json::value_t::discarded);
    if (value.is_discarded()) {
        return "***";
    }
    hide_passwords(value);
    return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string entry_line(const Entry& entry, const IdCodec& ids) {
    std::string out;
    out.reserve(512);
    Line line{out};
    line.number("seq", entry.seq);
    line.time("time", entry.at);
    line.text("kind", kind_of(entry));
    if (entry.user) {
        line.text("user", entry.user.view());
        if (entry.call != CallId::none) {
            const Resource what = resource_of(entry.call);
            line.text(
                word(what),
                ids.make(id_kind(what), hash_of(entry.user.view()), number_of(entry.call)).view());
        }
        add_ids(line, entry, ids);
    }
    std::visit([&](const auto& what) { add(line, what); }, entry.what);
    if (const auto* const change = other_news<ConferenceChanged>(entry.what)) {
        add_member(line, *change, entry, ids);
    }
    if (const auto* const bridge = other_news<BridgeChanged>(entry.what)) {
        add_calls(line, *bridge, hash_of(entry.user.view()), ids);
    }
    Line wall{line.member("wall")};
    wall.wall_time("at_us", entry.wall);
    std::visit([&](const auto& what) { add_wall(wall, what); }, entry.what);
    wall.end();
    line.end();
    return without_raw_controls(std::move(out));
}

ordered_json entry_json(const Entry& entry, const IdCodec& ids) {
    return ordered_json::parse(entry_line(entry, ids));
}

}  // namespace ringback
