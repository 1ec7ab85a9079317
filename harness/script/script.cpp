#include "harness/script/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/script/words.h"

namespace ringback {

using nlohmann::json;

Script::Script(const Scenario& scenario, Bindings bindings, std::uint64_t seed, Delays delays)
    : scenario_{scenario}, bindings_{std::move(bindings)}, rng_{seed}, delays_{std::move(delays)} {}

std::string name_of(const Step& step) {
    return step.id.empty() ? fmt::format("{} (line {})", word_of(step), step.place.line) : step.id;
}

const Step* Script::current() const {
    if (frames_.empty()) {
        return nullptr;
    }
    const Frame& frame = frames_.back();
    if (frame.block->order == Block::Order::any) {
        return frame.left.empty() ? nullptr : &frame.block->steps[*frame.left.begin()];
    }
    return frame.next < frame.block->steps.size() ? &frame.block->steps[frame.next] : nullptr;
}

/// The steps that the next happening may be for.
std::vector<const Step*> Script::candidates() const {
    std::vector<const Step*> steps;
    if (frames_.empty()) {
        return steps;
    }
    const Frame& frame = frames_.back();
    if (frame.block->order == Block::Order::any) {
        for (const std::size_t at : frame.left) {
            steps.push_back(&frame.block->steps[at]);
        }
    } else if (const Step* const step = current()) {
        steps.push_back(step);
    }
    return steps;
}

Block::Order Script::order() const {
    return frames_.empty() ? Block::Order::strict : frames_.back().block->order;
}

std::string Script::stuck() const {
    const Step* const step = over_ && !frames_.empty() ? current() : nullptr;
    return step != nullptr ? name_of(*step) : std::string{};
}

void Script::begin(Instant now, WallInstant wall) {
    now_ = now;
    wall_ = wall;
    step_at_ = now;
    cause_ = wall;
    kick_owed_ = std::holds_alternative<Kick>(scenario_.start.how);
    push(scenario_.block, 1);
    go_on();
}

void Script::happened(Happening happening) {
    now_ = std::max(now_, happening.at);
    wall_ = std::max(wall_, happening.wall);
    inbox_.push_back(std::move(happening));
    go_on();
}

void Script::time_is(Instant now, WallInstant wall) {
    now_ = std::max(now_, now);
    wall_ = std::max(wall_, wall);
    go_on();
    if (over_ || !deadline_ || wall_ < *deadline_) {
        return;
    }
    deadline_.reset();
    if (take_otherwise()) {
        go_on();
        return;
    }
    const Step& step = *current();
    Judged& told = failed(step, Judged::Result::failed, expected_text(step),
                          seen_.empty() ? "nothing came" : "nothing that fits came");
    told.candidates = nearest(seen_);
    missed_ = std::get_if<Await>(&step.what);
}

void Script::nothing_to_come(Instant now, WallInstant wall) {
    time_is(now, wall);
    const Step* const step = over_ ? nullptr : current();
    if (step != nullptr && std::holds_alternative<Send>(step->what)) {
        failed(*step, Judged::Result::inconclusive, expected_text(*step),
               "the call model has nothing more to tell: no such event can come");
    }
}

void Script::cannot_go_on(std::string why) {
    Judged told;
    told.result = Judged::Result::inconclusive;
    told.name = "run";
    told.file = scenario_.file;
    told.place = scenario_.start.place;
    told.expected = "the fake can do what the script asks";
    told.got = std::move(why);
    judged_.push_back(std::move(told));
    kick_owed_ = false;
    over_ = true;
}

void Script::cannot_do(const Step& step, std::string why) {
    failed(step, Judged::Result::inconclusive, expected_text(step), std::move(why));
}

void Script::out_of_time(WallInstant wall) {
    wall_ = std::max(wall_, wall);
    if (const Step* const step = over_ ? nullptr : current()) {
        failed(*step, Judged::Result::failed, expected_text(*step), "the time for the run is over");
        missed_ = std::get_if<Await>(&step->what);
    }
    // An expectation that nothing was held against has not held.
    for (const auto& [delivery, step] : unanswered_) {
        const Send& send = std::get<Send>(step->what);
        failed(*step, Judged::Result::failed, send.event + " " + reply_text(send.expect),
               "no answer when the time for the run was over");
    }
    unanswered_.clear();
    if (kick_owed_) {
        start_failed("the application answers its kick",
                     "no answer when the time for the run was over");
    }
    over_ = true;
}

bool Script::holds_clock() const {
    if (over_ || order() != Block::Order::strict) {
        return false;
    }
    const Step* const step = current();
    return step != nullptr && (std::holds_alternative<Await>(step->what) ||
                               std::holds_alternative<Branch>(step->what));
}

void Script::passed(const Step& step, std::string expected, std::uint64_t seq) {
    Judged told;
    told.name = name_of(step);
    told.file = step.file;
    told.place = step.place;
    told.expected = std::move(expected);
    told.seq = seq;
    judged_.push_back(std::move(told));
}

Judged& Script::failed(const Step& step, Judged::Result result, std::string expected,
                       std::string got) {
    Judged told;
    told.result = result;
    told.name = name_of(step);
    told.file = step.file;
    told.place = step.place;
    told.expected = std::move(expected);
    told.got = std::move(got);
    judged_.push_back(std::move(told));
    kick_owed_ = false;  // it could change nothing any more
    over_ = true;
    return judged_.back();
}

}  // namespace ringback
