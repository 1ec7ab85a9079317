#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/core/time.h"

namespace ringback {

/// The provider's rate limits in modelled time, per user; consulted only with
/// ApiSettings::rate_limits.
///
/// POST calls  one a second, averaged over 10 s: ten within any 10 s. The limit per `from` number
/// is
///             the same figure, so the account's always speaks first and is the only one kept.
/// POST messages  eleven within any second, of which one a second is sent and the others wait their
///             turn, for 15 minutes at most.
/// numbers     searching and ordering: 100 a minute each, 800 at once; managing: 2,000 a second,
///             3,000 at once.
/// all others  one a second for each route (method and path pattern, whatever the ids in it).
/// Source      spec v1 7.1; what "each other resource" means is our reading.
class RateLimits {
public:
    /// What requests are counted together with, but for those that create calls and messages.
    enum class Pace : std::uint8_t { each_route, searching, ordering, managing };

    struct TooFast {
        std::string rate;  // the one it would make: "1.1"
        Instant free_at;   // when the next call may be made
    };
    /// Counts a new call, or says why not. A refused one does not count.
    [[nodiscard]] std::optional<TooFast> refuse_call(std::string_view user, Instant now);
    /// What becomes of one more message.
    struct MessageTurn {
        enum class What : std::uint8_t { taken, too_fast, queue_full };
        What what{What::taken};
        Duration wait{};    // taken: before it is its turn
        Instant free_at{};  // else: when the next one is taken
    };
    /// Counts a new message, or says why not. A refused one does not count.
    [[nodiscard]] MessageTurn take_message(std::string_view user, Instant now);
    /// Counts a request, or says when the next one is free. A refused one does not count. `route`
    /// tells those of Pace::each_route apart.
    [[nodiscard]] std::optional<Instant> refuse(std::string_view user, Pace pace, std::size_t route,
                                                Instant now);

    void reset(std::string_view user);
    void reset_all() {
        users_.clear();
        forget_at_ = few_users;
    }

    /// So many users are remembered; of more those are forgotten whose limits are over, and if that
    /// is not enough the half whose limits are over first.
    static constexpr std::size_t most_users = 20'000;
    [[nodiscard]] std::size_t users_remembered() const { return users_.size(); }

private:
    struct Usage {
        std::deque<Instant> calls;              // oldest first, of the last 10 s
        std::deque<Instant> messages;           // of the last second
        Instant next_message{never};            // when the one after the last taken has its turn
        std::map<std::size_t, Instant> routes;  // when each was last used
        std::array<Instant, 4> paid{never, never, never, never};  // by Pace, see refuse_burst
    };
    Usage& usage_of(std::string_view user, Instant now);
    static Instant over_at(const Usage& usage);
    void forget_some(Instant now);
    static std::optional<Instant> refuse_burst(Instant& paid, Pace pace, Instant now);

    std::map<std::string, Usage, std::less<>> users_;
    std::size_t forget_at_{few_users};  // with so many users some are forgotten, if they can be
    static constexpr std::size_t few_users = 64;
};

}  // namespace ringback
