#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/core/number_places.h"
#include "simulator/core/random.h"

namespace ringback {

/// What numbers are looked for; texts in capitals, "" for what does not matter.
struct NumberSearch {
    bool toll_free{false};
    std::string state;
    std::string city;
    std::string zip;                    // five digits
    std::string area_code;              // three digits
    std::string local_number;           // the first 3 or 4 digits behind the area code
    bool in_local_calling_area{false};  // also in area codes that serve the same city
    std::string pattern;                // see pattern_match
    std::size_t quantity{10};

    friend bool operator==(const NumberSearch&, const NumberSearch&) = default;
};

struct AvailableNumber {
    std::string digits;                 // ten
    const NumberPlace* place{nullptr};  // null: toll-free

    friend bool operator==(const AvailableNumber&, const AvailableNumber&) = default;
};

/// Whether somebody has the number already; ten digits.
using IsTaken = std::function<bool(const std::string& digits)>;

/// What is to be had, at most `quantity`: the same for the same seed, search and taken numbers,
/// each number once. A place has a few thousand numbers and no more, so that a search costs little
/// whatever its pattern is.
[[nodiscard]] std::vector<AvailableNumber> find_numbers(Seed seed, const NumberSearch& search,
                                                        const IsTaken& is_taken);

/// Which of the ten digits the pattern names, the others as spaces: "*2?9*" in 9195552190 is
/// "      2 9 "; none if the number does not match. A pattern is of digits, letters (as on a
/// telephone's keys), `?` for any digit and `*` for any number of them, and is about all ten.
[[nodiscard]] std::optional<std::string> pattern_match(std::string_view pattern,
                                                       std::string_view digits);
/// Whether it has nothing else in it.
[[nodiscard]] bool is_number_pattern(std::string_view text);

/// Who a number is registered to, as a caller's name: "HALL MARTHA". None for what has no name: a
/// number outside North America, and one that is not in service (magic suffix 9904).
[[nodiscard]] std::optional<std::string> caller_name(Seed seed, std::string_view number);

}  // namespace ringback
