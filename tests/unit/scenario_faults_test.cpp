#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "harness/scenario/fault_words.h"
#include "harness/scenario/faults.h"
#include "harness/scenario/load.h"
#include "simulator/core/fault_dice.h"
#include "tests/support/fixture_files.h"
#include "tests/support/scenario_mistakes.h"

using namespace ringback;
using namespace ringback::test;
using namespace std::chrono_literals;

namespace {

/// The rules of a file that has these.
std::vector<FaultRule> rules_of(const std::string& rules) {
    const LoadedFaults loaded =
        read_fault_file("f", fmt::format(R"({{"version": 1, "faults": [{}]}})", rules));
    for (const Mistake& mistake : loaded.mistakes) {
        FAIL_CHECK(to_text(mistake));
    }
    return loaded.plan ? loaded.plan->rules : std::vector<FaultRule>{};
}

FaultRule rule_of(const std::string& rule) {
    const auto rules = rules_of(rule);
    REQUIRE(rules.size() == 1);
    return rules[0];
}

template <class Fault>
Fault callback_fault(const std::string& rule) {
    return std::get<Fault>(std::get<FaultRule::OfCallbacks>(rule_of(rule).what).what);
}
template <class Fault>
Fault answer_fault(const std::string& rule) {
    return std::get<Fault>(std::get<FaultRule::OfAnswers>(rule_of(rule).what).what);
}
WireFault send_fault(const std::string& members) {
    return callback_fault<fault::BadSend>("{" + members + R"(, "on": {"event": "*"}})").wire;
}

/// What is wrong with these rules, which begin at 1:27.
Texts mistakes_in_rules(const std::string& rules) {
    Texts texts;
    const std::string text = fmt::format(R"({{"version": 1, "faults": [{}]}})", rules);
    for (const Mistake& mistake : read_fault_file("f", text).mistakes) {
        texts.push_back(to_text(mistake));
    }
    return texts;
}

}  // namespace

TEST_CASE("fault files: every fault of a callback is read as it is written", "[scenario][faults]") {
    const auto twice =
        callback_fault<fault::Duplicate>(R"({"duplicate": {"copies": 2, "gap": "5ms"}})");
    CHECK(twice.copies == 2);
    CHECK(twice.gap.a == 5ms);
    CHECK_FALSE(twice.together);
    CHECK(callback_fault<fault::Duplicate>(R"({"duplicate": {"together": true}})").together);
    CHECK(callback_fault<fault::Delay>(R"({"delay": {"uniform": ["1s", "2s"]}})").by.b == 2s);
    const auto reorder =
        callback_fault<fault::Reorder>(R"({"reorder": {"behind": 3, "within": "4s"}})");
    CHECK(reorder.behind == 3);
    CHECK(reorder.within == 4s);
    CHECK(callback_fault<fault::Shuffle>(R"({"shuffle": "1s"})").window == 1s);
    CHECK(callback_fault<fault::Impossible>(R"({"impossible": "gather"})").what ==
          fault::Impossible::What::unknown_gather);
    CHECK(callback_fault<fault::Odd>(R"({"odd": "large-tag"})").what ==
          fault::Odd::What::large_tag);
    CHECK(callback_fault<fault::BadSignature>(R"({"signature": "wrong-key"})").what ==
          SigningFault::wrong_key);
    CHECK(callback_fault<fault::BadSend>(R"({"close_kept": true})").wire.only_kept);
    CHECK_FALSE(callback_fault<fault::BadSend>(
                    R"({"half_body": true, "on": {"event": "hangup"}, "again": false})")
                    .again);
}

TEST_CASE("fault files: the words for how bytes leave are toxiproxy's where it has one",
          "[scenario][faults]") {
    using End = WireFault::End;
    CHECK(send_fault(R"("latency": "30ms")") == WireFault{.latency = {.a = 30ms}});
    CHECK(send_fault(R"("bandwidth": 100)") == WireFault{.slice = 5, .pause = 50ms});
    CHECK(send_fault(R"("slicer": {"size": 3, "pause": "1ms"})") ==
          WireFault{.slice = 3, .pause = 1ms});
    CHECK(send_fault(R"("limit_data": 9)") == WireFault{.limit = 9, .end = End::close});
    CHECK(send_fault(R"("half_body": true)") == WireFault{.half_body = true, .end = End::close});
    CHECK(send_fault(R"("reset_peer": {"bytes": 4})") == WireFault{.limit = 4, .end = End::reset});
    CHECK(send_fault(R"("timeout": {"bytes": 4, "for": "2s"})") ==
          WireFault{.limit = 4, .end = End::silence, .silence = 2s});
    CHECK(send_fault(R"("slow_close": "2s")") == WireFault{.end = End::silence, .silence = 2s});
    CHECK(send_fault(R"("wrong_length": -3)") == WireFault{.length_error = -3});
    CHECK(send_fault(R"("garbage": true)") == WireFault{.garbage = true, .end = End::close});
    CHECK(send_fault(R"("empty": true)") == WireFault{.limit = 0, .end = End::close});
}

TEST_CASE("fault files: a failure speaks in the words of its status, unless it has its own",
          "[scenario][faults]") {
    struct Row {
        std::string status;
        std::string category;
        std::string code;
    };
    for (const Row& row : {Row{"400", "bad-request", "validation-error"},
                           Row{"401", "authorization", "access-denied"},
                           Row{"403", "forbidden", "call-invalid-state"},
                           Row{"404", "not-found", "resource-not-found"},
                           Row{"405", "bad-request", "method-not-allowed"},
                           Row{"409", "conflict", "call-update-conflict"},
                           Row{"418", "bad-request", "validation-error"},
                           Row{"429", "too-many-requests", "rate-limit-reached"},
                           Row{"500", "backend", "internal-server-error"},
                           Row{"502", "unavailable", "internal-server-error"},
                           Row{"503", "unavailable", "gateway-unavailable"}}) {
        CAPTURE(row.status);
        for (const std::string& written :
             {R"({"fail": )" + row.status + "}", R"({"fail": {"status": )" + row.status + "}}"}) {
            const auto fail = answer_fault<fault::Fail>(written);
            CHECK(std::to_string(fail.status) == row.status);
            CHECK(fail.category == row.category);
            CHECK(fail.code == row.code);
            CHECK_FALSE(fail.message.empty());
        }
    }
    const auto own = answer_fault<fault::Fail>(
        R"({"fail": {"category": "limit", "code": "call-rate-limit", "status": 403}})");
    CHECK(own.category == "limit");
    CHECK(own.code == "call-rate-limit");
}

TEST_CASE("fault files: what the API answers is said by status and the provider's words",
          "[scenario][faults]") {
    CHECK(answer_fault<fault::Fail>(R"({"fail": 502})").status == 502);
    const auto fail = answer_fault<fault::Fail>(
        R"({"fail": {"status": 403, "code": "call-limit", "retryAfter": "1500ms", "acted": true}})");
    CHECK(fail.code == "call-limit");
    CHECK(fail.retry_after_s == 2);
    CHECK(fail.acted);
    CHECK(answer_fault<fault::Fail>(R"({"unavailable": true})").status == 503);
    CHECK(answer_fault<fault::Fail>(R"({"rate_limit": true})").status == 429);
    CHECK(answer_fault<fault::Early>(R"({"early": "during"})").when == fault::Early::When::during);
    CHECK(answer_fault<fault::BadAnswer>(R"({"garbage": true, "on": "GET /v1/**"})").wire.garbage);
}

TEST_CASE("fault files: a rule says what it is for, how often and when", "[scenario][faults]") {
    const FaultRule rule = rule_of(
        R"({"drop": true, "on": "speak.done", "toxicity": 0.25, "nth": 2, "times": 3, "from": "1s", "until": "9s"})");
    const auto& on = std::get<FaultRule::OfCallbacks>(rule.what).on;
    CHECK(on.type == EventType::speak);
    CHECK(on.phase == EventFilter::Phase::done);
    CHECK(rule.name == "drop");
    CHECK(rule.toxicity == 250'000);
    CHECK(rule.nth == 2);
    CHECK(rule.times == 3);
    CHECK(rule.from == 1s);
    CHECK(rule.until == Duration{9s});
    const auto request = std::get<FaultRule::OfAnswers>(
        rule_of(R"({"fail": 500, "on": "POST /v1/users/*/calls"})").what);
    CHECK(request.on.means("POST", "/v1/users/u/calls"));
    CHECK_FALSE(request.on.means("GET", "/v1/users/u/calls"));
    CHECK_FALSE(request.on.means("POST", "/v1/users/u/calls/c-1"));
}

TEST_CASE("fault files: every mistake is told with its place", "[scenario][faults]") {
    CHECK(mistakes_in_rules(R"({"dorp": true})") ==
          Texts{R"(f:1:28: unknown member "dorp", did you mean "drop"?)"});
    CHECK(mistakes_in_rules(R"({"drop": true, "delay": "1s"})") ==
          Texts{"f:1:42: expected one fault a rule, found delay beside drop"});
    CHECK(
        mistakes_in_rules(R"({"drop": true, "on": "speek.done"})") ==
        Texts{
            R"(f:1:48: expected the name of an event, or *, found "speek.done", did you mean "speak.done"?)"});
    CHECK(mistakes_in_rules(R"({"drop": true, "on": "POST /v1/users/*/calls"})") ==
          Texts{"f:1:48: drop is a fault of callbacks: expected an event"});
    CHECK(mistakes_in_rules(R"({"latency": "1s"})") ==
          Texts{"f:1:27: latency: expected `on`, with an event or a request"});
    CHECK(mistakes_in_rules(R"({"drop": true, "toxicity": 2})") ==
          Texts{"f:1:54: expected a number from 0 to 1, found 2"});
    CHECK(mistakes_in_rules(R"({"drop": true, "from": "2s", "until": "1s"})") ==
          Texts{"f:1:65: expected a time behind that of `from`"});
    CHECK(
        mistakes_in_rules(R"({"duplicate": {"copies": 21}}, "caos")") ==
        Texts{
            "f:1:52: expected a whole number from 1 to 20, found 21",
            R"(f:1:58: expected the name of built-in faults, found "caos", did you mean "chaos"?)"});
    CHECK(mistakes_in_rules(R"({"fail": 200})") ==
          Texts{"f:1:36: expected a whole number from 400 to 599, found 200"});
    CHECK(mistakes_in_rules(R"({"drop": true, "again": true})").size() == 1);
    CHECK(mistakes_in_rules(R"({"duplicate": {"together": true, "gap": "1s"}})") ==
          Texts{"f:1:54: expected no gap with it, found one"});
}

TEST_CASE("fault files: what is built in is what lies in fixtures, and all of it is read",
          "[scenario][faults]") {
    std::vector<std::string> names;
    for (const BuiltInFaults& each : built_in_faults()) {
        CAPTURE(each.name);
        names.emplace_back(each.name);
        CHECK_FALSE(each.about.empty());
        const LoadedFaults loaded = load_faults(each.name);
        CHECK(loaded.mistakes.empty());
        REQUIRE(loaded.plan);
        CHECK_FALSE(loaded.plan->rules.empty());
    }
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(
             std::filesystem::path{RINGBACK_SOURCE_DIR} / "fixtures/faults")) {
        files.push_back(entry.path().stem());
    }
    std::ranges::sort(files);
    CHECK(names == files);
}

TEST_CASE("fault files: chaos mixes all that can go wrong, each by a small chance",
          "[scenario][faults]") {
    const LoadedFaults loaded = load_faults("chaos");
    REQUIRE(loaded.plan);
    const std::vector<FaultRule>& rules = loaded.plan->rules;
    const auto mixes = [&](const FaultWord& kind, FaultSide side, std::string_view value) {
        return std::ranges::any_of(rules, [&](const FaultRule& rule) {
            const bool of_callbacks = std::holds_alternative<FaultRule::OfCallbacks>(rule.what);
            return rule.name == kind.name && of_callbacks == (side == FaultSide::callbacks) &&
                   (value.empty() || nlohmann::json::parse(rule.written).at(rule.name) == value);
        });
    };

    for (const FaultWord& kind : fault_words()) {
        for (const FaultSide side : {FaultSide::callbacks, FaultSide::answers}) {
            if (kind.side != side && kind.side != FaultSide::either) {
                continue;
            }
            for (const std::string_view value :
                 kind.values.empty() ? std::vector<std::string_view>{""} : kind.values) {
                CAPTURE(kind.name, side == FaultSide::callbacks, value);
                CHECK(mixes(kind, side, value));
            }
        }
    }
    for (const FaultRule& rule : rules) {
        CAPTURE(rule.written);
        CHECK(rule.toxicity > 0);
        CHECK(rule.toxicity <= 200'000);
        CHECK(rule.nth + rule.times == 0);
        CHECK_FALSE(rule.until);
    }
}

TEST_CASE("faults of the command line: names, words and files, by commas", "[scenario][faults]") {
    const auto loaded = load_faults("dup-gather,drop=speak.done,early");
    REQUIRE(loaded.plan);
    REQUIRE(loaded.plan->rules.size() == 3);
    CHECK(loaded.plan->rules[0].name == "duplicate");
    CHECK(std::get<FaultRule::OfCallbacks>(loaded.plan->rules[0].what).on.type ==
          EventType::gather);
    CHECK(loaded.plan->rules[1].name == "drop");
    CHECK(loaded.plan->rules[2].name == "early");

    const auto texts = [](std::string_view list) {
        Texts all;
        for (const Mistake& mistake : load_faults(list).mistakes) {
            all.push_back(to_text(mistake));
        }
        return all;
    };
    CHECK(texts("choas") == Texts{"choas: there is no such file, and no faults of that name are "
                                  "built in, did you mean \"chaos\"?"});
    CHECK(texts("drop=speek") ==
          Texts{"drop=speek: expected the name of an event behind drop, found \"speek\", did you "
                "mean \"speak\"?"});
    CHECK(texts("") == Texts{"--faults: expected at least one fault, found none"});
    const Texts none_on_one_side{
        "--faults: expected a fault on both sides of every comma, found none on one"};
    CHECK(texts("chaos,") == none_on_one_side);
    CHECK(texts(",chaos") == none_on_one_side);
    CHECK(texts("chaos,,lossy") == none_on_one_side);
}

TEST_CASE("scenario: its faults are rules and built-in ones", "[scenario][faults]") {
    const auto loaded = read_scenario(
        "f", R"({"version": 1, "faults": ["duplicates", {"drop": true, "on": "gather"}]})", {});
    REQUIRE(loaded.scenario);
    CHECK(loaded.scenario->faults.size() == 2);
}

TEST_CASE("fault files: a version that is not there, or not 1, is told with its place",
          "[scenario][faults]") {
    const auto told = [](const std::string& text) {
        Texts texts;
        for (const Mistake& mistake : read_fault_file("f", text).mistakes) {
            texts.push_back(to_text(mistake));
        }
        return texts;
    };
    CHECK(told(R"({"faults": ["chaos"]})") == Texts{R"(f:1:1: expected "version": 1, found none)"});
    CHECK(told(R"({"version": 2, "faults": ["chaos"]})") ==
          Texts{"f:1:13: expected version 1, found 2"});
    CHECK(told(R"({"version": "1", "faults": ["chaos"]})") ==
          Texts{R"(f:1:13: expected version 1, found "1")"});
}

TEST_CASE(
    "fault files: a request that the API has no route for is a mistake, and the nearest named",
    "[scenario][faults]") {
    const auto on = [](const std::string& request) {
        return R"({"fail": 500, "on": ")" + request + R"("})";
    };
    const std::string found{"f:1:47: expected a request that the API has a route for, found "};
    CHECK(mistakes_in_rules(on("POST /v1/users/*/cals")) ==
          Texts{found + R"("POST /v1/users/*/cals", did you mean "POST /v1/users/*/calls"?)"});
    CHECK(mistakes_in_rules(on("POST /cals")) ==
          Texts{found + R"("POST /cals", did you mean "POST /v1/users/*/calls"?)"});
    CHECK(mistakes_in_rules(on("/v1/users/u-1/calls/*/gahter")) ==
          Texts{found + R"("/v1/users/u-1/calls/*/gahter", did you mean )"
                        R"("/v1/users/*/calls/*/gather"?)"});
    const Texts nothing_near = mistakes_in_rules(on("/nowhere/at/all/or/anywhere/else"));
    REQUIRE(nothing_near.size() == 1);
    CHECK_THAT(nothing_near[0], Catch::Contains("(the API has /v1/users/*/calls, "));
    for (const char* const request :
         {"*", "/**", "GET /v1/**", "/v1/users/u-1/**", "PATCH /v1/users/*/messages/m-1",
          "HEAD /v1/users/*/media/*", "POST /v1/users/u-1/calls/*", "/v1/*/*/calls",
          "GET /v1/availableNumbers/local", "/v1/phoneNumbers/numberInfo/*"}) {
        CAPTURE(request);
        CHECK(mistakes_in_rules(on(request)).empty());
    }
    CHECK(mistakes_in_rules(on("DELETE /v1/users/*/calls")).size() == 1);
    CHECK(mistakes_in_rules(on("/v1/users/*/calls/")).size() == 1);
}

TEST_CASE("fault files: a rule of a built-in set knows that it is", "[scenario][faults]") {
    const auto loaded = load_faults("chaos,drop=dtmf");
    REQUIRE(loaded.plan);
    CHECK(loaded.plan->rules.front().set == "chaos");
    CHECK(loaded.plan->rules.back().set.empty());
    const auto named = rules_of(R"("lossy", {"drop": true})");
    CHECK(named.front().set == "lossy");
    CHECK(named.back().set.empty());
}
