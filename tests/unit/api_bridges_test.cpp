#include <regex>

#include "tests/support/api_fixture.h"

namespace ringback::test::bridges {
namespace {

std::string id_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string quoted(const std::vector<std::string>& paths) {
    std::string list;
    for (const std::string& path : paths) {
        list += (list.empty() ? "\"" : ",\"") + id_of(path) + "\"";
    }
    return "[" + list + "]";
}
std::string with_calls(const std::vector<std::string>& paths) {
    return R"({"callIds":)" + quoted(paths) + "}";
}

/// Makes a bridge and returns its path below the user's.
std::string bridge(Api& api, const std::string& body = "{}") {
    const ApiReply reply = api.post("/bridges", body);
    REQUIRE(reply.response.status == 201);
    return reply.location.substr(reply.location.find("/bridges/"));
}

std::string state_of(Api& api, const std::string& path) {
    return api.get_json(path).at("state").get<std::string>();
}

std::vector<std::string> ids_of(const json& list) {
    std::vector<std::string> ids;
    for (const json& one : list) {
        ids.push_back(one.at("id"));
    }
    return ids;
}

}  // namespace

TEST_CASE("POST bridges: 201, an absolute Location below bridges, an empty body without a type",
          "[api][bridges]") {
    Api api;
    const ApiReply reply = api.post("/bridges", "{}");
    CHECK(reply.response.status == 201);
    CHECK(reply.response.body.empty());
    CHECK(reply.response.headers.size() == 1);
    CHECK(std::regex_match(
        Api::header(reply.response, "Location"),
        std::regex{"http://127\\.0\\.0\\.1:8080/v1/users/u-1/bridges/brg-[a-z2-7]{22}[aiqy]"}));
    CHECK(resource_of(reply.call) == Resource::bridge);
    CHECK(reply.touched.empty());
    CHECK(outcome(api.post("/bridges/", "")) == "201");
    CHECK(outcome(api.post("/bridges", "[]")) == "201");
    api.settings.relative_location = true;
    CHECK(api.post("/bridges", R"({"bridgeAudio":"false"})")
              .location.starts_with("/v1/users/u-1/bridges/brg-"));
}

TEST_CASE("GET bridge: two active calls are in it, and each call names it", "[api][bridges]") {
    Api api;
    const std::string a = api.call();
    const std::string b = api.active_call();
    const std::string path =
        bridge(api, R"({"bridgeAudio":true,"callIds":)" + quoted({a, b}) + "}");
    const std::string url = "http://127.0.0.1:8080/v1/users/u-1" + path;
    CHECK(api.get_json(path) == json{{"id", id_of(path)},
                                     {"state", "active"},
                                     {"bridgeAudio", true},
                                     {"callIds", {id_of(a), id_of(b)}},
                                     {"calls", url + "/calls"},
                                     {"createdTime", "2017-11-24T04:00:46Z"},
                                     {"activatedTime", "2017-11-24T04:00:46Z"}});
    const json call = api.get_json(a);
    CHECK(call["bridgeId"] == id_of(path));
    CHECK(call["bridge"] == url);

    const json calls = api.get_json(path + "/calls/");
    CHECK(ids_of(calls) == std::vector{id_of(a), id_of(b)});
    CHECK(calls[0] == call);

    CHECK(outcome(api.post(a, R"({"state":"completed"})")) == "200");
    CHECK_FALSE(api.get_json(a).contains("bridgeId"));
    CHECK_FALSE(api.get_json(a).contains("bridge"));
    CHECK(ids_of(api.get_json(path + "/calls")) == std::vector{id_of(b)});
    CHECK(state_of(api, path) == "active");
    api.advance(10s);
    CHECK(outcome(api.post(b, R"({"state":"completed"})")) == "200");
    CHECK(state_of(api, path) == "completed");
    CHECK(api.get_json(path)["completedTime"] == "2017-11-24T04:00:56Z");
    CHECK(api.get_json(path + "/calls") == json::array());
}

TEST_CASE("POST calls with bridgeId: it joins by itself, and a third call does not",
          "[api][bridges]") {
    Api api;
    const std::string path = bridge(api);
    const std::string in_it = R"(,"bridgeId":")" + id_of(path) + "\"";
    const std::string a = api.call(in_it);
    CHECK(api.get_json(a)["bridgeId"] == id_of(path));
    CHECK(state_of(api, path) == "created");
    const std::string b = api.active_call(in_it);
    CHECK(state_of(api, path) == "active");

    const std::string third = R"({"from":"+19195550123","to":"+19195550187","bridgeId":")";
    const ApiReply refused = api.post("/calls", third + id_of(path) + "\"}");
    CHECK(outcome(refused) == "403 bridge-callIds-overflow");
    CHECK(Api::parsed(refused)["details"][0] == json{{"name", "bridgeId"}, {"value", id_of(path)}});
    CHECK(outcome(api.post("/calls", third + "brg-1\"}")) == "404 bridge-not-found");
    CHECK(outcome(api.post("/calls", third + id_of(a) + "\"}")) == "404 bridge-not-found");
    CHECK(outcome(api.post(path, with_calls({}))) == "200");
    CHECK(outcome(api.post("/calls", third + id_of(path) + "\"}")) == "400 bridge-invalid-state");
    CHECK(api.get_json("/calls").size() == 2);
}

TEST_CASE("GET calls?bridgeId: all calls that are in it now, whatever the page", "[api][bridges]") {
    Api api;
    const std::string a = api.call();
    const std::string other = api.call();
    const std::string b = api.active_call();
    const std::string path = bridge(api, with_calls({a, b}));
    const std::string query = "/calls?bridgeId=" + id_of(path);
    CHECK(ids_of(api.get_json(query)) == std::vector{id_of(b), id_of(a)});
    CHECK(ids_of(api.get_json(query + "&size=1&page=7&sortOrder=asc")) ==
          std::vector{id_of(a), id_of(b)});
    CHECK(Api::header(api.get(query + "&size=1").response, "Link").find("next") ==
          std::string::npos);
    CHECK(ids_of(api.get_json(query + "&state=started")).empty());
    CHECK(outcome(api.get(query + "&size=0")) == "400 validation-error");
    CHECK(api.get_json("/calls?bridgeId=brg-1") == json::array());
    CHECK(api.get_json("/calls?bridgeId=" + id_of(a)) == json::array());
}

TEST_CASE("bridges: every documented error, none of which changes anything", "[api][bridges]") {
    Api api;
    const std::string a = api.call();
    const std::string b = api.call();
    const std::string c = api.active_call();
    const std::string incoming = api.inbound_call();
    const std::string ended = api.call();
    CHECK(outcome(api.post(ended, R"({"state":"completed"})")) == "200");
    const std::string path = bridge(api, with_calls({a, b}));
    const std::string other = bridge(api, with_calls({c}));
    const json before = api.get_json(path);
    struct Row {
        std::string body;
        const char* expected;
        std::string culprit;
    };
    for (const Row& row :
         {Row{with_calls({a, b, c}), "403 bridge-callIds-overflow", ""},
          Row{with_calls({"c-1", "c-2", "c-3"}), "403 bridge-callIds-overflow", ""},
          Row{with_calls({a, "c-nonsense"}), "403 call-id-not-found", "c-nonsense"},
          Row{with_calls({"", a}), "403 call-id-not-found", ""},
          Row{with_calls({other}), "403 call-id-not-found", id_of(other)},
          Row{with_calls({a, c}), "400 bridge-bridged-callId", id_of(c)},
          Row{with_calls({incoming}), "400 bridge-invalid-operation", id_of(incoming)},
          Row{with_calls({a, ended}), "400 bridge-invalid-operation", id_of(ended)},
          Row{R"({"bridgeAudio":"maybe"})", "400 validation-error", ""},
          Row{R"({"callIds":[7]})", "400 validation-error", ""},
          Row{"nonsense", "400 validation-error", ""}}) {
        CAPTURE(row.body);
        const ApiReply updated = api.post(path, row.body);
        CHECK(outcome(updated) == row.expected);
        CHECK(api.get_json(path) == before);
        if (!row.culprit.empty()) {
            const std::string said = updated.response.body;
            CHECK(said.find(R"({"name":"callId","value":")" + row.culprit + "\"}") !=
                  std::string::npos);
        }
        const bool a_is_first = std::string_view{row.expected}.starts_with("400 bridge") &&
                                row.body.find(id_of(a)) != std::string::npos;
        if (!a_is_first) {  // it is in another one already, and that is said first
            CHECK(outcome(api.post("/bridges", row.body)) == row.expected);
        }
    }
    CHECK(outcome(api.post("/bridges", with_calls({a}))) == "400 bridge-bridged-callId");
    CHECK(api.get_json("/bridges").size() == 2);
}

TEST_CASE("bridges: a completed one cannot be changed, but asked for nothing it says yes",
          "[api][bridges]") {
    Api api;
    const std::string a = api.active_call();
    const std::string path = bridge(api, with_calls({a}));
    CHECK(outcome(api.post(path, R"({"callIds":[]})")) == "200");
    CHECK(state_of(api, path) == "completed");
    CHECK(api.get_json(a)["state"] == "active");
    CHECK(outcome(api.post(path, R"({"bridgeAudio":true})")) == "400 bridge-invalid-state");
    const ApiReply refused = api.post(path, with_calls({a}));
    CHECK(outcome(refused) == "400 bridge-invalid-state");
    CHECK(Api::parsed(refused)["details"][0] == json{{"name", "bridgeId"}, {"value", id_of(path)}});
    CHECK(outcome(api.post(path, "")) == "200");
    CHECK(outcome(api.post(path + "/audio", R"({"sentence":"x"})")) ==
          "400 bridge-invalid-operation");
}

TEST_CASE("bridges: hold and back, and one call less", "[api][bridges]") {
    Api api;
    const std::string a = api.call();
    const std::string b = api.active_call();
    const std::string path = bridge(api, with_calls({a, b}));
    const ApiReply held = api.post(path, R"({"bridgeAudio":"false"})");
    CHECK(outcome(held) == "200");
    CHECK(held.response.body.empty());
    CHECK(held.response.headers.empty());
    CHECK(state_of(api, path) == "hold");
    CHECK(outcome(api.post(path, with_calls({a}))) == "200");
    CHECK(state_of(api, path) == "hold");
    CHECK_FALSE(api.get_json(b).contains("bridgeId"));
    CHECK(outcome(api.post(path, R"({"bridgeAudio":true})")) == "200");
    CHECK(state_of(api, path) == "active");
}

TEST_CASE("POST bridge audio: heard on both phones, with the errors of the documents",
          "[api][bridges]") {
    Api api;
    const std::string a = api.call();
    const std::string b = api.active_call();
    const std::string path = bridge(api, with_calls({a, b}));
    const std::string audio = path + "/audio";
    const ApiReply none = api.post(bridge(api) + "/audio", R"({"sentence":"x"})");
    CHECK(outcome(none) == "400 bridge-invalid-operation");
    CHECK(Api::parsed(none)["message"].get<std::string>().starts_with(
        "No active calls in the bridge brg-"));
    CHECK(outcome(api.post(audio, R"({"sentence":""})")) == "403 call-audio-invalid-state");
    CHECK(outcome(api.post(audio, "{}")) == "400 missing-property");
    CHECK(outcome(api.post(audio, R"({"fileUrl":"ftp://h/x"})")) == "403 media-invalid-url");
    CHECK(outcome(api.post(audio, R"({"fileUrl":{"sentence":"s"}})")) == "400 validation-error");
    CHECK(outcome(api.post(audio, R"({"sentence":"x","voice":"nobody"})")) ==
          "400 validation-error");
    CHECK(outcome(api.post("/bridges/brg-1/audio", R"({"sentence":"x"})")) ==
          "404 bridge-not-found");
    api.engine.outputs().clear();

    CHECK(outcome(api.post(audio, R"({"sentence":"Hello both","volume":99})")) == "200");
    api.advance(400ms);
    std::vector<std::string> heard;
    for (const Output& output : api.engine.outputs()) {
        CHECK_FALSE(std::holds_alternative<Callback>(output.what));
        if (const auto* const phone = std::get_if<OnThePhone>(&output.what)) {
            heard.push_back(phone->text);
        }
    }
    CHECK(heard == std::vector<std::string>{"Hello both", "Hello both"});
    CHECK(outcome(api.post(audio, R"({"fileUrl":""})")) == "200");
    CHECK(outcome(api.post(audio, R"({"fileUrl":""})")) == "403 call-audio-invalid-state");
    CHECK(outcome(api.post(audio, R"({"fileUrl":"http://h/m.mp3","loopEnabled":"true"})")) ==
          "200");
    api.advance(60s);
    CHECK(outcome(api.post(audio, R"({"sentence":""})")) == "200");
    CHECK(api.get_json(a + "/events").size() == 2);  // its creation and its answer
}

TEST_CASE("GET bridges: newest first, page by page, each once", "[api][bridges]") {
    Api api;
    CHECK(api.get_json("/bridges") == json::array());
    std::vector<std::string> made;
    for (int i = 0; i < 30; ++i) {
        made.insert(made.begin(), id_of(bridge(api)));
    }
    std::vector<std::string> seen;
    std::string below = "/bridges?size=12";
    const std::regex next{"<http://127\\.0\\.0\\.1:8080/v1/users/u-1([^>]*)>; rel=\"next\""};
    while (!below.empty()) {
        const ApiReply page = api.get(below);
        REQUIRE(page.response.status == 200);
        const auto ids = ids_of(Api::parsed(page));
        seen.insert(seen.end(), ids.begin(), ids.end());
        std::smatch found;
        const std::string link = Api::header(page.response, "Link");
        below = std::regex_search(link, found, next) ? found[1].str() : "";
    }
    CHECK(seen == made);
    CHECK(api.get_json("/bridges").size() == 25);
    CHECK(outcome(api.get("/bridges?size=0")) == "400 validation-error");
    CHECK(outcome(api.get("/bridges?page=x")) == "400 validation-error");
}

TEST_CASE("bridges: an id of nothing, of another user or of a call is not found",
          "[api][bridges]") {
    Api api;
    const std::string path = bridge(api);
    const std::string call = api.active_call();
    for (const std::string& id : {std::string{"brg-1"}, id_of(call), std::string{"%1b"}}) {
        CAPTURE(id);
        for (const std::string& below : {"/bridges/" + id, "/bridges/" + id + "/calls"}) {
            CHECK(api.get(below).response.status == (id == "%1b" ? 400 : 404));
        }
    }
    CHECK(outcome(api.get("/bridges/" + id_of(call))) == "404 bridge-not-found");
    CHECK(outcome(api.send("GET", "/v1/users/u-2" + path)) == "404 bridge-not-found");
    CHECK(outcome(api.send("POST", "/v1/users/u-2" + path, "{}")) == "404 bridge-not-found");
    CHECK(outcome(api.send("DELETE", "/v1/users/u-1" + path)) == "405 method-not-allowed");
    CHECK(Api::header(api.send("PUT", "/v1/users/u-1/bridges").response, "Allow") == "GET, POST");
    CHECK(outcome(api.send("POST", "/v1/users/u-1" + path + "/calls")) == "405 method-not-allowed");
}

TEST_CASE("bridges: refused ones make no user, and too many are a 503", "[api][bridges]") {
    EngineLimits limits;
    limits.live_bridges = 1;
    Api api{{}, limits};
    CHECK(outcome(api.post("/bridges", R"({"callIds":["c-1"]})")) == "403 call-id-not-found");
    CHECK(outcome(api.post("/bridges", R"({"callIds":["c-1","c-2","c-3"]})")) ==
          "403 bridge-callIds-overflow");
    CHECK(api.engine.users().empty());
    bridge(api);
    const ApiReply refused = api.post("/bridges", "{}");
    CHECK(outcome(refused) == "503 bridge-create-error");
    CHECK(Api::header(refused.response, "Retry-After") == "1");
    api.overloaded = true;
    CHECK(outcome(api.post("/bridges", "{}")) == "503 bridge-create-error");
}

}  // namespace ringback::test::bridges
