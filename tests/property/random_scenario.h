#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "simulator/core/random.h"

namespace ringback::test {

/// Scenario files of dice: what a person might write, sensible or not. The same dice, the same
/// file.
class RandomScenario {
public:
    explicit RandomScenario(Rng& dice) : dice_{dice} {}

    /// A whole file with any of the format's members; most of them are accepted, some are not.
    nlohmann::ordered_json file();
    /// The same file with a few members taken away, doubled, renamed or of another type.
    nlohmann::ordered_json damaged(nlohmann::ordered_json file);
    /// The same text with a few of its characters cut, doubled or replaced.
    std::string damaged(std::string text);

private:
    using json = nlohmann::ordered_json;

    json steps(int depth);
    json step(int depth);
    json step_of(std::uint64_t kind, int depth = 0);
    json steps_of_any_order();
    json awaited();
    json branch(int depth);
    json matcher();
    json time();
    json value();
    json verified();
    void damage(json& at);
    bool chance(std::uint64_t in) { return dice_.below(in) == 0; }
    template <std::size_t N>
    std::string one_of(const char* const (&words)[N]) {
        return words[dice_.below(N)];
    }

    Rng& dice_;
    int named_{0};
};

}  // namespace ringback::test
