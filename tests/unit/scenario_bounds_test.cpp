#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/scenario/load.h"
#include "tests/support/scratch_folder.h"

using namespace ringback;
using nlohmann::json;

namespace fs = std::filesystem;

namespace {

/// A folder of one test, with files by their names.
class BoundsFolder {
public:
    [[nodiscard]] std::string path(const std::string& name) const {
        return (folder_ / name.c_str()).string();
    }
    void write(const std::string& name, std::string_view text) const {
        std::ofstream{path(name), std::ios::binary} << text;
    }

private:
    test::ScratchFolder folder_;
};

}  // namespace

TEST_CASE("scenario file: at most 64 files, the scenario among them, however often each is used",
          "[scenario]") {
    const BoundsFolder folder;
    json main{{"version", 1}, {"steps", json::array()}};
    for (int i = 1; i <= 64; ++i) {
        const std::string name = std::to_string(i) + ".json";
        folder.write(name, R"({"version": 1, "steps": [{"pause": "1s"}]})");
        if (i < 64) {
            main["steps"].push_back({{"use", name}});
            main["steps"].push_back({{"use", name}});
        }
    }
    folder.write("main.json", main.dump());
    CHECK(load_scenario(folder.path("main.json")).mistakes.empty());

    main["steps"].push_back({{"use", "64.json"}});
    folder.write("main.json", main.dump());
    const auto mistakes = load_scenario(folder.path("main.json")).mistakes;
    REQUIRE(mistakes.size() == 1);
    CHECK(mistakes[0].file == folder.path("main.json"));
    CHECK(mistakes[0].place.line == 1);
    CHECK(mistakes[0].what ==
          "expected at most 64 files in one scenario, with those of every \"use\"; \"64.json\" is "
          "one more");
}

TEST_CASE("scenario file: use and data take no device, pipe, socket or folder, and wait for none",
          "[scenario]") {
    const BoundsFolder folder;
    REQUIRE(::mkfifo(folder.path("pipe.json").c_str(), 0600) == 0);
    REQUIRE(::mkfifo(folder.path("pipe.csv").c_str(), 0600) == 0);
    fs::create_directory(folder.path("folder.json"));
    fs::create_directory(folder.path("folder.csv"));
    fs::create_symlink("/dev/zero", folder.path("device.json"));
    fs::create_symlink("/dev/zero", folder.path("device.csv"));
    fs::create_symlink("/etc", folder.path("etc"));
    fs::create_symlink("circle.csv", folder.path("circle.csv"));
    const auto what = [&](const json& scenario) {
        folder.write("main.json", scenario.dump());
        const auto mistakes = load_scenario(folder.path("main.json")).mistakes;
        REQUIRE_FALSE(mistakes.empty());
        CHECK(mistakes[0].file == folder.path("main.json"));
        CHECK(mistakes[0].place.line == 1);
        return mistakes[0].what;
    };
    const auto use = [&](const std::string& name) {
        return what({{"version", 1}, {"steps", {{{"use", name}}}}});
    };
    const auto data = [&](const std::string& name) {
        return what({{"version", 1}, {"data", name}, {"steps", {{{"send", "answer"}}}}});
    };
    CHECK(use("pipe.json") == "expected a file, found \"pipe.json\", which is none");
    CHECK(use("folder.json") == "expected a file, found \"folder.json\", which is none");
    CHECK(data("pipe.csv") == "expected a file, found \"pipe.csv\", which is none");
    CHECK(data("folder.csv") == "expected a file, found \"folder.csv\", which is none");
    for (const std::string& out :
         {use("device.json"), data("device.csv"), data("etc/hosts.csv/../x.csv")}) {
        CHECK(out.starts_with("expected a file beside the scenario or below it, found "));
    }
    CHECK(data("etc/passwd.csv") == "there is no file \"etc/passwd.csv\" beside the scenario");
    CHECK(data("circle.csv") == "there is no file \"circle.csv\" beside the scenario");
    CHECK(data("/etc/passwd.csv") ==
          "expected a file beside the scenario or below it, found \"/etc/passwd.csv\"");
    CHECK(data("../rows.csv") ==
          "expected a file beside the scenario or below it, found \"../rows.csv\"");
}

TEST_CASE("scenario file: a used file may have 1 MiB, data 16 MiB and 10,000 rows, and no more",
          "[scenario]") {
    const BoundsFolder folder;
    const std::string part = R"({"version": 1, "steps": [{"pause": "1s"}]})";
    folder.write("main.json", R"({"version": 1, "steps": [{"use": "part.json"}]})");
    folder.write("part.json", part + std::string((1U << 20U) - part.size(), ' '));
    CHECK(load_scenario(folder.path("main.json")).mistakes.empty());
    folder.write("part.json", part + std::string((1U << 20U) - part.size() + 1, ' '));
    CHECK(load_scenario(folder.path("main.json")).mistakes.at(0).what ==
          "expected at most 1 MiB (1048576 bytes), found more");

    folder.write("rows.json",
                 R"({"version": 1, "data": "rows.csv", "steps": [{"send": "answer"}]})");
    std::string rows{"word\n"};
    for (int i = 0; i < 10'000; ++i) {
        rows += "x\n";
    }
    folder.write("rows.csv", rows);
    CHECK(load_scenario(folder.path("rows.json")).mistakes.empty());
    folder.write("rows.csv", rows + "x\n");
    CHECK(load_scenario(folder.path("rows.json")).mistakes.at(0).what ==
          "expected at most 10000 rows, found 10001");
    folder.write("rows.csv", "word\n" + std::string(16U << 20U, 'x') + "\n");
    CHECK(load_scenario(folder.path("rows.json")).mistakes.at(0).what ==
          "expected at most 16777216 bytes, found more in \"rows.csv\"");
}

TEST_CASE("scenario file: a wait may last an hour, not longer", "[scenario]") {
    const auto mistakes = [](const std::string& within) {
        return read_scenario("test.json",
                             R"({"version": 1, "steps": [
            {"await": {"command": "audio", "within": ")" +
                                 within + R"("}}]})",
                             {})
            .mistakes;
    };
    CHECK(mistakes("1h").empty());
    REQUIRE(mistakes("3601s").size() == 1);
    CHECK(to_text(mistakes("3601s")[0]) ==
          "test.json:2:54: expected a time above 0 and at most 1h, found \"3601s\"");
}
