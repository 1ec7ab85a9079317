#include "harness/script/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/script/align.h"
#include "harness/script/done_unheard.h"
#include "harness/script/reply.h"
#include "harness/script/words.h"

namespace ringback {
namespace {

using nlohmann::json;
using Came = Judged::Result;

Judged judged_check(const Check& check, std::string name, std::string expected) {
    Judged told;
    told.name = std::move(name);
    told.file = check.file;
    told.place = check.place;
    told.expected = std::move(expected);
    return told;
}

void fail(Judged& told, std::string got, std::uint64_t seq = 0) {
    told.result = Came::failed;
    told.got = std::move(got);
    told.seq = seq;
}

/// The two orders side by side, the first one out of place marked.
Judged check_order(const Check& check, const OrderCheck& order, const Snapshot& all) {
    Judged told =
        judged_check(check, "verify order", fmt::format("{}", fmt::join(order.ids, ", ")));
    const auto& marks = all.script.marks();
    std::vector<std::pair<std::string, Script::Mark>> done;
    std::vector<std::string> missing;
    for (const std::string& id : order.ids) {
        const auto mark = marks.find(id);
        if (mark == marks.end()) {
            missing.push_back(id);
        } else {
            done.emplace_back(id, mark->second);
        }
    }
    auto in_time = done;
    std::ranges::sort(in_time, {}, [](const auto& one) { return one.second.nth; });
    std::string got;
    bool marked{false};
    std::vector<std::pair<std::string, std::uint64_t>> came;
    for (std::size_t at = 0; at < in_time.size(); ++at) {
        const auto& [id, mark] = in_time[at];
        came.emplace_back(id, mark.seq);
        got += got.empty() ? "" : ", ";
        got += id;
        if (!marked && id != done[at].first) {
            marked = true;
            got += " (out of place)";
            told.seq = mark.seq;
        }
    }
    if (marked || !missing.empty()) {
        const std::uint64_t seq = told.seq;
        told.aligned = aligned(order.ids, came);
        fail(told,
             missing.empty() ? got
                             : fmt::format("{}; never done: {}", got, fmt::join(missing, ", ")),
             seq);
    }
    return told;
}

std::string bounds_text(const CountCheck& count) {
    if (count.exactly) {
        return fmt::format("exactly {}", *count.exactly);
    }
    std::string text = count.at_least ? fmt::format("at least {}", *count.at_least) : "";
    if (count.at_most) {
        text += fmt::format("{}at most {}", text.empty() ? "" : ", ", *count.at_most);
    }
    return text;
}

bool is_of_receiver(const Happening& happening) {
    return happening.kind == Happening::Kind::request && !happening.own;
}

/// How often it came, and the last time. Where a fault has refused a request, or has kept its
/// answer from saying that it was done, whoever asks again has asked for it once: how many times
/// that is nobody can hold against the receiver, so it is anything from `least` to `most`.
struct Counted {
    std::int64_t least{0};
    std::int64_t most{0};
    std::uint64_t last{0};

    void note(const Happening& happening, bool is_retry_or_refused) {
        ++most;
        least += is_retry_or_refused ? 0 : 1;
        last = happening.seq;
    }
};

Counted count_requests(const ApiPattern& api, const Snapshot& all) {
    Counted found;
    DoneUnheard unheard;
    for (const Happening& happening : all.happenings) {
        if (!is_of_receiver(happening)) {
            continue;
        }
        if (is_meant(api, happening, all.script.bindings())) {
            found.note(happening, happening.fate() == AnswerFate::refused ||
                                      unheard.is_repeated_by(happening));
        }
        unheard.take(happening);
    }
    return found;
}

Counted count_events(const std::string& event, const Snapshot& all) {
    Counted found;
    for (const Happening& happening : all.happenings) {
        if (happening.kind == Happening::Kind::event && means_event(event, happening.event)) {
            found.note(happening, false);
        }
    }
    return found;
}

std::string found_text(const Counted& found) {
    return found.least == found.most
               ? fmt::format("{}", found.most)
               : fmt::format("{}, {} with those that a fault refused or left without an answer",
                             found.least, found.most);
}

Judged check_count(const Check& check, const CountCheck& count, const Snapshot& all) {
    const auto* const event = std::get_if<std::string>(&count.of);
    const std::string what = event != nullptr
                                 ? "event " + *event
                                 : api_text(std::get<ApiPattern>(count.of), all.script.bindings());
    Judged told = judged_check(check, "verify count", bounds_text(count) + " of " + what);
    const Counted found = event != nullptr ? count_events(*event, all)
                                           : count_requests(std::get<ApiPattern>(count.of), all);
    const bool holds =
        (!count.exactly || (found.least <= *count.exactly && *count.exactly <= found.most)) &&
        (!count.at_least || found.most >= *count.at_least) &&
        (!count.at_most || found.least <= *count.at_most);
    if (!holds) {
        fail(told, found_text(found), found.last);
    }
    return told;
}

Judged check_never(const Check& check, const NeverCheck& never, const Snapshot& all) {
    const Bindings& bindings = all.script.bindings();
    std::string what =
        never.api ? (never.api->path.empty() ? "any command" : api_text(*never.api, bindings))
                  : "event " + never.event;
    Judged told = judged_check(
        check, "verify never",
        "no " + what + (never.after_step.empty() ? "" : " after step " + never.after_step));
    std::uint64_t after{0};
    if (!never.after_step.empty()) {
        const auto mark = all.script.marks().find(never.after_step);
        if (mark == all.script.marks().end()) {
            return told;  // it was never done, so nothing came after it
        }
        after = mark->second.seq;
    }
    DoneUnheard unheard;
    for (const Happening& happening : all.happenings) {
        const bool looks = happening.method() == "GET" || happening.method() == "HEAD";
        const bool is_retry = is_of_receiver(happening) && unheard.is_repeated_by(happening);
        if (is_of_receiver(happening)) {
            unheard.take(happening);
        }
        const bool meant = never.api ? is_meant(*never.api, happening, bindings) && !is_retry &&
                                           !(never.api->method.empty() && looks)
                                     : happening.kind == Happening::Kind::event &&
                                           means_event(never.event, happening.event);
        if (happening.seq > after && meant) {
            fail(told, happening_text(happening) + " came", happening.seq);
            break;
        }
    }
    return told;
}

Judged check_resource(const Check& check, const ResourceCheck& wanted, const Snapshot& all) {
    const Bindings& bindings = all.script.bindings();
    const auto path = expanded_text(wanted.path, bindings);
    Judged told =
        judged_check(check, "verify resource", "GET " + (path ? path.value() : wanted.path));
    const auto found = path ? all.resources.find(path.value()) : all.resources.end();
    if (found == all.resources.end() || found->second.is_null()) {
        fail(told, path ? "there is no such resource" : to_text(path.error()));
        return told;
    }
    auto findings = judge(wanted.match, json{{"body", found->second}}, bindings);
    if (std::ranges::any_of(findings, [](const auto& one) { return !one.finding.fits; })) {
        fail(told, "it says something else");
        told.candidates = {Candidate{"GET " + path.value(), 0, {}, std::move(findings)}};
    }
    return told;
}

Judged judge_check(const Check& check, const Snapshot& all) {
    if (const auto* const order = std::get_if<OrderCheck>(&check.what)) {
        return check_order(check, *order, all);
    }
    if (const auto* const count = std::get_if<CountCheck>(&check.what)) {
        return check_count(check, *count, all);
    }
    if (const auto* const never = std::get_if<NeverCheck>(&check.what)) {
        return check_never(check, *never, all);
    }
    return check_resource(check, std::get<ResourceCheck>(check.what), all);
}

/// Where in the file the run was when an invariant broke: at the last step that was done.
void set_place(const Snapshot& all, Judged& told) {
    if (const Step* const step = all.script.done_before(told.seq)) {
        told.got += ", after step " + name_of(*step);
        told.file = step->file;
        told.place = step->place;
    } else if (told.place.line == 0 && !all.scenario.block.steps.empty()) {
        told.place = all.scenario.block.steps.front().place;
    }
}

/// As reports call it.
std::string label_of(const Invariant& invariant) {
    return std::string{"invariant "}.append(invariant.name);
}

bool is_looked_at(const Invariant& invariant, const Snapshot& all) {
    return (all.judges_the_fake || !invariant.about_the_fake) &&
           !all.scenario.invariants_off.contains(invariant.name);
}

void judge_invariants(const Snapshot& all, std::vector<Judged>& judged) {
    for (const Invariant& invariant : invariants()) {
        if (!is_looked_at(invariant, all)) {
            continue;
        }
        Judged told;
        told.name = label_of(invariant);
        told.file = all.scenario.file;
        told.place = all.scenario.start.place;
        told.expected = invariant.about;
        const auto broken = invariant.broken(all);
        if (!broken.empty()) {
            told.result = invariant.about_the_fake ? Came::inconclusive : Came::failed;
            told.seq = broken.front().first;
            told.got = broken.front().second;
            if (broken.size() > 1) {
                told.got += fmt::format(" (and {} more)", broken.size() - 1);
            }
            set_place(all, told);
        }
        judged.push_back(std::move(told));
    }
}

/// What a step that came through says of itself.
void put_into_words(Judged& told) {
    const Step* const step = std::exchange(told.step, nullptr);
    if (step == nullptr) {
        return;
    }
    told.name = name_of(*step);
    told.file = step->file;
    told.place = step->place;
    if (const auto* const send = std::get_if<Send>(&step->what); send && told.expected.empty()) {
        told.expected = answer_text(*send);
    }
}

}  // namespace

std::vector<std::string> resources_wanted(const Scenario& scenario, const Bindings& bindings) {
    std::vector<std::string> paths;
    for (const Check& check : scenario.verify) {
        if (const auto* const resource = std::get_if<ResourceCheck>(&check.what)) {
            if (const auto path = expanded_text(resource->path, bindings)) {
                paths.push_back(path.value());
            }
        }
    }
    return paths;
}

std::optional<std::vector<std::string>> names_if_held(const Snapshot& all,
                                                      const std::vector<Judged>& judged) {
    std::vector<std::string> names;
    names.reserve(judged.size() + all.scenario.verify.size() + invariants().size());
    const auto note = [&names](const Judged& told) {
        names.push_back(told.step != nullptr ? name_of(*told.step) : told.name);
        return told.result == Came::passed;
    };
    const bool held =
        std::ranges::all_of(judged, note) &&
        std::ranges::all_of(all.scenario.verify,
                            [&](const Check& check) { return note(judge_check(check, all)); }) &&
        std::ranges::all_of(invariants(), [&](const Invariant& invariant) {
            if (!is_looked_at(invariant, all)) {
                return true;
            }
            names.push_back(label_of(invariant));
            return invariant.broken(all).empty();
        });
    return held ? std::optional{std::move(names)} : std::nullopt;
}

Verdict verdict_of(const Snapshot& all) { return verdict_of(all, all.script.judged()); }

Verdict verdict_of(const Snapshot& all, std::vector<Judged> judged) {
    Verdict verdict;
    verdict.judged = std::move(judged);
    std::ranges::for_each(verdict.judged, put_into_words);
    verdict.judged.reserve(verdict.judged.size() + all.scenario.verify.size() +
                           invariants().size());
    verdict.reached = all.script.reached();
    verdict.stuck = all.script.stuck();
    const auto is = [](Came result) {
        return [result](const Judged& told) { return told.result == result; };
    };
    if (auto closest = all.script.closest(all.happenings); !closest.empty()) {
        // Of the step that failed: it was the last to be judged, but for answers.
        const auto lost = std::ranges::find_if(verdict.judged, is(Came::failed));
        lost->candidates = std::move(closest);
    }
    const bool came_through = std::ranges::all_of(verdict.judged, is(Came::passed));
    if (came_through) {
        for (const Check& check : all.scenario.verify) {
            verdict.judged.push_back(judge_check(check, all));
        }
    }
    judge_invariants(all, verdict.judged);
    // A receiver that has failed has failed, whatever else could not be told.
    if (std::ranges::any_of(verdict.judged, is(Came::failed))) {
        verdict.result = Came::failed;
    } else if (std::ranges::any_of(verdict.judged, is(Came::inconclusive))) {
        verdict.result = Came::inconclusive;
    }
    return verdict;
}

}  // namespace ringback
