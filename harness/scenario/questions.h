#pragma once

// Inside of Matcher: the questions that ask about the value itself. Not for use elsewhere.

#include <re2/re2.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/scenario/json_difference.h"
#include "harness/scenario/matcher.h"

namespace ringback {

struct EqualTo {
    nlohmann::json wanted;  // text, number or boolean
    bool ignore_case{false};
};
struct EqualToJson {
    nlohmann::json wanted;
    JsonComparison how;
};
struct Numeric {
    std::string wanted;  // "<=10"
};
struct Pattern {
    std::string wanted;
    bool must_match{true};
    std::shared_ptr<const RE2> compiled;  // null: holds references, so it is another each time
};
struct Contains {
    std::string wanted;
    bool must_contain{true};
};
struct Absent {
    bool wanted{true};
};

/// Null `value`: it is absent.
[[nodiscard]] Finding answer_to(const EqualTo& asked, const nlohmann::json* value, const Bindings&);
[[nodiscard]] Finding answer_to(const EqualToJson& asked, const nlohmann::json* value,
                                const Bindings&);
[[nodiscard]] Finding answer_to(const Numeric& asked, const nlohmann::json* value, const Bindings&);
[[nodiscard]] Finding answer_to(const Pattern& asked, const nlohmann::json* value, const Bindings&);
[[nodiscard]] Finding answer_to(const Contains& asked, const nlohmann::json* value,
                                const Bindings&);
[[nodiscard]] Finding answer_to(const Absent& asked, const nlohmann::json* value, const Bindings&);

/// "nothing", or the value in a line.
[[nodiscard]] std::string found_text(const nlohmann::json* value);

/// An expression as scenarios have them; whether it is one: ok() and error() of it.
[[nodiscard]] std::shared_ptr<const RE2> compile(const std::string& expression);

/// "1", "-2.5", "1e3": all of the text.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

/// Both must hold.
struct NumberRange {
    Comparison least;
    Comparison most;

    [[nodiscard]] bool holds(double value) const { return least.holds(value) && most.holds(value); }
};
/// What parse_comparison reads, or "1..300".
[[nodiscard]] std::optional<NumberRange> parse_number_range(std::string_view text);

}  // namespace ringback
