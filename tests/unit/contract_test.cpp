// Sections 9 and 10 of the V1 contract: defaults, switches, and the page that says what holds each
// row.

#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "harness/cli/options.h"
#include "harness/scenario/api_routes.h"
#include "simulator/core/delay_names.h"
#include "simulator/edge/api/router.h"
#include "tests/support/named_tests.h"

namespace fs = std::filesystem;
using namespace ringback;
using namespace std::chrono_literals;
using test::NamedTests;
using test::row_of;
using test::text_of_file;
using test::under;

namespace contract_rows {
namespace {

const fs::path root{RINGBACK_SOURCE_DIR};

SimulatorSettings settings_by(const Args& args) {
    ServeOptions options;
    const auto flags = serve_flags(options);
    REQUIRE(flags->parse(args) == Flags::Parsed::go_on);
    complete(options, *flags);
    REQUIRE(flags->problems().empty());
    return options.fake.simulator;
}

std::string on_off(bool on) { return on ? "on" : "off"; }

struct Switch {
    const char* name;
    const char* by_default;
    Args flag;
    const char* turned;
    std::function<std::string(const SimulatorSettings&)> value;
};

std::string caller_fields(const SimulatorSettings& set) {
    return set.api.caller_fields == CallerFields::documented ? "documented"
           : set.api.caller_fields == CallerFields::always   ? "always"
                                                             : "never";
}

/// As section 10 lists them. What is "off" for two is one setting of three values here.
const std::vector<Switch>& switches() {
    using Set = SimulatorSettings;
    static const std::vector<Switch> all{
        {"publicBase",
         "https://api.catapult.inetwork.com",
         {"--public-base", "http://127.0.0.1:1"},
         "http://127.0.0.1:1",
         [](const Set& set) { return set.api.public_base; }},
        {"relativeLocation",
         "off",
         {"--relative-location"},
         "on",
         [](const Set& set) { return on_off(set.api.relative_location); }},
        {"strictNumbers",
         "off",
         {"--strict-numbers", "--number", "+19195550123"},
         "on",
         [](const Set& set) { return on_off(set.api.strict_numbers); }},
        {"strictConference",
         "off",
         {"--strict-conference"},
         "on",
         [](const Set& set) { return on_off(set.model.switches.strict_conference); }},
        {"rateLimits",
         "off off",
         {"--rate-limits"},
         "on on",
         [](const Set& set) {
             return on_off(set.api.rate_limits) + " " + on_off(set.api.creation_limits);
         }},
        {"userAgent",
         "BandwidthAPI/v1",
         {"--user-agent", "BandwidthAPI/v1 (x)"},
         "BandwidthAPI/v1 (x)",
         [](const Set& set) { return set.delivery.user_agent; }},
        {"hangupAfterTimeout",
         "on",
         {"--no-hangup-after-timeout"},
         "off",
         [](const Set& set) { return on_off(set.model.switches.hangup_after_timeout); }},
        {"promptEvents",
         "off",
         {"--prompt-events"},
         "on",
         [](const Set& set) { return on_off(set.model.switches.prompt_events); }},
        {"callerFields", "documented", {"--caller-fields", "always"}, "always", caller_fields},
        {"replyPatience",
         "250",
         {"--reply-patience", "1s"},
         "1000",
         [](const Set& set) { return std::to_string(set.delivery.reply_patience / 1ms); }},
        {"strictOrder",
         "off",
         {"--strict-order"},
         "on",
         [](const Set& set) { return on_off(set.delivery.ordering == Ordering::strict); }},
        {"concurrentDelivery",
         "off",
         {"--concurrent-delivery"},
         "on",
         [](const Set& set) { return on_off(set.delivery.ordering == Ordering::concurrent); }},
        {"retries",
         "0",
         {"--retries", "3"},
         "3",
         [](const Set& set) { return std::to_string(set.delivery.policy.retries); }},
        {"followRedirects",
         "off",
         {"--follow-redirects"},
         "on",
         [](const Set& set) { return on_off(set.delivery.policy.follow_redirects); }},
        {"fallback",
         "on",
         {"--no-fallback"},
         "off",
         [](const Set& set) { return on_off(set.delivery.policy.fallback); }},
        {"verifyTls",
         "on",
         {"--insecure"},
         "off",
         [](const Set& set) { return on_off(set.delivery.verify_tls); }},
        {"clockScale",
         "1",
         {"--time-scale", "20"},
         "20",
         [](const Set& set) { return std::to_string(static_cast<int>(set.clock.scale)); }},
    };
    return all;
}

}  // namespace

TEST_CASE("contract: every switch of section 10 has its default, and a flag that turns it",
          "[contract]") {
    const SimulatorSettings plain = settings_by({});
    for (const Switch& one : switches()) {
        CAPTURE(one.name);
        CHECK(one.value(plain) == one.by_default);
        CHECK(one.value(settings_by(one.flag)) == one.turned);
    }
}

TEST_CASE("contract: every delay of 4.1 has its default, and a flag that sets it", "[contract]") {
    const std::map<std::string, Duration> table{
        {"answer-delay", 4s},         {"fail-delay", 1500ms},    {"decline-delay", 5s},
        {"audio-start-delay", 300ms}, {"stop-delay", 100ms},     {"hangup-delay", 200ms},
        {"save-delay", 2s},           {"transcribe-delay", 10s}, {"sent-delay", 500ms},
        {"receipt-delay", 3s},        {"small-delay", 100ms}};
    const Delays plain = settings_by({}).model.delays;
    std::size_t seen{0};
    for (const NamedDelay& named : named_delays) {
        CAPTURE(named.name);
        const std::string flag = "--" + std::string{named.name};
        CHECK(settings_by({flag, "7ms"}).model.delays.*named.delay == DelayRange{7ms});
        if (const auto row = table.find(std::string{named.name}); row != table.end()) {
            ++seen;
            CHECK(plain.*named.delay == DelayRange{row->second});
        }
    }
    CHECK(seen == table.size());
    // speechDuration and fileDuration
    CHECK(plain.speech_minimum == 1s);
    CHECK(plain.speech_per_word == 400ms);
    CHECK(plain.file == 5s);
    CHECK(settings_by({"--length-of", "Hello=30s"}).model.delays.length_of.at("Hello") == 30s);
}

TEST_CASE("contract: every row of sections 9 and 10 names tests that there are, or its gap",
          "[contract]") {
    const std::string page = text_of_file(root / "tests/contract.md");
    const std::string gaps = under(text_of_file(root / "simulator/wire/README.md"), "## Gaps");
    NamedTests tests{root};
    const auto check = [&](const std::string& part, const std::string& first) {
        const std::string row = row_of(part, first);
        INFO("row " << first << ": " << row);
        REQUIRE_FALSE(row.empty());
        static const std::regex held{"`([^` ]+)` \"([^\"]+)\"|Gaps \"([^\"]+)\""};
        int names{0};
        for (std::sregex_iterator found{row.begin(), row.end(), held}, end; found != end; ++found) {
            ++names;
            INFO(found->str());
            if ((*found)[3].matched) {
                CHECK(gaps.find((*found)[3].str()) != std::string::npos);
                continue;
            }
            REQUIRE(tests.has_file((*found)[1].str()));
            CHECK(tests.has((*found)[1].str(), (*found)[2].str()));
        }
        CHECK(names > 0);
    };
    constexpr int disagreements = 46;
    constexpr int minimum_tests = 23;
    for (int row = 1; row <= disagreements; ++row) {
        check(under(page, "## Section 9: where the sources disagree"), std::to_string(row));
    }
    const std::string turned = under(page, "## Section 10: switches");
    for (const Switch& one : switches()) {
        check(turned, one.name);
    }
    for (const char* const other :
         {"all delays of 4.1", "far-end script by number", "far-end script by call"}) {
        check(turned, other);
    }
    for (int row = 1; row <= minimum_tests; ++row) {
        check(under(page, "## Section 10: minimum tests"), std::to_string(row));
    }
}

TEST_CASE("contract: faults may be for all routes that there are, and for no others",
          "[cli][faults]") {
    std::vector<std::string> routes;
    for (const RouteName& route : all_routes()) {
        std::string path = route.path;
        for (std::size_t id = path.find("{}"); id != std::string::npos; id = path.find("{}")) {
            path.replace(id, 2, "*");
        }
        routes.push_back(std::string{route.method} + " " + path);
    }
    CHECK(routes == std::vector<std::string>{api_route_names().begin(), api_route_names().end()});
}

}  // namespace contract_rows
