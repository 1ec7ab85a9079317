// What Script tells of a step that failed: what came close to it, and what would have been right.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "harness/script/align.h"
#include "harness/script/script.h"
#include "harness/script/words.h"

namespace ringback {

using nlohmann::json;

/// What would have to be other in the scenario for this request to be the awaited one. Nothing
/// where that cannot be said in a line: no id to name the step by, a structured or a long value.
std::vector<std::string> Script::accepting(const Step& step, const Happening& request) const {
    constexpr std::size_t longest{80};
    const auto* const await = std::get_if<Await>(&step.what);
    std::vector<std::string> edits;
    if (await == nullptr || step.id.empty()) {
        return edits;
    }
    const json body = request.message().value("body", json());
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

bool Script::awaits(const Happening& request) const {
    return !over_ && std::ranges::any_of(candidates(), [&](const Step* step) {
        return std::holds_alternative<Await>(step->what) && is_for(*step, request);
    });
}

bool Script::awaits(const std::function<bool(const Await&)>& which) const {
    return !over_ && std::ranges::any_of(candidates(), [&](const Step* step) {
        const auto* const await = std::get_if<Await>(&step->what);
        return await != nullptr && which(*await);
    });
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
    if (!await.api.match.fields.empty()) {
        for (FieldFinding& finding : judge(await.api.match, request.message(), bindings_)) {
            candidate.fields.push_back(std::move(finding));
        }
    }
    return candidate;
}

/// The nearest misses first; where two are as near, the one that stands first.
std::vector<Candidate> Script::nearest(std::vector<Candidate> found) {
    constexpr std::size_t most = 3;
    std::ranges::stable_sort(found, {}, &Candidate::misses);
    found.resize(std::min(found.size(), most));
    return found;
}

/// First what came while the step waited, then what came before it, the latest first. A request
/// that another step had waited for has lost for that, however well it fits.
std::vector<Candidate> Script::closest(const std::vector<Happening>& all) const {
    if (missed_ == nullptr) {
        return {};
    }
    std::vector<Candidate> waited_for;
    std::deque<Candidate> before;
    constexpr std::size_t enough = 100;  // of a receiver that floods, only what can still be near
    for (const Happening& request : all) {
        if (request.kind != Happening::Kind::request || request.own) {
            continue;
        }
        Candidate candidate = near_miss(*missed_, request);
        if (const auto step = awaited_.find(request.seq); step != awaited_.end()) {
            candidate.fields.push_back(
                {"step",
                 {false, "no step", name_of(*step->second),
                  "it was what step " + name_of(*step->second) + " waited for"},
                 {}});
        } else if (candidate.after < Duration{} && candidate.misses() == 0) {
            candidate.fields.push_back(
                {"time", {false, "later", "earlier", "it came before this step began"}, {}});
        }
        if (request.fate() == AnswerFate::refused) {
            candidate.fields.push_back({"answer",
                                        {false, "the API's own", std::to_string(request.status()),
                                         "the fault " + request.fault() + " refused it"},
                                        {}});
        }
        const bool early = candidate.after < Duration{};
        candidate.after = std::max(candidate.after, Duration{});
        if (early) {
            before.push_front(std::move(candidate));
            before.resize(std::min(before.size(), enough));
        } else {
            waited_for.push_back(std::move(candidate));
            if (waited_for.size() > enough) {
                waited_for = nearest(std::move(waited_for));
            }
        }
    }
    waited_for.insert(waited_for.end(), before.begin(), before.end());
    return nearest(std::move(waited_for));
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
