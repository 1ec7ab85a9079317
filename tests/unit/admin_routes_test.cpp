#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <set>

#include "harness/admin/routes.h"
#include "tests/support/admin_fixture.h"
#include "tests/support/entries.h"

namespace ringback {
namespace {

using nlohmann::json;
using test::AdminFixture;
using test::header_of;
using test::json_of;

/// "METHOD /path" of every operation in the served description.
std::set<std::string> described() {
    std::set<std::string> operations;
    const json document = json::parse(openapi_text());
    for (const auto& [path, methods] : document.at("paths").items()) {
        for (const auto& [method, operation] : methods.items()) {
            std::string name = method;
            std::transform(name.begin(), name.end(), name.begin(),
                           [](char c) { return static_cast<char>(std::toupper(c)); });
            operations.insert(name + " " + path);
            CHECK(operation.contains("summary"));
            CHECK(operation.contains("operationId"));
        }
    }
    return operations;
}

TEST_CASE("admin: openapi.json is the file, and lists exactly the routes", "[admin][openapi]") {
    std::ifstream in{std::string{RINGBACK_SOURCE_DIR} + "/harness/admin/openapi.json"};
    const std::string file{std::istreambuf_iterator<char>{in}, {}};
    CHECK(file == openapi_text());
    std::set<std::string> served;
    for (const AdminRoute& route : admin_routes()) {
        served.insert(std::string{route.method} + " " + std::string{route.path});
    }
    CHECK(served == described());
    AdminFixture f;
    CHECK(f.get("/openapi.json")->got.body == file);
}

TEST_CASE("admin: it serves what is below its prefix and nothing else", "[admin]") {
    for (const auto* const path : {"/__admin", "/__admin/", "/__admin/live"}) {
        CHECK(AdminApi::serves(AdminFixture::request("GET", path)));
    }
    for (const auto* const path : {"/", "/__administrator", "/v1/__admin/live", "/__Admin/live"}) {
        CHECK_FALSE(AdminApi::serves(AdminFixture::request("GET", path)));
    }
}

TEST_CASE("admin: unknown paths are 404, wrong methods 405 with what is allowed", "[admin]") {
    AdminFixture f;
    for (const auto* const path : {"", "/", "/nothing", "/live/", "/calls/", "/calls/a/b",
                                   "/calls//caller", "/calls/a/caller/b"}) {
        CAPTURE(path);
        CHECK(f.get(path)->got.status == 404);
        CHECK(json_of(*f.get(path)).contains("error"));
    }
    const auto answer = f.send(AdminFixture::request("DELETE", "/__admin/calls"));
    CHECK(answer->got.status == 405);
    CHECK(header_of(answer->got, "Allow") == "GET, POST");
    CHECK(f.post("/live")->got.status == 405);
    CHECK(f.send(AdminFixture::request("OPTIONS", "/__admin/reset"))->got.status == 405);
}

TEST_CASE("admin: a bad percent sequence in a query is 400", "[admin]") {
    AdminFixture f;
    CHECK(f.get("/journal?user=%zz")->got.status == 400);
    CHECK(f.get("/journal?user=%")->got.status == 400);
}

TEST_CASE("admin: live and ready say so, and why not", "[admin][state]") {
    AdminFixture f;
    CHECK(f.get("/live")->got.status == 200);
    CHECK(json_of(*f.get("/ready")) == json{{"ready", true}});
    f.controls.reason_not_ready = "stopping";
    const auto answer = f.get("/ready");
    CHECK(answer->got.status == 503);
    CHECK(header_of(answer->got, "Retry-After") == "1");
    CHECK(json_of(*answer)["reason"] == "stopping");
}

TEST_CASE("admin: stats count", "[admin][state]") {
    AdminFixture f;
    f.call();
    f.journal.record(test::entry(StateChanged{}));
    const auto stats = json_of(*f.get("/stats"));

    CHECK(stats["seed"] == 42);
    CHECK(stats["calls"] == json{{"live", 1}, {"known", 1}});
    CHECK(stats["conferences"] == json{{"live", 0}, {"known", 0}});
    CHECK(stats["deliveries"]["pending"] == 3);
    CHECK(stats["journal"]["recorded"] == 1);
    CHECK(stats["journal"]["by_kind"]["state"] == 1);
    CHECK_FALSE(stats["journal"].contains("file"));
}

TEST_CASE("admin: the journal is answered as an array or as lines", "[admin][journal]") {
    AdminFixture f;
    CHECK(json_of(*f.get("/journal")) == json::array());
    f.journal.record(test::entry(test::api("GET", "/v1/a", 200)));
    f.journal.record(test::entry(StateChanged{CallState::started, CallState::active, {}}));
    const auto array = f.get("/journal");
    Request wanted = AdminFixture::request("GET", "/__admin/journal");
    wanted.headers.push_back({"Accept", "application/x-ndjson"});
    const auto lines = f.send(wanted);

    CHECK(json_of(*array).size() == 2);
    CHECK(json_of(*array)[1]["seq"] == 2);
    CHECK(header_of(lines->got, "Content-Type") == "application/x-ndjson");
    std::string expected;
    f.journal.each({}, [&](const Entry& one) {
        expected += f.journal.line(one) + "\n";
        return true;
    });
    CHECK(lines->got.body == expected);
}

TEST_CASE("admin: the journal's filters come from the query, and a limit links on",
          "[admin][journal]") {
    AdminFixture f;
    for (int i = 0; i < 5; ++i) {
        f.journal.record(test::entry(test::api("GET", "/v1/a b", i < 4 ? 200 : 404)));
    }
    CHECK(json_of(*f.get("/journal?status=404")).size() == 1);
    CHECK(json_of(*f.get("/journal?path=/v1/a%20b&since=3")).size() == 2);
    const auto page = f.get("/journal?status=200&limit=3&path=%2Fv1");
    CHECK(json_of(*page).size() == 3);
    CHECK(header_of(page->got, "Link") ==
          "</__admin/journal?since=3&status=200&limit=3&path=%2Fv1>; rel=\"next\"");
    const auto last = f.get("/journal?since=3&status=200&limit=3");
    CHECK(json_of(*last).size() == 1);
    CHECK(header_of(last->got, "Link").empty());
}

TEST_CASE("admin: all that is wrong with a query is said at once", "[admin][journal]") {
    AdminFixture f;
    const auto answer = f.get("/journal?kind=x&since=y&colour=red");
    CHECK(answer->got.status == 400);
    const auto body = json_of(*answer);
    CHECK(body["field"] == "kind");
    CHECK(body["found"] == "x");
    CHECK(body["error"] ==
          "kind: expected one or more of api, event, attempt, state, phone, error, clock, message, "
          "application, number, domain, charge, bridge, conference, bxml, fault, draw, found x");
    CHECK(body["problems"].size() == 3);
    CHECK(body["problems"][2]["expected"] ==
          "one of call, user, kind, event, path, status, since, limit");
}

TEST_CASE("admin: what is shown as found is bounded and harmless", "[admin][journal]") {
    AdminFixture f;
    const auto body = json_of(*f.get("/journal?kind=" + std::string(5000, 'x')));
    CHECK(body["found"].get<std::string>().size() < 100);
    CHECK(json_of(*f.get("/journal?kind=%ff%fe"))["found"] == "(not UTF-8)");
}

TEST_CASE("admin: entries are counted with the same filters", "[admin][journal]") {
    AdminFixture f;
    f.journal.record(test::entry(test::api("GET", "/v1/a", 200)));
    f.journal.record(test::entry(test::api("GET", "/v1/a", 404)));
    f.journal.record(test::entry(StateChanged{}));
    CHECK(json_of(*f.post("/journal/count")) == json{{"count", 3}});
    CHECK(json_of(*f.post("/journal/count", R"({"status":404})")) == json{{"count", 1}});
    CHECK(json_of(*f.post("/journal/count", R"({"kind":["api","state"],"since":1})")) ==
          json{{"count", 2}});
    for (const auto* const bad : {R"({"status":"x"})", R"({"knd":"api"})", "[1]", "{",
                                  R"({"kind":5})", R"({"since":-1})", R"({"limit":5})"}) {
        CAPTURE(bad);
        CHECK(f.post("/journal/count", bad)->got.status == 400);
    }
    for (const auto& [body, found] : {std::pair{"[]", "an array"}, std::pair{"[1]", "an array"},
                                      std::pair{"7", "a number"}, std::pair{"\"x\"", "a string"},
                                      std::pair{"null", "null"}, std::pair{"true", "a boolean"}}) {
        const auto answer = f.post("/journal/count", body);
        CHECK(answer->got.status == 400);
        CHECK(json_of(*answer)["error"] ==
              std::string{"body: expected a JSON object, found "} + found);
    }
    CHECK(json_of(*f.post("/journal/count", " \r\n")) == json{{"count", 3}});
    CHECK(json_of(*f.post("/journal/count", R"({"knd":"api"})"))["expected"] ==
          "kind (did you mean that?)");
}

TEST_CASE("admin: the faults in force are told with what has come of them", "[admin][faults]") {
    AdminFixture f;
    CHECK(json_of(*f.get("/faults")) == json{{"faults", json::array()}});
    CHECK(f.post("/faults", R"({"version":1,"faults":[{"drop":true,"on":"dtmf"}]})")->got.status ==
          200);
    f.controls.fault_tally_so_far = {{{6, 2}}, 2, Duration{std::chrono::milliseconds{4100}}};
    CHECK(json_of(*f.get("/faults")) == json::parse(R"({
        "faults": [{"drop": true, "on": "dtmf"}],
        "tally": [{"matched": 6, "struck": 2}],
        "lost_events": {"events": 2, "first_ms": 4100}})"));
}

TEST_CASE("admin: a clock is read, paused, resumed and advanced", "[admin][clock]") {
    AdminFixture f;
    const json start{{"now", "2026-01-05T09:00:00.000Z"},
                     {"mode", "virtual"},
                     {"paused", false},
                     {"scale", 1.0}};
    CHECK(json_of(*f.get("/clock")) == start);
    CHECK(json_of(*f.post("/clock", R"({"pause":true})"))["paused"] == true);
    CHECK(json_of(*f.post("/clock", R"({"resume":true})"))["paused"] == false);

    const auto advanced = f.post("/clock", R"({"pause":true,"advance":"1m30s"})");
    CHECK(advanced->answers == 0);
    CHECK(f.controls.advanced_by == std::chrono::seconds{90});
    CHECK(f.controls.clock_paused());
    f.controls.delivered();
    CHECK(advanced->answers == 1);
    CHECK(json_of(*advanced)["now"] == "2026-01-05T09:01:30.000Z");

    f.controls.clock = {.mode = ClockSettings::Mode::real, .scale = 20.0};
    CHECK(json_of(*f.get("/clock"))["mode"] == "real");
    CHECK(json_of(*f.get("/clock"))["scale"] == 20.0);
}

TEST_CASE("admin: a thousand may wait for the clock to be moved, one more is 503",
          "[admin][clock]") {
    AdminFixture f;
    std::vector<std::function<void()>> delivered;
    for (int i = 0; i < 1000; ++i) {
        CHECK(f.post("/clock", R"({"advance":"1s"})")->answers == 0);
        delivered.push_back(f.controls.delivered);
    }
    const auto refused = f.post("/clock", R"({"advance":"1s"})");
    CHECK(refused->got.status == 503);
    CHECK(header_of(refused->got, "Retry-After") == "1");
    CHECK(f.controls.now() == AdminFixture{}.controls.now() + std::chrono::seconds{1000});

    delivered[0]();
    CHECK(f.post("/clock", R"({"advance":"1s"})")->answers == 0);
}

TEST_CASE("admin: a clock is not moved by what it does not understand", "[admin][clock]") {
    AdminFixture f;
    for (const auto* const bad :
         {"", "{}", R"({"pause":false})", R"({"pause":"yes"})", R"({"pause":true,"resume":true})",
          R"({"advance":"soon"})", R"({"advance":30})", R"({"advance":"-1s"})",
          R"({"advance":"9000h"})", R"({"advance":"1s","speed":2})", "[]x", "null"}) {
        CAPTURE(bad);
        const auto answer = f.post("/clock", bad);
        CHECK(answer->got.status == 400);
        CHECK(json_of(*answer)["problems"].size() == 1);
    }
    CHECK_FALSE(f.controls.advanced_by.has_value());
    CHECK(json_of(*f.post("/clock", R"({"advance":"soon"})"))["error"] ==
          "advance: expected a duration like \"250ms\", \"2s\" or \"1m30s\", found soon");
}

TEST_CASE("admin: a reset is passed on and clears the journal of that user", "[admin][state]") {
    AdminFixture f;
    f.journal.record(test::entry(StateChanged{}, "u-a"));
    f.journal.record(test::entry(StateChanged{}, "u-b"));
    CHECK(json_of(*f.post("/reset", R"({"userId":"u-a"})")) == json{{"reset", "u-a"}});
    CHECK(f.controls.resets == std::vector<std::optional<std::string>>{"u-a"});
    CHECK(json_of(*f.get("/journal")).size() == 1);
    CHECK(json_of(*f.post("/reset")) == json{{"reset", "all"}});
    CHECK(f.controls.resets.back() == std::nullopt);
    CHECK(json_of(*f.get("/journal")).empty());
    for (const auto* const bad : {R"({"userId":5})", R"({"userId":""})", R"({"user":"u-a"})"}) {
        CHECK(f.post("/reset", bad)->got.status == 400);
    }
    CHECK(f.controls.resets.size() == 2);
}

TEST_CASE("admin: a shutdown is answered first and then begun", "[admin][state]") {
    AdminFixture f;
    CHECK(f.post("/shutdown", R"({"now":true})")->got.status == 400);
    CHECK(f.controls.shut_downs == 0);
    const auto answer = f.post("/shutdown");
    CHECK(answer->got.status == 202);
    CHECK(answer->got.close);
    CHECK(f.controls.shut_downs == 1);
}

}  // namespace
}  // namespace ringback
