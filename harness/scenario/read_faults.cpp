// `faults`: what goes wrong while a scenario is played.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/scenario/api_routes.h"
#include "harness/scenario/events.h"
#include "harness/scenario/fault_words.h"
#include "harness/scenario/faults.h"
#include "harness/scenario/reading.h"
#include "harness/scenario/shown.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

constexpr std::size_t most_rules = 100;
constexpr std::int64_t most_counted = 1'000'000;

/// The kind of a rule: its only member that says one.
const FaultWord* fault_kind_of(const Cursor& at) {
    const FaultWord* kind{nullptr};
    for (const auto& [name, member] : at.members()) {
        const FaultWord* const found = find_fault_word(name);
        if (found == nullptr) {
            continue;
        }
        if (kind != nullptr) {
            note_at_name(member, fmt::format("expected one fault a rule, found {} beside {}", name,
                                             kind->name));
            return nullptr;
        }
        kind = found;
    }
    return kind;
}

/// Every member has to be known; says so also where there is no kind at all.
void only_known(const Cursor& at, const FaultWord* kind) {
    std::vector<std::string_view> known{"on", "toxicity", "nth", "times", "from", "until"};
    if (kind == nullptr || kind->side != FaultSide::answers) {
        known.emplace_back("again");
    }
    for (const FaultWord& word : fault_words()) {
        known.push_back(word.name);
    }
    at.only(known);
}

void read_count(const Cursor& rule, std::string_view name, std::uint32_t& into) {
    if (const auto at = rule.member(name)) {
        into = static_cast<std::uint32_t>(at->integer(1, most_counted).value_or(1));
    }
}

void read_chance(const Cursor& at, FaultRule& rule) {
    if (const auto toxicity = at.member("toxicity")) {
        const auto number = toxicity->number();
        if (number && (*number < 0 || *number > 1)) {
            toxicity->wrong("a number from 0 to 1");
        } else if (number) {
            rule.toxicity = static_cast<std::uint32_t>(std::lround(*number * 1e6));
        }
    }
    read_count(at, "nth", rule.nth);
    read_count(at, "times", rule.times);
    if (const auto from = at.member("from")) {
        rule.from = read_duration(*from).value_or(Duration{});
    }
    if (const auto until = at.member("until")) {
        rule.until = read_duration(*until);
        if (rule.until && *rule.until <= rule.from) {
            until->note("expected a time behind that of `from`");
        }
    }
}

/// "gather", "speak.done", "*".
std::optional<EventFilter> read_event(const Cursor& at) {
    const auto text = known_word(at, "the name of an event, or *", fault_event_names());
    return text ? std::optional{event_filter(*text)} : std::nullopt;
}

/// "POST /v1/users/*/calls", "/v1/users/*/calls/**", "*".
std::optional<RequestFilter> read_request(const Cursor& at) {
    const auto text = at.text();
    if (!text) {
        return std::nullopt;
    }
    if (*text == "*") {
        return RequestFilter{};
    }
    const std::size_t space = text->find(' ');
    const std::string method = space == std::string::npos ? "" : text->substr(0, space);
    const std::string path = text->substr(space == std::string::npos ? 0 : space + 1);
    constexpr std::array<std::string_view, 7> methods{"",    "GET",   "HEAD",  "POST",
                                                      "PUT", "PATCH", "DELETE"};
    if (std::ranges::find(methods, method) == methods.end() || !path.starts_with('/') ||
        path.find_first_of("? ") != std::string::npos) {
        at.wrong("a request such as \"POST /v1/users/*/calls\", a path, or *");
        return std::nullopt;
    }
    if (!is_of_the_api(method, path)) {
        constexpr std::size_t shown = 80;
        at.note(fmt::format("expected a request that the API has a route for, found \"{}\"{}",
                            shown_text(*text, shown), nearest_route_text(method, path)));
        return std::nullopt;
    }
    return RequestFilter{method, path};
}

/// What it is for, or that of its kind's where nothing is said.
struct On {
    std::optional<EventFilter> event{};
    std::optional<RequestFilter> request{};
};

On read_on_object(const Cursor& at) {
    On on;
    at.only({"event", "request"});
    const auto event = at.member("event");
    const auto request = at.member("request");
    if (event.has_value() == request.has_value()) {
        at.note("expected event or request, one of them");
    } else if (event) {
        on.event = read_event(*event);
    } else {
        on.request = read_request(*request);
    }
    return on;
}

On read_on(const Cursor& rule, const FaultWord& kind) {
    const auto at = rule.member("on");
    On on;
    if (!at) {
        if (kind.side == FaultSide::either) {
            rule.note(fmt::format("{}: expected `on`, with an event or a request", kind.name));
        }
        on.event = kind.side == FaultSide::callbacks ? std::optional{EventFilter{}} : std::nullopt;
        on.request =
            kind.side == FaultSide::answers ? std::optional{RequestFilter{}} : std::nullopt;
        return on;
    }
    if (at->value().is_object()) {
        on = read_on_object(*at);
    } else {
        const auto* const text = at->value().get_ptr<const std::string*>();
        const bool request = text != nullptr && text->find('/') != std::string::npos;
        const bool any = text != nullptr && *text == "*" && kind.side == FaultSide::answers;
        if (request || any) {
            on.request = read_request(*at);
        } else {
            on.event = read_event(*at);
        }
    }
    if ((kind.side == FaultSide::answers && on.event) ||
        (kind.side == FaultSide::callbacks && on.request)) {
        at->note(fmt::format("{} is a fault of {}", kind.name,
                             kind.side == FaultSide::answers ? "answers: expected a request"
                                                             : "callbacks: expected an event"));
    }
    return on;
}

/// A kind of either side as a fault of the one that it is on.
std::optional<FaultRule> rule_of(const Cursor& at, const FaultWord& kind, On on, AnyFault what) {
    FaultRule rule;
    rule.name = kind.name;
    rule.written = at.value().dump();
    read_chance(at, rule);
    if (auto* const wire = std::get_if<WireFault>(&what)) {
        if (on.request) {
            rule.what = FaultRule::OfAnswers{std::move(*on.request), fault::BadAnswer{*wire}};
            return rule;
        }
        fault::BadSend bad{*wire, true};
        if (const auto again = at.member("again")) {
            bad.again = again->boolean().value_or(true);
        }
        if (on.event) {
            rule.what = FaultRule::OfCallbacks{*on.event, bad};
            return rule;
        }
        return std::nullopt;
    }
    if (const auto again = at.member("again")) {
        again->note(fmt::format("{} is no fault of how a callback is sent, which `again` is for",
                                kind.name));
    }
    if (auto* const callback = std::get_if<FaultRule::CallbackFault>(&what); callback && on.event) {
        rule.what = FaultRule::OfCallbacks{*on.event, std::move(*callback)};
        return rule;
    }
    if (auto* const answer = std::get_if<FaultRule::AnswerFault>(&what); answer && on.request) {
        rule.what = FaultRule::OfAnswers{std::move(*on.request), std::move(*answer)};
        return rule;
    }
    return std::nullopt;
}

void read_rule(const Cursor& at, std::vector<FaultRule>& rules) {
    if (!at.is_object()) {
        return;
    }
    const std::size_t before = at.mistakes().size();
    const FaultWord* const kind = fault_kind_of(at);
    only_known(at, kind);
    if (kind == nullptr) {
        if (at.mistakes().size() == before) {
            at.note(fmt::format("expected a fault: one of {}", fmt::join(fault_kinds(), ", ")));
        }
        return;
    }
    auto what = kind->read(*at.member(kind->name));
    On on = read_on(at, *kind);
    if (!what) {
        FaultRule unused;
        read_chance(at, unused);
        return;
    }
    if (auto rule = rule_of(at, *kind, std::move(on), std::move(*what))) {
        rules.push_back(std::move(*rule));
    }
}

void read_named(const Cursor& at, std::vector<FaultRule>& rules) {
    std::vector<std::string_view> names;
    for (const BuiltInFaults& each : built_in_faults()) {
        names.push_back(each.name);
    }
    const auto name = known_word(at, "the name of built-in faults", names);
    if (!name) {
        return;
    }
    const auto found = std::ranges::find(built_in_faults(), *name, &BuiltInFaults::name);
    LoadedFaults loaded = read_fault_file("builtin:" + *name, found->text);
    if (loaded.plan) {
        are_of_set(*name, loaded.plan->rules);
        rules.insert(rules.end(), loaded.plan->rules.begin(), loaded.plan->rules.end());
    }
    at.mistakes().insert(at.mistakes().end(), loaded.mistakes.begin(), loaded.mistakes.end());
}

}  // namespace

void are_of_set(std::string_view name, std::vector<FaultRule>& rules) {
    for (FaultRule& rule : rules) {
        rule.set = name;
    }
}

std::vector<FaultRule> read_faults(const Cursor& at) {
    std::vector<FaultRule> rules;
    if (at.value().is_string()) {
        read_named(at, rules);
        return rules;
    }
    if (!at.value().is_array()) {
        at.wrong("a list of faults, or the name of built-in ones");
        return rules;
    }
    for (const Cursor& element : at.elements()) {
        element.value().is_string() ? read_named(element, rules) : read_rule(element, rules);
    }
    if (rules.size() > most_rules) {
        at.note(fmt::format("expected at most {} faults, found {}", most_rules, rules.size()));
    }
    return rules;
}

}  // namespace ringback
