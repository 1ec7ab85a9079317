#pragma once

#include <string>
#include <vector>

#include "harness/scenario/load.h"

namespace ringback::test {

using Texts = std::vector<std::string>;

/// What is wrong with a file "f".
inline Texts mistakes_in(const std::string& text) {
    Texts all;
    for (const Mistake& mistake : read_scenario("f", text, {}).mistakes) {
        all.push_back(to_text(mistake));
    }
    return all;
}

}  // namespace ringback::test
