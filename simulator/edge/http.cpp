#include "simulator/edge/http.h"

#include <algorithm>

#include "simulator/edge/text_case.h"

namespace ringback {

std::string_view Request::header(std::string_view name) const {
    const auto found = std::ranges::find_if(
        headers, [&](const Header& field) { return equal_ignoring_case(field.name, name); });
    return found == headers.end() ? std::string_view{} : std::string_view{found->value};
}

std::size_t Request::count(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        headers, [&](const Header& field) { return equal_ignoring_case(field.name, name); }));
}

}  // namespace ringback
