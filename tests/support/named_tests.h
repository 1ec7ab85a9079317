#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <regex>
#include <string>

#include "tests/support/fixture_files.h"

namespace ringback::test {

/// Row of a table in Markdown: the one whose first cell is `first`; "" if there is none.
inline std::string row_of(const std::string& part, const std::string& first) {
    const auto at = part.find("\n| " + first + " | ");
    return at == std::string::npos ? "" : part.substr(at + 1, part.find('\n', at + 1) - at - 1);
}

/// What stands under a heading of the second order.
inline std::string under(const std::string& page, const std::string& heading) {
    const auto at = page.find("\n" + heading + "\n");
    REQUIRE(at != std::string::npos);
    return page.substr(at, page.find("\n## ", at + 1) - at);
}

/// Where tests are, by their files' names; each file is read once, when it is asked for.
class NamedTests {
public:
    explicit NamedTests(const std::filesystem::path& root) {
        for (const char* const folder : {"tests", "bench"}) {
            for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
                files_[entry.path().filename()] = entry.path();
            }
        }
    }
    [[nodiscard]] bool has_file(const std::string& file) const { return files_.contains(file); }

    /// Whether that file has a test of that name, which is not hidden.
    bool has(const std::string& file, const std::string& name) {
        const std::string& source = source_of(file);
        // At the beginning of a line, so that none in a comment counts.
        for (const char* const start : {"TEST_CASE(\"", "test(\"", "test(`"}) {
            std::size_t at = source.find(start + name + start[std::string{start}.size() - 1]);
            if (at != std::string::npos && is_begin_of_line(source, at) &&
                source.substr(at, source.find('{', at) - at).find("[.") == std::string::npos) {
                return true;
            }
        }
        return false;
    }

private:
    static bool is_begin_of_line(const std::string& source, std::size_t at) {
        const std::size_t line = source.rfind('\n', at);
        const std::string before = source.substr(line + 1, at - line - 1);
        return before.find_first_not_of(" \t") == std::string::npos || before.starts_with("for (");
    }
    /// Text in which no name is broken in two.
    const std::string& source_of(const std::string& file) {
        std::string& source = sources_[file];
        if (source.empty()) {
            source =
                std::regex_replace(text_of_file(files_.at(file)), std::regex{"\"\\s*\n\\s*\""}, "");
            source = std::regex_replace(source, std::regex{"TEST_CASE\\(\\s*"}, "TEST_CASE(");
        }
        return source;
    }

    std::map<std::string, std::filesystem::path> files_;
    std::map<std::string, std::string> sources_;
};

}  // namespace ringback::test
