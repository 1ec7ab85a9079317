#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ringback {

/// What a journal says about how a call went. A callback that did not go as it should is told in
/// words: "answer to http://…: could not connect".
struct CallStory {
    bool ended{false};
    std::string cause;         // "NORMAL_CLEARING"; "" while it has not ended
    bool hangup_told{false};   // its last event has an outcome: nothing of the call is to come
    std::size_t delivered{0};  // callbacks, by the fallback URL too
    std::size_t lost{0};       // callbacks that a fault has dropped
    std::vector<std::string> failed;  // callbacks given up on
    std::vector<std::string> owed;    // callbacks without an outcome yet, the newest last
    bool nobody_there{false};  // something failed, nothing was delivered, and no try got through

    friend bool operator==(const CallStory&, const CallStory&) = default;
};

/// Reads the entries of one call; see ladder_rows() for their shape.
[[nodiscard]] CallStory story_of(const std::vector<nlohmann::json>& entries);

}  // namespace ringback
