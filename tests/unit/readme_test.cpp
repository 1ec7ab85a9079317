#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <span>
#include <string>

#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "simulator/core/far_end.h"
#include "simulator/core/message_numbers.h"

using namespace ringback;

namespace {

std::string text_of(const std::string& file) {
    std::ifstream in{std::string{RINGBACK_SOURCE_DIR} + "/" + file};
    return {std::istreambuf_iterator<char>{in}, {}};
}
std::string readme() { return text_of("README.md"); }

}  // namespace

TEST_CASE("readme: its table of magic numbers is the one that is built in", "[readme]") {
    const std::string text = readme();
    const auto [first, last] = magic_numbers();
    std::size_t at = 0;
    for (const MagicNumber& number : std::span{first, last}) {
        const std::string row =
            "| `" + std::string{number.suffix} + "` | " + std::string{number.about} + " |\n";
        CAPTURE(row);
        at = text.find(row, at);  // in the same order
        REQUIRE(at != std::string::npos);
    }
    std::size_t rows = 0;
    for (auto row = text.find("| `99"); row != std::string::npos;
         row = text.find("| `99", row + 1)) {
        ++rows;
    }
    CHECK(rows == static_cast<std::size_t>(last - first));
}

TEST_CASE("readme: so is that of the numbers for messages", "[readme]") {
    const std::string text = readme();
    const std::string page = numbers_page();
    std::size_t at = 0;
    for (const MessageNumber& number : message_numbers()) {
        const std::string row =
            "| `" + std::string{number.suffix} + "` | " + std::string{number.about} + " |\n";
        CAPTURE(row);
        at = text.find(row, at);
        REQUIRE(at != std::string::npos);
        CHECK(page.find(number.suffix) != std::string::npos);
        CHECK(page.find(number.about) != std::string::npos);
    }
    std::size_t rows = 0;
    for (auto row = text.find("| `98"); row != std::string::npos;
         row = text.find("| `98", row + 1)) {
        ++rows;
    }
    CHECK(rows == message_numbers().size());
}

TEST_CASE("readme: ringback help numbers shows every magic number", "[readme]") {
    const std::string page = numbers_page();
    const auto [first, last] = magic_numbers();
    for (const MagicNumber& number : std::span{first, last}) {
        CHECK(page.find(number.suffix) != std::string::npos);
        CHECK(page.find(number.about) != std::string::npos);
    }
}

TEST_CASE("readme: every flag of serve is in it", "[readme]") {
    const std::string text = readme();
    ServeOptions options;
    for (const std::string& name : serve_flags(options)->long_names()) {
        CAPTURE(name);
        CHECK(text.find('`' + name) != std::string::npos);
    }
}

TEST_CASE("readme: every exit status is in it", "[readme]") {
    const std::string text = readme();
    for (const Exit exit :
         {Exit::passed, Exit::failed, Exit::bad_usage, Exit::could_not_start, Exit::unreachable,
          Exit::deadline, Exit::inconclusive, Exit::invalid, Exit::threshold, Exit::interrupted}) {
        CHECK(text.find("| " + std::to_string(static_cast<int>(exit)) + " |") != std::string::npos);
    }
}

TEST_CASE("readme: every built-in scenario is in the table of fixtures/, built in and tested",
          "[readme]") {
    const std::string table = text_of("fixtures/README.md");
    const std::string built_in = text_of("harness/CMakeLists.txt");
    const std::string tests = text_of("tests/e2e/node/scenarios.test.js");
    std::size_t count{0};
    for (const auto& file : std::filesystem::directory_iterator{std::string{RINGBACK_SOURCE_DIR} +
                                                                "/fixtures/scenarios"}) {
        const std::string name = file.path().stem().string();
        CAPTURE(name);
        CHECK(table.find('`' + name + '`') != std::string::npos);
        const std::regex whole{"(^|[^a-z0-9-])" + name + "([^a-z0-9-]|$)"};
        CHECK(std::regex_search(built_in, whole));
        CHECK(std::regex_search(tests, whole));
        ++count;
    }
    CHECK(count > 90);  // "more than ninety"
}
