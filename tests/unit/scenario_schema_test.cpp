#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "harness/scenario/events.h"
#include "harness/scenario/load.h"
#include "simulator/core/delay_names.h"
#include "tests/support/fixture_files.h"
#include "tests/support/seeds.h"

using namespace ringback;
using namespace ringback::test;
using nlohmann::json;

namespace fs = std::filesystem;

namespace {

const fs::path samples{fs::path{RINGBACK_SOURCE_DIR} / "tests/unit"};

}  // namespace

TEST_CASE("scenario events: their members are those of fixtures/v1-events.json", "[scenario]") {
    const json catalogue = json::parse(text_of_file(fixtures / "v1-events.json"));
    std::map<std::string, std::set<std::string>> documented;
    for (const json& event : catalogue.at("events")) {
        for (const json& field : event.at("fields")) {  // of REST and of BXML
            documented[event.at("eventType")].insert(field.at("name").get<std::string>());
        }
    }
    for (const std::string_view name : event_names()) {
        CAPTURE(name);
        const auto members = event_members(name);
        const std::string type{name.substr(0, name.find('.'))};
        CHECK(std::set<std::string>{members.begin(), members.end()} == documented[type]);
    }
    CHECK(event_members("speak").empty());
}

TEST_CASE("scenario schema: the words in it are those that are read", "[scenario]") {
    const json schema = json::parse(scenario_schema());
    CHECK(schema == json::parse(text_of_file(fixtures / "scenario.schema.json")));
    const json& definitions = schema.at("definitions");
    const auto sorted = [](auto words) {
        std::vector<std::string> all{words.begin(), words.end()};
        std::ranges::sort(all);
        return all;
    };
    CHECK(sorted(definitions["event"]["enum"].get<std::vector<std::string>>()) ==
          sorted(event_names()));
    std::vector<std::string> commands;
    for (const ApiCommand& command : api_commands()) {
        commands.emplace_back(command.word);
    }
    CHECK(definitions["apiPattern"]["properties"]["command"]["enum"] == json(commands));
    std::vector<std::string> invariants;
    for (const auto& [name, value] : schema["properties"]["invariants"]["properties"].items()) {
        invariants.push_back(name);
    }
    CHECK(invariants == sorted(invariant_names()));
    std::vector<std::string_view> delays;
    for (const NamedDelay& each : named_delays) {
        delays.push_back(each.name);
    }
    for (const NamedLength& each : named_lengths) {
        delays.push_back(each.name);
    }
    std::vector<std::string> model;
    for (const auto& [name, value] : schema["properties"]["model"]["properties"].items()) {
        model.push_back(name);
    }
    CHECK(model == sorted(delays));
}

namespace {

/// Every value in a document, by pointer; the root is not one of them.
void pointers(const json& value, const std::string& at, std::vector<std::string>& all) {
    if (!value.is_structured()) {
        return;
    }
    for (const auto& [name, member] : value.items()) {
        const std::string here = at + "/" + pointer_step(name);
        all.push_back(here);
        pointers(member, here, all);
    }
}

/// One change at one place: a member gone or renamed, a value of another kind, or twice in an
/// array.
void mutate(json& document, Rng& rng) {
    std::vector<std::string> all;
    pointers(document, "", all);
    if (all.empty()) {
        return;
    }
    const json::json_pointer where{all[rng.below(all.size())]};
    json& parent = document.at(where.parent_pointer());
    const std::vector<json> kinds{nullptr,
                                  true,
                                  7,
                                  -1,
                                  1.5,
                                  "",
                                  "x",
                                  "2s",
                                  json::array(),
                                  json::object(),
                                  json::array({1, "a"}),
                                  json{{"a", "b"}}};
    const json value = document.at(where);
    switch (rng.below(5)) {
        case 0:
            if (parent.is_object()) {
                parent.erase(where.back());
            } else {
                parent.erase(std::stoul(where.back()));
            }
            break;
        case 1:
            if (parent.is_object()) {
                parent.erase(where.back());
                parent[where.back() + "x"] = value;
            } else {
                parent.push_back(value);
            }
            break;
        case 2: {  // what stands elsewhere, here
            const json other = document.at(json::json_pointer{all[rng.below(all.size())]});
            document.at(where) = other;
            break;
        }
        default:
            document.at(where) = kinds[rng.below(kinds.size())];
    }
}

}  // namespace

TEST_CASE("scenario schema: what it refuses, the reader refuses in its own words",
          "[scenario][property]") {
    std::vector<json> originals;
    for (const BuiltIn& each : built_in_scenarios()) {
        originals.push_back(json::parse(each.text, nullptr, true, true));
    }
    for (const char* const name : {"scenario_example.json", "scenario_all_members.json"}) {
        originals.push_back(json::parse(text_of_file(samples / name), nullptr, true, true));
    }
    int refused = 0;
    int accepted = 0;
    for (const Seed seed : test::seeds(600)) {
        CAPTURE(seed);
        Rng rng{mix(test::number_of(seed))};
        json document = originals[rng.below(originals.size())];
        const std::uint64_t changes = 1 + rng.below(2);
        for (std::uint64_t i = 0; i < changes; ++i) {
            mutate(document, rng);
        }
        CAPTURE(document.dump());
        const LoadedScenario loaded = read_scenario("mutated.json", document.dump(2), {});
        for (const Mistake& mistake : loaded.mistakes) {
            // It speaks only where the reader found nothing.
            INFO(to_text(mistake));
            REQUIRE_FALSE(mistake.what.starts_with("the schema of scenario files"));
        }
        REQUIRE(loaded.scenario.has_value() == loaded.mistakes.empty());
        (loaded.mistakes.empty() ? accepted : refused) += 1;
    }
    if (std::getenv("RINGBACK_SEED") == nullptr) {
        CHECK(refused > 300);
        CHECK(accepted > 20);
    }
}
