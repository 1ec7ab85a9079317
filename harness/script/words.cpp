#include "harness/script/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringback {

std::string api_text(const ApiPattern& api, const Bindings& bindings) {
    const auto path = expanded_text(api.path, bindings);
    return fmt::format("{} {}", api.method.empty() ? "any" : api.method,
                       path ? path.value() : api.path);
}

bool is_meant(const ApiPattern& api, const Happening& request, const Bindings& bindings) {
    const auto path = expanded_text(api.path, bindings);
    if (request.kind != Happening::Kind::request || request.own ||
        !(api.method.empty() || api.method == request.method()) ||
        !(api.path.empty() || (path && means_path(path.value(), request.path())))) {
        return false;
    }
    const auto findings = judge(api.match, request.message(), bindings);
    return std::ranges::all_of(findings, [](const auto& found) { return found.finding.fits; });
}

std::string ranges_text(const std::vector<std::pair<int, int>>& ranges) {
    std::string text;
    for (const auto& [least, most] : ranges) {
        text += text.empty() ? "" : " or ";
        text += least == most ? fmt::to_string(least) : fmt::format("{}..{}", least, most);
    }
    return text.empty() ? "200..299" : text;
}

bool in_ranges(const std::vector<std::pair<int, int>>& ranges, int status) {
    if (ranges.empty()) {
        return status >= 200 && status < 300;
    }
    for (const auto& [least, most] : ranges) {
        if (status >= least && status <= most) {
            return true;
        }
    }
    return false;
}

std::string comparison_text(const Comparison& comparison, std::string_view unit) {
    constexpr std::array<std::string_view, 6> signs{"<", "<=", "==", "!=", ">=", ">"};
    return fmt::format("{} {}{}", signs.at(static_cast<std::size_t>(comparison.op)),
                       comparison.bound, unit);
}

std::string happening_text(const Happening& happening) {
    if (happening.kind == Happening::Kind::request) {
        const std::string by =
            happening.is_answered_by_fault() ? " by the fault " + happening.fault() : std::string{};
        return fmt::format("{} {} -> {}{}", happening.method(), happening.path(),
                           happening.status(), by);
    }
    return happening.event;
}

}  // namespace ringback
