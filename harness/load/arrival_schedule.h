#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/load/plan.h"
#include "simulator/core/random.h"
#include "simulator/core/result.h"
#include "simulator/core/time.h"

namespace ringback {

/// One start: the n-th of all, and when it is due.
struct Arrival {
    std::uint64_t n{0};  // from 0, over all segments
    Duration at{};       // since the start of the run
    std::size_t stage{0};
    bool warmup{false};

    friend bool operator==(const Arrival&, const Arrival&) = default;
};

/// What one of several workers takes of a segment: a segment of it.
[[nodiscard]] constexpr Segment share_of(Segment segment, std::size_t worker, std::size_t workers) {
    return {segment.index + segment.of * worker, segment.of * workers};
}

/// Calls that need not be whole: what a rate and a time come to. In parts of 1/2,000,000,000, so
/// that whole rates over whole nanoseconds, ramps too, are exact.
struct CallAmount {
    static constexpr std::uint64_t parts = 2'000'000'000;

    std::uint64_t whole{0};
    std::uint64_t part{0};  // below `parts`

    friend auto operator<=>(const CallAmount&,
                            const CallAmount&) = default;  // NOLINT(modernize-use-nullptr)
};

/// When the n-th call starts: arithmetic on n (and the seed), never on how earlier calls fared. The
/// n-th start of an even schedule is the instant at which its rate has added up to n calls, so the
/// first is at 0; that of a Poisson process has the sum of n + 1 exponential gaps instead of n.
///
/// A value that does not change: any number of workers, processes and threads walk it, each its own
/// cursor. They see the same sequence and take what is theirs.
class ArrivalSchedule {
public:
    static constexpr double fastest = 10'000'000;  // calls per second

    /// The error says what of the plan cannot be done; its `where` is left for the caller.
    [[nodiscard]] static Result<ArrivalSchedule> of(LoadPlan plan);

    [[nodiscard]] const LoadPlan& plan() const { return plan_; }
    /// That of the stages, or what `calls` leaves of them (of a Poisson process all, as only
    /// walking it would tell), or up to the last start of a trace.
    [[nodiscard]] Duration duration() const { return duration_; }
    /// All starts of a share. Of a Poisson process it walks them, some 30 ns each.
    [[nodiscard]] std::uint64_t total(Segment share = {}) const;
    /// Those that are due before `until`; a stage, a second or the time behind the warm-up is a
    /// difference of two. Walks a Poisson process.
    [[nodiscard]] std::uint64_t starts_before(Duration until, Segment share = {}) const;

    /// Calls per second: of the stage at `at`, or of a trace's second that begins there. 0 behind
    /// the end.
    [[nodiscard]] double rate_at(Duration at) const;
    /// The last one behind the end; 0 of a trace, which has none.
    [[nodiscard]] std::size_t stage_at(Duration at) const;
    [[nodiscard]] bool is_warmup(Duration at) const { return at < plan_.warmup; }

    /// When the rate has added up to that many calls. Needs `amount` below that of the whole plan.
    [[nodiscard]] Duration reached(CallAmount amount) const;

private:
    friend class ArrivalCursor;

    struct Leg {  // a stage, with where it begins
        Duration begin;
        Duration end;
        CallAmount before;
        CallAmount after;
        double from;
        double to;
        std::uint64_t whole_rate;  // 0: it is not constant, or not whole
    };

    explicit ArrivalSchedule(LoadPlan plan);
    [[nodiscard]] std::uint64_t even_starts_before(Duration until) const;
    [[nodiscard]] Duration even_start(std::uint64_t n) const;
    [[nodiscard]] CallAmount end() const;
    [[nodiscard]] std::uint64_t cap() const;
    [[nodiscard]] static Duration in_leg(const Leg& leg, CallAmount amount);

    LoadPlan plan_;
    std::vector<Leg> legs_;
    Duration duration_{};
};

/// Walks one share of a schedule, in order. The schedule outlives it.
class ArrivalCursor {
public:
    explicit ArrivalCursor(const ArrivalSchedule& schedule, Segment share = {});

    /// The next start of the share; none behind the last.
    [[nodiscard]] std::optional<Arrival> next();
    /// What next() has given last, once more, by a schedule that differs from the one before behind
    /// what had been given before: the same n at another time, or none, or one where there was
    /// none. `changed` outlives it.
    [[nodiscard]] std::optional<Arrival> again(const ArrivalSchedule& changed);

private:
    [[nodiscard]] std::optional<Duration> start();

    const ArrivalSchedule* schedule_;
    std::uint64_t n_;
    std::uint64_t stride_;
    std::uint64_t cap_;
    bool gave_{false};  // the last next() gave one
    // Of a Poisson process: the gaps drawn, and what they add up to.
    Rng gaps_;
    CallAmount reached_{};
};

}  // namespace ringback
