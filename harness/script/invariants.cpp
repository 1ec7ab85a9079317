#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/script/checks.h"
#include "harness/script/done_unheard.h"
#include "harness/script/words.h"
#include "simulator/wire/call_request.h"

namespace ringback {
namespace {

using Broken = std::vector<std::pair<std::uint64_t, std::string>>;

bool is_command(const Happening& happening) {
    return happening.kind == Happening::Kind::request && !happening.own &&
           happening.method() != "GET" && happening.method() != "HEAD";
}

std::string call_of(const Happening& happening) { return happening.call(); }

/// Counted from the answer to the hangup: until then a command may have crossed it.
Broken commands_after_hangup(const Snapshot& all) {
    Broken broken;
    std::set<std::string> told_of_the_end;
    DoneUnheard unheard;
    for (const Happening& happening : all.happenings) {
        if (happening.kind == Happening::Kind::answer && happening.event == "hangup" &&
            happening.status() != 0 && !call_of(happening).empty()) {
            told_of_the_end.insert(call_of(happening));
        } else if (is_command(happening)) {
            if (told_of_the_end.contains(call_of(happening)) &&
                !unheard.is_repeated_by(happening) &&
                !all.script.awaited_requests().contains(happening.seq)) {
                broken.emplace_back(happening.seq, happening_text(happening));
            }
            unheard.take(happening);
        }
    }
    return broken;
}

/// What a fault has answered in place of the API says nothing of what was asked for.
Broken refused_commands(const Snapshot& all) {
    Broken broken;
    constexpr int first_refusal = 400;
    DoneUnheard unheard;
    for (const Happening& happening : all.happenings) {
        if (happening.kind != Happening::Kind::request || happening.own) {
            continue;
        }
        unheard.take(happening);
        if (happening.status() >= first_refusal && !happening.is_answered_by_fault() &&
            !unheard.explains_refusal_of(happening) &&
            !all.script.awaited_requests().contains(happening.seq)) {
            std::string text = happening_text(happening);
            const auto answer = happening.entry().find("response");
            if (answer != happening.entry().end() && answer->is_object()) {
                text += " " + answer->value("code", std::string{});
            }
            broken.emplace_back(happening.seq, std::move(text));
        }
    }
    return broken;
}

/// Of those that no step has judged: delivered in the end, by whatever URL. What a fault has
/// altered may be refused.
Broken callbacks_not_taken(const Snapshot& all) {
    constexpr int first_refusal = 400;
    constexpr int first_failure = 500;
    Broken broken;
    std::set<std::uint64_t> may_be_refused;
    for (const Happening& happening : all.happenings) {
        if (happening.altered) {
            may_be_refused.insert(happening.delivery);
        }
        if (happening.kind == Happening::Kind::answer && happening.outcome() == "failed" &&
            !all.script.judged_deliveries().contains(happening.delivery)) {
            if (happening.status() >= first_refusal && happening.status() < first_failure &&
                may_be_refused.contains(happening.delivery)) {
                continue;
            }
            const std::string how =
                happening.status() != 0
                    ? fmt::format("answered {}", happening.status())
                    : happening.entry().value("error", std::string{"no answer"});
            broken.emplace_back(happening.seq, happening.event + ": " + how);
        }
    }
    return broken;
}

Broken second_ends(const Snapshot& all) {
    Broken broken;
    std::set<std::string> ended;
    for (const Happening& happening : all.happenings) {
        if (happening.kind == Happening::Kind::event && happening.event == "hangup" &&
            !ended.insert(call_of(happening)).second) {
            broken.emplace_back(happening.seq, call_of(happening) + " was hung up twice");
        }
    }
    return broken;
}

/// What an event is about: its call, or the message (whose events all say when it was made).
std::string subject_of(const Happening& event) {
    std::string call = call_of(event);
    return call.empty() ? event.message().value("messageId", std::string{}) : call;
}

/// In the journal's order, call by call. Times of one form compare as texts.
Broken times_that_go_back(const Snapshot& all) {
    Broken broken;
    std::map<std::string, std::string> latest;
    for (const Happening& happening : all.happenings) {
        const auto time = happening.message().find("time");
        if (happening.kind != Happening::Kind::event || time == happening.message().end() ||
            !time->is_string()) {
            continue;
        }
        std::string& last = latest[subject_of(happening)];
        const auto& said = time->get_ref<const std::string&>();
        if (said < last) {
            broken.emplace_back(happening.seq,
                                fmt::format("{} says {} after {}", happening.event, said, last));
        }
        last = std::max(last, said);
    }
    return broken;
}

Broken numbers_that_are_none(const Snapshot& all) {
    Broken broken;
    for (const Happening& happening : all.happenings) {
        for (const char* const end : {"from", "to"}) {
            const auto number = happening.message().find(end);
            if (happening.kind == Happening::Kind::event && number != happening.message().end() &&
                number->is_string() && !is_number_or_sip(number->get_ref<const std::string&>())) {
                broken.emplace_back(happening.seq,
                                    fmt::format("{}: {} is no number", happening.event, end));
            }
        }
    }
    return broken;
}

}  // namespace

const std::vector<Invariant>& invariants() {
    static const std::vector<Invariant> all{
        {"no-command-after-hangup", "no command to a call whose hangup was answered",
         commands_after_hangup, false},
        {"commands-accepted", "the API refuses no request that no step expects to be refused",
         refused_commands, false},
        {"callbacks-answered", "every callback that no step judges is answered with 2xx",
         callbacks_not_taken, false},
        {"one-terminal-event", "every call is hung up once", second_ends, true},
        {"monotonic-times", "the times of a call's events never go back", times_that_go_back, true},
        {"valid-numbers", "from and to of every event are numbers or SIP addresses",
         numbers_that_are_none, true},
    };
    return all;
}

}  // namespace ringback
