#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace ringback::test {

inline const std::filesystem::path fixtures{std::filesystem::path{RINGBACK_SOURCE_DIR} /
                                            "fixtures"};

inline std::string text_of_file(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace ringback::test
