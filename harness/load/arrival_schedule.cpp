#include "harness/load/arrival_schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "simulator/wire/duration_text.h"

namespace ringback {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr Duration longest = std::chrono::hours{10'000};
constexpr std::uint64_t nanos = 1'000'000'000;

bool is_whole(double rate) { return rate == std::floor(rate); }

CallAmount operator+(const CallAmount& a, const CallAmount& b) {
    const std::uint64_t part = a.part + b.part;
    return {a.whole + b.whole + part / CallAmount::parts, part % CallAmount::parts};
}

/// Needs a >= b.
CallAmount operator-(const CallAmount& a, const CallAmount& b) {
    const std::uint64_t borrowed = a.part < b.part ? 1 : 0;
    return {a.whole - b.whole - borrowed, a.part + borrowed * CallAmount::parts - b.part};
}

double to_double(const CallAmount& amount) {
    return static_cast<double>(amount.whole) +
           static_cast<double>(amount.part) / static_cast<double>(CallAmount::parts);
}

CallAmount to_amount(double calls) {
    const double whole = std::floor(calls);
    const auto part = static_cast<std::uint64_t>(
        std::llround((calls - whole) * static_cast<double>(CallAmount::parts)));
    return CallAmount{static_cast<std::uint64_t>(whole), 0} +
           CallAmount{part / CallAmount::parts, part % CallAmount::parts};
}

/// What comes of a stage.
CallAmount amount_of(const LoadStage& stage) {
    const double sum = stage.rate_from + stage.rate_to;
    const auto whole_seconds = std::chrono::duration_cast<seconds>(stage.duration);
    if (is_whole(stage.rate_from) && is_whole(stage.rate_to)) {
        // Exact: the mean rate is sum / 2, so a nanosecond is worth `sum` parts.
        const auto parts = static_cast<std::uint64_t>(sum);
        const std::uint64_t halves = parts * static_cast<std::uint64_t>(whole_seconds.count());
        const std::uint64_t rest =
            parts * static_cast<std::uint64_t>((stage.duration - whole_seconds).count());
        return CallAmount{halves / 2, halves % 2 * nanos} +
               CallAmount{rest / CallAmount::parts, rest % CallAmount::parts};
    }
    const double calls = sum / 2 * std::chrono::duration<double>{stage.duration}.count();
    // "20/3s" is no binary number, but 20 calls in 3 s are 20 and not one more.
    const double nearest = std::round(calls);
    return to_amount(std::abs(calls - nearest) <= calls * 1e-12 ? nearest : calls);
}

/// An exponential gap of mean 1.
CallAmount gap(Rng& rng) {
    const double fraction = static_cast<double>((rng.next() >> 11U) + 1) * 0x1.0p-53;
    return to_amount(-std::log(fraction));
}

/// Of 0..total-1.
std::uint64_t in_share(std::uint64_t total, Segment share) {
    return total > share.index ? (total - share.index - 1) / share.of + 1 : 0;
}

Error impossible(std::string what) { return Error{"", std::move(what)}; }

std::optional<Error> mistake_in_stages(const std::vector<LoadStage>& stages) {
    if (stages.empty()) {
        return impossible("expected a stage, found none");
    }
    Duration sum{};
    bool anything = false;
    for (std::size_t i = 0; i < stages.size(); ++i) {
        const LoadStage& stage = stages[i];
        if (stage.duration <= Duration{0} || stage.duration > longest - sum) {
            return impossible(
                fmt::format("stage {}: expected a time above 0, and 10000h for all, found {}",
                            i + 1, duration_text(stage.duration)));
        }
        for (const double rate : {stage.rate_from, stage.rate_to}) {
            if (!(rate >= 0 && rate <= ArrivalSchedule::fastest)) {
                return impossible(fmt::format(
                    "stage {}: expected a rate of 0 to {:.0f} calls per second, found {}", i + 1,
                    ArrivalSchedule::fastest, rate));
            }
            anything = anything || rate > 0;
        }
        sum += stage.duration;
    }
    return anything ? std::nullopt
                    : std::optional{impossible("expected a rate above 0, found none")};
}

std::optional<Error> mistake_in_trace(const std::vector<nanoseconds>& trace) {
    if (trace.empty()) {
        return impossible("expected the times of a trace, found none");
    }
    if (trace.front() < Duration{0} || !std::ranges::is_sorted(trace)) {
        return impossible("expected the times of a trace to ascend from 0");
    }
    return std::nullopt;
}

std::optional<Error> mistake_in(const LoadPlan& plan) {
    if (plan.segment.index >= plan.segment.of) {
        return impossible(fmt::format("expected a segment of 1 to {}, found {}", plan.segment.of,
                                      plan.segment.index + 1));
    }
    if (plan.calls == std::uint64_t{0}) {
        return impossible("expected at least one call, found 0");
    }
    return plan.arrivals == Arrivals::trace ? mistake_in_trace(plan.trace)
                                            : mistake_in_stages(plan.stages);
}

}  // namespace

Result<ArrivalSchedule> ArrivalSchedule::of(LoadPlan plan) {
    if (auto mistake = mistake_in(plan)) {
        return std::move(*mistake);
    }
    ArrivalSchedule schedule{std::move(plan)};
    const LoadPlan& told = schedule.plan_;
    // The last start of a trace is at its end, that of stages before it.
    const Duration last = schedule.duration_ - Duration{told.arrivals == Arrivals::trace ? 0 : 1};
    if (schedule.is_warmup(last)) {
        return impossible(fmt::format("expected a warm-up below the {} of the run, found {}",
                                      duration_text(schedule.duration_),
                                      duration_text(told.warmup)));
    }
    return schedule;
}

ArrivalSchedule::ArrivalSchedule(LoadPlan plan) : plan_{std::move(plan)} {
    if (plan_.arrivals == Arrivals::trace) {
        duration_ = plan_.trace[std::min(cap(), plan_.trace.size()) - 1];
        return;
    }
    for (const LoadStage& stage : plan_.stages) {
        Leg leg{duration_, duration_ + stage.duration, end(), {}, stage.rate_from, stage.rate_to,
                0};
        leg.after = leg.before + amount_of(stage);
        if (leg.from == leg.to && is_whole(leg.from)) {
            leg.whole_rate = static_cast<std::uint64_t>(leg.from);
        }
        duration_ = leg.end;
        legs_.push_back(leg);
    }
    // The start that `calls` no longer has would be the end of the run.
    if (plan_.arrivals == Arrivals::constant && CallAmount{cap(), 0} < end()) {
        duration_ = even_start(cap());
    }
}

CallAmount ArrivalSchedule::end() const {
    return legs_.empty() ? CallAmount{} : legs_.back().after;
}

std::uint64_t ArrivalSchedule::cap() const {
    return plan_.calls.value_or(std::numeric_limits<std::uint64_t>::max());
}

Duration ArrivalSchedule::in_leg(const Leg& leg, CallAmount amount) {
    const CallAmount rest = amount - leg.before;
    if (leg.whole_rate != 0) {
        const std::uint64_t rate = leg.whole_rate;
        const std::uint64_t parts = rest.whole % rate * CallAmount::parts + rest.part;
        return seconds{rest.whole / rate} + nanoseconds{parts / (2 * rate)};
    }
    const double calls = to_double(rest);
    if (calls <= 0) {
        return Duration{0};
    }
    // from * t + slope * t^2 / 2 = calls, solved in the form that loses no digits.
    const double length = std::chrono::duration<double>{leg.end - leg.begin}.count();
    const double slope = (leg.to - leg.from) / length;
    const double root = std::sqrt(std::max(0.0, leg.from * leg.from + 2 * slope * calls));
    const double at = 2 * calls / (leg.from + root);
    return nanoseconds{static_cast<std::int64_t>(std::min(at, length) * 1e9)};
}

Duration ArrivalSchedule::reached(CallAmount amount) const {
    const auto leg = std::ranges::upper_bound(legs_, amount, {}, &Leg::after);
    if (leg == legs_.end()) {
        bug("an arrival behind the end of its schedule");
    }
    return leg->begin + std::min(in_leg(*leg, amount), leg->end - leg->begin - nanoseconds{1});
}

Duration ArrivalSchedule::even_start(std::uint64_t n) const {
    return plan_.arrivals == Arrivals::trace ? Duration{plan_.trace[n]} : reached({n, 0});
}

std::uint64_t ArrivalSchedule::even_starts_before(Duration until) const {
    const std::uint64_t all = plan_.arrivals == Arrivals::trace
                                  ? plan_.trace.size()
                                  : end().whole + (end().part > 0 ? 1 : 0);
    // By the very arithmetic of the starts, so that a count can never disagree with them.
    std::uint64_t below = 0;
    std::uint64_t above = std::min(all, cap());
    while (below < above) {
        const std::uint64_t middle = below + (above - below) / 2;
        if (even_start(middle) < until) {
            below = middle + 1;
        } else {
            above = middle;
        }
    }
    return below;
}

std::uint64_t ArrivalSchedule::starts_before(Duration until, Segment share) const {
    if (plan_.arrivals != Arrivals::poisson) {
        return in_share(even_starts_before(until), share);
    }
    ArrivalCursor cursor{*this};
    std::uint64_t count = 0;
    for (auto start = cursor.next(); start && start->at < until; start = cursor.next()) {
        ++count;
    }
    return in_share(count, share);
}

std::uint64_t ArrivalSchedule::total(Segment share) const {
    return starts_before(Duration::max(), share);
}

double ArrivalSchedule::rate_at(Duration at) const {
    if (plan_.arrivals == Arrivals::trace) {
        return static_cast<double>(even_starts_before(at + seconds{1}) - even_starts_before(at));
    }
    if (at < Duration{0} || at >= duration_) {
        return 0;
    }
    const Leg& leg = legs_[stage_at(at)];
    const double share = std::chrono::duration<double>{at - leg.begin} / (leg.end - leg.begin);
    return leg.from + (leg.to - leg.from) * share;
}

std::size_t ArrivalSchedule::stage_at(Duration at) const {
    const auto leg = std::ranges::upper_bound(legs_, at, {}, &Leg::end);
    const auto index = static_cast<std::size_t>(leg - legs_.begin());
    return legs_.empty() ? 0 : std::min(index, legs_.size() - 1);
}

ArrivalCursor::ArrivalCursor(const ArrivalSchedule& schedule, Segment share)
    : schedule_{&schedule},
      n_{share.index},
      stride_{share.of},
      cap_{schedule.cap()},
      gaps_{Rng::stream_of(Seed{schedule.plan_.seed}, hash_of("arrivals"), 0)} {}

std::optional<Duration> ArrivalCursor::start() {
    switch (schedule_->plan_.arrivals) {
        case Arrivals::constant:
            return CallAmount{n_, 0} < schedule_->end() ? std::optional{schedule_->reached({n_, 0})}
                                                        : std::nullopt;
        case Arrivals::trace:
            return n_ < schedule_->plan_.trace.size()
                       ? std::optional{Duration{schedule_->plan_.trace[n_]}}
                       : std::nullopt;
        case Arrivals::poisson:
            // Those of the others are passed over, so that everyone sees the same process.
            while (gaps_.drawn() <= n_ && reached_ < schedule_->end()) {
                reached_ = reached_ + gap(gaps_);
            }
            return reached_ < schedule_->end() ? std::optional{schedule_->reached(reached_)}
                                               : std::nullopt;
    }
    return std::nullopt;
}

std::optional<Arrival> ArrivalCursor::again(const ArrivalSchedule& changed) {
    schedule_ = &changed;
    cap_ = changed.cap();
    n_ -= gave_ ? stride_ : 0;
    return next();
}

std::optional<Arrival> ArrivalCursor::next() {
    gave_ = false;
    if (n_ >= cap_) {
        return std::nullopt;
    }
    const auto at = start();
    if (!at) {
        cap_ = n_;
        return std::nullopt;
    }
    const Arrival arrival{n_, *at, schedule_->stage_at(*at), schedule_->is_warmup(*at)};
    n_ += stride_;
    gave_ = true;
    return arrival;
}

}  // namespace ringback
