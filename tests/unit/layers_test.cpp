#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace fs = std::filesystem;

namespace {

/// Which folders a folder may include. A folder with sources that is missing here fails the test.
const std::map<std::string, std::set<std::string>> allowed{
    {"simulator/core", {"simulator/core"}},
    {"simulator/wire", {"simulator/core", "simulator/wire"}},
    {"simulator/edge", {"simulator/core", "simulator/wire", "simulator/edge"}},
    {"harness/record", {"simulator/core", "simulator/wire", "harness/record"}},
    {"harness/ladder", {"simulator/core", "simulator/wire", "harness/ladder"}},
    {"harness/receiver", {"simulator/core", "simulator/wire", "harness/receiver"}},
    {"harness/scenario", {"simulator/core", "simulator/wire", "harness/scenario"}},
    {"harness/script", {"simulator/core", "simulator/wire", "harness/scenario", "harness/script"}},
    {"harness/probe",
     {"simulator/core", "simulator/wire", "harness/scenario", "harness/script", "harness/probe"}},
    {"harness/report",
     {"simulator/core", "simulator/wire", "harness/ladder", "harness/scenario", "harness/script",
      "harness/probe", "harness/report"}},
    {"harness/trigger",
     {"simulator/core", "simulator/wire", "harness/scenario", "harness/trigger"}},
    {"harness/tape",
     {"simulator/core", "simulator/wire", "simulator/edge", "harness/scenario", "harness/script",
      "harness/tape"}},
    {"harness/load",
     {"simulator/core", "simulator/wire", "simulator/edge", "harness/scenario", "harness/script",
      "harness/ladder", "harness/report", "harness/admin", "harness/process", "harness/run",
      "harness/load"}},
    {"harness/process", {"simulator/core", "simulator/wire", "harness/process"}},
    {"harness/locust",
     {"simulator/core", "simulator/wire", "simulator/edge", "harness/scenario", "harness/process",
      "harness/run", "harness/load", "harness/locust"}},
    {"harness/run",
     {"simulator/core", "simulator/wire", "simulator/edge", "harness/record", "harness/admin",
      "harness/ladder", "harness/scenario", "harness/script", "harness/process", "harness/run"}},
    {"harness/admin",
     {"simulator/core", "simulator/wire", "simulator/edge", "harness/record", "harness/scenario",
      "harness/admin"}},
    {"harness/testing",
     {"simulator/core", "simulator/wire", "simulator/edge", "harness/record", "harness/admin",
      "harness/scenario", "harness/script", "harness/ladder", "harness/report", "harness/run",
      "harness/testing"}},
    {"harness/cli",
     {"simulator/core", "simulator/wire", "simulator/edge", "harness/record", "harness/admin",
      "harness/ladder", "harness/receiver", "harness/scenario", "harness/script", "harness/process",
      "harness/report", "harness/run", "harness/tape", "harness/trigger", "harness/load",
      "harness/locust", "harness/probe", "harness/cli"}},
};

std::string folder_of(const std::string& path) {
    const auto first = path.find('/');
    const auto second = path.find('/', first + 1);
    return path.substr(0, second);
}

}  // namespace

TEST_CASE("layers: every include points the allowed way", "[layers]") {
    const fs::path root{RINGBACK_SOURCE_DIR};
    const std::regex include{R"re(^\s*#\s*include\s+"([^"]+)")re"};
    int files = 0;
    for (const char* top : {"simulator", "harness"}) {
        for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
            const std::string extension = entry.path().extension();
            if (extension != ".cpp" && extension != ".h") {
                continue;
            }
            ++files;
            const std::string name = fs::relative(entry.path(), root).generic_string();
            const auto rule = allowed.find(folder_of(name));
            INFO(name << " lies in a folder that tests/unit/layers_test.cpp does not know");
            REQUIRE(rule != allowed.end());
            std::ifstream in{entry.path()};
            std::string line;
            for (int number = 1; std::getline(in, line); ++number) {
                std::smatch match;
                if (std::regex_search(line, match, include)) {
                    INFO(name << ":" << number << ": " << line);
                    CHECK(rule->second.count(folder_of(match[1].str())) == 1);
                }
            }
        }
    }
    CHECK(files > 20);
}

TEST_CASE("layers: the core knows no clock, thread, device or file", "[layers]") {
    const fs::path root{RINGBACK_SOURCE_DIR};
    const std::regex forbidden{
        R"(system_clock|steady_clock|this_thread|<mutex>|<thread>|random_device|\brand\(|getenv|<fstream>|<filesystem>|<sys/|<iostream>)"};
    for (const auto& entry : fs::directory_iterator(root / "simulator/core")) {
        std::ifstream in{entry.path()};
        std::string line;
        for (int number = 1; std::getline(in, line); ++number) {
            INFO(entry.path().filename() << ":" << number << ": " << line);
            CHECK_FALSE(std::regex_search(line, forbidden));
        }
    }
}

TEST_CASE("layers: the wall clock says when something began, and moves no timer", "[layers]") {
    // Whoever sets it by an hour changes a date in a payload or a report, and nothing else.
    const std::map<std::string, std::string> what_for{
        {"simulator/edge/driver.cpp", "the first instant of modelled time"},
        {"simulator/edge/http_transport.cpp", "when a callback was signed"},
        {"simulator/edge/self_signed.cpp", "from when a certificate is good"},
        {"harness/load/load_run.cpp", "the date of a report"},
        {"harness/cli/run.cpp", "the date of a report"},
        {"harness/cli/sign.cpp", "when a body was signed"},
        {"harness/cli/trigger.cpp", "the time in a made-up event"},
        {"harness/locust/line_host.cpp", "what Locust's master is told"},
        {"harness/locust/locust_meter.cpp", "what Locust's master is told"},
        {"harness/locust/locust_stats.h", "what Locust's master is told"}};
    const fs::path root{RINGBACK_SOURCE_DIR};
    const std::regex wall_clock{
        R"(system_clock|system_timer|deadline_timer|CLOCK_REALTIME|gettimeofday|\btime\((nullptr|NULL|0)\)|pthread_cond_timedwait)"};
    const std::regex timer{
        R"(system_timer|deadline_timer|expires|wait_until|sleep_until|timedwait)"};
    std::set<std::string> found;
    for (const char* top : {"simulator", "harness"}) {
        for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
            std::ifstream in{entry.path()};
            std::string line;
            for (int number = 1; std::getline(in, line); ++number) {
                if (std::regex_search(line, wall_clock)) {
                    const std::string name = fs::relative(entry.path(), root).generic_string();
                    INFO(name << ":" << number << ": " << line);
                    CHECK(what_for.count(name) == 1);
                    CHECK_FALSE(std::regex_search(line, timer));
                    found.insert(name);
                }
            }
        }
    }
    CHECK(found.size() == what_for.size());  // a row too many hides what comes
}
