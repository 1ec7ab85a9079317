#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>
#include <memory>
#include <set>

#include "harness/report/run_json.h"
#include "harness/scenario/document.h"
#include "harness/scenario/events.h"
#include "tests/property/random_scenario.h"
#include "tests/support/rehearsal.h"
#include "tests/support/seeds.h"

using namespace ringback;
using namespace ringback::test;
using namespace std::chrono_literals;

namespace {

using ordered_json = nlohmann::ordered_json;

/// Then no count says anything.
bool one_seed() { return std::getenv("RINGBACK_SEED") != nullptr; }

/// Either a scenario or mistakes, each at a place that is in the text.
LoadedScenario read_whole(const std::string& text) {
    LoadedScenario read = read_scenario("random.json", text, {});
    REQUIRE(read.scenario.has_value() == read.mistakes.empty());
    const auto lines = 1 + static_cast<std::size_t>(std::ranges::count(text, '\n'));
    for (const Mistake& mistake : read.mistakes) {
        CAPTURE(to_text(mistake));
        REQUIRE_FALSE(mistake.file.empty());
        REQUIRE_FALSE(mistake.what.empty());
        REQUIRE(mistake.what.size() < 2000);
        if (mistake.file == "random.json") {
            REQUIRE(mistake.place.line >= 1);
            REQUIRE(mistake.place.line <= lines);
            REQUIRE(mistake.place.column <= text.size() + 1);
        }
        // What is printed and written into reports has to be text.
        REQUIRE_NOTHROW(json(to_text(mistake)).dump());
    }
    return read;
}

/// The events and commands a file names, as they stand in it: "send speak.done", "command audio".
void collect_names(const ordered_json& at, std::vector<std::string>& names) {
    if (at.is_object()) {
        for (const auto& [name, value] : at.items()) {
            if ((name == "send" || name == "command") && value.is_string()) {
                names.push_back(name + " " + value.get<std::string>());
            }
        }
    }
    if (at.is_structured()) {
        for (const ordered_json& inside : at) {
            collect_names(inside, names);
        }
    }
}

/// Tells a script what its file names, mostly in that order, and in between whatever comes to mind.
class Chaos {
public:
    Chaos(Rehearsal& play, const ordered_json& file, Rng& dice) : play_{play}, dice_{dice} {
        collect_names(file.at("steps"), names_);
        std::ranges::reverse(names_);
    }

    void let_loose() {
        for (int i = 0; i < 60; ++i) {
            const bool was_over = play_.script().over();
            if (!names_.empty() && dice_.below(8) != 0) {
                happen(names_.back());
                names_.pop_back();
            } else {
                happen_anyhow();
            }
            static_cast<void>(play_.script().take_wishes());
            REQUIRE((!was_over || play_.script().over()));  // the end is final
            ring_alarms();
        }
        play_.script().out_of_time(wall(3600s));
        static_cast<void>(play_.script().take_wishes());
        REQUIRE(play_.script().over());
    }

private:
    void happen(const std::string& named) {
        const std::string name = named.substr(named.find(' ') + 1);
        if (named.starts_with("send")) {
            const std::size_t dot = std::min(name.find('.'), name.size());
            owe(name.substr(0, dot), dot < name.size() ? name.substr(dot + 1) : "done");
            if (dice_.below(8) != 0) {
                play_.answer(owed_.back().first, owed_.back().second, 200);
            }
            return;
        }
        const auto& commands = api_commands();
        const auto known = std::ranges::find(commands, name, &ApiCommand::word);
        std::string path{known == commands.end() ? "/v1" : known->path};
        path.replace(std::min(path.find("${userId}"), path.size()), 9, "u-1");
        for (std::size_t star = path.find('*'); star != std::string::npos; star = path.find('*')) {
            path.replace(star, 1, "c-1");
        }
        ask(path);
    }
    void owe(const std::string& type, const std::string& status) {
        owed_.emplace_back(play_.event(type, {{"status", status}, {"tag", "t"}}), type);
    }
    void ask(const std::string& path) {
        play_.request("POST", path,
                      {{"sentence", "press one"}, {"maxDigits", std::to_string(dice_.below(4))}},
                      dice_.below(9) == 0 ? 403 : 200);
    }
    void happen_anyhow() {
        static const char* const types[] = {"answer",   "speak",     "gather",   "dtmf",
                                            "playback", "recording", "transfer", "hangup"};
        static const char* const tails[] = {"", "/audio", "/gather", "/gather/gtr-1", "/../x"};
        switch (dice_.below(5)) {
            case 0:
                owe(types[dice_.below(std::size(types))], dice_.below(2) == 0 ? "started" : "done");
                break;
            case 1:
                if (!owed_.empty()) {
                    const auto& [delivery, its_type] = owed_[dice_.below(owed_.size())];
                    play_.answer(delivery, its_type, dice_.below(3) == 0 ? 500 : 200,
                                 dice_.below(4) == 0 ? "retry" : "delivered");
                }
                break;
            case 2:
                ask(std::string{"/v1/users/u-1/calls/c-1"} + tails[dice_.below(std::size(tails))]);
                break;
            case 3:
                play_.later(Duration{std::chrono::milliseconds{dice_.below(3000)}},
                            Duration{std::chrono::milliseconds{dice_.below(1500)}});
                break;
            default:
                play_.nothing_to_come();
                break;
        }
    }
    /// An alarm that rings sets the next one later, or the stage would spin.
    void ring_alarms() {
        for (int rings = 0; play_.script().alarm(); ++rings) {
            REQUIRE(rings < 1000);
            play_.until(*play_.script().alarm());
            static_cast<void>(play_.script().take_wishes());
            if (dice_.below(2) == 0) {
                break;
            }
        }
    }

    Rehearsal& play_;
    Rng& dice_;
    std::vector<std::string> names_;  // the next one last
    std::vector<std::pair<std::uint64_t, std::string>> owed_;
};

/// What is true of any run, right or wrong.
void is_consistent(const Verdict& told) {
    REQUIRE_FALSE(told.judged.empty());
    const bool all_held = std::ranges::all_of(
        told.judged, [](const Judged& one) { return one.result == Judged::Result::passed; });
    REQUIRE((told.result == Judged::Result::passed) == all_held);
    for (const Judged& one : told.judged) {
        CAPTURE(one.name);
        REQUIRE_FALSE(one.name.empty());
        REQUIRE_FALSE(one.expected.empty());
        REQUIRE((one.result == Judged::Result::passed || !one.got.empty()));
        REQUIRE(one.candidates.size() <= 3);
    }
}

/// The verdict as reports have it, without what it took.
std::string verdict_text(const ordered_json& file, std::uint64_t number) {
    Rng dice{number};
    Rehearsal play = Rehearsal::of(file.dump());
    Chaos{play, file, dice}.let_loose();
    const Verdict told = play.verdict();
    is_consistent(told);
    RunRecord run;
    run.scenario = "random";
    run.verdict = told;
    return json(run_json(run)).dump();
}

/// A conversation that makes sense, as its steps and as what happens.
class Conversation {
public:
    struct Line {
        ordered_json step;
        std::function<void(Rehearsal&)> happens;
        bool asked{false};  // the receiver does it
    };

    explicit Conversation(Rng& dice) {
        sent("answer", "answer", {});
        for (std::uint64_t turns = 1 + dice.below(5); turns > 0; --turns) {
            dice.below(2) == 0 ? speak(std::to_string(dice.below(100))) : gather(dice.below(9) + 1);
        }
        asked("update", "", {{"state", "completed"}});
        sent("hangup", "hangup", {});
    }

    [[nodiscard]] ordered_json file() const {
        ordered_json steps = ordered_json::array();
        for (const Line& line : lines) {
            steps.push_back(line.step);
        }
        return {{"version", 1}, {"name", "talk"}, {"steps", steps}};
    }
    /// Lets it happen, in this order, until the script has had enough.
    static Verdict play(const ordered_json& file, const std::vector<Line>& lines) {
        Rehearsal rehearsal = Rehearsal::of(file.dump());
        for (const Line& line : lines) {
            line.happens(rehearsal);
        }
        rehearsal.later({}, 60s);
        rehearsal.nothing_to_come();
        return rehearsal.verdict();
    }

    std::vector<Line> lines;

private:
    void sent(const std::string& name, const std::string& type, const json& payload) {
        lines.push_back({{{"send", name}}, [=](Rehearsal& play) {
                             play.answer(play.event(type, payload), type, 200);
                         }});
    }
    void asked(const std::string& command, const std::string& tail, const json& body) {
        ordered_json match = ordered_json::object();
        for (const auto& [name, value] : body.items()) {
            match[name] = value;
        }
        lines.push_back(
            {{{"await", {{"command", command}, {"match", {{"body", match}}}}}},
             [=](Rehearsal& play) { play.request("POST", "/v1/users/u-1/calls/c-1" + tail, body); },
             true});
    }
    void speak(const std::string& words) {
        asked("audio", "/audio", {{"sentence", words}});
        sent("speak.started", "speak", {{"status", "started"}});
        sent("speak.done", "speak", {{"status", "done"}});
    }
    void gather(std::uint64_t digits) {
        asked("gather", "/gather", {{"maxDigits", std::to_string(digits)}});
        lines.push_back(
            {{{"caller", {{"press", "1"}}}}, [](Rehearsal& play) { play.later({}, {}); }});
        sent("gather", "gather", {{"reason", "max-digits"}, {"digits", "1"}});
    }
};

}  // namespace

TEST_CASE("scenario: a damaged file is refused with places, and never more than that",
          "[property][scenario]") {
    std::size_t accepted{0};
    std::size_t refused{0};
    for (const Seed seed : seeds(400)) {
        CAPTURE(test::number_of(seed));
        Rng dice{mix(test::number_of(seed))};
        RandomScenario maker{dice};
        const auto& built_in = built_in_scenarios();
        const std::string own{built_in[dice.below(built_in.size())].text};
        const ordered_json whole = maker.file();
        for (const std::string& text :
             {maker.damaged(own), maker.damaged(whole.dump(1)), maker.damaged(whole).dump(1)}) {
            CAPTURE(text);
            const LoadedScenario first = read_whole(text);
            REQUIRE(first.mistakes == read_whole(text).mistakes);
            ++(first.scenario ? accepted : refused);
        }
    }
    CAPTURE(accepted, refused);
    CHECK((refused > 500 || one_seed()));
    CHECK((accepted > 20 || one_seed()));
}

TEST_CASE("scenario: whatever is accepted can be played to an end, whatever happens",
          "[property][scenario]") {
    std::size_t played{0};
    std::size_t passed{0};
    std::size_t far{0};  // came through three steps or more
    for (const Seed seed : seeds(2000)) {
        CAPTURE(test::number_of(seed));
        Rng dice{mix(test::number_of(seed))};
        const ordered_json file = RandomScenario{dice}.file();
        CAPTURE(file.dump(1));
        if (!read_whole(file.dump()).scenario) {
            continue;
        }
        ++played;
        const std::uint64_t events = dice.next();
        const std::string told = verdict_text(file, events);
        REQUIRE(told == verdict_text(file, events));
        const json run = json::parse(told);
        passed += run.at("result") == "passed" ? 1 : 0;
        far += run.at("steps").size() >= 3 ? 1 : 0;
    }
    CAPTURE(played, passed, far);
    CHECK((played > 200 || one_seed()));
    CHECK((far > 50 || one_seed()));
    CHECK((passed > 10 || one_seed()));
}

TEST_CASE("scenario: a conversation as it is written passes, and with one thing wrong it does not",
          "[property][scenario]") {
    for (const Seed seed : seeds(150)) {
        CAPTURE(test::number_of(seed));
        Rng dice{mix(test::number_of(seed))};
        Conversation talk{dice};
        const ordered_json file = talk.file();
        CAPTURE(file.dump(1));
        const auto problem_of = [&](const std::vector<Conversation::Line>& lines) {
            const Verdict told = Conversation::play(file, lines);
            is_consistent(told);
            return told.result;
        };
        REQUIRE(problem_of(talk.lines) == Judged::Result::passed);

        std::vector<std::size_t> commands;
        for (std::size_t i = 0; i < talk.lines.size(); ++i) {
            if (talk.lines[i].asked) {
                commands.push_back(i);
            }
        }
        const auto at = static_cast<std::ptrdiff_t>(commands[dice.below(commands.size())]);
        std::vector<Conversation::Line> missing = talk.lines;
        missing.erase(missing.begin() + at);
        REQUIRE(problem_of(missing) == Judged::Result::failed);
        std::vector<Conversation::Line> twice = talk.lines;
        twice.insert(twice.begin() + at, twice[static_cast<std::size_t>(at)]);
        REQUIRE(problem_of(twice) == Judged::Result::failed);
        std::vector<Conversation::Line> early = talk.lines;
        std::rotate(early.begin(), early.begin() + at, early.begin() + at + 1);
        REQUIRE(problem_of(early) == Judged::Result::failed);
    }
}
