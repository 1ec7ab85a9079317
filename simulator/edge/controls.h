#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/core/engine.h"
#include "simulator/core/far_end.h"
#include "simulator/core/faults.h"
#include "simulator/core/input.h"
#include "simulator/core/result.h"
#include "simulator/core/time.h"
#include "simulator/edge/memory_watch.h"
#include "simulator/edge/settings.h"
#include "simulator/wire/ids.h"

namespace ringback {

/// What an admin plane may ask of a running simulator. Everything on the simulator's loop;
/// functions that are handed over are called on it too, each exactly once unless the simulator ends
/// first.
class Controls {
public:
    Controls() = default;
    Controls(const Controls&) = delete;
    Controls& operator=(const Controls&) = delete;
    virtual ~Controls() = default;

    [[nodiscard]] virtual Engine& engine() = 0;
    [[nodiscard]] virtual const IdCodec& ids() const = 0;
    [[nodiscard]] virtual Instant now() = 0;
    [[nodiscard]] virtual WallInstant wall() const = 0;

    [[nodiscard]] virtual bool clock_paused() const = 0;
    virtual void pause(bool paused) = 0;
    [[nodiscard]] virtual ClockSettings clock_settings() const = 0;
    /// Moves the modelled clock; calls back when everything due by then was delivered or has
    /// failed.
    virtual void advance(Duration by, std::function<void()> when_delivered) = 0;

    /// An inbound call. What nobody said (route, autoAnswer, application, fallback number) is that
    /// of the number and its application; still without a URL it goes to ApiSettings::inbound_url.
    /// The error is for the one who asked: why there can be no call now.
    [[nodiscard]] virtual Result<CallId> ring_in(std::string_view user, NewCall call) = 0;
    /// An inbound message; the rest as for ring_in.
    [[nodiscard]] virtual Result<CallId> text_in(std::string_view user, NewMessage message) = 0;
    /// A call, message or bridge that never was, for whoever could not keep his word about it:
    /// nothing more is told of it. Tries that are under way already end by themselves.
    virtual void forget(CallId call) = 0;
    /// What the person on the phone does.
    virtual Outcome act(CallId call, Input input) = 0;
    /// What happens to calls to that number from now on, before any magic suffix; none: as before.
    /// False when there are too many such numbers already.
    [[nodiscard]] virtual bool set_far_end(std::string number, std::optional<FarEnd> far_end) = 0;
    /// Why callbacks may not go to that URL, in words for a person; none if they may.
    [[nodiscard]] virtual std::optional<std::string> refuse_url(std::string_view url) = 0;

    /// Who watches how much memory is left; null: nobody, because it has no limit.
    [[nodiscard]] virtual const MemoryWatch* memory() const { return nullptr; }

    /// What is to go wrong from now on; without rules: nothing any more.
    virtual void set_faults(FaultPlan plan) = 0;
    /// Null: nothing is.
    [[nodiscard]] virtual const FaultPlan* faults() const = 0;
    /// What has come of it; losses since the begin, or since everybody was reset.
    [[nodiscard]] virtual FaultTally fault_tally() const { return {}; }

    /// Forgets the user's calls and messages, and what is owed for them; none: everybody's, and all
    /// far ends and fates of messages.
    virtual void reset(std::optional<std::string> user) = 0;

    /// Nothing is owed or in flight, and no call can move without help from outside.
    [[nodiscard]] virtual bool quiet() const = 0;
    virtual void when_quiet(std::function<void()> then) = 0;
    [[nodiscard]] virtual std::size_t deliveries_pending() const = 0;

    /// Why calls cannot be accepted yet, or any more; none when they can.
    [[nodiscard]] virtual std::optional<std::string> not_ready() const = 0;
    virtual void when_ready(std::function<void()> then) = 0;

    /// Calls back when the modelled clock has come to that instant, which a clock that jumps does
    /// not pass over.
    virtual void at(Instant instant, std::function<void()> then) = 0;
    /// A clock that jumps stands still while it is held; holds are counted.
    virtual void hold_clock() = 0;
    virtual void release_clock() = 0;

    /// Calls back after that much real time.
    virtual void after(std::chrono::milliseconds wall_time, std::function<void()> then) = 0;

    /// Begins an orderly end, as SIGTERM does.
    virtual void shut_down() = 0;
};

}  // namespace ringback
