#include "harness/script/words.h"

#include <fmt/format.h>

#include <array>

namespace ringback {

std::string_view word_of(const Step& step) {
    constexpr std::array<std::string_view, 8> words{"send",  "await",  "caller", "pause",
                                                    "quiet", "branch", "repeat", "block"};
    static_assert(words.size() == std::variant_size_v<decltype(Step::what)>);
    return words.at(step.what.index());
}

std::string api_text(const ApiPattern& api, const Bindings& bindings) {
    const auto path = expanded_text(api.path, bindings);
    return fmt::format("{} {}", api.method.empty() ? "any" : api.method,
                       path ? path.value() : api.path);
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
        return fmt::format("{} {} -> {}", happening.method(), happening.path(), happening.status());
    }
    return happening.event;
}

}  // namespace ringback
