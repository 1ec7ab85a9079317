#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace ringback {

struct JsonComparison {
    bool ignore_extra{false};  // members; elements after those that are expected
    bool ignore_order{false};  // of elements
};

/// "expected 1 at items[0].a, got 2": the first difference in the order of `expected`; "" when
/// there is none. Numbers are the same when their values are (1 and 1.0).
[[nodiscard]] std::string first_difference(const nlohmann::json& expected,
                                           const nlohmann::json& actual, JsonComparison how);

}  // namespace ringback
