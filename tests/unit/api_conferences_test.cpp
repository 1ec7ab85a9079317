#include <regex>

#include "tests/support/api_fixture.h"

namespace ringback::test::conferences {
namespace {

/// Makes a conference and returns its path below the user's.
std::string conference(Api& api, const std::string& more = "") {
    const ApiReply reply = api.post("/conferences", R"({"from":"+19195550123")" + more + "}");
    REQUIRE(reply.response.status == 201);
    return reply.location.substr(reply.location.find("/conferences/"));
}

std::string joining(const std::string& call, const std::string& more = "") {
    return R"({"callId":")" + call.substr(call.rfind('/') + 1) + "\"" + more + "}";
}

/// Adds a call and returns the member's path below the user's.
std::string member(Api& api, const std::string& conference, const std::string& call,
                   const std::string& more = "") {
    const ApiReply reply = api.post(conference + "/members", joining(call, more));
    REQUIRE(reply.response.status == 201);
    return reply.location.substr(reply.location.find("/conferences/"));
}

std::string id_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

TEST_CASE("POST conferences: 201, an absolute Location, an empty body without a type",
          "[api][conferences]") {
    Api api;
    const ApiReply reply = api.post("/conferences", R"({"from":"+19195550123"})");
    CHECK(reply.response.status == 201);
    CHECK(reply.response.body.empty());
    CHECK(std::regex_match(
        Api::header(reply.response, "Location"),
        std::regex{
            "http://127\\.0\\.0\\.1:8080/v1/users/u-1/conferences/conf-[a-z2-7]{22}[aiqy]"}));
    CHECK(reply.touched == std::vector<CallId>{reply.call});
    CHECK(resource_of(reply.call) == Resource::conference);
    api.settings.relative_location = true;
    CHECK(api.post("/conferences/", R"({"from":"+19195550123"})")
              .location.starts_with("/v1/users/u-1/conferences/conf-"));
}

TEST_CASE("GET conference: it reads as the table of fields says, in every state",
          "[api][conferences]") {
    Api api;
    const std::string path = conference(
        api, R"(,"callbackUrl":"http://me:secret@127.0.0.1:9/cb","callbackHttpMethod":"get",
                "callbackTimeout":2000,"fallbackUrl":"http://127.0.0.1:9/fb","tag":"t",
                "profile":"passthru_digits")");
    json expected{{"id", id_of(path)},
                  {"state", "created"},
                  {"from", "+19195550123"},
                  {"createdTime", "2017-11-24T04:00:41Z"},
                  {"activeMembers", 0},
                  {"hold", false},
                  {"mute", false},
                  {"profile", "passthru_digits"},
                  {"callbackUrl", "http://***@127.0.0.1:9/cb"},
                  {"callbackHttpMethod", "GET"},
                  {"callbackTimeout", 2000},
                  {"fallbackUrl", "http://127.0.0.1:9/fb"},
                  {"tag", "t"}};
    CHECK(api.get_json(path) == expected);
    member(api, path, api.active_call());
    expected["state"] = "active";
    expected["activeMembers"] = 1;
    CHECK(api.get_json(path) == expected);
    CHECK(outcome(api.post(path, R"({"hold":"true","mute":true,"tag":"u"})")) == "200");
    expected["hold"] = true;
    expected["mute"] = true;
    expected["tag"] = "u";
    CHECK(api.get_json(path) == expected);
    CHECK(outcome(api.post(path, R"({"state":"completed"})")) == "200");
    expected["state"] = "completed";
    expected["activeMembers"] = 0;
    expected["completedTime"] = "2017-11-24T04:00:46Z";
    CHECK(api.get_json(path) == expected);
    CHECK(api.get_json(conference(api))["profile"] == "interpret_digits");
}

TEST_CASE("GET member: it reads as the table of fields says, and stays when it has left",
          "[api][conferences]") {
    Api api;
    const std::string path = conference(api);
    const std::string call = api.active_call();
    const ApiReply added = api.post(path + "/members", joining(call, R"(,"joinTone":"true")"));
    CHECK(added.response.body.empty());
    CHECK(
        std::regex_match(added.location, std::regex{"http://127\\.0\\.0\\.1:8080/v1/users/u-1" +
                                                    path + "/members/member-[a-z2-7]{22}[aiqy]"}));
    const std::string one = path + "/members/" + id_of(added.location);
    json expected{{"id", id_of(one)},
                  {"state", "active"},
                  {"hold", false},
                  {"mute", false},
                  {"joinTone", true},
                  {"leavingTone", false},
                  {"addedTime", "2017-11-24T04:00:46Z"},
                  {"call", "http://127.0.0.1:8080/v1/users/u-1" + call}};
    CHECK(api.get_json(one) == expected);
    CHECK(outcome(api.post(one, R"({"mute":"true","hold":true,"leavingTone":true})")) == "200");
    expected["mute"] = true;
    expected["hold"] = true;
    expected["leavingTone"] = true;
    CHECK(api.get_json(one) == expected);
    const std::string two = member(api, path, api.active_call());
    CHECK(outcome(api.post(one, R"({"state":"completed"})")) == "200");
    expected["state"] = "completed";
    expected["removedTime"] = "2017-11-24T04:00:51Z";
    CHECK(api.get_json(one) == expected);
    const json both = api.get_json(path + "/members");
    REQUIRE(both.size() == 2);
    CHECK(both[0] == expected);
    CHECK(both[1]["id"] == id_of(two));
    CHECK(api.get_json(call)["state"] == "active");
}

TEST_CASE("conferences: an id of nothing, of another user or of something else is not found",
          "[api][conferences]") {
    Api api;
    const std::string path = conference(api);
    const std::string one = member(api, path, api.active_call());
    const std::string other = conference(api);
    CHECK(outcome(api.get("/conferences/conf-nonsense")) == "404 conference-not-found");
    CHECK(outcome(api.send("GET", "/v1/users/u-2" + path)) == "404 conference-not-found");
    CHECK(outcome(api.get("/conferences/" + id_of(api.call()))) == "404 conference-not-found");
    CHECK(outcome(api.get("/calls/" + id_of(path))) == "404 call-not-found");
    for (const auto* const below : {"", "/audio", "/members", "/members/x", "/members/x/audio"}) {
        CHECK(outcome(api.post(std::string{"/conferences/conf-x"} + below, "{}")) ==
              "404 conference-not-found");
    }
    CHECK(outcome(api.get("/conferences/conf-x/members")) == "404 conference-not-found");
    CHECK(outcome(api.get(path + "/members/member-x")) == "404 conference-member-not-found");
    CHECK(outcome(api.get(other + "/members/" + id_of(one))) == "404 conference-member-not-found");
    CHECK(outcome(api.post(other + "/members/" + id_of(one), "{}")) ==
          "404 conference-member-not-found");
    CHECK(outcome(api.post(other + "/members/" + id_of(one) + "/audio", "{}")) ==
          "404 conference-member-not-found");
    const json error = Api::parsed(api.get(path + "/members/member-x"));
    CHECK(error["details"][0] == json{{"name", "memberId"}, {"value", "member-x"}});
    CHECK(error["message"] == "The conference-member member-x could not be found");
    CHECK(Api::header(api.send("DELETE", "/v1/users/u-1" + path).response, "Allow") == "GET, POST");
    CHECK(Api::header(api.send("GET", "/v1/users/u-1" + path + "/audio").response, "Allow") ==
          "POST");
}

TEST_CASE("POST conferences: what is wrong is refused and creates nothing", "[api][conferences]") {
    Api api;
    const auto refused = [&](const std::string& body) {
        return outcome(api.post("/conferences", body));
    };
    CHECK(refused("") == "400 missing-property");
    CHECK(refused("[]") == "400 missing-property");
    CHECK(refused("[1]") == "400 validation-error");
    CHECK(refused("{") == "400 validation-error");
    CHECK(refused(R"({"from":"1"})") == "400 validation-error");
    CHECK(refused(R"({"from":"+19195550123","profile":"x"})") == "400 validation-error");
    CHECK(refused(R"({"from":"+19195550123","callbackUrl":"http://example.com/"})") ==
          "400 callback-invalid-url");
    api.settings.strict_numbers = true;
    CHECK(refused(R"({"from":"+19195550123"})") == "401 number-access-denied");
    api.settings.numbers.insert("+19195550123");
    api.overloaded = true;
    CHECK(refused(R"({"from":"+19195550123"})") == "503 gateway-unavailable");
    CHECK(api.engine.known_conferences() == 0);
    api.overloaded = false;
    CHECK(refused(R"({"from":"+19195550123"})") == "201");
}

TEST_CASE("POST conferences: too many conferences or members are refused", "[api][conferences]") {
    EngineLimits limits;
    limits.live_conferences = 1;
    limits.conference_members = 1;
    Api api{{}, limits};
    const std::string path = conference(api);
    const ApiReply reply = api.post("/conferences", R"({"from":"+19195550123"})");
    CHECK(outcome(reply) == "503 gateway-unavailable");
    CHECK(Api::header(reply.response, "Retry-After") == "1");
    member(api, path, api.active_call());
    const ApiReply second = api.post(path + "/members", joining(api.active_call()));
    CHECK(outcome(second) == "503 gateway-unavailable");
    CHECK(Api::header(second.response, "Retry-After") == "1");
    api.overloaded = true;
    CHECK(outcome(api.post(path + "/members", joining("c-x"))) == "503 gateway-unavailable");
}

// Spec v1 2.3, the table of errors.
TEST_CASE("POST members: each row of the error table", "[api][conferences]") {
    Api api;
    const std::string path = conference(api);
    const auto add = [&](const std::string& call) {
        return api.post(path + "/members", joining(call));
    };
    CHECK(outcome(api.post(path + "/members", "{}")) == "400 missing-property");
    CHECK(outcome(api.post(path + "/members", R"({"callId":" "})")) == "400 blank-property");
    CHECK(outcome(api.post(path + "/members", "[1]")) == "400 validation-error");
    const ApiReply unknown = add("c-nosuchcall");
    CHECK(outcome(unknown) == "403 call-id-not-found");
    CHECK(Api::parsed(unknown)["message"] == "Call Id not found. callId c-nosuchcall");
    const std::string ringing = api.call();
    CHECK(outcome(add(ringing)) == "403 call-invalid-state");
    api.post(ringing, R"({"state":"completed"})");
    const ApiReply ended = add(ringing);
    CHECK(outcome(ended) == "403 call-invalid-state");
    CHECK(Api::parsed(ended)["details"][0] == json{{"name", "callId"}, {"value", id_of(ringing)}});
    const std::string call = api.active_call();
    const std::string one = member(api, path, call);
    CHECK(outcome(add(call)) == "409 conference-member-update-conflict");
    for (int i = 1; i < 20; ++i) {
        member(api, path, api.active_call());
    }
    const ApiReply full = add(api.active_call());
    CHECK(outcome(full) == "403 conference-max-members");
    CHECK(Api::parsed(full)["category"] == "limit");
    CHECK(Api::parsed(full)["message"] ==
          "The conference " + id_of(path) + " reached the max number of members");
    api.post(one, R"({"state":"completed"})");
    CHECK(outcome(api.post(one, R"({"mute":true})")) == "403 conference-error");
    CHECK(outcome(api.post(one + "/audio", R"({"sentence":"hi"})")) == "403 conference-error");
    CHECK(outcome(api.post(one, R"({"state":"gone"})")) == "400 validation-error");
    api.post(path, R"({"state":"completed"})");
    CHECK(outcome(add(call)) == "403 conference-error");
    CHECK(outcome(api.post(one, R"({"mute":true})")) == "403 conference-error");
    CHECK(outcome(api.post(one + "/audio", R"({"sentence":"hi"})")) == "403 conference-error");
}

TEST_CASE("POST members: strict, the call must have been created for the conference",
          "[api][conferences]") {
    ModelSettings model;
    model.switches.strict_conference = true;
    Api api{model};
    const std::string path = conference(api);
    const ApiReply refused = api.post(path + "/members", joining(api.active_call()));
    CHECK(outcome(refused) == "403 invalid-call-conference-id");
    CHECK(Api::parsed(refused)["message"] ==
          "Invalid conference Id in call. conferenceId " + id_of(path));
    member(api, path, api.active_call(R"(,"conferenceId":")" + id_of(path) + "\""));
}

TEST_CASE("a completed conference takes no change, with the provider's words",
          "[api][conferences]") {
    Api api;
    const std::string path = conference(api);
    CHECK(outcome(api.post(path, R"({"state":"active"})")) == "400 validation-error");
    CHECK(outcome(api.post(path, R"({"state":"completed"})")) == "200");
    for (const auto* const body : {R"({"state":"completed"})", R"({"mute":true})", "{}"}) {
        const ApiReply reply = api.post(path, body);
        CHECK(outcome(reply) == "403 conference-error");
        CHECK(Api::parsed(reply)["message"] == "Unable to update conference " + id_of(path) +
                                                   ". Invalid conference state completed");
        CHECK(Api::parsed(reply)["details"][0] ==
              json{{"name", "conferenceId"}, {"value", id_of(path)}});
    }
    CHECK(outcome(api.post(path + "/audio", R"({"sentence":"hi"})")) == "403 conference-error");
}

TEST_CASE("audio of conferences and members is judged as a call's", "[api][conferences]") {
    Api api;
    const std::string path = conference(api);
    const std::string one = member(api, path, api.active_call());
    for (const std::string& audio : {path + "/audio", one + "/audio"}) {
        CAPTURE(audio);
        CHECK(outcome(api.post(audio, "{}")) == "400 missing-property");
        // There is none (spec v1 2.3), and what is not known is passed over.
        CHECK(outcome(api.post(audio, R"({"sentence":"","volume":99})")) ==
              "403 call-audio-invalid-state");
        CHECK(outcome(api.post(audio, R"({"sentence":"hi","voice":"nobody"})")) ==
              "400 validation-error");
        CHECK(outcome(api.post(audio, R"({"fileUrl":{"sentence":"hi"}})")) ==
              "400 validation-error");
        CHECK(outcome(api.post(audio, R"({"fileUrl":"ftp://x"})")) == "403 media-invalid-url");
        CHECK(outcome(api.post(audio, R"({"sentence":""})")) == "403 call-audio-invalid-state");
        CHECK(outcome(api.post(audio, R"({"fileUrl":"http://a/b.wav","loopEnabled":"true"})")) ==
              "200");
        CHECK(outcome(api.post(audio, R"({"fileUrl":""})")) == "200");
    }
    const ApiReply spoken = api.post(one + "/audio", R"({"sentence":"hi"})");
    CHECK(resource_of(spoken.call) == Resource::call);
    CHECK(spoken.touched == std::vector<CallId>{spoken.call});
}

TEST_CASE("GET conferences: newest first, in pages", "[api][conferences]") {
    Api api;
    CHECK(api.get_json("/conferences").empty());
    const std::string first = conference(api);
    const std::string second = conference(api);
    const std::string third = conference(api);
    const ApiReply page = api.get("/conferences?size=2");
    const json shown = Api::parsed(page);
    REQUIRE(shown.size() == 2);
    CHECK(shown[0]["id"] == id_of(third));
    CHECK(shown[1]["id"] == id_of(second));
    CHECK(Api::header(page.response, "Link").find("conferences?page=1&size=2>; rel=\"next\"") !=
          std::string::npos);
    CHECK(api.get_json("/conferences?page=1&size=2")[0]["id"] == id_of(first));
    CHECK(outcome(api.get("/conferences?size=0")) == "400 validation-error");
}

TEST_CASE("calls know their conference: created for it, joined, filtered by it",
          "[api][conferences]") {
    Api api;
    const std::string path = conference(api);
    const std::string tied = api.call(R"(,"conferenceId":")" + id_of(path) + "\"");
    const json call = api.get_json(tied);
    CHECK(call["conferenceId"] == id_of(path));
    CHECK(call["conference"] == "http://127.0.0.1:8080/v1/users/u-1" + path);
    const std::string other = api.active_call();
    CHECK_FALSE(api.get_json(other).contains("conferenceId"));
    member(api, path, other);
    CHECK(api.get_json(other)["conferenceId"] == id_of(path));
    for (int i = 0; i < 30; ++i) {
        api.call(R"(,"conferenceId":")" + id_of(path) + "\"");
    }
    api.call();
    const ApiReply found = api.get("/calls?size=5&conferenceId=" + id_of(path));
    CHECK(Api::parsed(found).size() == 32);  // size and page do not count then: spec v1 1.7
    CHECK(Api::header(found.response, "Link").find("next") == std::string::npos);
    CHECK(api.get_json("/calls?conferenceId=conf-x").empty());
    CHECK(api.get_json("/calls?conferenceId=" + id_of(conference(api))).empty());

    const auto wanted = [&](const std::string& id) {
        return outcome(api.post("/calls", R"({"from":"+19195550123","to":"+19195550187",
                                              "conferenceId":")" +
                                              id + "\"}"));
    };
    CHECK(wanted("conf-nonsense") == "404 conference-not-found");
    api.post(path, R"({"state":"completed"})");
    CHECK(wanted(id_of(path)) == "403 conference-error");
    CHECK(wanted("") == "201");
}

}  // namespace ringback::test::conferences
