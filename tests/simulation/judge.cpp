#include "tests/simulation/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace ringback::test {
namespace {

constexpr std::uint32_t most_tries = 12;
constexpr std::uint32_t most_hops = 5;
/// Promise 9: the waits before the second, third, ... try of callbackUrl.
constexpr std::array<std::chrono::milliseconds, 5> waits{
    std::chrono::milliseconds{200}, std::chrono::milliseconds{1000},
    std::chrono::milliseconds{5000}, std::chrono::milliseconds{15000},
    std::chrono::milliseconds{15000}};
constexpr std::chrono::milliseconds grain{2};  // the loop wakes at whole milliseconds

template <class... Parts>
[[noreturn]] void broken(fmt::format_string<Parts...> text, Parts&&... parts) {
    throw BrokenPromise{fmt::format(text, std::forward<Parts>(parts)...)};
}

bool leads_elsewhere(const AttemptResult& result) {
    constexpr std::array redirects{301, 302, 303, 307, 308};
    return result.end == AttemptEnd::answered && !result.location.empty() &&
           std::ranges::find(redirects, result.status) != redirects.end();
}

}  // namespace

// --- what is raised

void Judge::edit(const Callback& callback, std::string& payload) {
    const std::uint64_t number = ++events_;
    const Event& event = callback.event;
    Owed owed;
    owed.what = {event.call, event.type, event.asks_document};
    owed.strand = callback.strand;
    owed.fallback = callback.route->fallback_url;
    owed.has_fallback = !owed.fallback.empty();
    if (answering_ && exchange_noted_) {
        owed.held = true;
        held_.push_back(number);
    }
    owed_.emplace(number, std::move(owed));
    strands_[callback.strand].push_back(number);

    if (!is_of_message(event.type) && !is_of_conference(event.type)) {
        OfCall& call = calls_[event.call];
        if (call.hung_up && event.type != EventType::recording &&
            event.type != EventType::transcription) {
            broken("event {} (type {}) is raised for a call that was hung up", number,
                   static_cast<int>(event.type));
        }
        if (event.time < call.last) {
            broken("event {} is of a time before the event before it", number);
        }
        call.last = event.time;
        call.hung_up = call.hung_up || event.type == EventType::hangup;
        call.timed_out = call.timed_out || event.type == EventType::timeout;
    }
    if (callback.route->method == Method::get) {
        payload += fmt::format("{}n={}", payload.empty() ? "" : "&", number);
    } else {
        payload.insert(1, fmt::format("\"n\":{},", number));
    }
}

std::uint64_t Judge::number_in(std::string_view payload) {
    constexpr std::string_view in_json{"{\"n\":"};
    constexpr std::string_view in_query{"n="};
    std::size_t at = 0;
    if (payload.starts_with(in_json)) {
        at = in_json.size();
    } else if (const std::size_t found = payload.rfind(in_query); found != std::string_view::npos) {
        at = found + in_query.size();
    } else {
        return 0;
    }
    std::uint64_t number = 0;
    std::from_chars(payload.data() + at, payload.data() + payload.size(), number);
    return number;
}

const Judge::Happened* Judge::event(std::uint64_t number) const {
    const auto found = owed_.find(number);
    return found == owed_.end() ? nullptr : &found->second.what;
}

void Judge::take(const EventRaised& raised, CallId call) {
    const auto number = static_cast<std::uint64_t>(raised.delivery);
    Owed& owed = open_one(number, "is in the journal");
    if (number != events_ || owed.raised || owed.what.call != call ||
        owed.what.type != raised.type || number_in(raised.payload) != number) {
        broken("the journal tells of event {} otherwise than it was raised", number);
    }
    owed.raised = true;
}

// --- what the network sees

Judge::Owed& Judge::open_one(std::uint64_t number, std::string_view what) {
    const auto found = owed_.find(number);
    if (found == owed_.end()) {
        broken("event {} {}, but it is over, forgotten, or never was", number, what);
    }
    return found->second;
}

void Judge::try_begins(std::uint64_t number, std::string_view url, WallInstant now) {
    ++tries_;
    Owed& owed = open_one(number, "is sent");
    if (owed.held) {
        broken("event {} is sent before the answer that causes it", number);
    }
    if (owed.under_way) {
        broken("event {} is sent while a try of it is under way", number);
    }
    if (owed.tries == 0) {
        check_order(owed, number, now);
    } else if (now < owed.due || now > owed.due_by) {
        broken("try {} of event {} comes {} ms after it was due, which may be 0 to {} ms",
               owed.tries + 1, number, (now - owed.due) / std::chrono::milliseconds{1},
               (owed.due_by - owed.due) / std::chrono::milliseconds{1});
    }
    if (!owed.redirected && (owed.on_fallback != (owed.has_fallback && url == owed.fallback))) {
        broken("try {} of event {} goes to {}", owed.tries + 1, number, url);
    }
    owed.under_way = true;
}

/// Promise 3. Nothing overtakes what is owed before it in its strand, unless that was sent and has
/// waited out replyPatience.
void Judge::check_order(const Owed& owed, std::uint64_t number, WallInstant now) {
    const Ordering ordering = settings_.delivery.ordering;
    if (ordering == Ordering::concurrent) {
        return;
    }
    for (const std::uint64_t before : strands_[owed.strand]) {
        if (before == number) {
            return;
        }
        const Owed& other = owed_.at(before);
        const bool let_go = ordering == Ordering::patient && other.sent != WallInstant::min() &&
                            now >= other.sent + settings_.delivery.reply_patience;
        if (!let_go) {
            broken("event {} overtakes event {} of its strand", number, before);
        }
    }
}

void Judge::try_is_sent(std::uint64_t number, WallInstant now) {
    Owed& owed = open_one(number, "reaches its receiver");
    if (owed.sent == WallInstant::min()) {
        owed.sent = now;
    }
}

void Judge::try_ends(std::uint64_t number, const AttemptResult& result) {
    open_one(number, "has an end");
    expected_number_ = number;
    expected_ = result;
    noted_ = false;
}

void Judge::sending_is_lost(std::uint64_t number, const AttemptResult& result) {
    try_ends(number, result);
    ++lost_sendings_;
}

void Judge::try_was_noted(std::uint64_t number) {
    if (!noted_) {
        broken("a try of event {} has ended, and the journal does not say so", number);
    }
    expected_number_ = 0;
}

void Judge::take(const AttemptMade& made) {
    const auto number = static_cast<std::uint64_t>(made.delivery);
    Owed& owed = open_one(number, "has a try in the journal");
    if (number != expected_number_ || noted_ || !owed.under_way ||
        made.result.end != expected_.end || made.result.status != expected_.status ||
        made.result.sent_again != expected_.sent_again) {
        broken("the journal has a try of event {} that was not made so", number);
    }
    ++(made.result.sent_again ? owed.lost : owed.tries);
    if (made.attempt != owed.tries + owed.lost || made.unheard != owed.lost ||
        made.fallback != owed.on_fallback || made.type != owed.what.type ||
        static_cast<bool>(made.redirected_to) != owed.redirected) {
        broken("the journal says of sending {} of event {} that it was try {}{}",
               owed.tries + owed.lost, number, made.attempt,
               made.fallback ? " to the fallback" : "");
    }
    most_tried_ = std::max<std::uint64_t>(most_tried_, owed.tries);
    noted_ = true;
    if (made.result.sent_again) {
        if (made.after != DeliveryState::owed) {
            broken("event {} is over with a sending that is made again", number);
        }
        return;
    }
    owed.under_way = false;
    owed.state = made.after;
    if (made.after != DeliveryState::owed) {
        check_end(owed, made.result);
        ++ends_[static_cast<std::size_t>(made.after)];
        is_over(number);
        return;
    }
    plan_next(owed, made.result);
}

/// What the policy has for it now (promises 9 and 10), worked out here by itself.
void Judge::plan_next(Owed& owed, const AttemptResult& result) {
    const DeliveryPolicy& policy = settings_.delivery.policy;
    if (is_success(result) || result.end == AttemptEnd::abandoned) {
        broken("an event is still owed after a try that ended it");
    }
    if (!owed.redirected && !owed.on_fallback) {
        ++owed.primary;
    }
    owed.due = owed.due_by = result.ended;
    if (policy.follow_redirects && leads_elsewhere(result) && owed.hops < most_hops) {
        ++owed.hops;
        owed.redirected = true;
        return;
    }
    owed.hops = 0;
    owed.redirected = false;
    if (!owed.on_fallback && owed.primary <= policy.retries && owed.tries + 1 < most_tries) {
        const Duration wait = waits[std::min<std::size_t>(owed.primary - 1, waits.size() - 1)];
        owed.due += wait;
        owed.due_by = owed.due + wait / 5 + grain;
        return;
    }
    if (owed.on_fallback || !policy.fallback || !owed.has_fallback) {
        broken("an event is still owed after its last try");
    }
    owed.on_fallback = true;
}

void Judge::check_end(const Owed& owed, const AttemptResult& result) const {
    const DeliveryPolicy& policy = settings_.delivery.policy;
    const bool delivered = owed.state == DeliveryState::delivered ||
                           owed.state == DeliveryState::delivered_by_fallback;
    if (delivered != is_success(result) ||
        (delivered && (owed.state == DeliveryState::delivered_by_fallback) != owed.on_fallback)) {
        broken("an event ends as {} after an answer of {}", static_cast<int>(owed.state),
               result.status);
    }
    if (delivered || result.end == AttemptEnd::abandoned) {
        return;
    }
    const std::uint32_t primary = owed.primary + (owed.redirected || owed.on_fallback ? 0 : 1);
    const bool tried_enough = primary > policy.retries || owed.tries + 1 >= most_tries;
    if (!tried_enough || (policy.fallback && owed.has_fallback && !owed.on_fallback)) {
        broken("an event has failed after {} tries, {} of them to callbackUrl: too early",
               owed.tries, primary);
    }
}

void Judge::is_over(std::uint64_t number) {
    const auto found = owed_.find(number);
    const auto strand = strands_.find(found->second.strand);
    std::erase(strand->second, number);
    if (strand->second.empty()) {
        strands_.erase(strand);
    }
    owed_.erase(found);
}

// --- what clients see

std::vector<std::uint64_t> Judge::answer_is_given() {
    if (!exchange_noted_) {
        broken("an answer is given that the journal does not have");
    }
    answering_ = false;
    exchange_noted_ = false;
    return std::exchange(held_, {});
}

void Judge::answer_is_sent(const std::vector<std::uint64_t>& held) {
    for (const std::uint64_t number : held) {
        if (const auto found = owed_.find(number); found != owed_.end()) {
            found->second.held = false;
        }
    }
}

void Judge::was_taken_back(const std::vector<std::uint64_t>& held,
                           const std::function<bool(CallId)>& is_gone) {
    for (const std::uint64_t number : held) {
        const auto found = owed_.find(number);
        if (found != owed_.end() && is_gone(found->second.what.call)) {
            calls_.erase(found->second.what.call);
            is_over(number);
        }
    }
}

/// What was not yet sent is owed no more; what is under way still ends.
void Judge::forgotten(const std::function<bool(CallId)>& whose) {
    std::vector<std::uint64_t> gone;
    for (const auto& [number, owed] : owed_) {
        if (whose(owed.what.call) && owed.tries == 0 && !owed.under_way) {
            gone.push_back(number);
        }
    }
    for (const std::uint64_t number : gone) {
        is_over(number);
    }
    std::erase_if(calls_, [&](const auto& call) { return whose(call.first); });
}

void Judge::all_is_over() const {
    if (!owed_.empty()) {
        const auto& [number, owed] = *owed_.begin();
        broken("{} events are still owed at the end, as event {} after {} tries", owed_.size(),
               number, owed.tries);
    }
}

void Judge::check_call(const Call& call) const {
    const auto found = calls_.find(call.id);
    const bool hung_up = found != calls_.end() && found->second.hung_up;
    const bool said_by_timeout = found != calls_.end() && found->second.timed_out &&
                                 !settings_.model.switches.hangup_after_timeout;
    const bool tells =
        !call.route->url.empty() && call.state != CallState::error && !said_by_timeout;
    if (!ringback::is_over(call.state) || has_unfinished_business(call)) {
        broken("call {} is not over at the end", number_of(call.id));
    }
    if (hung_up != tells) {
        broken("call {} is over, and its hangup was {}told", number_of(call.id),
               hung_up ? "" : "not ");
    }
    if (found != calls_.end() && found->second.has_state && found->second.state != call.state) {
        broken("call {} is in another state than the journal says", number_of(call.id));
    }
}

// --- what the journal says

void Judge::take(const StateChanged& changed, CallId call) {
    OfCall& known = calls_[call];
    if (known.has_state && (known.state != changed.before || ringback::is_over(known.state))) {
        broken("call {} goes from state {} to {}, but was in state {}", number_of(call),
               static_cast<int>(changed.before), static_cast<int>(changed.after),
               static_cast<int>(known.state));
    }
    known.has_state = true;
    known.state = changed.after;
}

void Judge::recorded(const RecordedEntry& recorded) {
    constexpr std::size_t kept = 30;
    const Entry& entry = recorded.entry();
    entries_ = entry.seq;
    lines_.push_back(recorded.line());
    digest_ = mix(digest_ ^ hash_of(lines_.back()));
    if (lines_.size() > kept) {
        lines_.pop_front();
    }
    if (const auto* const raised = std::get_if<EventRaised>(&entry.what)) {
        take(*raised, entry.call);
    } else if (const auto* const made = std::get_if<AttemptMade>(&entry.what)) {
        take(*made);
    } else if (const auto* const changed = std::get_if<StateChanged>(&entry.what)) {
        take(*changed, entry.call);
    } else if (std::holds_alternative<ApiExchange>(entry.what)) {
        exchange_noted_ = true;
    }
}

std::string Judge::last_lines() const {
    std::string all;
    for (const std::string& line : lines_) {
        all += line + "\n";
    }
    return all;
}

}  // namespace ringback::test
