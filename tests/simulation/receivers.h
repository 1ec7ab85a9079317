#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/core/random.h"
#include "simulator/edge/transport.h"

namespace ringback::test {

/// What becomes of one try.
struct Ending {
    Duration sent_after{};                 // until it is on the wire; negative: it never is
    Duration ends_after{};                 // until it has ended
    std::optional<Duration> lost_after{};  // until its kept connection is seen to have ended before
                                           // it: the same request goes out again
    AttemptResult result;                  // how, but for its instants
};

/// The receivers under test, each with moods that change: well, slow, failing, refusing
/// connections, silent, talking nonsense, sending elsewhere. All dice are their own.
class Receivers {
public:
    static constexpr std::size_t count = 6;

    explicit Receivers(std::uint64_t stream) : dice_{stream}, one_stays_{dice_.below(3) == 0} {}

    /// "http://127.0.0.1:9000/cb" and so on; never one of another test.
    [[nodiscard]] std::string some_url(Rng& dice, std::string_view path) const;
    [[nodiscard]] Ending ending_of(const AttemptRequest& request, WallInstant now);
    /// From now on all are well, but for the one that never changes, where there is one: faults
    /// stop, and what is owed must get through or be given up.
    void recover() { recovered_ = true; }

    /// The place of fault plans: changes what becomes of a try, after the receivers' own moods.
    std::function<void(const AttemptRequest&, Ending&)> plan = [](const AttemptRequest&, Ending&) {
    };

private:
    enum class Mood : std::uint8_t { well, slow, failing, refusing, silent, nonsense, elsewhere };
    struct Receiver {
        Mood mood{Mood::well};
        WallInstant until{WallInstant::min()};
    };
    [[nodiscard]] Mood mood_of(std::string_view url, WallInstant now);
    void may_lose_connection(Ending& ending);
    [[nodiscard]] std::string document();

    Rng dice_;
    bool one_stays_;  // as it was first met: only so does anything see its twelfth try
    std::array<Receiver, count> receivers_{};
    bool recovered_{false};
};

}  // namespace ringback::test
