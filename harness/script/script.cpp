#include "harness/script/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "harness/script/words.h"

namespace ringback {

using nlohmann::json;

Script::Script(const Scenario& scenario, Bindings bindings, std::uint64_t seed)
    : scenario_{scenario}, bindings_{std::move(bindings)}, rng_{seed} {}

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

void Script::push(const Block& block, std::int64_t times) {
    Frame frame{&block, 0, times - 1, {}, {}};
    if (!block.vars.empty()) {
        frame.vars_before = bindings_.vars;
    }
    if (block.order == Block::Order::any) {
        for (std::size_t at = 0; at < block.steps.size(); ++at) {
            frame.left.insert(at);
        }
    }
    for (const auto& [name, value] : block.vars.items()) {
        const auto text = expanded(value, bindings_);
        bindings_.vars[name] = text ? text.value() : value;
    }
    frames_.push_back(std::move(frame));
    entered_ = false;
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
    const Step& step = *current();
    Judged& told = failed(step, Judged::Result::failed, expected_text(step),
                          seen_.empty() ? "nothing came" : "nothing that fits came");
    std::ranges::stable_sort(seen_, {}, &Candidate::misses);
    constexpr std::size_t most_candidates = 3;
    seen_.resize(std::min(seen_.size(), most_candidates));
    told.candidates = seen_;
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
    told.expected = "the fake can do what the script asks";
    told.got = std::move(why);
    judged_.push_back(std::move(told));
    kick_owed_ = false;
    over_ = true;
}

void Script::out_of_time(WallInstant wall) {
    wall_ = std::max(wall_, wall);
    if (const Step* const step = over_ ? nullptr : current()) {
        failed(*step, Judged::Result::failed, expected_text(*step), "the time for the run is over");
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

/// As far as it goes without anything new.
void Script::go_on() {
    if (std::exchange(going_on_, true)) {
        return;
    }
    while (!over_) {
        if (frames_.empty()) {
            over_ = true;
            break;
        }
        if (current() == nullptr) {
            leave();
            continue;
        }
        if (!entered_) {
            entered_ = true;
            if (enter()) {
                continue;
            }
        }
        if (alarm_ && now_ >= *alarm_) {
            const Step& step = *current();
            alarm_.reset();
            if (const auto* const act = std::get_if<CallerAct>(&step.what)) {
                const auto text = expanded_text(act->text, bindings_);
                wishes_.emplace_back(WishAct{act->what, text ? text.value() : act->text, call_});
                cause_ = wall_;
            }
            done_with(step, nullptr);
            continue;
        }
        if (inbox_.empty()) {
            break;
        }
        const Taken taken = take(inbox_.front());
        if (taken == Taken::not_yet) {
            break;
        }
        if (!inbox_.empty()) {
            inbox_.pop_front();
        }
    }
    // What is owed an answer is judged although the steps are over.
    while (over_ && !inbox_.empty()) {
        if (inbox_.front().kind == Happening::Kind::answer) {
            take_answer(inbox_.front());
        }
        inbox_.pop_front();
    }
    going_on_ = false;
}

/// The end of a block: once more, or back to where it was.
void Script::leave() {
    Frame& frame = frames_.back();
    if (!frame.vars_before.is_null()) {
        bindings_.vars = frame.vars_before;
    }
    if (frame.again > 0) {
        const std::int64_t again = frame.again;
        const Block& block = *frame.block;
        frames_.pop_back();
        push(block, again);
        return;
    }
    frames_.pop_back();
    entered_ = false;
    if (!frames_.empty()) {
        done_with(*current(), nullptr);
    }
}

/// Begins the current step; true when that was all of it, or another one is current now.
bool Script::enter() {
    const Step& step = *current();
    seen_.clear();
    alarm_.reset();
    deadline_.reset();
    wait_began_ = wall_;
    look_ahead();
    for (const Step* const candidate : candidates()) {
        if (const auto* const await = std::get_if<Await>(&candidate->what)) {
            deadline_ = std::max(deadline_.value_or(WallInstant::min()), wall_ + await->within);
        }
    }
    if (const auto* const act = std::get_if<CallerAct>(&step.what)) {
        alarm_ = step_at_ + (act->after ? drawn(*act->after) : Duration{});
    } else if (const auto* const pause = std::get_if<Pause>(&step.what)) {
        alarm_ = std::max(now_, step_at_) + drawn(pause->time);
    } else if (const auto* const quiet = std::get_if<Quiet>(&step.what)) {
        alarm_ = std::max(now_, step_at_) + drawn(quiet->time);
    } else if (const auto* const block = std::get_if<Block>(&step.what)) {
        push(*block, 1);
        return true;
    } else if (const auto* const repeat = std::get_if<Repeat>(&step.what)) {
        const auto text = expanded_text(repeat->times, bindings_);
        std::int64_t times{0};
        const std::string digits = text ? text.value() : std::string{};
        const auto [end, problem] =
            std::from_chars(digits.data(), digits.data() + digits.size(), times);
        constexpr std::int64_t most_times = 1000;
        if (problem != std::errc{} || end != digits.data() + digits.size() || times < 0 ||
            times > most_times) {
            failed(step, Judged::Result::inconclusive, "times: a number from 0 to 1000",
                   text ? "found \"" + digits + "\"" : to_text(text.error()));
            return true;
        }
        if (times == 0) {
            done_with(step, nullptr);
        } else {
            push(repeat->block, times);
        }
        return true;
    } else if (const auto* const branch = std::get_if<Branch>(&step.what)) {
        return enter_branch(step, *branch);
    }
    return false;
}

/// Decides by value at once; by request later.
bool Script::enter_branch(const Step& step, const Branch& branch) {
    for (const Branch::Case& way : branch.cases) {
        if (way.await) {
            deadline_ = std::max(deadline_.value_or(WallInstant::min()), wall_ + way.await->within);
            continue;
        }
        const auto value = expanded(json(way.value), bindings_);
        const json* const found = value ? &value.value() : nullptr;
        if (way.is && way.is->judge(found, bindings_).fits) {
            push(way.block, 1);
            return true;
        }
    }
    if (deadline_) {
        return false;
    }
    if (!branch.otherwise.empty()) {
        push(branch.otherwise.front(), 1);
    } else {
        failed(step, Judged::Result::failed, "one of the branch's cases fits", "none does");
    }
    return true;
}

void Script::done_with(const Step& step, const Happening* by) {
    const bool has_word = !std::holds_alternative<Block>(step.what);
    if (has_word) {
        reached_.push_back(name_of(step));
    }
    if (!step.id.empty()) {
        marks_[step.id] = by != nullptr ? by->seq : 0;
    }
    if (by != nullptr) {
        step_at_ = std::max(step_at_, by->at);
    } else {
        step_at_ = std::max(step_at_, now_);
    }
    alarm_.reset();
    deadline_.reset();
    Frame& frame = frames_.back();
    if (frame.block->order == Block::Order::any) {
        frame.left.erase(static_cast<std::size_t>(&step - frame.block->steps.data()));
    } else {
        ++frame.next;
    }
    entered_ = false;
}

/// What the sends up to the next thing from outside are to take: the model has to know before it
/// begins to count.
void Script::look_ahead() {
    const Frame& frame = frames_.back();
    if (frame.block->order == Block::Order::any) {
        return;
    }
    const auto& steps = frame.block->steps;
    const bool waits = std::holds_alternative<Await>(steps[frame.next].what) ||
                       std::holds_alternative<CallerAct>(steps[frame.next].what);
    for (std::size_t at = frame.next + (waits ? 1U : 0U); at < steps.size(); ++at) {
        const auto* const send = std::get_if<Send>(&steps[at].what);
        if (send == nullptr) {
            break;
        }
        if (send->after && send->after->shape != TimeSpec::Shape::speech &&
            told_ahead_.insert({&steps[at], frame.again}).second) {
            wishes_.emplace_back(WishDelay{send->event, drawn(*send->after)});
        }
    }
}

Duration Script::drawn(const TimeSpec& time) {
    TimeSpec wanted = time;
    if (wanted.shape == TimeSpec::Shape::speech) {
        const auto text = expanded_text(wanted.speech, bindings_);
        wanted.speech = text ? text.value() : wanted.speech;
    }
    return draw(wanted, rng_);
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
