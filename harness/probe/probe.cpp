#include "harness/probe/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace ringback {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

FaultRule rule_on(const ToldEvent& event, std::string name, FaultRule::CallbackFault what) {
    FaultRule rule;
    rule.name = std::move(name);
    rule.nth = event.nth;
    rule.what = FaultRule::OfCallbacks{event.filter, std::move(what)};
    return rule;
}

/// Events as rules can tell them apart: those of two calls are one where their names are.
std::vector<ToldEvent> distinct(const Behaviour& clean) {
    std::vector<ToldEvent> all;
    for (const ToldEvent& event : clean.events) {
        const bool is_known = std::ranges::any_of(all, [&](const ToldEvent& other) {
            return other.filter == event.filter && other.nth == event.nth;
        });
        if (!is_known) {
            all.push_back(event);
        }
    }
    return all;
}

/// "/v1/users/u/calls/{call}/audio" with a '*' for what has a name.
std::string pattern_of(const std::string& path) {
    std::string made;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t end = path[at] == '{' ? path.find('}', at) : std::string::npos;
        made += end == std::string::npos ? path[at] : '*';
        at = end == std::string::npos ? at + 1 : end + 1;
    }
    return made;
}

/// What is created has events of its own, which wait for nobody's answer.
bool creates(const Effect& effect) {
    return effect.path.ends_with("/calls") || effect.path.ends_with("/messages") ||
           effect.path.ends_with("/conferences");
}

/// What the receiver asks for, each kind once, in the order of the first.
std::vector<RequestFilter> asked_for(const Behaviour& clean, bool only_free = false) {
    std::vector<RequestFilter> all;
    for (const Effect& effect : clean.effects) {
        if (only_free && !effect.is_free && !creates(effect)) {
            continue;
        }
        const RequestFilter filter{effect.method, pattern_of(effect.path)};
        if (std::ranges::find(all, filter) == all.end()) {
            all.push_back(filter);
        }
    }
    return all;
}

FaultRule rule_on(const RequestFilter& request, std::string name, FaultRule::AnswerFault what) {
    FaultRule rule;
    rule.name = std::move(name);
    rule.what = FaultRule::OfAnswers{request, std::move(what)};
    return rule;
}

std::vector<Disturbance> twice(const Behaviour& clean) {
    if (clean.events.empty()) {
        return {};
    }
    std::vector<Disturbance> all;
    for (const bool together : {false, true}) {
        fault::Duplicate duplicate;
        duplicate.together = together;
        FaultRule rule;
        rule.name = "duplicate";
        rule.what = FaultRule::OfCallbacks{{}, duplicate};
        Disturbance twofold;
        twofold.what =
            together ? "every event comes twice, both at the same time" : "every event comes twice";
        twofold.expected = "it asks for nothing more than when each comes once";
        twofold.faults.rules.push_back(std::move(rule));
        all.push_back(std::move(twofold));
    }
    return all;
}

std::vector<Disturbance> each_lost(const Behaviour& clean) {
    std::vector<Disturbance> all;
    for (const ToldEvent& event : distinct(clean)) {
        Disturbance lost;
        lost.what = text_of(event) + " never comes";
        lost.expected = "the call ends, and it asks for nothing more than before";
        lost.faults.rules.push_back(rule_on(event, "drop", fault::Drop{}));
        lost.is_unheard_of = clean.events.front().seq == event.seq &&
                             (clean.said.empty() || clean.said.front() > event.seq);
        all.push_back(std::move(lost));
    }
    return all;
}

/// The receiver has placed the call itself, and knows of it before the first event comes.
bool has_placed_it(const Behaviour& clean) {
    return !clean.events.empty() && std::ranges::any_of(clean.effects, [&](const Effect& effect) {
        return effect.method == "POST" && effect.path.ends_with("/calls") &&
               effect.answer == "2xx" && effect.seq < clean.events.front().seq;
    });
}

/// Gaps: behind the call that it has placed and behind every event but the last, first those in
/// which nothing is missed.
std::vector<Disturbance> each_gap(const Behaviour& clean, bool can_stay_down) {
    std::vector<Disturbance> all;
    const std::size_t first = has_placed_it(clean) ? 0 : 1;
    for (const bool misses_next : {false, true}) {
        if (misses_next && !can_stay_down) {
            break;
        }
        for (std::size_t after = first; after < clean.events.size(); ++after) {
            const std::string before =
                after == 0 ? "its own POST /calls" : text_of(clean.events[after - 1]);
            const std::string next = text_of(clean.events[after]);
            Disturbance gap;
            gap.what = misses_next
                           ? fmt::format("it is down from {} on and misses {}", before, next)
                           : fmt::format("it is restarted between {} and {}", before, next);
            gap.expected = misses_next ? "the call ends, and it asks for nothing more than before"
                                       : "it goes on as if nothing had been";
            gap.restart = Disturbance::Restart{after, misses_next};
            all.push_back(std::move(gap));
        }
    }
    return all;
}

std::vector<Disturbance> each_timing(const Behaviour& clean) {
    struct Timing {
        fault::Early::When when;
        const char* name;
        const char* what;
        const char* expected;
    };
    using When = fault::Early::When;
    constexpr std::array timings{
        Timing{When::before, "early-before", "events come before the answer to their request",
               "it knows the id from the event where it does not have the answer yet"},
        Timing{When::during, "early-during",
               "events come together with the answer to their request",
               "it does the same, whichever of the two it reads first"},
        Timing{When::after, "early-after", "events come just behind the answer to their request",
               "it has noted the id before it takes the next event"}};
    std::vector<Disturbance> all;
    const auto requests = asked_for(clean, true);
    for (const Timing& timing : timings) {
        FaultPlan plan;
        for (const RequestFilter& request : requests) {
            plan.rules.push_back(rule_on(request, timing.name, fault::Early{timing.when}));
        }
        if (!plan.rules.empty()) {
            all.push_back({timing.what, timing.expected, std::move(plan), {}, false, {}});
        }
    }
    return all;
}

std::vector<Disturbance> each_slow_answer(const Behaviour& clean) {
    constexpr seconds slow{2};
    std::vector<Disturbance> all;
    for (const RequestFilter& request : asked_for(clean)) {
        WireFault wire;
        wire.latency.a = slow;
        all.push_back({fmt::format("{} {} is answered after {} s", request.method, request.path,
                                   slow.count()),
                       "it waits, and does not ask for the same again",
                       FaultPlan{{rule_on(request, "slow-answer", fault::BadAnswer{wire})}, {}},
                       {},
                       false,
                       {}});
    }
    return all;
}

std::string text_of(const Change& change, const Behaviour& clean) {
    const ToldEvent& event = clean.events.at(change.event);
    if (change.behind == 0) {
        const auto late = std::chrono::duration_cast<milliseconds>(change.late);
        return fmt::format("{} comes {} ms late", text_of(event), late.count());
    }
    std::vector<std::string> others;
    for (std::size_t at = change.event + 1; others.size() < change.behind; ++at) {
        if (clean.events.at(at).call == event.call) {
            others.push_back(text_of(clean.events[at]));
        }
    }
    return fmt::format("{} comes behind {}", text_of(event), fmt::join(others, " and "));
}

/// The request `text` has that call in its path.
bool is_of_call(std::string_view text, const std::string& call) {
    const std::string_view path = text.substr(0, text.find('"'));  // only bodies have quotes
    const std::string part = "/calls/" + call;
    return path.ends_with(part) || path.find(part + "/") != std::string_view::npos ||
           path.find(part + " ") != std::string_view::npos;
}

/// The receiver could not help it, as it heard of that event when the call was over.
bool comes_of(const LateEvent& late, const Deviation& finding) {
    using What = Deviation::Kind;
    const bool is_refused = finding.kind == What::other_answer &&
                            finding.than.starts_with("answered 4xx") &&
                            finding.seq > late.seq_before;
    return finding.kind == What::other_end ? finding.what.starts_with(late.call + " ends as ")
                                           : (finding.kind == What::missing || is_refused) &&
                                                 is_of_call(finding.what, late.call);
}

}  // namespace

const std::vector<ProbeName>& probe_names() {
    static const std::vector<ProbeName> names{
        {"duplicates", "every event comes twice, one behind the other and both at once",
         ProbeKind::duplicates},
        {"reorder", "events overtake each other, or come late", ProbeKind::reorder},
        {"restart", "the receiver ends and comes again between two events", ProbeKind::restart},
        {"early", "events come before, with and just behind the answer to what causes them",
         ProbeKind::early},
        {"slow-api", "the API takes 2 s to answer", ProbeKind::slow_api},
        {"lost", "each event in turn never comes", ProbeKind::lost}};
    return names;
}

std::string_view name_of(ProbeKind kind) {
    return std::ranges::find(probe_names(), kind, &ProbeName::kind)->name;
}

Disturbance reordered(const Changes& changes, const Behaviour& clean) {
    constexpr seconds longest_wait{30};
    Disturbance made;
    std::vector<std::string> texts;
    for (const Change& change : changes) {
        const ToldEvent& event = clean.events.at(change.event);
        if (change.behind > 0) {
            made.faults.rules.push_back(
                rule_on(event, "reorder", fault::Reorder{change.behind, longest_wait}));
        } else {
            DrawnTime late;
            late.a = change.late;
            made.faults.rules.push_back(rule_on(event, "delay", fault::Delay{late}));
        }
        texts.push_back(text_of(change, clean));
    }
    made.what = fmt::format("{}", fmt::join(texts, ", "));
    made.expected = "it asks for the same as in the usual order";
    made.changes = changes;
    return made;
}

std::vector<Disturbance> disturbances_of(ProbeKind kind, const Behaviour& clean,
                                         const ProbeBounds& bounds) {
    std::vector<Disturbance> all;
    switch (kind) {
        case ProbeKind::duplicates:
            all = twice(clean);
            break;
        case ProbeKind::lost:
            all = each_lost(clean);
            break;
        case ProbeKind::restart:
            all = each_gap(clean, bounds.can_stay_down);
            break;
        case ProbeKind::early:
            all = each_timing(clean);
            break;
        case ProbeKind::slow_api:
            all = each_slow_answer(clean);
            break;
        case ProbeKind::reorder:
            for (const Changes& changes : changed_orders(clean, bounds.budget, bounds.seed)) {
                all.push_back(reordered(changes, clean));
            }
            break;
    }
    all.resize(std::min(all.size(), bounds.budget));
    return all;
}

std::size_t count_disturbances(ProbeKind kind, const Behaviour& clean, const ProbeBounds& bounds) {
    constexpr std::size_t most_orders{10'000};
    if (kind == ProbeKind::reorder) {
        return count_small_orders(clean, most_orders);
    }
    ProbeBounds unbounded = bounds;
    unbounded.budget = std::numeric_limits<std::size_t>::max();
    return disturbances_of(kind, clean, unbounded).size();
}

std::string_view why_nothing_to_disturb(ProbeKind kind) {
    switch (kind) {
        case ProbeKind::early:
            return "no API request of the receiver starts a call here, or is made while no event "
                   "waits for its answer; use a scenario with start.kick";
        case ProbeKind::slow_api:
            return "the receiver asks nothing of the API here; use a scenario in which it does";
        case ProbeKind::restart:
            return "no two events come here, between which it could be restarted, nor one of a "
                   "call that it has placed; use a scenario in which they do";
        case ProbeKind::duplicates:
        case ProbeKind::reorder:
        case ProbeKind::lost:
            break;
    }
    return "no event comes here; use a scenario in which one does";
}

Blame blame_for(ProbeKind kind, const Disturbance& disturbance, std::vector<Deviation> findings,
                const Excuses& excuses) {
    const bool misses = disturbance.restart && disturbance.restart->misses_next;
    Blame made;
    for (Deviation& finding : findings) {
        using What = Deviation::Kind;
        const bool is_for_lack =
            (kind == ProbeKind::lost || misses || excuses.misses_more) &&
            (finding.kind == What::missing || finding.kind == What::other_end ||
             finding.kind == What::kick_answer);
        const bool is_unheard_of = disturbance.is_unheard_of && finding.kind == What::stuck;
        const bool is_missed = misses && finding.kind == What::bad_answer &&
                               finding.what.ends_with("could_not_connect");
        if (is_missed) {
            made.missed.push_back(finding.event);
        }
        const bool is_too_late =
            kind == ProbeKind::reorder &&
            std::ranges::any_of(excuses.late, [&finding](const LateEvent& late) {
                return comes_of(late, finding);
            });
        const bool is_our_doing =
            is_missed || is_too_late ||
            (disturbance.restart && finding.kind == What::kick_answer &&
             finding.what.starts_with("the kick got no answer"));  // who was to give it was killed
        (is_for_lack || is_unheard_of || is_our_doing ? made.told : made.failing)
            .push_back(std::move(finding));
    }
    return made;
}

}  // namespace ringback
