#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "simulator/core/time.h"

namespace ringback {

/// One line of a ladder: an arrow in one of its two lanes, or a remark across both.
struct LadderRow {
    enum class Kind : std::uint8_t {
        app_to_ringback,
        ringback_to_app,
        ringback_to_phone,
        phone_to_ringback,
        remark,
    };
    Kind kind{Kind::remark};
    Duration at{};      // modelled time since the first entry
    std::string label;  // what travels; UTF-8, may be cut
    std::string tail;   // how it went ("200  3 ms"); never cut
    bool failed{false};
    // Of the label the bytes that name the event, and those behind them that say what is wrong with
    // it, which are cut last; 0 = nothing is.
    std::size_t name{0};
    std::size_t wrong{0};
    std::uint64_t seq{0};          // the entry that it tells of
    std::uint64_t outcome_seq{0};  // the attempt that `tail` tells of; 0 = none

    friend bool operator==(const LadderRow&, const LadderRow&) = default;
};

/// The rows of a ladder, in the order of the entries. A callback stands where it became owed, with
/// the outcome of its first try; every further try has a row of its own, where it ended.
///
/// Shape  journal entries as simulator/wire/entry_json.h writes them; of one call, or of the two
/// legs of a
///        transfer, whose second one's rows begin with "B: ".
[[nodiscard]] std::vector<LadderRow> ladder_rows(const std::vector<nlohmann::json>& entries);

}  // namespace ringback
