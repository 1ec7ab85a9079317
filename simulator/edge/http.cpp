#include "simulator/edge/http.h"

#include <algorithm>

#include "simulator/wire/ascii.h"

namespace ringback {

void Request::clear() {
    for (std::string* const text : {&method, &target, &path, &query, &body}) {
        text->clear();
    }
    headers.clear();
    remote.clear();
    remote_ip.clear();
    tls = false;
    received = {};
}

std::optional<std::string_view> Request::only(std::string_view name) const {
    const Header* found{nullptr};
    for (const Header& field : headers) {
        if (equal_ignoring_case(field.name, name)) {
            if (found != nullptr) {
                return std::nullopt;
            }
            found = &field;
        }
    }
    return found != nullptr ? std::optional<std::string_view>{found->value} : std::nullopt;
}

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
