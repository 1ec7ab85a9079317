// The part of Script that holds requests and events against the steps; script_misses.cpp tells what
// was wrong with them, script_answers.cpp judges answers.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "harness/script/script.h"
#include "harness/script/words.h"

namespace ringback {
namespace {

using nlohmann::json;

double milliseconds_of(Duration time) {
    return std::chrono::duration<double, std::milli>{time}.count();
}

std::string last_segment(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return std::string{slash == std::string_view::npos ? path : path.substr(slash + 1)};
}

/// The segment behind `collection` ("/calls/"), or "".
std::string segment_behind(std::string_view path, std::string_view collection) {
    const std::size_t at = path.find(collection);
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view rest = path.substr(at + collection.size());
    return std::string{rest.substr(0, rest.find('/'))};
}

/// What `${id:...}` of an await can name.
json seen_in(const Happening& request) {
    json seen{{"method", request.method()}, {"path", request.path()}, {"status", request.status()}};
    seen["query"] = request.message().value("query", json::object());
    seen["headers"] = request.message().value("headers", json::object());
    seen["body"] = request.message().value("body", json());
    const std::string location = request.location();
    seen["location"] = location;
    for (const auto& [member, collection] : {std::pair{"callId", "/calls/"},
                                             {"gatherId", "/gather/"},
                                             {"recordingId", "/recordings/"},
                                             {"transcriptionId", "/transcriptions/"},
                                             {"messageId", "/messages/"},
                                             {"bridgeId", "/bridges/"},
                                             {"conferenceId", "/conferences/"},
                                             {"memberId", "/members/"}}) {
        std::string id = segment_behind(request.path(), collection);
        id = id.empty() ? segment_behind(location, collection) : id;
        if (!id.empty()) {
            seen[member] = id;
        }
    }
    if (const auto answer = request.entry().find("response"); answer != request.entry().end()) {
        seen["response"] = *answer;
    }
    return seen;
}

bool only_looks(const Happening& request) {
    return request.method() == "GET" || request.method() == "HEAD";
}

}  // namespace

Script::Taken Script::take(const Happening& happening) {
    switch (happening.kind) {
        case Happening::Kind::request:
            return take_request(happening);
        case Happening::Kind::event:
            return take_event(happening);
        case Happening::Kind::answer:
            take_answer(happening);
            return Taken::yes;
        case Happening::Kind::lost:
            take_loss(happening);
            return Taken::yes;
        case Happening::Kind::extra:
        case Happening::Kind::other:
            break;
    }
    return Taken::passed_over;
}

bool Script::is_allowed(const Happening& request) const {
    return std::ranges::any_of(frames_, [&](const Frame& frame) {
        return std::ranges::any_of(frame.block->allow, [&](const ApiPattern& api) {
            return is_meant(api, request, bindings_);
        });
    });
}

Script::Taken Script::take_request(const Happening& request) {
    if (call_.empty() && request.status() == 201 && request.path().ends_with("/calls")) {
        call_ = last_segment(request.location());
    }
    if (request.own) {
        return Taken::passed_over;
    }
    if (is_thwarted(request)) {
        cause_ = request.wall;
        note_fate(request);
        return Taken::passed_over;  // the receiver has asked, and may ask again
    }
    const Taken taken = hold_against_steps(request);
    if (taken == Taken::yes || taken == Taken::passed_over) {
        note_fate(request);
    }
    return taken;
}

Script::Taken Script::hold_against_steps(const Happening& request) {
    const Step& step = *current();
    for (const Step* const candidate : candidates()) {
        if (const auto* const await = std::get_if<Await>(&candidate->what)) {
            if (fits(*candidate, *await, request)) {
                return Taken::yes;
            }
            if (over_) {
                return Taken::yes;  // it was the one, and was answered wrongly
            }
            seen_.push_back(near_miss(*await, request));
        } else if (std::holds_alternative<Branch>(candidate->what) &&
                   try_branch(*candidate, request)) {
            return Taken::yes;
        }
    }
    if (only_looks(request) || is_allowed(request)) {
        return Taken::passed_over;
    }
    if (alarm_ && !std::holds_alternative<Quiet>(step.what)) {
        return Taken::not_yet;  // it is for a step behind the pause
    }
    if (lenient_ ||
        (order() == Block::Order::ordered && !std::holds_alternative<Quiet>(step.what))) {
        return Taken::passed_over;
    }
    if (asks_once_more(request)) {
        return Taken::passed_over;
    }
    if (take_otherwise()) {
        return Taken::again;
    }
    const bool right_place =
        !seen_.empty() && seen_.back().seq == request.seq && seen_.back().is_at_right_place();
    Judged& told = failed(step, Judged::Result::failed, expected_text(step),
                          happening_text(request) +
                              (right_place ? " came, but says something else" : " came instead"));
    told.seq = request.seq;
    told.candidates = nearest(seen_);
    missed_ = std::get_if<Await>(&step.what);
    if (right_place) {
        told.accept = accepting(step, request);
    } else {
        told.aligned = out_of_order(request);
    }
    return Taken::yes;
}

Script::Taken Script::take_event(const Happening& event) {
    if (call_.empty()) {
        call_ = event.call();
    }
    const Step& step = *current();
    std::vector<std::pair<const Step*, Candidate>> others;  // of that name, with other words
    for (const Step* const candidate : candidates()) {
        const auto* const send = std::get_if<Send>(&candidate->what);
        if (send == nullptr || !means_event(send->event, event.event)) {
            continue;
        }
        Candidate held{event.event, event.seq, {}, {}};
        if (!send->match.fields.empty()) {
            held.fields = judge(send->match, json{{"body", event.message()}}, bindings_);
        }
        if (held.misses() == 0) {
            event_comes(*candidate, event);
            return Taken::yes;
        }
        others.emplace_back(candidate, std::move(held));
    }
    if (!others.empty() && order() != Block::Order::ordered && !lenient_) {
        auto& [candidate, held] = *std::ranges::min_element(
            others, {}, [](const auto& other) { return other.second.misses(); });
        Judged& told = failed(*candidate, Judged::Result::failed, expected_text(*candidate),
                              event.event + " says something else");
        told.seq = event.seq;
        told.candidates = {std::move(held)};
        return Taken::yes;
    }
    for (auto& [candidate, held] : others) {
        seen_.push_back(std::move(held));
    }
    if (alarm_ && !std::holds_alternative<Quiet>(step.what)) {
        return Taken::not_yet;
    }
    if (lenient_ ||
        (order() != Block::Order::strict && !std::holds_alternative<Quiet>(step.what)) ||
        comes_once_more(event)) {
        return Taken::passed_over;
    }
    if (take_otherwise()) {
        return Taken::again;
    }
    Judged& told = failed(step, Judged::Result::failed, expected_text(step),
                          "the event " + event.event + " came instead");
    told.seq = event.seq;
    told.candidates = nearest(seen_);
    missed_ = std::get_if<Await>(&step.what);
    told.aligned = out_of_order(event);
    return Taken::yes;
}

bool Script::edits_events() const {
    return std::ranges::any_of(candidates(), [](const Step* candidate) {
        const auto* const send = std::get_if<Send>(&candidate->what);
        return send != nullptr && !send->set.empty();
    });
}

/// What `${id:...}` will name; nothing where nobody asks.
void Script::remember(const Step& step, Sight::Look look) {
    if (scenario_.recalled.contains(step.id)) {
        bindings_.steps[step.id] = Sight::when_asked(std::move(look));
    }
}

/// It is the step's.
void Script::event_comes(const Step& step, const Happening& event) {
    remember(step, [event] { return event.message(); });
    unanswered_.emplace(event.delivery, &step);
    cause_ = event.wall;
    done_with(step, &event);
}

/// Of several sends of one name, in any order, the one whose `match` it fits as it is.
const Step* Script::editor_of(const std::string& event, const json& message) const {
    const Step* expected{nullptr};
    for (const Step* const candidate : candidates()) {
        const auto* const send = std::get_if<Send>(&candidate->what);
        if (send == nullptr || !means_event(send->event, event)) {
            continue;
        }
        const auto findings = judge(send->match, json{{"body", message}}, bindings_);
        if (std::ranges::all_of(findings, [](const auto& one) { return one.finding.fits; })) {
            expected = candidate;
            break;
        }
        expected = expected == nullptr ? candidate : expected;
    }
    return expected == nullptr || std::get<Send>(expected->what).set.empty() ? nullptr : expected;
}

/// True when the request is the awaited one; the step is done then, or has failed.
bool Script::fits(const Step& step, const Await& await, const Happening& request) {
    const Candidate candidate = near_miss(await, request);
    if (candidate.misses() > 0) {
        return false;
    }
    const std::string expected = expected_text(step);
    const auto wrong = [&](std::string got) {
        Judged& told = failed(step, Judged::Result::failed, expected, std::move(got));
        told.seq = request.seq;
        told.candidates = {candidate};
        return false;
    };
    const std::vector<std::pair<int, int>> accepted{{100, 399}};
    const bool done = in_ranges(await.answered.value_or(accepted), request.status()) ||
                      request.fate() == AnswerFate::acted;
    if (!lenient_ && !done) {
        return wrong(fmt::format("{}: the API refused it", happening_text(request)));
    }
    const double reaction_ms = milliseconds_of(request.wall - cause_);
    // From what a fault is still sending nobody can count: it was heard at some time since.
    const bool countable = !lenient_ && !event_faults_.is_held_up();
    if (countable && await.reaction_ms && !await.reaction_ms->holds(reaction_ms)) {
        return wrong(fmt::format("it came {:.0f} ms after what it reacts to", reaction_ms));
    }
    remember(step, [request] { return seen_in(request); });
    cause_ = request.wall;
    awaited_.emplace(request.seq, &step);
    came_as_awaited(await);
    passed(step, expected, request.seq);
    done_with(step, &request);
    return true;
}

bool Script::try_branch(const Step& step, const Happening& request) {
    const auto& branch = std::get<Branch>(step.what);
    for (const Branch::Case& way : branch.cases) {
        if (!way.await) {
            continue;
        }
        const Candidate candidate = near_miss(*way.await, request);
        if (candidate.misses() == 0) {
            remember(step, [request] { return seen_in(request); });
            awaited_.emplace(request.seq, &step);
            came_as_awaited(*way.await);
            passed(step, "one of the branch's cases", request.seq);
            cause_ = request.wall;
            step_at_ = std::max(step_at_, request.at);
            deadline_.reset();
            push(way.block, 1);
            return true;
        }
        seen_.push_back(candidate);
    }
    return false;
}

std::string Script::expected_text(const Step& step) const {
    if (const auto* const send = std::get_if<Send>(&step.what)) {
        return "the event " + send->event;
    }
    if (const auto* const await = std::get_if<Await>(&step.what)) {
        return fmt::format("within {} ms: {}", await->within.count(),
                           api_text(await->api, bindings_));
    }
    if (std::holds_alternative<Quiet>(step.what)) {
        return "nothing more for a while";
    }
    if (std::holds_alternative<Branch>(step.what)) {
        return "one of the branch's cases";
    }
    return std::string{word_of(step)};
}

bool Candidate::is_at_right_place() const {
    return fields.size() >= 2 && fields[0].finding.fits && fields[1].finding.fits;
}

}  // namespace ringback
