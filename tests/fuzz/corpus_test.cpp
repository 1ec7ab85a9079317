#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"

namespace fs = std::filesystem;
using namespace ringback::fuzz;

namespace {

const fs::path corpus{RINGBACK_SOURCE_DIR "/tests/fuzz/corpus"};

std::string text_of(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

TEST_CASE("fuzz: every input that is kept is taken without a finding", "[fuzz]") {
    for (const Taker& target : targets) {
        std::vector<fs::path> files;
        for (const auto& file : fs::directory_iterator{corpus / target.name}) {
            files.push_back(file.path());
        }
        std::ranges::sort(files);
        CAPTURE(target.name);
        CHECK(files.size() >= 5);
        for (const fs::path& file : files) {
            CAPTURE(file.filename().string());
            CHECK_NOTHROW(target.take(text_of(file)));
        }
    }
}

TEST_CASE("fuzz: every folder of the corpus has its target, and stays small", "[fuzz]") {
    std::set<std::string> names;
    for (const Taker& target : targets) {
        names.emplace(target.name);
    }
    std::uintmax_t bytes = 0;
    for (const auto& file : fs::recursive_directory_iterator{corpus}) {
        if (file.is_directory()) {
            CHECK(names.contains(file.path().filename().string()));
        } else {
            bytes += file.file_size();
        }
    }
    CHECK(bytes < 400'000);
}

TEST_CASE("fuzz: an input cut short anywhere, and no input at all, are taken too", "[fuzz]") {
    for (const Taker& target : targets) {
        CAPTURE(target.name);
        CHECK_NOTHROW(target.take({}));
        for (const auto& file : fs::directory_iterator{corpus / target.name}) {
            const std::string text = text_of(file.path());
            CAPTURE(file.path().filename().string());
            for (std::size_t part = 1; part < 4; ++part) {
                CHECK_NOTHROW(
                    target.take(std::string_view{text}.substr(0, text.size() * part / 4)));
            }
        }
    }
}
