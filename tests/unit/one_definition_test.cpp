// No compiler sees two types of the same name in two files: the linker keeps one of their
// destructors for both.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <string>

namespace fs = std::filesystem;

namespace one_definition {
namespace {

/// By the name with its namespace: the file that has it first. As clang-format has it, whatever
/// begins a line is in no other type.
using Places = std::map<std::string, std::string>;

/// Those that another file has as well, "ringback::Listener in a.h and b.h"; the others come to the
/// known.
std::string again(const fs::path& file, const std::string& name, Places& known) {
    static const std::regex opens{R"(^(?:inline )?namespace ?([\w:]*) \{(?:  //.*)?$)"};
    static const std::regex closes{R"(^\}  // namespace ?([\w:]*)$)"};
    static const std::regex type{
        R"(^(?:struct|class|enum|enum class|union) (\w+)(?: final)?(?: :.*)? \{)"};
    std::string inside;  // "ringback::testing::"
    std::string twice;
    int unnamed = 0;
    std::ifstream in{file};
    for (std::string line; std::getline(in, line);) {
        std::smatch found;
        if (std::regex_match(line, found, opens)) {
            found[1].length() == 0 ? static_cast<void>(++unnamed)
                                   : static_cast<void>(inside += found[1].str() + "::");
        } else if (std::regex_match(line, found, closes)) {
            found[1].length() == 0
                ? static_cast<void>(--unnamed)
                : inside.resize(inside.size() - static_cast<std::size_t>(found[1].length()) - 2);
        } else if (unnamed == 0 && std::regex_search(line, found, type)) {
            const auto [first, is_new] = known.try_emplace(inside + found[1].str(), name);
            twice += is_new ? "" : first->first + " in " + first->second + " and " + name + "\n";
        }
    }
    return twice;
}

}  // namespace

TEST_CASE("one definition: no two types of a namespace have the same name", "[layers]") {
    const fs::path root{RINGBACK_SOURCE_DIR};
    Places known;
    for (const char* const top : {"simulator", "harness", "tests"}) {
        for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
            const std::string extension = entry.path().extension();
            if (extension == ".h" || extension == ".cpp") {
                CHECK(again(entry.path(), fs::relative(entry.path(), root).string(), known) == "");
            }
        }
    }
    CHECK(known.size() > 500);
    CHECK(known.at("ringback::Listener") == "simulator/edge/listener.h");
}

}  // namespace one_definition
