// Events in an order that the model cannot bring about (spec v1 4.2 to 4.8, 4.11, 6.4).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "harness/scenario/reading.h"
#include "simulator/core/overloaded.h"

namespace ringback {
namespace {

constexpr int many = 1 << 20;

/// What is known where a step stands: what has happened at least, and what may have at most. Where
/// in doubt, something may have happened.
struct Facts {
    // At least so many.
    int events{0};
    int answers{0};
    int timeouts{0};
    int hangups{0};
    int speeches_done{0};
    int playbacks_done{0};
    int gathers_done{0};
    int messages_in{0};
    // At most so many.
    int calls{1};
    int may_answers{0};
    int may_speeches{0};
    int may_playbacks{0};
    int may_gathers{0};
    int may_recordings{0};
    int may_messages_in{0};
    int may_messages_out{0};
    int may_documents{0};  // answers that are BXML
    // Where it happened last.
    const Step* answer{nullptr};
    const Step* hangup{nullptr};
};

constexpr std::array at_least{&Facts::events,       &Facts::answers,       &Facts::timeouts,
                              &Facts::hangups,      &Facts::speeches_done, &Facts::playbacks_done,
                              &Facts::gathers_done, &Facts::messages_in};
constexpr std::array at_most{
    &Facts::calls,         &Facts::may_answers,     &Facts::may_speeches,
    &Facts::may_playbacks, &Facts::may_gathers,     &Facts::may_recordings,
    &Facts::may_documents, &Facts::may_messages_in, &Facts::may_messages_out};

/// Either of two ways was gone.
Facts either(const Facts& a, const Facts& b) {
    Facts facts = a;
    for (int Facts::*const each : at_least) {
        facts.*each = std::min(a.*each, b.*each);
    }
    for (int Facts::*const each : at_most) {
        facts.*each = std::max(a.*each, b.*each);
    }
    facts.answer = a.answer != nullptr ? a.answer : b.answer;
    facts.hangup = a.hangup != nullptr ? a.hangup : b.hangup;
    return facts;
}

std::string_view next_segment(std::string_view& path) {
    path.remove_prefix(path.starts_with('/') ? 1 : 0);
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

/// Could a request that the pattern means have a path of this form ('*': one segment)? A reference
/// to what a step saw is an id; a variable may be anything, slashes included.
bool may_mean(std::string_view pattern, std::string_view form) {
    while (!pattern.empty() && !form.empty()) {
        const std::string_view wanted = next_segment(pattern);
        const std::string_view segment = next_segment(form);
        const bool reference = has_reference(wanted);
        const bool of_step = wanted.find(':') != std::string_view::npos;
        if (wanted == "**" || (reference && !of_step && wanted != "${userId}")) {
            return true;
        }
        if (!reference && wanted != "*" && segment != "*" && wanted != segment) {
            return false;
        }
    }
    return pattern.empty() && form.empty();
}

bool may_post(const ApiPattern& api, std::string_view form) {
    return (api.method.empty() || api.method == "POST") &&
           (api.path.empty() || may_mean(api.path, form));
}

class EventCheck {
public:
    EventCheck(const Scenario& scenario, std::vector<Mistake>& mistakes)
        : inbound_{std::holds_alternative<InboundCall>(scenario.start.how)}, mistakes_{mistakes} {
        const auto* const inbound = std::get_if<InboundCall>(&scenario.start.how);
        if (inbound != nullptr && inbound->members.contains("fallbackNumber")) {
            ++facts_.calls;  // the one that the caller may be put through to
        }
        if (std::holds_alternative<InboundMessage>(scenario.start.how)) {
            facts_.calls = 0;
            facts_.may_messages_in = 1;
        }
        facts_.may_documents = may_answer_with_documents(scenario.start) ? many : 0;
        if (scenario.start.await) {
            take_awaited(*scenario.start.await);
        }
    }

    void go_through(const Block& block);

private:
    void in_any_order(const Block& block);
    void take(const Step& step);
    void take(const Await& await);
    void take_message(const Await& await);
    void take_awaited(const Step& step);
    void take(const Step& step, const Send& send);
    void take(const CallerAct& act);
    void take(const Branch& branch);
    void take(const Repeat& repeat);
    [[nodiscard]] std::string impossible(const std::string& event) const;
    [[nodiscard]] std::string impossible_of_live_call(const std::string& event) const;
    [[nodiscard]] std::string impossible_of_message(std::string_view event) const;
    void anything_may_come();
    void happens(const Step& step, const std::string& event);

    const bool inbound_;
    std::vector<Mistake>& mistakes_;
    Facts facts_;
    std::set<const Step*> told_;
};

std::string place_text(const Step* step) {
    return step == nullptr
               ? "before"
               : fmt::format("at {}:{}:{}", step->file, step->place.line, step->place.column);
}

/// Why no end of a speech or playback can come here.
std::string not_begun(std::string_view audio, int begun, int done) {
    if (begun > done) {
        return "";
    }
    return begun == 0
               ? fmt::format("no \"{}.started\" comes before it", audio)
               : fmt::format(R"(each "{0}.started" before it has its "{0}.done" already)", audio);
}

/// Why no event of a call that stands can come here; "" when it can.
std::string EventCheck::impossible_of_live_call(const std::string& event) const {
    if (facts_.may_answers == 0) {
        return "no \"answer\" comes before it";
    }
    if (event == "speak.done") {
        return not_begun("speak", facts_.may_speeches, facts_.speeches_done);
    }
    if (event == "playback.done") {
        return not_begun("playback", facts_.may_playbacks, facts_.playbacks_done);
    }
    if (facts_.may_documents > 0) {
        return "";  // gathers too are begun by those
    }
    if (event == "gather" && facts_.may_gathers <= facts_.gathers_done) {
        return "no step before it awaits a request that could start a gather, or one more";
    }
    return event == "redirect" || event == "transferComplete"
               ? "only BXML brings it about: the call's events would have to come by GET"
               : "";
}

/// How many events an outbound message has depends on its receipts, and one request may send many.
std::string EventCheck::impossible_of_message(std::string_view event) const {
    if (event.ends_with(".received")) {
        return facts_.messages_in < facts_.may_messages_in
                   ? ""
                   : R"(nobody sends the receiver one, or one more: by "start" or a "caller")";
    }
    return facts_.may_messages_out > 0
               ? ""
               : "no step before it awaits a request that could send a message";
}

bool is_of_message(std::string_view event) {
    return event.starts_with("sms.") || event.starts_with("mms.");
}

std::string EventCheck::impossible(const std::string& event) const {
    if (event.starts_with("conference")) {
        return "";  // a conference is no call, and outlives calls
    }
    if (is_of_message(event)) {
        return impossible_of_message(event);
    }
    if (facts_.calls == 0) {
        return "the run starts with a message, and no step before it awaits a POST /calls";
    }
    if (event.starts_with("recording.")) {
        return facts_.may_answers == 0
                   ? "no \"answer\" comes before it, and what is not answered is not recorded"
                   : "";
    }
    if (event.starts_with("transcription.")) {
        return facts_.may_recordings + facts_.may_documents == 0
                   ? "no \"recording.complete\" comes before it"
                   : "";
    }
    if (facts_.hangups >= facts_.calls) {
        return fmt::format(
            "the call was hung up {}, and only recording and transcription come "
            "after that",
            place_text(facts_.hangup));
    }
    if (event == "incomingcall") {
        return !inbound_           ? "only a run that starts with \"inbound\" has it"
               : facts_.events > 0 ? "it is the first event of an inbound call"
                                   : "";
    }
    if (event == "answer" || event == "timeout") {
        if (event == "timeout" && inbound_ && facts_.calls == 1) {
            return "an inbound call has none: its caller gives up, which is a \"hangup\"";
        }
        return facts_.answers + facts_.timeouts >= facts_.calls
                   ? fmt::format("the call was {} {}",
                                 facts_.answers > 0 ? "answered" : "given up by \"timeout\"",
                                 place_text(facts_.answer))
                   : "";
    }
    return event == "hangup" || event == "error" ? "" : impossible_of_live_call(event);
}

void EventCheck::happens(const Step& step, const std::string& event) {
    const auto one_more = [&](int Facts::*count) {
        facts_.*count = std::min(many, facts_.*count + 1);
    };
    ++facts_.events;
    if (event == "answer") {
        ++facts_.answers;
        one_more(&Facts::may_answers);
        facts_.answer = &step;
    } else if (event == "timeout") {
        ++facts_.timeouts;
        facts_.answer = &step;
    } else if (event == "hangup") {
        ++facts_.hangups;
        facts_.hangup = &step;
    } else if (event == "speak.started") {
        one_more(&Facts::may_speeches);
    } else if (event == "speak.done") {
        ++facts_.speeches_done;
    } else if (event == "playback.started") {
        one_more(&Facts::may_playbacks);
    } else if (event == "playback.done") {
        ++facts_.playbacks_done;
    } else if (event == "gather") {
        ++facts_.gathers_done;
    } else if (event.starts_with("recording.")) {
        one_more(&Facts::may_recordings);
    } else if (is_of_message(event) && event.ends_with(".received")) {
        ++facts_.messages_in;
    }
}

void EventCheck::take(const Step& step, const Send& send) {
    if (send.event.empty()) {
        anything_may_come();  // it could not be read, which has been told
        return;
    }
    const std::string why = impossible(send.event);
    if (why.empty()) {
        happens(step, send.event);
    } else if (told_.insert(&step).second) {
        mistakes_.push_back({step.file, step.place,
                             fmt::format("\"{}\" can never come here: {}", send.event, why)});
    }
}

/// A request may start a gather, or make a second call: by another POST /calls, or by a transfer.
void EventCheck::take(const Await& await) {
    if (may_post(await.api, "/v1/users/*/calls/*/gather")) {
        facts_.may_gathers = std::min(many, facts_.may_gathers + 1);
    }
    if (may_post(await.api, "/v1/users/*/calls") || may_post(await.api, "/v1/users/*/calls/*")) {
        facts_.calls = std::min(many, facts_.calls + 1);
    }
    if (may_post(await.api, "/v1/users/*/calls")) {
        facts_.may_documents = many;  // of that call
    }
    take_message(await);
}

void EventCheck::take_message(const Await& await) {
    if (may_post(await.api, "/v1/users/*/messages")) {
        facts_.may_messages_out = many;  // up to fifty at once
    }
}

/// Of a start; one that could not be read is no await.
void EventCheck::take_awaited(const Step& step) {
    if (const auto* const await = std::get_if<Await>(&step.what)) {
        take_message(*await);
    } else {
        facts_.may_messages_out = many;
    }
}

void EventCheck::take(const CallerAct& act) {
    if (act.what == CallerAct::What::text) {
        facts_.may_messages_in = std::min(many, facts_.may_messages_in + 1);
    }
}

void EventCheck::take(const Branch& branch) {
    const Facts before = facts_;
    std::optional<Facts> after;
    const auto one_way = [&](const Block& block, const Await* await) {
        facts_ = before;
        if (await != nullptr) {
            take(*await);
        }
        go_through(block);
        after = after ? either(*after, facts_) : facts_;
    };
    for (const Branch::Case& way : branch.cases) {
        one_way(way.block, way.await ? &*way.await : nullptr);
    }
    if (!branch.otherwise.empty()) {
        one_way(branch.otherwise.front(), nullptr);
    }
    facts_ = after.value_or(before);
}

/// How often is known only when it is written as a number; else it may be never, or many times.
void EventCheck::take(const Repeat& repeat) {
    int times{0};
    const char* const end = repeat.times.data() + repeat.times.size();
    const bool known = std::from_chars(repeat.times.data(), end, times).ptr == end && times > 0;
    const Facts before = facts_;
    go_through(repeat.block);
    if (known && times == 1) {
        return;
    }
    if (known) {
        go_through(repeat.block);  // the second time shows what all others do
    } else {
        facts_ = either(before, facts_);
    }
    for (int Facts::*const each : at_most) {
        facts_.*each = facts_.*each > before.*each ? many : facts_.*each;
    }
}

void EventCheck::take(const Step& step) {
    std::visit(
        Overloaded{
            [&](const Send& send) { take(step, send); }, [&](const Await& await) { take(await); },
            [&](const CallerAct& act) { take(act); }, [&](const Branch& branch) { take(branch); },
            [&](const Repeat& repeat) { take(repeat); },
            [&](const Block& block) { go_through(block); }, [](const auto& /*of no event*/) {}},
        step.what);
}

/// Each step may be the last of them: it may come after whatever the others may do, and needs to
/// come after nothing they do.
void EventCheck::in_any_order(const Block& block) {
    const Facts before = facts_;
    Facts after = before;
    for (const Step& step : block.steps) {
        facts_ = before;
        take(step);
        for (int Facts::*const each : at_least) {
            after.*each += facts_.*each - before.*each;
        }
        after.answer = facts_.answer != before.answer ? facts_.answer : after.answer;
        after.hangup = facts_.hangup != before.hangup ? facts_.hangup : after.hangup;
    }
    facts_ = after;
}

/// Requests and events that no step names.
void EventCheck::anything_may_come() {
    for (int Facts::*const each : at_most) {
        facts_.*each = many;
    }
}

void EventCheck::go_through(const Block& block) {
    const bool lenient = block.order != Block::Order::strict || !block.allow.empty();
    if (lenient || block.steps.empty()) {  // without steps: it could not be read
        anything_may_come();
    }
    if (block.order == Block::Order::any) {
        in_any_order(block);
        return;
    }
    for (const Step& step : block.steps) {
        take(step);
    }
}

}  // namespace

void check_events(const Scenario& scenario, std::vector<Mistake>& mistakes) {
    EventCheck{scenario, mistakes}.go_through(scenario.block);
}

}  // namespace ringback
