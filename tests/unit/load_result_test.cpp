#include "tests/support/load_result.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "harness/load/outcome.h"
#include "harness/load/result_json.h"
#include "tests/support/golden.h"

using namespace ringback;
using Catch::Matchers::Contains;
using nlohmann::json;
using test::invalid_load;
using test::sample_load;
using test::sample_search;

namespace {

std::string problem_by_schema(const json& report) {
    std::ifstream in{RINGBACK_SOURCE_DIR "/fixtures/load.schema.json"};
    const json schema_json = json::parse(in);
    valijson::Schema schema;
    valijson::SchemaParser{}.populateSchema(valijson::adapters::NlohmannJsonAdapter{schema_json},
                                            schema);
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(schema, valijson::adapters::NlohmannJsonAdapter{report}, &results)) {
        return {};
    }
    valijson::ValidationResults::Error error;
    std::string all;
    while (results.popError(error)) {
        for (const std::string& step : error.context) {
            all += step;
        }
        all += ": " + error.description + "\n";
    }
    return all;
}

std::string error_in(const json& document) {
    const Result<LoadResult> read = load_result_of(document.dump(), "a.json");
    return read ? "" : to_text(read.error());
}

json sample_json() { return json::parse(load_json_text(sample_load())); }

void drop_encoded(json& at) {
    if (at.is_object()) {
        at.erase("encoded");
    }
    for (json& part : at) {
        if (part.is_structured()) {
            drop_encoded(part);
        }
    }
}

}  // namespace

TEST_CASE("load json: it fits its schema", "[load][json]") {
    json document = sample_json();
    CHECK(problem_by_schema(document) == "");
    CHECK(problem_by_schema(json::parse(load_json_text(invalid_load()))) == "");
    CHECK(problem_by_schema(json::parse(load_json_text(LoadResult{}))) == "");
    CHECK(problem_by_schema(json::parse(load_json_text(sample_search()))) == "");
    LoadResult kicked = sample_load();
    kicked.unexpected = 3;
    const json with_unexpected = json::parse(load_json_text(kicked));
    CHECK(problem_by_schema(with_unexpected) == "");
    CHECK(with_unexpected["schema"] == "ringback-load/2");
    LoadResult faulty = sample_load();
    faulty.lost = {2, 7};
    faulty.faults = {{1, "drop", R"({"drop":true})", "", false, {6, 2}},
                     {2, "odd", R"({"odd":"nulls"})", "weird", false, {0, 0}}};
    const json with_lost = json::parse(load_json_text(faulty));
    CHECK(problem_by_schema(with_lost) == "");
    CHECK(with_lost["schema"] == "ringback-load/2");
    CHECK(with_lost["lost_events"] == json{{"events", 2}, {"first_s", 7.0}});
    document["counts"]["planned"] = "360";
    CHECK(problem_by_schema(document) != "");
}

TEST_CASE("load json: a file of the day before is read, and written the same", "[load][json]") {
    std::ifstream in{RINGBACK_SOURCE_DIR "/tests/golden/load.json"};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    const Result<LoadResult> before = load_result_of(text, "load.json");
    const bool same = before && before.value().metrics == sample_load().metrics;
    json golden = json::parse(text, nullptr, false);
    json document = sample_json();
    // How they are deflated is zlib's affair.
    drop_encoded(golden);
    drop_encoded(document);
    if (!same || golden != document) {
        test::check_golden("load.json", load_json_text(sample_load()));
    }
    CHECK(golden == document);
}

TEST_CASE("load json: what is read back is what was written", "[load][json]") {
    LoadResult result = sample_load();
    result.plan.arrivals = Arrivals::trace;
    result.plan.trace = {std::chrono::nanoseconds{1}, std::chrono::seconds{2}};
    result.plan.calls = UINT64_MAX;
    result.plan.seed = UINT64_MAX;
    result.plan.segment = {2, 8};
    result.merged_from = {"a.json", "b.json"};
    result.merged_segments = {{0, 2}, {3, 4}};
    result.aborted = "errors:rate>5%@10s";
    result.interrupted = true;
    result.changes = {{4, "rate x 1.1, 22/s"}, {6.5, "paused"}};
    result.unexpected = 3;
    result.lost = {4, 9};
    for (const LoadResult& one : {result, invalid_load(), LoadResult{}, sample_search()}) {
        const std::string text = load_json_text(one);
        const Result<LoadResult> read = load_result_of(text, "a.json");

        INFO(text.substr(0, 400));
        REQUIRE((read ? "" : to_text(read.error())) == "");
        CHECK(load_json_text(read.value()) == text);
        CHECK(read.value().metrics == one.metrics);
        CHECK(read.value().plan.trace == one.plan.trace);
        CHECK(read.value().plan.calls == one.plan.calls);
        CHECK(read.value().counts == one.counts);
        std::optional<SearchResult> search = one.search;
        for (std::size_t at = 0; search && at < search->probes.size(); ++at) {
            if (search->probes[at].outcome ==
                ProbeOutcome::invalid) {  // no UTF-8, so it is cleaned
                search->probes[at].why = read.value().search->probes.at(at).why;
            }
        }
        CHECK(read.value().search == search);
        CHECK(read.value().changes == one.changes);
        CHECK(read.value().unexpected == one.unexpected);
        CHECK(read.value().lost.events == one.lost.events);
        CHECK(read.value().lost.first_s == one.lost.first_s);
    }
}

TEST_CASE("load json: an invalid run has its histograms, and no percentile", "[load][json]") {
    const json document = json::parse(load_json_text(invalid_load()));

    CHECK(document["outcome"] == "invalid");
    CHECK(document["exit_status"] == 98);
    CHECK(document["metrics"]["response"].size() == 2);
    CHECK(document["metrics"]["response"]["count"] == 1443);
    CHECK_FALSE(document["steps"][0]["metrics"]["response"].contains("p99_us"));
}

TEST_CASE("load json: what is not as it should be is told with its path", "[load][json]") {
    const auto error_with = [](const char* pointer, json value) {
        json document = sample_json();
        document[json::json_pointer{pointer}] = std::move(value);
        return error_in(document);
    };
    CHECK(error_in(sample_json()) == "");
    CHECK(error_with("/counts/planned", "360") ==
          "a.json: /counts/planned: expected a whole number, 0 or more, found \"360\"");
    CHECK(error_with("/counts/planned", -1) ==
          "a.json: /counts/planned: expected a whole number, 0 or more, found -1");
    CHECK(error_with("/counts/planed", 1) == "a.json: /counts/planed: unknown member");
    CHECK(error_with("/seconds/3/colour", 1) == "a.json: /seconds/3/colour: unknown member");
    CHECK(error_with("/colour", 1) == "a.json: unknown member \"colour\"");
    CHECK(error_with("/seconds/3/cpu_cores", json{}) ==
          "a.json: /seconds/3/cpu_cores: expected a number, 0 or more, found null");
    CHECK(error_with("/seconds/3/warmup", 1) ==
          "a.json: /seconds/3/warmup: expected true or false, found 1");
    CHECK(error_with("/kept/0/run", json::array()) ==
          "a.json: /kept/0/run: expected an object, found []");
    CHECK(error_with("/plan/arrivals", "often") ==
          R"(a.json: /plan/arrivals: expected "constant", "poisson" or "trace")");
    CHECK(error_with("/plan/segment/of", 0) ==
          "a.json: /plan/segment: expected an index below \"of\"");
    CHECK(error_with("/metrics/response/count", 1442) ==
          "a.json: /metrics/response: expected 1442 values as \"count\" says, found 1443");
    CHECK_THAT(error_with("/metrics/response/encoded", "HISTFAAAA"),
               Catch::StartsWith("a.json: /metrics/response/encoded: "));
    CHECK(error_with("/truth/valid", false) ==
          "a.json: /truth/valid: expected true if nothing stands in \"invalid\", else false");
    CHECK(error_with("/scenario", std::string(500, 'x')).empty());
    json without = sample_json();
    without.erase("truth");
    CHECK(error_in(without) == "a.json: expected a member \"truth\", found none");
    CHECK_THAT(error_in(json::array()), Contains("a.json: expected an object, found []"));
    const Result<LoadResult> garbage = load_result_of("{\"schema\": ", "a.json");
    REQUIRE_FALSE(garbage);
    CHECK_THAT(to_text(garbage.error()), Contains("a.json: is no JSON: "));
}

TEST_CASE("load json: a file of a newer version is refused with the version it needs",
          "[load][json]") {
    json document = sample_json();
    document["schema"] = "ringback-load/12";
    document["something"] = "new";
    CHECK(error_in(document) ==
          "a.json: /schema: needs a ringback that reads ringback-load/12; this one reads up to "
          "ringback-load/2");
    for (const char* other : {"ringback-load/", "ringback-load/0", "ringback-load/1x",
                              "ringback-run/1", "", "ringback-load/99999999999999"}) {
        document["schema"] = other;
        CHECK(error_in(document) == "a.json: /schema: expected \"ringback-load/2\", found \"" +
                                        std::string{other} + "\"");
    }
}

TEST_CASE("load: how a run ended, in the order of the exit statuses", "[load]") {
    LoadResult result = sample_load();
    CHECK(exit_status(result) == 1);
    result.counts.failed = 0;
    CHECK(exit_status(result) == 99);
    CHECK(outcome_word(result) == "threshold crossed");
    result.thresholds.resize(1);
    CHECK(outcome_word(result) == "passed");
    result.unexpected = 1;
    CHECK(exit_status(result) == 1);
    result.unexpected = 0;
    result.counts.finished = 359;
    CHECK(outcome_word(result) == "failed");
    result.interrupted = true;
    CHECK(outcome_word(result) == "interrupted");
    CHECK(exit_status(result) == 130);
    result.thresholds[0].held = false;
    CHECK(exit_status(result) == 99);
    result.truth.invalid = {"late"};
    CHECK(exit_status(result) == 98);
}

TEST_CASE("load: a search passed if the highest rate was found, whatever its probes came to",
          "[load]") {
    LoadResult result = sample_search();
    CHECK(exit_status(result) == 0);
    result.search->end = SearchEnd::at_least;
    CHECK(exit_status(result) == 98);
    result.search->end = SearchEnd::unconfirmed;
    CHECK(exit_status(result) == 1);
    result.search->end = SearchEnd::ended_early;
    CHECK(exit_status(result) == 1);
    result.interrupted = true;
    CHECK(exit_status(result) == 130);
    result.interrupted = false;
    result.search->end = SearchEnd::none_held;
    CHECK(exit_status(result) == 1);  // as its last probe: calls failed
    result.counts.failed = 0;
    CHECK(exit_status(result) == 99);
}

TEST_CASE("load json: a search is of version 2, and names what is wrong in it", "[load][json]") {
    json document = json::parse(load_json_text(sample_search()));
    CHECK(document["schema"] == "ringback-load/2");
    CHECK_FALSE(document["search"]["probes"][3].contains("response_p99_us"));  // an invalid one
    document["search"]["probes"][0]["outcome"] = "so so";
    CHECK(error_in(document) ==
          "a.json: /search/probes/0/outcome: expected one of held, failed, invalid");
    CHECK(sample_json()["schema"] == "ringback-load/1");
}

TEST_CASE("load: rates are those of the time in which measured calls were to start", "[load]") {
    const LoadRates rates = rates_of(sample_load());

    CHECK(rates.planned == Approx(40));  // 360 in ten seconds, without one of warm-up
    CHECK(rates.started == Approx(40));
    CHECK(rates.finished == Approx(360 / 11.5));
    CHECK(rates.peak == 56);
    CHECK(rates.ceiling_share() == 56.0 / 800);
    LoadResult few = sample_load();
    few.plan.calls = 120;  // which have all started at 3.5 s
    CHECK(rates_of(few).planned > 100);
    CHECK_FALSE(rates_of(LoadResult{}).ceiling_share());
    CHECK(rates_of(LoadResult{}).planned == 0);
}
