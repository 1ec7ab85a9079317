#include <ringback/catch.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/menu.h"

using namespace ringback::testing;
using ringback::test::Menu;
using namespace std::chrono_literals;

namespace {

const std::string menu_scenario{"answer-speak-gather-hangup"};

ScenarioOptions against(const Menu& menu) {
    ScenarioOptions options;
    options.callback_url = menu.url();
    return options;
}

/// A scenario file of its own, gone with it.
class File {
public:
    explicit File(const std::string& text)
        : path_{std::filesystem::temp_directory_path() /
                ("ringback-testing-" + std::to_string(::getpid()) + ".json")} {
        std::ofstream{path_} << text;
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() { std::filesystem::remove(path_); }
    [[nodiscard]] std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

}  // namespace

TEST_CASE("scenario in a test: a right receiver passes, and its journal is there", "[testing]") {
    Menu menu;

    const ScenarioOutcome outcome = menu.fake().run_scenario(menu_scenario, against(menu));

    CHECK_THAT(outcome, Passed());
    CHECK_THAT(outcome.text, Catch::StartsWith("ok   " + menu_scenario));
    CHECK(outcome.json.size() == 1);
    CHECK(outcome.json[0].at("result") == "passed");
    CHECK_THAT(outcome.journal, Received(event("gather").with_body("digits", "1"), exactly(1)));
}

TEST_CASE("scenario in a test: a wrong receiver fails, with the difference that matchers print",
          "[testing]") {
    Menu menu{{}, {{"maxDigits", "2"}}};

    const ScenarioOutcome outcome = menu.fake().run_scenario(menu_scenario, against(menu));

    CHECK(outcome.result == ScenarioOutcome::Result::failed);
    CHECK_THAT(outcome.text, Catch::StartsWith("FAIL " + menu_scenario));
    const std::string crossed{"      body.maxDigits  ✗ expected numeric ==1, got \"2\"\n"};
    CHECK_THAT(outcome.text, Catch::Contains(crossed));
    const auto judged = received(
        outcome.journal,
        request("POST", "/v1/users/*/calls/*/gather").with_body("maxDigits", numeric("==1")));
    CHECK_THAT(judged.text, Catch::Contains(crossed));
    std::ostringstream printed;
    printed << outcome;
    CHECK_THAT(printed.str(), Catch::Contains(crossed));
}

TEST_CASE("scenario in a test: a receiver that is not there fails", "[testing]") {
    Fake fake;
    ScenarioOptions options;
    options.callback_url = "http://127.0.0.1:1";  // nobody's, and never given out

    CHECK(fake.run_scenario("answer-speak-hangup", options).result ==
          ScenarioOutcome::Result::failed);
}

TEST_CASE("scenario in a test: one after the other, and the fake's own calls in between",
          "[testing]") {
    Menu menu;

    CHECK_THAT(menu.fake().run_scenario(menu_scenario, against(menu)), Passed());
    const Call call = menu.call();
    REQUIRE(menu.fake().wait_for(request("POST", "/v1/users/*/calls/*/gather"), 10s));
    CHECK(menu.fake().calls().size() == 1);
    call.hang_up();
    CHECK_THAT(menu.fake().run_scenario(menu_scenario, against(menu)), Passed());
}

TEST_CASE("scenario in a test: variables and rows of data are told to it", "[testing]") {
    Menu menu;
    const File file{R"({"version": 1, "name": "rows", "data": [{"key": "4"}, {"key": "5"}],
        "vars": {"maxDigits": "none"},
        "order": "ordered", "steps": [
            {"send": "answer"},
            {"await": {"command": "gather", "match": {"body": {"maxDigits": "${maxDigits}"}}}},
            {"caller": {"press": "${data.key}", "after": "1s"}},
            {"send": "gather", "match": {"digits": "${data.key}"}}]})"};
    ScenarioOptions options = against(menu);
    options.vars["maxDigits"] = "1";

    const ScenarioOutcome outcome = menu.fake().run_scenario(file.path(), options);

    CHECK_THAT(outcome, Passed());
    CHECK(outcome.json.size() == 2);

    options.vars["maxDigits"] = "2 or 3";
    CHECK_THAT(menu.fake().run_scenario(file.path(), options).text,
               Catch::Contains("--seed 42 -e 'maxDigits=2 or 3' -f " + menu.url()));
}

TEST_CASE("scenario in a test: what it says of a failure has no password of a URL", "[testing]") {
    Menu menu;
    const auto with_password = [](std::string url) { return url.insert(7, "me:pl4nt3d@"); };
    const File file{R"({"version": 1, "name": "secretive", "vars": {"where": "none"},
        "start": {"call": {"fallbackUrl": "${where}"}}, "order": "ordered",
        "steps": [
            {"send": "answer"},
            {"await": {"command": "gather", "match": {"body": {"tag": "${where}"}}}}]})"};
    ScenarioOptions options = against(menu);
    options.callback_url = with_password(menu.url());
    options.vars["where"] = with_password("http://127.0.0.1:1/cb");
    options.vars["places"] = {with_password("http://a/"), with_password("http://b/")};

    const ScenarioOutcome outcome = menu.fake().run_scenario(file.path(), options);

    CHECK(outcome.result == ScenarioOutcome::Result::failed);
    CHECK_THAT(outcome.text, Catch::Contains("again: ringback run"));
    std::ostringstream printed;
    printed << outcome << outcome.journal;
    for (const std::string& text : {outcome.text, printed.str(), outcome.json.dump()}) {
        CHECK_THAT(text, !Catch::Contains("pl4nt3d"));
    }
    CHECK_THAT(outcome.text,
               Catch::Contains(" -e 'where=http://***@127.0.0.1:1/cb' -f 'http://***@" +
                               menu.url().substr(7) + "'"));
}

TEST_CASE("scenario in a test: what cannot be played is refused with every mistake", "[testing]") {
    Menu menu;
    const File file{R"({"version": 1, "steps": [{"sned": "answer"}]})"};

    CHECK_THROWS_WITH(menu.fake().run_scenario("no-such-scenario", against(menu)),
                      Catch::Contains("there is no such file"));
    CHECK_THROWS_WITH(menu.fake().run_scenario(file.path(), against(menu)),
                      Catch::Contains(".json:1:") && Catch::Contains("sned"));
    CHECK_THROWS_WITH(menu.fake().run_scenario(menu_scenario),
                      "ringback: callback_url: expected where the receiver is, found nothing");
}
