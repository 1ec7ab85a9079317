#include "harness/run/targets.h"

#include <fmt/format.h>

#include <optional>
#include <string>

namespace ringback {
namespace {

/// "3000" and "app:3000", as waitFor may be written, are such URLs.
std::string url_of(const std::string& text) {
    if (text.find("://") != std::string::npos) {
        return text;
    }
    return (text.find(':') == std::string::npos ? "http://localhost:" : "http://") + text;
}

}  // namespace

std::vector<Mistake> refused_targets(const Scenario& scenario, const Bindings& bound,
                                     const TargetPolicy& policy) {
    std::vector<Mistake> refused;
    for (const NamedUrl& named : scenario.urls) {
        const auto text = expanded_text(named.text, bound);
        if (!text || text.value().empty()) {
            continue;
        }
        const Result<Target> target = parse_target(url_of(text.value()));
        const auto why =
            target ? policy.refusal(target.value()) : std::optional{target.error().what};
        if (why) {
            refused.push_back(
                {scenario.file, named.place, fmt::format("{}: {}", named.field, *why)});
        }
    }
    return refused;
}

}  // namespace ringback
