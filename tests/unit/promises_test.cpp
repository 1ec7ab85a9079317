// The page that says what holds each promise of reliability, held against the tests there are.

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "tests/support/named_tests.h"

namespace fs = std::filesystem;
using namespace ringback;
using Catch::Contains;
using test::NamedTests;
using test::row_of;
using test::text_of_file;
using test::under;

namespace promises {
namespace {

const fs::path source_root{RINGBACK_SOURCE_DIR};
constexpr int last_promise = 40;

/// What stands between the bars of a row.
std::vector<std::string> cells_of(const std::string& row) {
    std::vector<std::string> cells;
    for (std::size_t from = 2, bar = 0; (bar = row.find(" |", from)) != std::string::npos;) {
        cells.push_back(row.substr(from, bar - from));
        from = bar + 3;
    }
    return cells;
}

/// How many tests and programs a row names; all of them must be there.
int held_by(const std::string& row, NamedTests& tests) {
    static const std::regex test{"`([^` ]+)` \"([^\"]+)\""};
    static const std::regex program{"`bench/([^` /]+/)?([^` /]+)`"};
    int names{0};
    for (std::sregex_iterator found{row.begin(), row.end(), test}, end; found != end; ++found) {
        ++names;
        INFO(found->str());
        REQUIRE(tests.has_file((*found)[1].str()));
        CHECK(tests.has((*found)[1].str(), (*found)[2].str()));
    }
    for (std::sregex_iterator found{row.begin(), row.end(), program}, end; found != end; ++found) {
        ++names;
        INFO(found->str());
        CHECK(tests.has_file((*found)[2].str()));
    }
    return names;
}

}  // namespace

TEST_CASE("promises: each has its row, and every test named there is", "[promises]") {
    const std::string page = text_of_file(source_root / "tests/promises.md");
    NamedTests tests{source_root};

    const std::string promised = under(page, "## Promises");
    for (int number = 1; number <= last_promise; ++number) {
        const std::string row = row_of(promised, std::to_string(number));
        INFO("promise " << number << ": " << row);
        REQUIRE_FALSE(row.empty());
        CHECK(held_by(row, tests) > 0);
    }
    CHECK(row_of(promised, std::to_string(last_promise + 1)).empty());
}

TEST_CASE("promises: the short table names the same promises, tests and figures", "[promises]") {
    const std::string full = under(text_of_file(source_root / "tests/promises.md"), "## Promises");
    const std::string brief =
        under(text_of_file(source_root / "tests/README.md"), "## The promises");

    for (int number = 1; number <= last_promise; ++number) {
        const auto cells = cells_of(row_of(brief, std::to_string(number)));
        const std::string row = row_of(full, std::to_string(number));
        INFO("promise " << number << ": " << row);
        REQUIRE(cells.size() == 4);
        const std::string& files = cells[2];
        const std::size_t comma = std::min(files.find(", "), files.size());
        CHECK_THAT(row, Contains("| " + cells[1] + " |"));
        CHECK_THAT(row, Contains(files.substr(0, comma)));
        CHECK_THAT(row, Contains(files.substr(std::min(comma + 2, files.size()))));
        CHECK_THAT(row, Contains(cells[3]));
    }
}

TEST_CASE("promises: each known defect of cpp-httplib has its answer, and a test that is there",
          "[promises]") {
    const std::string page = text_of_file(source_root / "tests/promises.md");
    NamedTests tests{source_root};

    const std::string known = under(page, "## cpp-httplib 0.11.4");
    constexpr int last = 16;
    for (int number = 1; number <= last; ++number) {
        const std::string row = row_of(known, std::to_string(number));
        INFO("defect " << number << ": " << row);
        REQUIRE_FALSE(row.empty());
        CHECK(held_by(row, tests) > 0);
    }
    CHECK(row_of(known, std::to_string(last + 1)).empty());
}

}  // namespace promises
