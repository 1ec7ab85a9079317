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
#include "simulator/wire/entry_line.h"
#include "simulator/wire/entry_news.h"
#include "simulator/wire/header_object.h"
#include "simulator/wire/redaction.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kept_of_a_reason = 256;  // AttemptResult::reason: longer ones come cut

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

void add(EntryLine& line, const ApiExchange& api) {
    line.text("method", api.method);
    line.text("path", redacted(api.target));
    line.number("status", api.status);
    line.body_if("request", api.request_body);
    line.url_text_if("location", api.location);
    line.body_if("response", api.response_body);
    if (api.fate != AnswerFate::meant) {
        line.text("fault", api.fault);
        line.text("fate", word(api.fate));
    }
}
void add_wall(EntryLine& line, const ApiExchange& api) {
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
void add_message_payload(EntryLine& line, const EventRaised& event) {
    if (event.route->method == Method::get) {
        line.text("payload", redacted_query(event.payload.view()));
    } else {
        line.body_if("payload", event.payload.view());
    }
}

void add(EntryLine& line, const EventRaised& event) {
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

void add(EntryLine& line, const AttemptMade& attempt) {
    const AttemptResult& result = attempt.result;
    line.number("delivery", static_cast<std::uint64_t>(attempt.delivery));
    line.text("event", word(attempt.type));
    line.number("attempt", attempt.attempt);
    if (attempt.unheard != 0) {
        line.number("unheard", attempt.unheard);
    }
    line.boolean("fallback", attempt.fallback);
    line.text("method", word(attempt.route->method));
    line.text("url", redacted(url_of(attempt)));
    line.text("end", word(result.end));
    if (result.end == AttemptEnd::answered) {
        line.number("status", result.status);
        const std::string_view reason = result.reason.view();
        line.text("reason", redacted(reason, reason.size() >= kept_of_a_reason));
        if (result.headers) {
            ordered_json headers = header_object(result.headers.view());
            redact_strings(headers);
            line.member("reply_headers") += headers.dump(-1, ' ', /*ensure_ascii=*/true,
                                                         ordered_json::error_handler_t::replace);
        }
        if (const auto reply = result.body.view().substr(0, kept_of_a_body); !reply.empty()) {
            line.text("reply", redacted(reply, reply.size() == kept_of_a_body));
        }
        line.number("reply_bytes", result.body_bytes);
    }
    line.url_text_if("error", result.error);
    if (result.sent_again) {
        line.boolean("sent_again", true);
    }
    line.text("outcome", word(attempt.after));
}
void add_wall(EntryLine& line, const AttemptMade& attempt) {
    const AttemptResult& result = attempt.result;
    line.wall_time("due_us", result.due);
    line.wall_time("connected_us", result.connected);
    line.wall_time("sent_us", result.sent);
    line.wall_time("first_byte_us", result.first_byte);
    line.wall_time("last_byte_us", result.last_byte);
    line.wall_time("ended_us", result.ended);
    line.boolean("reused_connection", result.reused_connection);
}

void add(EntryLine& line, const StateChanged& change) {
    line.text("before", word(change.before));
    line.text("after", word(change.after));
    if (is_over(change.after)) {
        line.text("cause", word(change.cause));
    }
}

void add(EntryLine& line, const MessageChanged& change) {
    line.text("before", word(change.before));
    line.text("after", word(change.after));
    line.text_if("deliveryState", word(change.receipt));
    if (has_code(change.receipt)) {
        line.text("deliveryCode", std::to_string(change.code));
    }
}

void add(EntryLine& line, const OtherNews& news) { add_news(line, news); }

void add(EntryLine& line, const OnThePhone& phone) {
    line.text("what", phone_text(phone.what));
    line.text("text", phone.text);
}

/// Details that are measured in wall time (see attempt_error.cpp).
bool is_measured(std::string_view detail) {
    return detail == "totalDuration" || detail == "responseDuration" || detail == "requestDuration";
}

void add(EntryLine& line, const UserError& error) {
    line.number("number", error.number);
    line.text("category", error.category);
    line.text("code", error.code);
    line.text("message", error.message);
    EntryLine details{line.member("details")};
    for (const auto& [name, value] : error.details) {
        if (!is_measured(name)) {
            details.text(name, redacted(value));
        }
    }
    details.end();
}
void add_wall(EntryLine& line, const UserError& error) {
    for (const auto& [name, value] : error.details) {
        if (is_measured(name)) {
            line.text(name, value);
        }
    }
}

void add(EntryLine& line, const ClockMoved& clock) {
    line.text("how", clock.how);
    line.time("before", clock.before);
}

template <class Kind>
void add_wall(EntryLine& /*line*/, const Kind& /*nothing is measured*/) {}

}  // namespace

/// A body as JSON when it is JSON, else as a string.
void append_entry_body(std::string& out, std::string_view body) {
    if (may_be_parsed(body)) {
        auto value = ordered_json::parse(body, nullptr, /*allow_exceptions=*/false);
        if (!value.is_discarded()) {
            redact_strings(value);
            out += value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
            return;
        }
    }
    // One that long may be the first part of a longer one.
    append_json_string(out, redacted(body, body.size() >= kept_of_a_body));
}

std::string entry_line(const Entry& entry, const IdCodec& ids) {
    std::string out;
    out.reserve(512);
    EntryLine line{out};
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
        add_news_ids(line, entry, ids);
    }
    std::visit([&](const auto& what) { add(line, what); }, entry.what);
    add_named_ids(line, entry, ids);
    EntryLine wall{line.member("wall")};
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
