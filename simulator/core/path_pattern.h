#pragma once

#include <algorithm>
#include <string_view>

namespace ringback {

/// Does "/v1/users/u/calls/*" mean that path? '*' is one segment, a final "**" any rest.
[[nodiscard]] constexpr bool means_path(std::string_view pattern, std::string_view path) {
    while (true) {
        const std::size_t wanted_end = std::min(pattern.find('/', 1), pattern.size());
        const std::size_t found_end = std::min(path.find('/', 1), path.size());
        const std::string_view wanted = pattern.substr(0, wanted_end);
        if (wanted == "/**" || wanted == "**") {
            return true;
        }
        if (wanted.ends_with("/*") ? found_end < 2 : wanted != path.substr(0, found_end)) {
            return false;
        }
        pattern.remove_prefix(wanted_end);
        path.remove_prefix(found_end);
        if (pattern.empty() || path.empty()) {
            return pattern.empty() && path.empty();
        }
    }
}

}  // namespace ringback
