#pragma once

#include <string>
#include <string_view>

namespace ringback {

/// Where `reference` leads from the http URL `base`: an absolute URL as it is, "//host/..",
/// "/path", "path", "?query" and "#fragment" put on top of `base`, user information included. Dot
/// segments stay as they are. Whether the result may be called is the target policy's affair.
/// Source: RFC 3986 5.2.
[[nodiscard]] inline std::string joined_url(std::string_view base, std::string_view reference) {
    const std::size_t mark = reference.find_first_of(":/?#");
    if (mark != std::string_view::npos && mark > 0 && reference[mark] == ':') {
        return std::string{reference};
    }
    const auto scheme_end = base.find("://");
    if (reference.starts_with("//")) {
        return std::string{base.substr(0, scheme_end + 1)} + std::string{reference};
    }
    if (reference.empty() || reference.starts_with('#')) {
        return std::string{base.substr(0, base.find('#'))} + std::string{reference};
    }
    const auto path = base.find_first_of("/?#", scheme_end + 3);
    const std::string_view origin = base.substr(0, path);
    if (reference.starts_with('/')) {
        return std::string{origin} + std::string{reference};
    }
    const std::string_view old_path =
        path == std::string_view::npos || base[path] != '/' ? "/" : base.substr(path);
    const std::string_view pure_path = old_path.substr(0, old_path.find_first_of("?#"));
    const std::string_view kept =
        reference.starts_with('?') ? pure_path : pure_path.substr(0, pure_path.rfind('/') + 1);
    return std::string{origin} + std::string{kept} + std::string{reference};
}

}  // namespace ringback
