#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace ringback::test {

/// Holds a text against tests/golden/NAME. One that differs is left in the build folder, to be
/// looked at, and copied over the old one if it is the better.
inline void check_golden(const std::string& name, const std::string& text) {
    std::ifstream in{std::string{RINGBACK_SOURCE_DIR} + "/tests/golden/" + name, std::ios::binary};
    const std::string golden{std::istreambuf_iterator<char>{in}, {}};
    const bool is_golden = text == golden;
    const std::filesystem::path folder = std::string{RINGBACK_BINARY_DIR} + "/golden";
    if (!is_golden) {
        std::filesystem::create_directories(folder);
        std::ofstream{folder / name, std::ios::binary} << text;
    }
    INFO("diff tests/golden/" << name << " " << (folder / name).string());
    CHECK(is_golden);
}

}  // namespace ringback::test
