#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "simulator/core/time.h"

namespace ringback {

/// How many lines of each class there are, and which of them places its next call when. A line is
/// placing, or on a call; one that is too many ends when its call does. Told the time; no I/O.
class Lines {
public:
    explicit Lines(std::size_t classes) : groups_(classes) {}

    /// So many of each class, from now on. Those that are missing are due now. Of those that are
    /// too many the ones that are not on a call are gone.
    void want(const std::vector<std::uint32_t>& counts, WallInstant now);

    struct Turn {
        std::size_t of{0};  // its class
        WallInstant due{};

        friend bool operator==(const Turn&, const Turn&) = default;
    };
    /// A line whose call is due by now: it is on that call then.
    [[nodiscard]] std::optional<Turn> take(WallInstant now);
    [[nodiscard]] std::optional<WallInstant> next_due() const;

    /// The call of a line of that class is over; unless it is one too many, its next one is due
    /// then.
    void over(std::size_t of, WallInstant next);

    /// Lines of that class on a call that are more than wanted.
    [[nodiscard]] std::uint32_t too_many(std::size_t of) const;
    /// Of each class exactly as many as wanted.
    [[nodiscard]] bool settled() const;

private:
    struct Group {
        std::uint32_t wanted{0};
        std::uint32_t placing{0};
        std::uint32_t on_call{0};
    };
    std::vector<Group> groups_;
    std::multimap<WallInstant, std::size_t> placing_;  // equal instants in the order they came
};

}  // namespace ringback
