// The part of Script that holds requests and events against the steps; script_answers.cpp judges
// answers, script.cpp goes on.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "harness/script/align.h"
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
    seen["query"] = request.message.value("query", json::object());
    seen["headers"] = request.message.value("headers", json::object());
    seen["body"] = request.message.value("body", json());
    const std::string location = request.entry.value("location", std::string{});
    seen["location"] = location;
    for (const auto& [member, collection] : {std::pair{"callId", "/calls/"},
                                             {"gatherId", "/gather/"},
                                             {"recordingId", "/recordings/"},
                                             {"transcriptionId", "/transcriptions/"}}) {
        std::string id = segment_behind(request.path(), collection);
        id = id.empty() ? segment_behind(location, collection) : id;
        if (!id.empty()) {
            seen[member] = id;
        }
    }
    if (const auto answer = request.entry.find("response"); answer != request.entry.end()) {
        seen["response"] = *answer;
    }
    return seen;
}

/// The method and the path are those that are awaited.
bool is_at_right_place(const Candidate& candidate) {
    return candidate.fields.size() >= 2 && candidate.fields[0].finding.fits &&
           candidate.fields[1].finding.fits;
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
        call_ = last_segment(request.entry.value("location", std::string{}));
    }
    if (request.entry.value("own", false)) {
        return Taken::passed_over;
    }
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
    if (order() == Block::Order::ordered && !std::holds_alternative<Quiet>(step.what)) {
        return Taken::passed_over;
    }
    if (take_otherwise()) {
        return Taken::again;
    }
    const bool right_place =
        !seen_.empty() && seen_.back().seq == request.seq && is_at_right_place(seen_.back());
    Judged& told = failed(step, Judged::Result::failed, expected_text(step),
                          happening_text(request) +
                              (right_place ? " came, but says something else" : " came instead"));
    told.seq = request.seq;
    told.candidates = nearest();
    if (right_place) {
        told.accept = accepting(step, request);
    } else {
        told.aligned = out_of_order(request);
    }
    return Taken::yes;
}

/// What would have to be other in the scenario for this request to be the awaited one. Nothing
/// where that cannot be said in a line: no id to name the step by, a structured or a long value.
std::vector<std::string> Script::accepting(const Step& step, const Happening& request) const {
    constexpr std::size_t longest{80};
    const auto* const await = std::get_if<Await>(&step.what);
    std::vector<std::string> edits;
    if (await == nullptr || step.id.empty()) {
        return edits;
    }
    const json body = request.message.value("body", json());
    for (const FieldMatch& field : await->api.match.fields) {
        const json* const found = field.in == "body" ? at_path(body, field.path) : nullptr;
        if (field.matcher.judge(found, bindings_).fits) {
            continue;
        }
        const std::string value = found == nullptr || found->is_null()
                                      ? R"({"absent":true})"
                                      : found->dump(-1, ' ', false, json::error_handler_t::replace);
        const bool structured = found != nullptr && found->is_structured();
        if (field.in != "body" || field.path.empty() || structured || value.size() > longest) {
            return {};
        }
        edits.push_back(fmt::format("{}:match.body.{}={}", step.id, field.path, value));
    }
    return edits;
}

/// The steps' order beside what was done, when what came is what a later step of this block waits
/// for; empty when it is not.
std::vector<AlignedStep> Script::out_of_order(const Happening& happening) const {
    const Frame& frame = frames_.back();
    if (frame.block->order != Block::Order::strict) {
        return {};
    }
    std::vector<std::string> expected = reached_;
    for (std::size_t at = frame.next; at < frame.block->steps.size(); ++at) {
        const Step& step = frame.block->steps[at];
        expected.push_back(name_of(step));
        if (at > frame.next && is_for(step, happening)) {
            std::vector<std::pair<std::string, std::uint64_t>> done;
            for (const std::string& name : reached_) {
                const auto mark = marks_.find(name);
                done.emplace_back(name, mark == marks_.end() ? 0 : mark->second.seq);
            }
            done.emplace_back(name_of(step), happening.seq);
            return aligned(expected, done);
        }
    }
    return {};
}

bool Script::is_for(const Step& step, const Happening& happening) const {
    if (const auto* const await = std::get_if<Await>(&step.what)) {
        return happening.kind == Happening::Kind::request &&
               near_miss(*await, happening).misses() == 0;
    }
    const auto* const send = std::get_if<Send>(&step.what);
    return send != nullptr && happening.kind == Happening::Kind::event &&
           means_event(send->event, happening.event);
}

Script::Taken Script::take_event(const Happening& event) {
    if (call_.empty()) {
        call_ = event.message.value("callId", std::string{});
    }
    const Step& step = *current();
    std::vector<std::pair<const Step*, Candidate>> others;  // of that name, with other words
    for (const Step* const candidate : candidates()) {
        const auto* const send = std::get_if<Send>(&candidate->what);
        if (send == nullptr || !means_event(send->event, event.event)) {
            continue;
        }
        Candidate held{event.event,
                       event.seq,
                       {},
                       judge(send->match, json{{"body", event.message}}, bindings_)};
        if (held.misses() == 0) {
            event_comes(*candidate, event);
            return Taken::yes;
        }
        others.emplace_back(candidate, std::move(held));
    }
    if (!others.empty() && order() != Block::Order::ordered) {
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
    if (order() != Block::Order::strict && !std::holds_alternative<Quiet>(step.what)) {
        return Taken::passed_over;
    }
    if (take_otherwise()) {
        return Taken::again;
    }
    Judged& told = failed(step, Judged::Result::failed, expected_text(step),
                          "the event " + event.event + " came instead");
    told.seq = event.seq;
    told.aligned = out_of_order(event);
    return Taken::yes;
}

/// It is the step's.
void Script::event_comes(const Step& step, const Happening& event) {
    if (!step.id.empty()) {
        bindings_.steps[step.id] = event.message;
    }
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

/// The nearer the better: its method and path, then every field.
Candidate Script::near_miss(const Await& await, const Happening& request) const {
    Candidate candidate;
    candidate.what = happening_text(request);
    candidate.seq = request.seq;
    candidate.after = request.wall - wait_began_;
    const auto compare = [&](std::string field, std::string expected, std::string found,
                             bool fits) {
        Finding finding{fits, std::move(expected), std::move(found), {}};
        if (!fits) {
            finding.why = fmt::format("expected {}, got {}", finding.expected, finding.found);
        }
        candidate.fields.push_back({std::move(field), std::move(finding), {}});
    };
    const auto path = expanded_text(await.api.path, bindings_);
    const bool method_fits = await.api.method.empty() || await.api.method == request.method();
    compare("method", await.api.method, request.method(), method_fits);
    if (!path) {
        compare("path", to_text(path.error()), request.path(), false);
    } else {
        compare("path", path.value(), request.path(), means_path(path.value(), request.path()));
    }
    for (FieldFinding& finding : judge(await.api.match, request.message, bindings_)) {
        candidate.fields.push_back(std::move(finding));
    }
    return candidate;
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
    if (!in_ranges(await.answered.value_or(accepted), request.status())) {
        return wrong(fmt::format("{}: the API refused it", happening_text(request)));
    }
    const double reaction_ms = milliseconds_of(request.wall - cause_);
    if (await.reaction_ms && !await.reaction_ms->holds(reaction_ms)) {
        return wrong(fmt::format("it came {:.0f} ms after what it reacts to", reaction_ms));
    }
    if (!step.id.empty()) {
        bindings_.steps[step.id] = seen_in(request);
    }
    cause_ = request.wall;
    awaited_.insert(request.seq);
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
            if (!step.id.empty()) {
                bindings_.steps[step.id] = seen_in(request);
            }
            awaited_.insert(request.seq);
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

std::size_t Candidate::misses() const {
    constexpr std::size_t weight_of_the_request = 100;  // another route is no near miss
    std::size_t sum{0};
    for (const FieldFinding& field : fields) {
        const bool route = field.field == "method" || field.field == "path";
        sum += field.finding.fits ? 0 : (route ? weight_of_the_request : 1);
    }
    return sum;
}

}  // namespace ringback
