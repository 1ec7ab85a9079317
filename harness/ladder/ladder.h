#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ringback {

struct LadderStyle {
    std::size_t width{80};  // of the whole picture; at least 60
    bool utf8{true};        // else plain ASCII arrows
    bool colour{false};     // ANSI colours
};

/// The picture of a call: who said what to whom, on an axis of modelled seconds since the first
/// entry.
///
///  seconds your app                                ringback                  phone
///    0.000 │─ POST /calls to +19195550187 ────── 201 ─▶│                         │
///          │                                           │─ dials +19195550187 ───▶│
///
/// Pure. Text from receivers and clients is shown without control characters.
/// Shape  see ladder_rows(); ends in a newline; "" for no entries.
[[nodiscard]] std::string ladder(const std::vector<nlohmann::json>& entries,
                                 const LadderStyle& style);

}  // namespace ringback
