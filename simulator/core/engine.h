#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "simulator/core/call_machine.h"
#include "simulator/core/call_table.h"
#include "simulator/core/scheduler.h"

namespace ringback {

/// What leaves the engine, in the order it happened.
struct Output {
    Instant at{};
    CallId call{};
    std::variant<Callback, Became, OnThePhone, NoCallbackUrl> what;

    friend bool operator==(const Output&, const Output&) = default;
};
using Outputs = std::vector<Output>;

/// An account's calls. Users never see or shift each other: numbers, ids and draws count per user.
struct User {
    std::string name;                                // as in the path: "u-axqs..."
    std::shared_ptr<const std::string> shared_name;  // the same, for what outlives the user
    std::uint64_t hash{};  // hash_of(name), the user's part of every random stream and id
    UserSlot slot{};
    CallTable calls;
};

struct EngineLimits {
    std::size_t live_calls{2'000'000};  // beyond: create() refuses
    std::size_t ended_calls{100'000};   // kept for GET; the oldest ended are forgotten first
};

/// All calls and the scheduler. Knows neither clock nor socket nor thread; driven by a Driver.
class Engine {
public:
    Engine(Seed seed, ModelSettings settings, EngineLimits limits = {});

    /// The user of that name, made on first use. References stay valid until the user is reset.
    [[nodiscard]] User& user(std::string_view name);
    [[nodiscard]] User* find_user(std::string_view name);
    [[nodiscard]] const User* find_user(UserSlot slot) const;
    /// Forgets the user's calls, so that the next one has number 1 again. Late news of forgotten
    /// calls is ignored.
    void reset(std::string_view name);
    /// Everybody's calls, and the far ends set since the start.
    void reset_all();

    /// What calls to that number meet from now on, before any magic suffix; none: as before.
    void set_far_end(const std::string& number, const std::optional<FarEnd>& far_end);

    /// A new call; its first effects are in outputs(). Null when live_calls is reached.
    [[nodiscard]] const Call* create(User& user, const NewCall& wanted, Instant now);

    /// Hands `input` to a call; nullptr-safe: an unknown id is refused with no_such_item.
    Outcome apply(CallId id, const Input& input, Instant now);

    [[nodiscard]] const Call* find(CallId id) const;

    /// Nothing happens then, but a clock that jumps stops there: somebody was told to wait until
    /// it.
    void remind_at(Instant instant) { reminders_.insert(instant); }

    /// When something is next to happen; stale timers do not count.
    [[nodiscard]] std::optional<Instant> next_due();

    /// Makes everything happen that is due up to and including `now`, each at its own instant.
    /// Stops early, at `budget` fired timers, so that a loop with sockets to serve is never
    /// starved; true when nothing due is left.
    bool advance_to(Instant now, std::size_t budget = SIZE_MAX);

    /// What has left since the last take; the vector's storage is reused.
    [[nodiscard]] Outputs& outputs() { return outputs_; }

    [[nodiscard]] std::size_t live_calls() const { return live_; }
    [[nodiscard]] std::size_t known_calls() const;
    [[nodiscard]] const ModelSettings& settings() const { return settings_; }
    [[nodiscard]] Seed seed() const { return seed_; }
    [[nodiscard]] const std::unordered_map<std::uint32_t, std::unique_ptr<User>>& users() const {
        return by_slot_;
    }

private:
    Call* find_mutable(CallId id);
    Outcome run(Call& call, const Input& input, Instant now);
    void obey(CallId id, Effects& effects, Instant now, Outcome& outcome);
    Call& place(User& user, const NewCall& wanted, CallId strand, Instant now);
    void make_leg(CallId leg_a, const MakeLeg& wanted, Instant now, Outcome& outcome);
    void forget_surplus();

    Seed seed_;
    ModelSettings settings_;
    std::map<std::string, FarEnd, std::less<>>
        configured_far_ends_;  // what a full reset returns to
    EngineLimits limits_;
    struct NameHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const { return hash_of(name); }
    };
    std::unordered_map<std::string, UserSlot, NameHash, std::equal_to<>> by_name_;
    std::unordered_map<std::uint32_t, std::unique_ptr<User>> by_slot_;
    std::uint32_t next_slot_{1};
    Scheduler scheduler_;
    std::set<Instant> reminders_;
    Outputs outputs_;
    Effects effects_;  // of the outermost step; keeps its storage
    int depth_{0};     // of steps caused by steps (TellPeer)
    Instant latest_{Instant::min()};
    std::deque<CallId> ended_;  // oldest first
    std::size_t live_{0};
};

}  // namespace ringback
