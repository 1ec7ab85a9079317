#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/core/fault_dice.h"
#include "simulator/core/held_back.h"
#include "simulator/core/route.h"

namespace ringback {

/// What becomes of one event by all the faults it meets; see "Faults" in simulator/README.md for
/// how they go together.
struct Fate {
    /// One delivery more, behind it.
    struct Echo {
        Duration after{};
        FaultMet met;
        std::optional<Event> event{};  // none: it is a copy
        bool beside{false};            // which is sent together with the event
    };
    std::optional<FaultMet> lost{};      // it never comes, and nothing else is to be looked at
    std::optional<std::string> payload;  // what it says instead
    Boxed<SentBadly> badly{};
    Stay stay;  // without followers
    std::vector<Echo> echoes;
    std::vector<FaultMet> news;  // for the journal
};

/// `payload`: what it says; `delivery`: the one that the journal knows it by.
[[nodiscard]] Fate fate_of(std::vector<FaultDice::Met> met, const Event& event, Method method,
                           std::string_view payload, DeliveryId delivery);

}  // namespace ringback
