#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/scenario/scenario.h"
#include "harness/script/happening.h"

namespace ringback {

/// How one request to the application ended, as expectations see it.
struct SeenReply {      // NOLINT(bugprone-exception-escape): json says it moves without one
    std::string end;    // "answered", "timed_out", ... as harness/record/README.md has it
    std::string error;  // of any other end than "answered"
    int status{0};
    double latency_ms{0};  // whole request sent to whole answer read; 0: it did not come so far
    bool reused_connection{false};
    std::uint64_t attempt{1};
    std::string outcome;  // of a callback: owed, delivered, delivered_by_fallback, failed
    nlohmann::json body;  // null: none
    nlohmann::json headers = nlohmann::json::object();  // by names in small letters
};

/// Of a journal entry of kind "attempt". `with_headers`: they too, where they were kept.
[[nodiscard]] SeenReply seen_reply(const Happening& answer, bool with_headers = true);

/// What `${id:reply...}` can name: status, latencyMs, attempt, headers, body.
[[nodiscard]] nlohmann::json reply_json(const SeenReply& seen);

/// `got` is empty, and all findings fit, when the reply is as expected.
struct ReplyJudgement {
    std::string got;
    std::vector<FieldFinding> findings;

    [[nodiscard]] bool fits() const;
};
[[nodiscard]] ReplyJudgement judge_reply(const ReplyExpectation& expect, const SeenReply& seen,
                                         const Bindings& bindings);

/// What a reply has to be: "answered 200..299", "answered 200 or 204, latency < 250 ms".
[[nodiscard]] std::string reply_text(const ReplyExpectation& expect);
/// The same of a send: "hangup answered 200..299".
[[nodiscard]] std::string answer_text(const Send& send);

}  // namespace ringback
