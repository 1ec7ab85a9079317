#include <array>
#include <chrono>

#include "harness/admin/answers.h"
#include "harness/admin/routes.h"
#include "simulator/wire/duration_text.h"

namespace ringback {
namespace {

constexpr std::chrono::minutes longest_wait{10};
constexpr std::array all_awaited{Awaited::ready, Awaited::idle, Awaited::call_ended};

std::optional<Awaited> awaited_of(std::string_view name) {
    for (const Awaited awaited : all_awaited) {
        if (name_of(awaited) == name) {
            return awaited;
        }
    }
    return std::nullopt;
}

/// What the query asks to wait for; problems are appended.
WaitFor wait_from(const QueryPairs& query, std::vector<Problem>& problems) {
    WaitFor wait;
    const std::string* const given = value_of(query, "for");
    const std::string what = given == nullptr ? "ready" : *given;
    if (const auto awaited = awaited_of(what)) {
        wait.what = *awaited;
    } else {
        problems.push_back({"for", "one of ready, idle, call-ended", what});
    }
    if (const std::string* const timeout = value_of(query, "timeout")) {
        const auto parsed = parse_duration(*timeout);
        if (parsed && parsed.value() <= longest_wait) {
            wait.timeout = std::chrono::ceil<std::chrono::milliseconds>(parsed.value());
        } else {
            problems.push_back({"timeout", "a duration like 30s, at most 10m", *timeout});
        }
    }
    const std::string* const call = value_of(query, "call");
    if (wait.what == Awaited::call_ended && call == nullptr) {
        problems.push_back({"call", "the id of the call that is to end", "nothing"});
    } else if (wait.what != Awaited::call_ended && call != nullptr) {
        problems.push_back({"call", "no call: only for=call-ended has one", *call});
    } else if (call != nullptr) {
        wait.call_text = *call;
    }
    return wait;
}

}  // namespace

void get_wait(AdminParts& parts, AdminVisit& visit) {
    constexpr std::array<std::string_view, 3> known{"for", "call", "timeout"};
    std::vector<Problem> problems;
    if (auto problem = unknown_name(visit.query, known)) {
        problems.push_back(std::move(*problem));
    }
    WaitFor wait = wait_from(visit.query, problems);
    if (!problems.empty()) {
        visit.responder->send(problem_answer(problems));
        return;
    }
    if (wait.what == Awaited::call_ended) {
        const Call* const call = find_call(parts.controls, wait.call_text);
        if (call == nullptr) {
            visit.responder->send(error_answer(404, "there is no such call"));
            return;
        }
        wait.call = call->id;
    }
    if (parts.waits.full()) {
        visit.responder->send(error_answer(503, "too many requests are waiting"));
        return;
    }
    parts.waits.add(std::move(wait), visit.responder);
}

}  // namespace ringback
