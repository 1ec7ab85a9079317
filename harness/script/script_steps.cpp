// The part of Script that goes from step to step; script_take.cpp holds what happens against them.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "harness/scenario/delay_before.h"
#include "harness/scenario/limits.h"
#include "harness/script/script.h"
#include "simulator/wire/duration_text.h"

namespace ringback {
namespace {

using nlohmann::json;

/// Steps with others in them are no steps of their own to who reads what was reached.
bool is_named_in_reports(const Step& step) { return !std::holds_alternative<Block>(step.what); }

}  // namespace

void Script::push(const Block& block, std::int64_t times) {
    Frame frame{&block, 0, times - 1, {}, {}, {}};
    if (!block.vars.empty()) {
        frame.vars_before = bindings_.vars;
    }
    if (block.order == Block::Order::any) {
        for (std::size_t at = 0; at < block.steps.size(); ++at) {
            frame.left.insert(at);
        }
    }
    for (const auto& [name, value] : block.vars.items()) {
        const auto made = expanded(value, bindings_);
        if (!made) {
            const std::string why = to_text(made.error());
            const Step* const user = current();
            user != nullptr ? cannot_do(*user, why) : cannot_go_on(why);
            return;
        }
        bindings_.vars.open()[name] = made.value();
    }
    frames_.push_back(std::move(frame));
    entered_ = false;
}

/// As far as it goes without anything new.
void Script::go_on() {
    if (std::exchange(going_on_, true)) {
        return;
    }
    while (!over_ && one_more_step()) {
    }
    // What is owed an answer is judged although the steps are over.
    while (over_ && !inbox_.empty()) {
        if (inbox_.front().kind == Happening::Kind::answer) {
            take_answer(inbox_.front());
        } else if (inbox_.front().kind == Happening::Kind::lost) {
            take_loss(inbox_.front());
        }
        inbox_.pop_front();
    }
    going_on_ = false;
}

/// False when nothing can be done before something happens.
bool Script::one_more_step() {
    if (frames_.empty()) {
        over_ = true;
        return false;
    }
    if (current() == nullptr) {
        leave();
        return true;
    }
    if (!std::exchange(entered_, true) && enter()) {
        return true;
    }
    if (over_) {
        return false;
    }
    if (alarm_ && now_ >= *alarm_) {
        alarm_rings();
        return true;
    }
    if (inbox_.empty()) {
        return false;
    }
    const std::uint64_t seq = inbox_.front().seq;
    switch (take(inbox_.front())) {
        case Taken::not_yet:
            return false;
        case Taken::again:
            return true;
        case Taken::yes:
        case Taken::passed_over:
            break;
    }
    last_seq_ = std::max(last_seq_, seq);
    if (!inbox_.empty()) {
        inbox_.pop_front();
    }
    return true;
}

/// What the step waited for itself, by the clock.
void Script::alarm_rings() {
    const Step& step = *current();
    for (const Happening& before : inbox_) {  // it came before this, and is for a later step
        last_seq_ = before.at < *alarm_ ? std::max(last_seq_, before.seq) : last_seq_;
    }
    alarm_.reset();
    if (const auto* const act = std::get_if<CallerAct>(&step.what)) {
        const auto text = expanded_text(act->text, bindings_);
        if (!text) {
            cannot_do(step, to_text(text.error()));
            return;
        }
        const bool keys = text.value().find_first_not_of("0123456789*#ABCD") == std::string::npos &&
                          !text.value().empty();
        if (act->what == CallerAct::What::press && !keys) {
            cannot_do(step, fmt::format("press: expected keys of 0-9, *, #, A-D, found \"{}\"",
                                        text.value()));
            return;
        }
        wishes_.emplace_back(WishAct{act->what, text.value(), call_, &step});
        cause_ = wall_;
    }
    done_with(step, nullptr);
}

/// The end of a block: once more, or back to where it was.
void Script::leave() {
    Frame& frame = frames_.back();
    if (frame.vars_before) {
        bindings_.vars = *frame.vars_before;
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
        done_with(*current(),
                  nullptr);  // none stands in a block of any order: the reader sees to it
    }
}

/// Until when the steps that may be next wait.
void Script::set_deadline() {
    for (const Step* const candidate : candidates()) {
        if (const auto within = within_of(*candidate)) {
            deadline_ = std::min(deadline_.value_or(WallInstant::max()), wait_began_ + *within);
        }
        const auto* const branch = std::get_if<Branch>(&candidate->what);
        for (const Branch::Case& way :
             branch != nullptr ? branch->cases : std::vector<Branch::Case>{}) {
            if (way.await) {
                deadline_ = std::max(deadline_.value_or(WallInstant::min()),
                                     wait_began_ + way.await->within);
            }
        }
    }
}

/// Begins the current step; true when that was all of it, or another one is current now.
bool Script::enter() {
    const Step& step = *current();
    if (++steps_begun_ > most_steps_of_a_run) {
        is_too_much(fmt::format(
            "this is one step more than the {} that a run may have, those that are repeated "
            "counted each time",
            most_steps_of_a_run));
        return true;
    }
    seen_.clear();
    alarm_.reset();
    deadline_.reset();
    wait_began_ = wall_;
    look_ahead();
    if (waits_too_long()) {
        return true;
    }
    if (!entered_) {
        return true;  // of a lenient script: passed over
    }
    set_deadline();
    if (const auto* const act = std::get_if<CallerAct>(&step.what)) {
        set_alarm(step, step_at_, act->after);
    } else if (const auto* const pause = std::get_if<Pause>(&step.what)) {
        set_alarm(step, std::max(now_, step_at_), pause->time);
    } else if (const auto* const quiet = std::get_if<Quiet>(&step.what)) {
        set_alarm(step, std::max(now_, step_at_), quiet->time);
    } else if (const auto* const block = std::get_if<Block>(&step.what)) {
        push(*block, 1);
        return true;
    } else if (const auto* const repeat = std::get_if<Repeat>(&step.what)) {
        return enter_repeat(step, *repeat);
    } else if (const auto* const branch = std::get_if<Branch>(&step.what)) {
        return enter_branch(step, *branch);
    }
    return !entered_;
}

void Script::set_alarm(const Step& step, Instant since, const std::optional<TimeSpec>& time) {
    const Result<Duration> length = time ? drawn(*time) : Result<Duration>{Duration{}};
    if (!length) {
        cannot_do(step, to_text(length.error()));
        return;
    }
    waited_ += length.value();
    if (!waits_too_long()) {
        alarm_ = since + length.value();
    }
}

/// A clock that jumps would wait for years in no time.
bool Script::waits_too_long() {
    if (waited_ <= may_wait_) {
        return false;
    }
    is_too_much(
        fmt::format("the waits of this run come to {} together, and may come to {}: --timeout "
                    "makes that more",
                    duration_text(waited_), duration_text(may_wait_)));
    return true;
}

bool Script::enter_repeat(const Step& step, const Repeat& repeat) {
    const auto text = expanded_text(repeat.times, bindings_);
    std::int64_t times{0};
    const std::string digits = text ? text.value() : std::string{};
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), times);
    if (problem != std::errc{} || end != digits.data() + digits.size() || times < 0 ||
        times > most_times) {
        failed(step, Judged::Result::inconclusive,
               fmt::format("times: a number from 0 to {}", most_times),
               text ? "found \"" + digits + "\"" : to_text(text.error()));
    } else if (times == 0) {
        done_with(step, nullptr);
    } else {
        push(repeat.block, times);
    }
    return true;
}

/// Decides by value at once; by request later.
bool Script::enter_branch(const Step& step, const Branch& branch) {
    for (const Branch::Case& way : branch.cases) {
        if (way.await) {
            continue;  // its deadline is set
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
    if (!take_otherwise()) {
        failed(step, Judged::Result::failed, "one of the branch's cases fits", "none does");
    }
    return true;
}

/// The way of a branch for when no case of it fits; false when this is none, or has no such way.
bool Script::take_otherwise() {
    const auto* const branch = std::get_if<Branch>(&current()->what);
    if (branch == nullptr || branch->otherwise.empty()) {
        return false;
    }
    deadline_.reset();
    push(branch->otherwise.front(), 1);
    return true;
}

/// A lenient script goes on without it. Nothing where it is no longer the present one.
void Script::pass_over(const Step& step) {
    const auto present = candidates();
    if (std::ranges::find(present, &step) == present.end()) {
        return;
    }
    const std::size_t reached = reached_.size();
    done_with(step, nullptr);
    reached_.resize(reached);
}

void Script::done_with(const Step& step, const Happening* by) {
    if (is_named_in_reports(step)) {
        reached_.push_back(name_of(step));
    }
    ++steps_done_;
    const std::uint64_t seq = by != nullptr ? by->seq : last_seq_;
    trail_.emplace_back(seq, &step);
    if (!step.id.empty()) {
        marks_[step.id] = Mark{seq, steps_done_};
    }
    step_at_ = std::max(step_at_, by != nullptr ? by->at : now_);
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
/// begins to count. Of two sends of one event it is told about the first, and later about the
/// other.
void Script::look_ahead() {
    const Frame& frame = frames_.back();
    const auto& steps = frame.block->steps;
    std::vector<std::string_view> told;
    const auto tell = [&](const Step& step, bool is_next) {
        const auto* const send = std::get_if<Send>(&step.what);
        const bool is_first = send != nullptr && std::ranges::find(told, send->event) == told.end();
        if (is_first) {
            told.push_back(send->event);
        }
        if (is_first && !tell_delay(step, *send) && is_next) {
            const auto length = drawn(*send->after);
            cannot_do(step, to_text(length.error()));
        }
        return send != nullptr;
    };
    if (frame.block->order == Block::Order::any) {
        for (const std::size_t at :
             std::vector<std::size_t>(frame.left.begin(), frame.left.end())) {
            tell(steps[at], true);
        }
        return;
    }
    const bool waits = std::holds_alternative<Await>(steps[frame.next].what) ||
                       std::holds_alternative<CallerAct>(steps[frame.next].what);
    std::size_t at = frame.next + (waits ? 1U : 0U);
    while (at < steps.size() && tell(steps[at], at == frame.next)) {
        ++at;
    }
}

/// False when it depends on what a step has not seen yet.
bool Script::tell_delay(const Step& step, const Send& send) {
    auto& timed = frames_.back().timed;
    if (timed.contains(&step)) {
        return true;
    }
    std::optional<Duration> delay;
    if (send.after) {
        const auto length = drawn(*send.after);
        if (!length) {
            return false;
        }
        delay = length.value();
        Frame& frame = frames_.back();
        const bool beside = frame.block->order == Block::Order::any;
        waited_ += beside ? std::max(*delay, frame.longest) - frame.longest : *delay;
        frame.longest = std::max(frame.longest, *delay);
    }
    timed.insert(&step);
    const bool was_slowed = slowed_.contains(send.event);
    if (delay) {
        slowed_.insert(send.event);
    } else {
        slowed_.erase(send.event);
    }
    if (delay || was_slowed) {
        wishes_.emplace_back(WishDelay{send.event, delay});
    }
    return true;
}

Result<Duration> Script::drawn(const TimeSpec& time) {
    TimeSpec wanted = time;
    if (wanted.is_speech) {
        const auto text = expanded_text(wanted.speech, bindings_);
        if (!text) {
            return text.error();
        }
        wanted.speech = text.value();
    }
    return draw(wanted, rng_, *delays_);
}

}  // namespace ringback
