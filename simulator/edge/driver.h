#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <optional>
#include <vector>

#include "simulator/core/engine.h"
#include "simulator/edge/clock_face.h"

namespace ringback {

/// What the driver asks and tells its owner; all on the loop.
class DriverHost {
public:
    DriverHost() = default;
    DriverHost(const DriverHost&) = delete;
    DriverHost& operator=(const DriverHost&) = delete;
    virtual ~DriverHost() = default;

    /// Takes what the engine has put out; called after every turn of it.
    virtual void take_outputs() = 0;
    /// No API request, no callback younger than replyPatience, no queued work is under way.
    [[nodiscard]] virtual bool nothing_under_way() const = 0;
    /// Every event owed has been delivered or has failed for good.
    [[nodiscard]] virtual bool nothing_owed() const = 0;
    /// The receiver is about to do something by itself, as far as can be seen from here: a clock
    /// that jumped now would be ahead of it. Not asked before it has been quiet for `settle`.
    [[nodiscard]] virtual bool receiver_is_busy() { return false; }
};

/// Runs the clock: decides when the engine is advanced, and to when.
///
/// real      one timer, armed to what is due next; everything due is drained in one turn
/// jumping   when nothing has been under way for `settle` and the receiver rests, to what is due
///           next
/// by hand   advance(): the same steps as jumping, up to a given instant
///
/// Owns one timer and no behaviour; not thread-safe, everything on the loop.
class Driver {
public:
    Driver(boost::asio::io_context& loop, Engine& engine, const ClockSettings& settings,
           DriverHost& host);
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;
    ~Driver() = default;

    /// The modelled time now, or at that instant of a moment ago.
    [[nodiscard]] Instant now() const;
    [[nodiscard]] Instant at(WallInstant wall) const { return face_.at(wall); }
    /// When a modelled instant comes, or came, by itself; none while the clock stands still.
    [[nodiscard]] std::optional<WallInstant> when(Instant modelled) const {
        return face_.when(modelled);
    }

    /// Makes happen what came due since the last look: before a request sees the resources. The
    /// modelled time of that look.
    Instant catch_up();

    /// To be called after anything that may have changed what is due or what is under way.
    void nudge();
    /// The receiver was told something, or has asked for something to happen: settling starts anew.
    /// What only looks (a GET, the admin plane) does not stir, or a polling client would stop the
    /// clock.
    void stir(WallInstant now);

    [[nodiscard]] bool paused() const { return face_.paused(); }
    void pause(bool paused);
    void advance(Duration by, std::function<void()> when_delivered);

    /// Calls back when no call can move by itself, nothing is under way and nothing is owed.
    void when_quiet(std::function<void()> then);
    [[nodiscard]] bool quiet();

    void stop();

private:
    struct Advance {
        Instant until;
        std::function<void()> done;
    };

    [[nodiscard]] bool steps() const { return !advances_.empty() || face_.jumps_by_itself(); }
    [[nodiscard]] bool awaits_settling();
    void arm(WallInstant at);
    void on_timer();
    void listen_once_more(int rounds);
    void on_settled();
    bool jump_once();
    void finish_advances();
    void tell_quiet();

    static constexpr std::size_t turn_budget = 2048;  // timers a turn before sockets get theirs

    boost::asio::io_context& loop_;
    Engine& engine_;
    DriverHost& host_;
    ClockSettings settings_;
    ClockFace face_;
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>,
                                      boost::asio::io_context::executor_type>
        timer_;
    std::optional<WallInstant> armed_{};
    WallInstant stirred_at_;
    WallInstant look_again_at_{};  // for a receiver that was busy
    bool listening_{false};        // the loop has its rounds before the clock jumps
    std::list<Advance> advances_;
    std::vector<std::function<void()>> waiting_for_quiet_;
    std::uint64_t arming_{0};
    bool stopped_{false};
};

}  // namespace ringback
