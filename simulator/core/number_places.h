#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

namespace ringback {

/// Where numbers of an area code are to be had. Names are in capitals, as the docs' samples have
/// them.
struct NumberPlace {
    std::string_view area_code;
    std::string_view state;  // two letters
    std::string_view city;
    std::string_view rate_center;
    std::string_view lata;
    std::string_view zip;  // the first three digits of the city's ZIP codes
};

/// All of them; an area code, a state and a city can each have several. Source: the North American
/// Numbering Plan; at least one place for each state.
[[nodiscard]] std::pair<const NumberPlace*, const NumberPlace*> number_places();

/// The state that a ZIP code with these first three digits lies in; "" if there is none.
[[nodiscard]] std::string_view state_of_zip(std::string_view first_three);

}  // namespace ringback
