#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "harness/scenario/events.h"
#include "harness/scenario/load.h"
#include "tests/support/fixture_files.h"

using namespace ringback;
using namespace ringback::test;
using nlohmann::json;
using namespace std::chrono_literals;

namespace fs = std::filesystem;

namespace {

/// A folder of one test, gone with it.
class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "ringback-scenario-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    void write(const std::string& name, std::string_view text) const {
        fs::create_directories((path_ / name).parent_path());
        std::ofstream{path_ / name, std::ios::binary} << text;
    }
    [[nodiscard]] std::string path(const std::string& name) const {
        return (path_ / name).string();
    }

private:
    fs::path path_;
};

/// What is wrong, without the folder before it.
std::vector<std::string> mistakes_of(const LoadedScenario& loaded, const std::string& folder = "") {
    std::vector<std::string> all;
    for (const Mistake& mistake : loaded.mistakes) {
        std::string text = to_text(mistake);
        for (auto at = text.find(folder + "/"); !folder.empty() && at != std::string::npos;
             at = text.find(folder + "/")) {
            text.erase(at, folder.size() + 1);
        }
        all.push_back(std::move(text));
    }
    return all;
}

/// A scenario without mistakes.
Scenario good(const std::string& text) {
    LoadedScenario loaded = read_scenario("test.json", text, {});
    for (const Mistake& mistake : loaded.mistakes) {
        UNSCOPED_INFO(to_text(mistake));
    }
    REQUIRE(loaded.scenario.has_value());
    REQUIRE(loaded.mistakes.empty());
    return std::move(*loaded.scenario);
}

}  // namespace

TEST_CASE("scenario file: the example of the format's plan is read whole", "[scenario]") {
    const Scenario scenario = good(text_of_file(fixtures / "../tests/unit/scenario_example.json"));

    CHECK(scenario.name == "ivr-answer-speak-gather-hangup");
    CHECK(scenario.seed == 42);
    CHECK(scenario.virtual_clock);
    REQUIRE(scenario.clock_start.has_value());
    CHECK(scenario.clock_start->time_since_epoch() == 1767603600s);
    CHECK(scenario.vars["to"] == "+15550100002");
    const Kick& kick = std::get<Kick>(scenario.start.how);
    CHECK(kick.method == "POST");
    CHECK(kick.url == "${receiver}/dial");
    CHECK(kick.body == json{{"number", "${to}"}});
    REQUIRE(scenario.start.await.has_value());
    CHECK(scenario.start.await->id == "create");
    const Await& create = std::get<Await>(scenario.start.await->what);
    CHECK(create.api.method == "POST");
    CHECK(create.within == 3s);
    CHECK(create.api.match.fields.size() == 4);

    REQUIRE(scenario.block.steps.size() == 10);
    const Step& answer = scenario.block.steps[0];
    CHECK(answer.id == "answer");
    CHECK(answer.place == Place{26, 5});
    const Send& sent = std::get<Send>(answer.what);
    CHECK(sent.event == "answer");
    REQUIRE(sent.after.has_value());
    CHECK(sent.after->shape == TimeSpec::Shape::uniform);
    CHECK(sent.after->a == 2s);
    CHECK(sent.after->b == 6s);
    CHECK(sent.set == json{{"callState", "active"}});
    CHECK(sent.has_expect);
    CHECK(sent.expect.status ==
          std::vector<std::pair<int, int>>{{200, 200}, {201, 201}, {204, 204}});
    REQUIRE(sent.expect.latency_ms.has_value());
    CHECK(sent.expect.latency_ms->op == Comparison::Op::less);
    CHECK(sent.expect.latency_ms->bound == 250);
    const CallerAct& act = std::get<CallerAct>(scenario.block.steps[5].what);
    CHECK(act.what == CallerAct::What::press);
    CHECK(act.text == "${digit}");
    CHECK(std::get<Quiet>(scenario.block.steps[9].what).time.a == 5s);

    REQUIRE(scenario.verify.size() == 4);
    CHECK(std::get<OrderCheck>(scenario.verify[0].what).ids.size() == 9);
    const CountCheck& count = std::get<CountCheck>(scenario.verify[1].what);
    CHECK(std::get<ApiPattern>(count.of).path ==
          "/v1/users/${userId}/calls/${create:callId}/gather");
    CHECK(count.exactly == 1);
    const NeverCheck& forbidden = std::get<NeverCheck>(scenario.verify[2].what);
    CHECK(forbidden.api.has_value());
    CHECK(forbidden.after_step == "end");
    CHECK(std::get<ResourceCheck>(scenario.verify[3].what).match.fields.size() == 1);
    CHECK(scenario.load["arrivals"] == "poisson");
}

TEST_CASE("scenario file: what is left out has its default", "[scenario]") {
    const Scenario scenario = good(R"({"version": 1})");

    CHECK(scenario.name == "test");
    CHECK(scenario.seed == 42);
    CHECK(scenario.virtual_clock);
    CHECK_FALSE(scenario.has_steps);
    CHECK(scenario.rows.empty());
    CHECK(std::holds_alternative<OwnCall>(scenario.start.how));

    const Scenario kicked = good(
        R"({"version": 1, "start": {"kick": {"url": "${receiver}/dial"}},
            "steps": [{"await": {"command": "create"}}]})");
    REQUIRE(kicked.start.await.has_value());
    const Await& create = std::get<Await>(kicked.start.await->what);
    CHECK(create.api.path == "/v1/users/${userId}/calls");
    CHECK(create.within == 2s);
}

TEST_CASE("scenario file: every word for an API command becomes its method and path",
          "[scenario]") {
    for (const ApiCommand& command : api_commands()) {
        CAPTURE(command.word);
        const Scenario scenario = good(R"({"version": 1, "steps": [{"await": {"command": ")" +
                                       std::string{command.word} + R"("}}]})");
        const Await& await = std::get<Await>(scenario.block.steps[0].what);
        CHECK(await.api.method == command.method);
        CHECK(await.api.path == command.path);
    }
}

TEST_CASE("scenario file: branch, repeat and block hold their steps and rules", "[scenario]") {
    const Scenario scenario = good(R"({"version": 1, "vars": {"n": "3"}, "steps": [
        {"send": "answer"},
        {"branch": [
            {"await": {"command": "audio"}, "order": "ordered", "steps": [{"pause": "1s"}]},
            {"on": "${n}", "is": "3", "steps": [{"pause": {"exponential": {"mean": "2s"}}}]},
            {"else": [{"send": "hangup"}]}]},
        {"repeat": {"times": "${n}", "steps": [{"caller": {"say": "hello"}}]}},
        {"block": {"order": "any", "allow": [{"command": "dtmf"}],
                   "steps": [{"await": {"command": "gather"}}, {"await": {"command": "audio"}}]}}]})");

    const Branch& branch = std::get<Branch>(scenario.block.steps[1].what);
    REQUIRE(branch.cases.size() == 2);
    CHECK(branch.cases[0].await.has_value());
    CHECK(branch.cases[0].block.order == Block::Order::ordered);
    CHECK(branch.cases[1].value == "${n}");
    CHECK(branch.cases[1].is.has_value());
    REQUIRE(branch.otherwise.size() == 1);
    CHECK(branch.otherwise[0].steps.size() == 1);
    const Repeat& repeat = std::get<Repeat>(scenario.block.steps[2].what);
    CHECK(repeat.times == "${n}");
    CHECK(repeat.block.steps.size() == 1);
    const Block& block = std::get<Block>(scenario.block.steps[3].what);
    CHECK(block.order == Block::Order::any);
    REQUIRE(block.allow.size() == 1);
    CHECK(block.allow[0].path == "/v1/users/${userId}/calls/*/dtmf");
    CHECK(block.steps.size() == 2);
}

TEST_CASE("scenario file: use puts a file's steps in place, with over without over the file's own",
          "[scenario]") {
    const Folder folder;
    folder.write("main.json", R"({"version": 1, "vars": {"known": "outer"}, "steps": [
        {"use": "parts/greet.json", "with": {"word": "hello"}}, {"send": "hangup"}]})");
    folder.write("parts/greet.json", R"({"version": 1, "order": "ordered",
        "vars": {"word": "hi", "known": "inner", "own": 7},
        "steps": [{"send": "answer", "id": "answer"},
                  {"await": {"command": "audio", "match": {"body": {"sentence": "${word}${known}${own}"}}}},
                  {"use": "deeper.json"}]})");
    folder.write("parts/deeper.json", R"({"version": 1, "steps": [{"pause": "1s"}]})");

    const LoadedScenario loaded = load_scenario(folder.path("main.json"));

    CHECK(mistakes_of(loaded) == std::vector<std::string>{});
    REQUIRE(loaded.scenario.has_value());
    const Block& greet = std::get<Block>(loaded.scenario->block.steps[0].what);
    CHECK(greet.vars == json{{"word", "hello"}, {"own", 7}});
    CHECK(greet.order == Block::Order::ordered);
    REQUIRE(greet.steps.size() == 3);
    CHECK(greet.steps[0].file == folder.path("parts/greet.json"));
    CHECK(std::get<Block>(greet.steps[2].what).steps.size() == 1);
}

TEST_CASE("scenario file: the own variables of a used file may say what steps before it saw",
          "[scenario]") {
    const Folder folder;
    folder.write("main.json", R"({"version": 1, "steps": [{"send": "answer", "id": "a"},
        {"send": "dtmf", "id": "b"}, {"use": "told.json"}]})");
    folder.write("told.json", R"({"version": 1, "vars": {"told": {"call": "${a:callId}"}},
        "steps": [{"await": {"command": "audio", "match": {"body": {"tag": "${told.call}"}}}}]})");
    const LoadedScenario loaded = load_scenario(folder.path("main.json"));
    CHECK(mistakes_of(loaded) == std::vector<std::string>{});
    REQUIRE(loaded.scenario.has_value());
    CHECK(loaded.scenario->recalled == std::set<std::string, std::less<>>{"a"});

    folder.write("told.json", R"({"version": 1, "vars": {"told": "${aa:callId}"},
        "steps": [{"await": {"command": "audio"}}]})");
    CHECK(mistakes_of(load_scenario(folder.path("main.json"))) ==
          std::vector<std::string>{folder.path("told.json") +
                                   R"(:1:33: there is no step "aa", did you mean "a"?)"});
}

TEST_CASE("scenario file: a built-in scenario can be used by its name", "[scenario]") {
    const Scenario scenario = good(R"({"version": 1, "steps": [{"use": "answer-speak-hangup"}]})");
    const Block& block = std::get<Block>(scenario.block.steps[0].what);
    CHECK(block.steps.size() == 7);
    CHECK(block.steps[0].file == "builtin:answer-speak-hangup");
}

TEST_CASE("scenario file: one file used twice has the same steps twice", "[scenario]") {
    const Folder folder;
    folder.write("main.json", R"({"version": 1, "steps": [{"send": "answer"},
        {"use": "say.json"}, {"use": "say.json"}], "verify": [{"count": {"await": "say"}, "exactly": 2}]})");
    folder.write("say.json",
                 R"({"version": 1, "steps": [{"await": {"id": "say", "command": "audio"}}]})");
    const LoadedScenario loaded = load_scenario(folder.path("main.json"));
    CHECK(mistakes_of(loaded) == std::vector<std::string>{});
}

TEST_CASE("scenario file: use goes in a circle, and the chain says how", "[scenario]") {
    const Folder folder;
    folder.write("a.json", R"({"version": 1, "steps": [{"use": "b.json"}]})");
    folder.write("b.json", R"({"version": 1, "steps": [{"use": "a.json"}]})");
    CHECK(mistakes_of(load_scenario(folder.path("a.json")),
                      folder.path("").substr(0, folder.path("").size() - 1)) ==
          std::vector<std::string>{
              R"(b.json:1:34: "use" goes in a circle: a.json -> b.json -> a.json)"});
}

TEST_CASE("scenario file: use may be eight levels deep, not nine", "[scenario]") {
    const auto deep = [](int levels) {
        const Folder folder;
        for (int i = 0; i < levels; ++i) {
            folder.write(std::to_string(i) + ".json", R"({"version": 1, "steps": [{"use": ")" +
                                                          std::to_string(i + 1) + R"(.json"}]})");
        }
        folder.write(std::to_string(levels) + ".json",
                     R"({"version": 1, "steps": [{"pause": "1s"}]})");
        return load_scenario(folder.path("0.json")).mistakes;
    };
    CHECK(deep(8).empty());
    const auto mistakes = deep(9);
    REQUIRE(mistakes.size() == 1);
    CHECK(mistakes[0].what.starts_with("expected at most 8 levels of \"use\", found one more: "));
}

TEST_CASE("scenario file: use reads nothing outside the scenario's folder", "[scenario]") {
    const Folder folder;
    folder.write("outside.json", R"({"version": 1, "steps": [{"pause": "1s"}]})");
    folder.write("in/ok.json", R"({"version": 1, "steps": [{"pause": "1s"}]})");
    fs::create_symlink(folder.path("outside.json"), folder.path("in/link.json"));
    fs::create_symlink("ok.json", folder.path("in/inner.json"));
    const auto what = [&](const std::string& name) {
        folder.write("in/main.json", json{{"version", 1}, {"steps", {{{"use", name}}}}}.dump());
        const auto mistakes = load_scenario(folder.path("in/main.json")).mistakes;
        return mistakes.empty() ? "" : mistakes[0].what;
    };
    CHECK(what("ok.json").empty());
    CHECK(what("inner.json").empty());
    CHECK(what("../outside.json") ==
          "expected a file beside the scenario or below it, found \"../outside.json\"");
    CHECK(what("x/../../outside.json") ==
          "expected a file beside the scenario or below it, found \"x/../../outside.json\"");
    CHECK(what("/etc/passwd") ==
          "expected a file beside the scenario or below it, found \"/etc/passwd\"");
    CHECK(what("link.json") ==
          "expected a file beside the scenario or below it, found "
          "\"link.json\", a link that leads out");
    CHECK(what("busi") ==
          "there is no file \"busi\" beside the scenario, and no built-in scenario "
          "has that name, did you mean \"busy\"?");
    CHECK(what(std::string{"ok.json\0x", 9}).starts_with("expected a file beside the scenario"));
}

TEST_CASE("scenario file: at most ten thousand steps, with those of every use", "[scenario]") {
    const Folder folder;
    json hundred{{"version", 1}, {"steps", json::array()}};
    for (int i = 0; i < 100; ++i) {
        hundred["steps"].push_back({{"pause", "1s"}});
    }
    folder.write("hundred.json", hundred.dump());
    json main{{"version", 1}, {"steps", json::array()}};
    for (int i = 0; i < 99; ++i) {
        main["steps"].push_back({{"use", "hundred.json"}});
    }
    main["steps"].push_back({{"pause", "1s"}});  // 99 * 101 + 1 = 10,000
    folder.write("main.json", main.dump());
    CHECK(load_scenario(folder.path("main.json")).mistakes.empty());

    main["steps"].push_back({{"pause", "1s"}});
    folder.write("main.json", main.dump());
    const auto mistakes = load_scenario(folder.path("main.json")).mistakes;
    REQUIRE(mistakes.size() == 1);
    CHECK(mistakes[0].what ==
          "expected at most 10000 steps, with those of every \"use\"; this is "
          "one more");
}

std::vector<json> all(const DataRows& rows) {
    std::vector<json> found;
    for (std::size_t row = 1; row <= rows.size(); ++row) {
        found.push_back(rows.number(row));
    }
    return found;
}

TEST_CASE("scenario file: rows come from the file, from CSV and from lines of JSON", "[scenario]") {
    const Folder folder;
    const std::string steps = R"("steps": [{"send": "answer", "set": {"tag": "${data.word}"}}])";
    folder.write("csv.json", R"({"version": 1, "data": "rows/r.csv", )" + steps + "}");
    folder.write("rows/r.csv", "word,n\r\n\"a, \"\"b\"\"\nc\",1\r\nplain,\n");
    folder.write("jsonl.json", R"({"version": 1, "data": "r.jsonl", )" + steps + "}");
    folder.write("r.jsonl", "{\"word\": \"x\", \"n\": 1}\n\n{\"n\": null, \"word\": \"y\"}");

    const LoadedScenario csv = load_scenario(folder.path("csv.json"));
    CHECK(mistakes_of(csv) == std::vector<std::string>{});
    REQUIRE(csv.scenario.has_value());
    CHECK(all(csv.scenario->rows) ==
          std::vector<json>{{{"word", "a, \"b\"\nc"}, {"n", "1"}}, {{"word", "plain"}, {"n", ""}}});

    const LoadedScenario lines = load_scenario(folder.path("jsonl.json"));
    CHECK(mistakes_of(lines) == std::vector<std::string>{});
    REQUIRE(lines.scenario.has_value());
    CHECK(all(lines.scenario->rows) ==
          std::vector<json>{{{"word", "x"}, {"n", 1}}, {{"word", "y"}, {"n", nullptr}}});

    const Scenario here =
        good(R"({"version": 1, "data": [{"word": "a"}, {"word": "b"}], )" + steps + "}");
    CHECK(here.rows.size() == 2);
}

TEST_CASE("scenario file: what is wrong with data is told with file and line", "[scenario]") {
    const Folder folder;
    const auto told = [&](const std::string& name, std::string_view rows) {
        folder.write("m.json", R"({"version": 1, "data": ")" + name + R"("})");
        folder.write(name, rows);
        const std::string whole = folder.path("");
        return mistakes_of(load_scenario(folder.path("m.json")), whole.substr(0, whole.size() - 1));
    };
    using Lines = std::vector<std::string>;
    CHECK(told("a.csv", "x,y\n1,2\n\"two\nlines\",3\n4\n5,6,7\n") ==
          Lines{"a.csv:5:1: expected 2 fields as in the first line, found 1",
                "a.csv:6:1: expected 2 fields as in the first line, found 3"});
    CHECK(told("b.csv", "x,x\n") == Lines{"b.csv:1:1: the column \"x\" is there twice"});
    CHECK(told("c.csv", "x\n\"open\n") ==
          Lines{"c.csv:2:1: expected a double quote at the end of this field, found the end of the "
                "file"});
    CHECK(told("d.csv", "x\n") == Lines{"d.csv: expected at least one row, found none"});
    CHECK(told("e.jsonl", "{\"a\": 1}\n[]\n{\"b\": 2}\n") ==
          Lines{"e.jsonl:2:1: expected an object, found []",
                "e.jsonl:3:1: expected the members of the first row (a), found b"});
    CHECK(told("f.txt", "x") ==
          Lines{"m.json:1:24: expected rows, or a file that ends in \".csv\" or \".jsonl\", found "
                "\"f.txt\""});
}

TEST_CASE("built-in scenarios: every file of fixtures/scenarios is built in, byte for byte",
          "[scenario]") {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator{fixtures / "scenarios"}) {
        files[entry.path().stem().string()] = text_of_file(entry.path());
    }
    std::map<std::string, std::string> built_in;
    std::vector<std::string> names;
    for (const BuiltIn& each : built_in_scenarios()) {
        built_in[std::string{each.name}] = each.text;
        names.emplace_back(each.name);
    }
    CHECK(built_in == files);
    CHECK(std::ranges::is_sorted(names));
}

TEST_CASE("built-in scenarios: each reads without mistakes, by its own name", "[scenario]") {
    for (const BuiltIn& each : built_in_scenarios()) {
        for (const std::string& name :
             {std::string{each.name}, "builtin:" + std::string{each.name}}) {
            CAPTURE(name);
            const LoadedScenario loaded = load_scenario(name);
            CHECK(mistakes_of(loaded) == std::vector<std::string>{});
            REQUIRE(loaded.scenario.has_value());
            CHECK(loaded.scenario->name == each.name);
            CHECK(loaded.scenario->file == "builtin:" + std::string{each.name});
            CHECK(loaded.scenario->about == each.about);
            CHECK(each.about.size() > 20);
        }
    }
}

TEST_CASE("built-in scenarios: a name that is none names the nearest", "[scenario]") {
    CHECK(mistakes_of(load_scenario("buzy")) ==
          std::vector<std::string>{"buzy: there is no such file and no built-in scenario of that "
                                   "name, did you mean \"busy\"?"});
    CHECK(mistakes_of(load_scenario("builtin:buzy")).size() == 1);
    CHECK(mistakes_of(load_scenario(fixtures.string())) ==
          std::vector<std::string>{fixtures.string() + ": expected a file, found a folder"});
}
