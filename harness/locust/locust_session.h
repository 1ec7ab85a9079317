#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/locust/locust_host.h"
#include "harness/locust/locust_wire.h"
#include "simulator/core/result.h"
#include "simulator/core/time.h"

namespace ringback {

enum class LocustState : std::uint8_t {
    missing,   // no master that knows this worker: not connected, or not yet acknowledged
    ready,     // waits for a test
    spawning,  // the host is getting as many users as the master wants
    running,
    stopping,  // the host lets its users end
    finished,  // LocustFinish has been said; nothing is said after it
};

// What a session wants done, in this order and at once.

struct LocustSend {
    std::string frame;
};
struct LocustBeat {};    // send heartbeat()
struct LocustReport {};  // take the host's statistics and send report() of them
struct LocustForget {};  // take the host's statistics and drop them: their master is gone
struct LocustBegin {
    LocustTest test;  // host.begin()
};
struct LocustSetUsers {
    LocustUsers users;  // host.set_users(), then users_set(turn)
    std::chrono::milliseconds grace{};
    std::uint64_t turn{0};
};
struct LocustStopUsers {
    std::chrono::milliseconds grace{};  // host.stop(), then users_stopped(turn)
    std::uint64_t turn{0};
};
struct LocustReconnect {};  // drop the connection and make a new one
struct LocustNote {
    std::string text;  // for a person, one line
};
struct LocustFinish {
    std::optional<Error> error{};  // none: told to quit, or left
};

using LocustEffect =
    std::variant<LocustSend, LocustBeat, LocustReport, LocustForget, LocustBegin, LocustSetUsers,
                 LocustStopUsers, LocustReconnect, LocustNote, LocustFinish>;

struct LocustSettings {
    std::string master;                     // "10.0.0.7:5557", for messages
    std::vector<std::string> user_classes;  // what the host can play
    std::chrono::seconds patience{300};     // without a master; then it ends
};

/// The worker's side of Locust's protocol: what was received, what time it is and what the host has
/// done go in, effects come out. No socket, no clock. A connection is a membership: one that breaks
/// stops the users, and the next one, under a new node id, joins anew.
class LocustSession {
public:
    static constexpr std::chrono::seconds beat_interval{1};
    static constexpr std::chrono::seconds report_interval{3};
    static constexpr std::chrono::seconds ready_interval{5};  // client_ready again without an ack
    static constexpr std::chrono::seconds heartbeat_patience{60};

    LocustSession(LocustSettings settings, WallInstant now);

    /// A connection under this node id is there; handshake done.
    void connected(std::string id, WallInstant now);
    /// It broke, or could not be made.
    void disconnected(std::string_view why, WallInstant now);
    void received(std::string_view frame, WallInstant now);
    void users_set(std::uint64_t turn, WallInstant now);
    void users_stopped(std::uint64_t turn, WallInstant now);
    /// The person at this end wants it to end; lets the users end first.
    void leave(WallInstant now);
    /// Does what is due. Call it when next_due() has come; earlier does no harm.
    void advance(WallInstant now);

    [[nodiscard]] std::optional<WallInstant> next_due() const;
    [[nodiscard]] std::vector<LocustEffect> take_effects();
    [[nodiscard]] LocustState state() const { return state_; }

    [[nodiscard]] std::string heartbeat(const LocustUsage& usage) const;
    /// The statistics as messages: exceptions, then the rows.
    [[nodiscard]] std::vector<std::string> report(const LocustStats& stats) const;

private:
    enum class AfterStop : std::uint8_t {
        ready,  // the master said stop: tell it, be ready again
        anew,   // the connection is gone: join on the next one
        leave,  // end
    };

    void on_ack(const nlohmann::json& data, WallInstant now);
    void on_spawn(const nlohmann::json& data, WallInstant now);
    void on_stop();
    void on_quit();
    void note_unknown(const std::string& type);
    void known(WallInstant now);
    void take_users(const LocustUsers& users);
    void introduce(WallInstant now);
    void lose(std::string_view why, WallInstant now);
    void stop_users(AfterStop after);
    void finish(std::optional<Error> error);
    void say(LocustEffect effect) { effects_.push_back(std::move(effect)); }
    void note(std::string text) { say(LocustNote{std::move(text)}); }
    [[nodiscard]] bool acknowledged() const;

    LocustSettings settings_;
    std::vector<LocustEffect> effects_;

    LocustState state_{LocustState::missing};
    AfterStop after_stop_{AfterStop::ready};
    bool dismissed_{false};  // the master has said quit
    bool linked_{false};
    std::string id_;      // of this connection
    std::string former_;  // under which a lost master may still list us
    std::string last_failure_;

    WallInstant missing_since_;
    WallInstant next_ready_{};
    WallInstant next_beat_{};
    WallInstant next_report_{};
    std::optional<WallInstant> heard_{};  // the master's last heartbeat, of masters that send them

    double last_spawn_{0};  // the master's clock, seconds
    std::chrono::milliseconds grace_{};
    LocustUsers wanted_;
    LocustUsers users_;  // as the host has last confirmed
    std::uint64_t turn_{0};
    std::set<std::string> noted_types_;
    std::set<std::string> missed_classes_;  // wanted by this test's master, and not offered here
};

/// "ready", ...: for messages and tests.
[[nodiscard]] std::string_view word(LocustState state);

}  // namespace ringback
