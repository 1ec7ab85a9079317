#include "harness/script/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "harness/scenario/limits.h"
#include "harness/script/words.h"

namespace ringback {

using nlohmann::json;

namespace {

/// The call model never raises these by itself.
bool comes_of_a_request(std::string_view event) {
    return event.starts_with("speak") || event.starts_with("playback") || event == "gather" ||
           event.starts_with("sms.") || event.starts_with("mms.");
}

}  // namespace

Script::Script(const Scenario& scenario, Bindings bindings, std::uint64_t seed,
               Shared<Delays> delays, std::optional<Leniency> lenient)
    : scenario_{scenario},
      bindings_{std::move(bindings)},
      rng_{seed},
      delays_{std::move(delays)},
      lenient_{lenient} {}

std::string name_of(const Step& step) {
    return step.id.empty() ? fmt::format("{} (line {})", word_of(step), step.place.line) : step.id;
}

std::optional<std::chrono::milliseconds> within_of(const Step& step) {
    if (const auto* const await = std::get_if<Await>(&step.what)) {
        return await->within;
    }
    const auto* const send = std::get_if<Send>(&step.what);
    return send != nullptr ? send->within : std::nullopt;
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
    const Block::Order order = frames_.empty() ? Block::Order::strict : frames_.back().block->order;
    return lenient_ && order == Block::Order::strict ? Block::Order::ordered : order;
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
    const bool rings = alarm_ && now_ >= *alarm_;
    if (happening.altered) {
        altered_.insert(happening.delivery);
    }
    if (const auto left = event_faults_.take(happening)) {
        wait_from(*left);
    }
    if (happening.kind == Happening::Kind::event && ++events_ > most_events_of_a_run && !over_) {
        is_too_much(fmt::format("this is one event more than the {} that a run may have",
                                most_events_of_a_run));
    }
    if (happening.kind == Happening::Kind::other && inbox_.empty() && entered_ && !rings) {
        last_seq_ = std::max(last_seq_, happening.seq);  // most of what happens is for no step
        return;
    }
    inbox_.push_back(std::move(happening));
    go_on();
}

void Script::time_is(Instant now, WallInstant wall) {
    now_ = std::max(now_, now);
    wall_ = std::max(wall_, wall);
    go_on();
    if (over_ || !deadline_ || wall_ < *deadline_ || event_faults_.is_on_its_way()) {
        return;
    }
    deadline_.reset();
    if (take_otherwise()) {
        go_on();
        return;
    }
    const Step& step = late();
    Judged& told =
        failed(step, Judged::Result::failed, expected_text(step),
               event_faults_.with_last(seen_.empty() ? "nothing came" : "nothing that fits came"));
    told.candidates = nearest(seen_);
    missed_ = std::get_if<Await>(&step.what);
    if (lenient_) {
        go_on();
    }
}

/// The step whose time is over, of those that may be next.
const Step& Script::late() const {
    const auto steps = candidates();
    const auto found = std::ranges::find_if(steps, [&](const Step* step) {
        const auto within = within_of(*step);
        return within && wall_ >= wait_began_ + *within;
    });
    const Step* const step = found == steps.end() ? current() : *found;
    if (step == nullptr) {
        bug("a deadline without a step that waits");
    }
    return *step;
}

const Step* Script::done_before(std::uint64_t seq) const {
    const Step* step{nullptr};
    for (const auto& [by, done] : trail_) {
        step = by <= seq ? done : step;
    }
    return step;
}

void Script::nothing_to_come(Instant now, WallInstant wall) {
    time_is(now, wall);
    const Step* const step = over_ ? nullptr : current();
    if (lenient_) {
        if (step != nullptr && !alarm_ &&
            (!waits_for_receiver() || wall_ >= wait_began_ + lenient_->patience)) {
            if (!take_otherwise()) {
                pass_over(*step);
            }
            go_on();
        }
        return;
    }
    const auto* const send = step == nullptr ? nullptr : std::get_if<Send>(&step->what);
    const bool awaits = std::ranges::any_of(candidates(), [](const Step* candidate) {
        return std::holds_alternative<Await>(candidate->what);
    });
    if (send == nullptr || awaits) {  // in any order, a request may still come in time
        return;
    }
    if (!seen_.empty()) {
        failed(*step, Judged::Result::failed, expected_text(*step),
               event_faults_.with_last("nothing that fits came"))
            .candidates = nearest(seen_);
    } else if (may_be_asked_for() && comes_of_a_request(send->event)) {
        failed(*step, Judged::Result::failed, expected_text(*step),
               event_faults_.with_last("the receiver asked for nothing that brings it about"));
    } else {
        failed(*step, Judged::Result::inconclusive, expected_text(*step),
               "the call model has nothing more to tell: no such event can come");
    }
}

/// Whether a request that no step awaits would be in order now.
bool Script::may_be_asked_for() const {
    return order() != Block::Order::strict || std::ranges::any_of(frames_, [](const Frame& frame) {
               return !frame.block->allow.empty();
           });
}

void Script::wait_anew(WallInstant wall) {
    wall_ = std::max(wall_, wall);
    wait_from(wall_);
}

/// The receiver could not know of what it is to react to before that.
void Script::wait_from(WallInstant left) {
    wait_began_ = std::max(wait_began_, left);
    cause_ = std::max(cause_, left);
    if (!over_ && deadline_) {
        deadline_.reset();
        set_deadline();
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

void Script::is_too_much(std::string why) {
    const Step* const step = lenient_ ? nullptr : current();
    step == nullptr ? cannot_go_on(std::move(why)) : cannot_do(*step, std::move(why));
}

void Script::out_of_time(WallInstant wall) {
    wall_ = std::max(wall_, wall);
    if (const Step* const step = over_ || lenient_ ? nullptr : current()) {
        failed(*step, Judged::Result::failed, expected_text(*step),
               event_faults_.with_last("the time for the run is over"));
        missed_ = std::get_if<Await>(&step->what);
    }
    // An expectation that nothing was held against has not held.
    for (const auto& [delivery, step] : unanswered_) {
        if (lenient_) {
            break;
        }
        const Send& send = std::get<Send>(step->what);
        failed(*step, Judged::Result::failed, answer_text(send),
               "no answer when the time for the run was over");
    }
    unanswered_.clear();
    if (kick_owed_) {
        start_failed("the application answers its kick",
                     "no answer when the time for the run was over");
    }
    over_ = true;
}

/// What somebody does on the phone after an answer that is to be a document must not come before
/// it, and the simulator waits for the answer to an `answer` event no longer than for others.
bool Script::awaits_document() const {
    return std::ranges::any_of(unanswered_, [](const auto& owed) {
        const Send& send = std::get<Send>(owed.second->what);
        return send.event == "answer" && !send.expect.match.fields.empty();
    });
}

/// Some step that may be next waits for a request.
bool Script::waits_for_receiver() const {
    return std::ranges::any_of(candidates(), [](const Step* candidate) {
        return std::holds_alternative<Await>(candidate->what) ||
               std::holds_alternative<Branch>(candidate->what);
    });
}

std::optional<WallInstant> Script::deadline() const {
    const auto until = event_faults_.is_on_its_way() ? std::nullopt : deadline_;
    return lenient_ && holds_clock()
               ? std::min(until.value_or(WallInstant::max()), wait_began_ + lenient_->patience)
               : until;
}

bool Script::holds_clock() const {
    if (lenient_) {
        return !over_ && (waits_for_receiver() || awaits_document()) &&
               wall_ < wait_began_ + lenient_->patience;
    }
    if (!over_ && awaits_document()) {
        return true;
    }
    if (over_ || order() != Block::Order::strict) {
        return false;
    }
    const Step* const step = current();
    return step != nullptr && (std::holds_alternative<Await>(step->what) ||
                               std::holds_alternative<Branch>(step->what));
}

void Script::passed(const Step& step, std::string expected, std::uint64_t seq) {
    Judged told;
    told.step = &step;
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
    told.got =
        result == Judged::Result::failed ? with_faults(&step, std::move(got)) : std::move(got);
    if (lenient_) {
        passed_over_ = std::move(told);
        pass_over(step);
        return passed_over_;
    }
    judged_.push_back(std::move(told));
    kick_owed_ = false;  // it could change nothing any more
    over_ = true;
    return judged_.back();
}

}  // namespace ringback
