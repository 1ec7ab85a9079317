#include "harness/scenario/json_difference.h"

#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <vector>

#include "harness/scenario/shown.h"

namespace ringback {

using nlohmann::json;

namespace {

constexpr std::size_t most_shown_here = 60;

bool fits(const json& expected, const json& actual, JsonComparison how);

/// Which expected element stands for which actual one, so that as many as possible find a partner
/// (Kuhn's augmenting paths): with extra members ignored, the first that fits may be another's
/// only.
class Pairing {
public:
    Pairing(const json& expected, const json& actual, JsonComparison how)
        : partner_(actual.size()), fits_(expected.size(), std::vector<bool>(actual.size())) {
        for (std::size_t i = 0; i < expected.size(); ++i) {
            for (std::size_t j = 0; j < actual.size(); ++j) {
                fits_[i][j] = fits(expected[i], actual[j], how);
            }
        }
        for (std::size_t i = 0; i < expected.size() && !lonely_; ++i) {
            std::vector<bool> tried(actual.size());
            if (!pair(i, tried)) {
                lonely_ = i;
            }
        }
    }

    /// The first expected element that none is left for.
    [[nodiscard]] std::optional<std::size_t> lonely() const { return lonely_; }
    /// The first actual element that is nobody's partner.
    [[nodiscard]] std::optional<std::size_t> left_over() const {
        for (std::size_t j = 0; j < partner_.size(); ++j) {
            if (!partner_[j]) {
                return j;
            }
        }
        return std::nullopt;
    }

private:
    bool pair(std::size_t i, std::vector<bool>& tried) {
        for (std::size_t j = 0; j < partner_.size(); ++j) {
            if (!fits_[i][j] || tried[j]) {
                continue;
            }
            tried[j] = true;
            if (!partner_[j] || pair(*partner_[j], tried)) {
                partner_[j] = i;
                return true;
            }
        }
        return false;
    }

    std::vector<std::optional<std::size_t>> partner_;  // of the actual ones
    std::vector<std::vector<bool>> fits_;
    std::optional<std::size_t> lonely_{};
};

/// More pairs than that are not tried: a stranger's array has no say in how long a verdict takes.
bool too_many_pairs(const json& expected, const json& actual) {
    constexpr std::size_t most_pairs = 4'000'000;
    return !expected.empty() && actual.size() > most_pairs / expected.size();
}

bool objects_fit(const json& expected, const json& actual, JsonComparison how) {
    if (!how.ignore_extra && expected.size() != actual.size()) {
        return false;
    }
    for (const auto& [name, member] : expected.get_ref<const json::object_t&>()) {
        const auto there = actual.find(name);
        if (there == actual.end() || !fits(member, *there, how)) {
            return false;
        }
    }
    return true;
}

bool arrays_fit(const json& expected, const json& actual, JsonComparison how) {
    if (actual.size() < expected.size() ||
        (!how.ignore_extra && actual.size() != expected.size())) {
        return false;
    }
    if (how.ignore_order) {
        return !too_many_pairs(expected, actual) && !Pairing{expected, actual, how}.lonely();
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (!fits(expected[i], actual[i], how)) {
            return false;
        }
    }
    return true;
}

bool fits(const json& expected, const json& actual, JsonComparison how) {
    if (expected.is_object() && actual.is_object()) {
        return objects_fit(expected, actual, how);
    }
    if (expected.is_array() && actual.is_array()) {
        return arrays_fit(expected, actual, how);
    }
    return expected == actual;
}

std::string told(const std::string& path, const json* expected, const json* actual) {
    const auto show = [](const json* value) {
        return value == nullptr ? std::string{"nothing"} : shown(*value, most_shown_here);
    };
    return fmt::format("expected {}{}, got {}", show(expected),
                       path.empty() ? "" : " at " + shown_text(path), show(actual));
}

std::string difference(const std::string& path, const json& expected, const json& actual,
                       JsonComparison how);

std::string of_objects(const std::string& path, const json& expected, const json& actual,
                       JsonComparison how) {
    const auto inside = [&](const std::string& name) {
        return path.empty() ? name : fmt::format("{}.{}", path, name);
    };
    for (const auto& [name, member] : expected.get_ref<const json::object_t&>()) {
        const auto there = actual.find(name);
        if (there == actual.end()) {
            return told(inside(name), &member, nullptr);
        }
        if (auto found = difference(inside(name), member, *there, how); !found.empty()) {
            return found;
        }
    }
    if (!how.ignore_extra) {
        for (const auto& [name, member] : actual.get_ref<const json::object_t&>()) {
            if (!expected.contains(name)) {
                return told(inside(name), nullptr, &member);
            }
        }
    }
    return "";
}

std::string of_ordered_arrays(const std::string& path, const json& expected, const json& actual,
                              JsonComparison how) {
    const auto inside = [&](std::size_t i) { return fmt::format("{}[{}]", path, i); };
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (i == actual.size()) {
            return told(inside(i), &expected[i], nullptr);
        }
        if (auto found = difference(inside(i), expected[i], actual[i], how); !found.empty()) {
            return found;
        }
    }
    return !how.ignore_extra && actual.size() > expected.size()
               ? told(inside(expected.size()), nullptr, &actual[expected.size()])
               : "";
}

std::string of_unordered_arrays(const std::string& path, const json& expected, const json& actual,
                                JsonComparison how) {
    const std::string where = path.empty() ? "in the array" : "in " + shown_text(path);
    if (too_many_pairs(expected, actual)) {
        return fmt::format("expected {} elements in any order {}, got {}: too many to compare",
                           expected.size(), where, actual.size());
    }
    const Pairing pairing{expected, actual, how};
    if (const auto lonely = pairing.lonely(); lonely) {
        return fmt::format("expected {} {}, got none left that fits",
                           shown(expected[*lonely], most_shown_here), where);
    }
    if (const auto left = pairing.left_over(); left && !how.ignore_extra) {
        return fmt::format("expected nothing more {}, got {}", where,
                           shown(actual[*left], most_shown_here));
    }
    return "";
}

std::string difference(const std::string& path, const json& expected, const json& actual,
                       JsonComparison how) {
    if (expected.is_object() && actual.is_object()) {
        return of_objects(path, expected, actual, how);
    }
    if (expected.is_array() && actual.is_array()) {
        return how.ignore_order ? of_unordered_arrays(path, expected, actual, how)
                                : of_ordered_arrays(path, expected, actual, how);
    }
    return expected == actual ? "" : told(path, &expected, &actual);
}

}  // namespace

std::string first_difference(const json& expected, const json& actual, JsonComparison how) {
    // Almost always nothing differs; the words are made only when something does.
    return fits(expected, actual, how) ? "" : difference("", expected, actual, how);
}

}  // namespace ringback
