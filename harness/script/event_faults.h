#pragma once

#include <boost/container/flat_map.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/script/happening.h"

namespace ringback {

/// What faults have made of events, so that the time that ringback itself has taken is not counted
/// against the receiver, and so that a failure says which event it has never seen as it was meant.
class EventFaults {
public:
    /// The next entry, whatever it is about. When an event has left whole that a fault had held up:
    /// since then the receiver knows of it.
    std::optional<WallInstant> take(const Happening& happening);
    /// An event that has met a fault is still on its way.
    [[nodiscard]] bool is_on_its_way() const { return !on_its_way_.empty(); }
    /// One of them is sent late, or badly and then again.
    [[nodiscard]] bool is_held_up() const;
    /// What was awaited has come: only what is lost for good can matter to what comes behind it.
    void forget_what_came();
    /// `got`, and what the last of these faults had done to which event.
    [[nodiscard]] std::string with_last(std::string got) const;

private:
    enum class What : std::uint8_t { took, altered, held_up };
    struct Met {
        std::string fault;
        std::string event;
        What what{};
    };
    void note(const Happening& fault);

    boost::container::flat_map<std::uint64_t, bool> on_its_way_;  // deliveries; held up?
    std::vector<Met> met_;
    std::pair<std::uint64_t, std::string> raised_;  // the last event: its faults are told behind it
};

}  // namespace ringback
