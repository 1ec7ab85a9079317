#include "harness/script/reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "harness/script/words.h"
#include "simulator/wire/entry_json.h"
#include "simulator/wire/header_object.h"
#include "simulator/wire/redaction.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

using nlohmann::json;
using Via = ReplyExpectation::Via;

double latency_of(const json& wall) {
    if (!wall.contains("sent_us")) {
        return 0;
    }
    const auto end = wall.contains("last_byte_us") ? wall.at("last_byte_us").get<std::int64_t>()
                                                   : wall.value("ended_us", std::int64_t{0});
    return static_cast<double>(end - wall.at("sent_us").get<std::int64_t>()) / 1000.0;
}

Via via_of(const SeenReply& seen) {
    return seen.outcome == "delivered_by_fallback" ? Via::fallback
           : seen.outcome == "delivered"           ? Via::callback
                                                   : Via::none;
}

std::string_view via_text(Via via) {
    return via == Via::callback   ? "taken by the callback URL"
           : via == Via::fallback ? "taken by the fallback URL"
                                  : "taken by neither URL";
}

std::string end_text(const SeenReply& seen) {
    return seen.end == "answered" ? fmt::format("answered {}", seen.status)
                                  : fmt::format("{}: {}", seen.end, seen.error);
}

/// What is wrong with it apart from its body; "" when nothing is.
std::string wrong_reply(const ReplyExpectation& expect, const SeenReply& seen) {
    if (expect.delivered_via && *expect.delivered_via != via_of(seen)) {
        return fmt::format("{}, at attempt {}: {}", via_text(via_of(seen)), seen.attempt,
                           end_text(seen));
    }
    if (expect.attempts && *expect.attempts != seen.attempt) {
        return fmt::format("{} at attempt {}", end_text(seen), seen.attempt);
    }
    if (expect.delivered_via == Via::none && expect.status.empty()) {
        return "";  // however it failed
    }
    if (seen.end != "answered" || !in_ranges(expect.status, seen.status)) {
        return end_text(seen);
    }
    if (expect.latency_ms && !expect.latency_ms->holds(seen.latency_ms)) {
        return fmt::format("answered {} after {:.0f} ms", seen.status, seen.latency_ms);
    }
    if (expect.reused_connection && seen.reused_connection != *expect.reused_connection) {
        return *expect.reused_connection ? "a new connection" : "a kept connection";
    }
    return "";
}

}  // namespace

namespace {

SeenReply seen_in(const AttemptMade& made, bool with_headers) {
    const AttemptResult& result = made.result;
    SeenReply seen;
    seen.end = word(result.end);
    seen.error = redacted(result.error.view());
    seen.status = result.end == AttemptEnd::answered ? result.status : 0;
    seen.attempt = made.attempt - made.unheard;
    seen.outcome = word(made.after);
    if (!result.body.empty()) {
        seen.body = result.body.view();
    }
    if (with_headers && result.headers) {
        seen.headers = header_object(result.headers.view());
    }
    if (result.sent != WallInstant::min()) {
        const WallInstant end =
            result.last_byte != WallInstant::min() ? result.last_byte : result.ended;
        seen.latency_ms = std::chrono::duration<double, std::milli>{end - result.sent}.count();
    }
    seen.reused_connection = result.reused_connection;
    return seen;
}

}  // namespace

SeenReply seen_reply(const Happening& answer, bool with_headers) {
    if (const AttemptMade* const made = answer.attempt()) {
        return seen_in(*made, with_headers);
    }
    const json& entry = answer.entry();
    SeenReply seen;
    seen.end = entry.value("end", std::string{});
    seen.error = entry.value("error", std::string{});
    seen.status = answer.status();
    seen.attempt =
        entry.value("attempt", std::uint64_t{1}) - entry.value("unheard", std::uint64_t{0});
    seen.outcome = entry.value("outcome", std::string{});
    seen.body = entry.value("reply", json());
    seen.headers = entry.value("reply_headers", json::object());
    if (const auto wall = entry.find("wall"); wall != entry.end()) {
        seen.latency_ms = latency_of(*wall);
        seen.reused_connection = wall->value("reused_connection", false);
    }
    return seen;
}

json reply_json(const SeenReply& seen) {
    json reply{{"status", seen.status},
               {"latencyMs", seen.latency_ms},
               {"attempt", seen.attempt},
               {"headers", seen.headers}};
    if (!seen.body.is_null()) {
        reply["body"] = seen.body;
    }
    return reply;
}

bool ReplyJudgement::fits() const {
    return got.empty() &&
           std::ranges::all_of(findings, [](const auto& one) { return one.finding.fits; });
}

ReplyJudgement judge_reply(const ReplyExpectation& expect, const SeenReply& seen,
                           const Bindings& bindings) {
    ReplyJudgement judgement;
    judgement.got = wrong_reply(expect, seen);
    if (!expect.match.fields.empty()) {
        judgement.findings =
            judge(expect.match, json{{"body", seen.body}, {"headers", seen.headers}}, bindings);
    }
    if (judgement.got.empty() && !judgement.fits()) {
        judgement.got = "its answer says something else";
    }
    return judgement;
}

std::string reply_text(const ReplyExpectation& expect) {
    const bool any_failure = expect.delivered_via == Via::none && expect.status.empty();
    std::string text = any_failure ? "" : "answered " + ranges_text(expect.status);
    const auto append = [&](std::string_view more) {
        text += text.empty() ? "" : ", ";
        text += more;
    };
    if (expect.latency_ms) {
        append("latency " + comparison_text(*expect.latency_ms, " ms"));
    }
    if (expect.reused_connection) {
        append(*expect.reused_connection ? "on a kept connection" : "on a new connection");
    }
    if (expect.delivered_via) {
        append(via_text(*expect.delivered_via));
    }
    if (expect.attempts) {
        append(fmt::format("at attempt {}", *expect.attempts));
    }
    return text;
}

std::string answer_text(const Send& send) { return send.event + " " + reply_text(send.expect); }

}  // namespace ringback
