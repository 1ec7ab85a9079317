#pragma once

#include <string>
#include <string_view>

namespace ringback {

/// Where a Location header leads from `base`: an absolute URL as it is, "//host/..", "/path" and
/// "path" resolved against `base`. Whether the result may be called is the target policy's affair.
[[nodiscard]] inline std::string redirect_target(std::string_view base, std::string_view location) {
    if (location.find("://") != std::string_view::npos) {
        return std::string{location};
    }
    const auto scheme_end = base.find("://");
    if (location.starts_with("//")) {
        return std::string{base.substr(0, scheme_end + 1)} + std::string{location};
    }
    const auto path = base.find_first_of("/?#", scheme_end + 3);
    const std::string_view origin = base.substr(0, path);
    if (location.starts_with('/')) {
        return std::string{origin} + std::string{location};
    }
    const std::string_view old_path =
        path == std::string_view::npos || base[path] != '/' ? "/" : base.substr(path);
    const std::string_view pure_path = old_path.substr(0, old_path.find_first_of("?#"));
    return std::string{origin} + std::string{pure_path.substr(0, pure_path.rfind('/') + 1)} +
           std::string{location};
}

}  // namespace ringback
