// The list of steps and the plain kinds of them.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/scenario/delay_before.h"
#include "harness/scenario/events.h"
#include "harness/scenario/reading.h"
#include "harness/scenario/shown.h"

namespace ringback {
namespace {

using std::chrono::milliseconds;

struct StepWord {
    std::string_view word;
    void (*read)(Reading&, const Cursor&, Step&);
};

/// A member of a step that names it; a step of some kinds may have one inside instead.
void read_step_id(Reading& reading, const Cursor& at, Step& step, KnownStep known = {}) {
    if (const auto id = at.member("id")) {
        step.id = read_id(reading, *id, step.place, std::move(known));
    }
}

std::optional<TimeSpec> read_after(Reading& reading, const Cursor& at) {
    const auto after = at.member("after");
    return after ? read_time(reading, *after) : std::nullopt;
}

/// `set`, and `extra`: the members in it that the API does not have.
void read_set(Reading& reading, const Cursor& at, Send& send) {
    std::vector<std::string> extra;
    const auto set = at.member("set");
    if (const auto list = at.member("extra"); list && list->is_array()) {
        for (const Cursor& element : list->elements()) {
            extra.push_back(element.text().value_or(""));
            if (element.value().is_string() && !(set && set->member(extra.back()))) {
                element.wrong("the name of a member in \"set\"");
            }
        }
    }
    if (!set || !set->is_object()) {
        return;
    }
    note_texts(reading, *set);
    send.set = set->value();
    const std::vector<std::string_view> known = event_members(send.event);
    for (const auto& [name, member] : set->members()) {
        const bool fits = known.empty() || std::ranges::find(known, name) != known.end() ||
                          std::ranges::find(extra, name) != extra.end();
        if (!fits) {
            const std::string near = did_you_mean(name, known);
            note_at_name(
                member,
                fmt::format(
                    R"(an event "{}" has no member "{}"{})", send.event, shown_text(name, 40),
                    near.empty() ? "; to send it all the same, name it in \"extra\"" : near));
        }
    }
}

/// Real time.
std::optional<milliseconds> read_within(const Cursor& at) {
    const auto within = at.member("within");
    const auto time = within ? read_duration(*within) : std::nullopt;
    if (!time) {
        return std::nullopt;
    }
    const auto rounded = std::chrono::ceil<milliseconds>(*time);
    if (rounded <= milliseconds{0} || rounded > std::chrono::hours{1}) {
        within->wrong("a time above 0 and at most 1h");
    }
    return rounded;
}

/// What its event has, what it sets, and the answer.
KnownStep known_send(const Send& send) {
    KnownStep known;
    for (const std::string_view member : event_members(send.event)) {
        known.sees.emplace(member);
    }
    for (const auto& [name, value] : send.set.items()) {
        known.sees.insert(name);
    }
    known.sees.insert("reply");
    return known;
}

void read_send(Reading& reading, const Cursor& at, Step& step) {
    at.only({"send", "id", "after", "within", "set", "extra", "match", "expect"});
    Send send;
    send.event =
        known_word(at.member("send").value(), "the name of an event", event_names()).value_or("");
    send.after = read_after(reading, at);
    if (send.after && !send.event.empty() && !has_delay_before(send.event)) {
        at.member("after")->note(fmt::format(
            "expected no \"after\" here: when \"{}\" comes follows from keys, rings and requests; "
            "give the step before it an \"after\", or put a \"pause\" there",
            send.event));
    }
    send.within = read_within(at);
    read_set(reading, at, send);
    if (const auto match = at.member("match")) {
        send.match = read_body_match(reading, *match);
    }
    read_step_id(reading, at, step, known_send(send));
    ++reading.moment;  // an answer may be held against what the event itself said
    if (const auto expect = at.member("expect")) {
        send.has_expect = true;
        send.expect = read_expect(reading, *expect);
    }
    step.what = std::move(send);
}

void read_await_step(Reading& reading, const Cursor& at, Step& step) {
    at.only({"await", "id"});
    const Cursor inside = at.member("await").value();
    if (!inside.is_object()) {
        return;
    }
    inside.only({"id", "method", "path", "command", "match", "within", "reaction", "answered"});
    Await await = read_await(reading, inside);
    const auto id_inside = inside.member("id");
    if (id_inside && at.member("id")) {
        at.member("id")->note("expected one id, found one inside \"await\" and one beside it");
    }
    read_step_id(reading, id_inside ? inside : at, step, known_await(await.api));
    step.what = std::move(await);
}

/// press, say and text; the keys are looked at when they are known.
void read_caller_text(Reading& reading, const Cursor& at, CallerAct& act) {
    act.text = at.text().value_or("");
    note_texts(reading, at);
    const bool keys = act.text.find_first_not_of("0123456789*#ABCD") == std::string::npos;
    if (!at.value().is_string() || has_reference(act.text)) {
        return;
    }
    if (act.text.empty()) {
        at.wrong("some text");
    } else if (act.what == CallerAct::What::press && !keys) {
        at.wrong("keys of 0-9, *, #, A-D");
    }
}

void read_caller(Reading& reading, const Cursor& at, Step& step) {
    using What = CallerAct::What;
    constexpr std::array<std::pair<std::string_view, What>, 6> words{{{"press", What::press},
                                                                      {"say", What::say},
                                                                      {"hangup", What::hang_up},
                                                                      {"answer", What::answer},
                                                                      {"decline", What::decline},
                                                                      {"text", What::text}}};
    at.only({"caller", "id"});
    const Cursor inside = at.member("caller").value();
    if (!inside.is_object()) {
        return;
    }
    inside.only({"press", "say", "hangup", "answer", "decline", "text", "after"});
    CallerAct act;
    std::size_t found = 0;
    for (const auto& [word, what] : words) {
        const auto member = inside.member(word);
        if (!member) {
            continue;
        }
        ++found;
        act.what = what;
        if (what == What::press || what == What::say || what == What::text) {
            read_caller_text(reading, *member, act);
        } else if (member->value() != true) {
            member->wrong("true");
        }
    }
    if (found != 1) {
        inside.note(fmt::format(
            "expected one of press, say, hangup, answer, decline and text, found {} of them",
            found));
    }
    act.after = read_after(reading, inside);
    read_step_id(reading, at, step);
    step.what = std::move(act);
}

void read_pause(Reading& reading, const Cursor& at, Step& step) {
    at.only({"pause", "id"});
    step.what = Pause{read_time(reading, at.member("pause").value()).value_or(TimeSpec{})};
    read_step_id(reading, at, step);
}

void read_quiet(Reading& reading, const Cursor& at, Step& step) {
    at.only({"quiet", "id"});
    step.what = Quiet{read_time(reading, at.member("quiet").value()).value_or(TimeSpec{})};
    read_step_id(reading, at, step);
}

void read_block_step(Reading& reading, const Cursor& at, Step& step) {
    at.only({"block", "id"});
    const Cursor inside = at.member("block").value();
    Block block;
    read_step_id(reading, at, step);
    if (inside.is_object()) {
        inside.only({"order", "allow", "steps"});
        if (inside.required("steps")) {
            read_block(reading, inside, block);
        }
    }
    step.what = std::move(block);
}

/// Those that hold steps name themselves first: their own steps may refer to what they saw.
void read_branch_step(Reading& reading, const Cursor& at, Step& step) {
    at.only({"branch", "id"});
    KnownStep known = known_await({});
    known.api.reset();  // which request it is depends on the case
    read_step_id(reading, at, step, std::move(known));
    read_branch(reading, at.member("branch").value(), step);
}

void read_repeat_step(Reading& reading, const Cursor& at, Step& step) {
    at.only({"repeat", "id"});
    read_step_id(reading, at, step);
    read_repeat(reading, at.member("repeat").value(), step);
}

void read_use_step(Reading& reading, const Cursor& at, Step& step) {
    at.only({"use", "with", "id"});
    read_step_id(reading, at, step);
    read_use(reading, at, step);
}

constexpr std::array<StepWord, 9> step_words{{{"send", read_send},
                                              {"await", read_await_step},
                                              {"caller", read_caller},
                                              {"pause", read_pause},
                                              {"quiet", read_quiet},
                                              {"branch", read_branch_step},
                                              {"repeat", read_repeat_step},
                                              {"use", read_use_step},
                                              {"block", read_block_step}}};

/// The kind of a step, or noted and null.
const StepWord* kind_of(const Cursor& at) {
    std::vector<const StepWord*> found;
    for (const StepWord& each : step_words) {
        if (at.member(each.word)) {
            found.push_back(&each);
        }
    }
    if (found.size() == 1) {
        return found.front();
    }
    if (found.size() > 1) {
        at.note(fmt::format(R"(expected one kind of step, found "{}" and "{}" in one)",
                            found[0]->word, found[1]->word));
        return nullptr;
    }
    const std::size_t before = at.mistakes().size();
    at.only({"send", "await", "caller", "pause", "quiet", "branch", "repeat", "use", "block", "id",
             "after", "within", "set", "extra", "match", "expect", "with"});
    if (at.mistakes().size() == before) {
        at.wrong(
            "a step with one of send, await, caller, pause, quiet, branch, repeat, use, block");
    }
    return nullptr;
}

std::optional<Step> read_step(Reading& reading, const Cursor& at) {
    if (!at.is_object()) {
        return std::nullopt;
    }
    if (++reading.steps > most_steps) {
        if (reading.steps == most_steps + 1) {
            at.note(
                fmt::format("expected at most {} steps, with those of every \"use\"; this is "
                            "one more",
                            most_steps));
        }
        return std::nullopt;
    }
    Step step;
    step.file = at.file();
    step.place = at.place();
    ++reading.moment;
    if (const StepWord* const kind = kind_of(at)) {
        kind->read(reading, at, step);
    }
    return step;
}

}  // namespace

Await read_await(Reading& reading, const Cursor& at) {
    Await await;
    await.api = read_api(reading, at, false);
    await.within = read_within(at).value_or(await.within);
    if (const auto reaction = at.member("reaction")) {
        await.reaction_ms = read_latency(*reaction);
    }
    if (const auto answered = at.member("answered")) {
        await.answered = read_status(*answered);
    }
    return await;
}

void read_block(Reading& reading, const Cursor& at, Block& block) {
    const auto any_before = reading.any_since;
    if (const auto order = at.member("order")) {
        const std::string word = order->one_of({"strict", "ordered", "any"}).value_or("strict");
        block.order = word == "any"       ? Block::Order::any
                      : word == "ordered" ? Block::Order::ordered
                                          : Block::Order::strict;
    }
    if (const auto allow = at.member("allow"); allow && allow->is_array()) {
        for (const Cursor& element : allow->elements()) {
            if (element.is_object()) {
                element.only({"method", "path", "command", "match"});
                block.allow.push_back(read_api(reading, element, false));
            }
        }
    }
    if (block.order == Block::Order::any && !any_before) {
        reading.any_since = reading.moment;
    }
    if (const auto steps = at.member("steps")) {
        read_steps_of(reading, *steps, block);
    }
    reading.any_since = any_before;
}

void read_steps_of(Reading& reading, const Cursor& at, Block& block) {
    if (!at.is_array()) {
        return;
    }
    for (const Cursor& element : at.elements()) {
        if (auto step = read_step(reading, element)) {
            const bool from_outside = std::holds_alternative<Send>(step->what) ||
                                      std::holds_alternative<Await>(step->what);
            if (block.order == Block::Order::any && !from_outside) {
                element.note(
                    fmt::format("expected only \"send\" and \"await\" in \"order\": "
                                "\"any\", found \"{}\"; put it before or behind a block "
                                "of that order",
                                word_of(*step)));
            }
            block.steps.push_back(std::move(*step));
        }
    }
    if (at.value().empty()) {
        at.note("expected at least one step, found none");
    }
}

}  // namespace ringback
