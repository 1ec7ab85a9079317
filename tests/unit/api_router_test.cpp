#include "simulator/edge/api/named_id.h"
#include "tests/support/api_fixture.h"

namespace ringback::test {
namespace {

std::vector<std::string> names_of(const json& details) {
    std::vector<std::string> names;
    for (const json& detail : details) {
        names.push_back(detail["name"]);
    }
    return names;
}

}  // namespace

TEST_CASE("router: a trailing slash means the same as none", "[api]") {
    Api api;
    CHECK(outcome(api.get("/calls/")) == "200");
    const std::string call = api.call();
    CHECK(outcome(api.get(call + "/")) == "200");
    CHECK(outcome(api.post(call + "/audio/", R"({"sentence":"x"})")) == "403 call-invalid-state");
    CHECK(outcome(api.get("/calls//")) == "404 resource-not-found");
}

TEST_CASE("router: whose id a path names is known from the path alone", "[api]") {
    const Api api;
    const IdCodec ours{Seed{1}};
    const IdCodec others{Seed{2}};
    const std::uint64_t user = hash_of("u-1");
    const std::string call = "/v1/users/u-1/calls/" + ours.text(IdKind::call, user, 7);
    const std::string recording =
        "/v1/users/u-1/recordings/" + ours.text(IdKind::recording, user, 7, 1);

    const std::string id = ours.text(IdKind::call, user, 7);
    const std::string media = "/v1/users/u-1/media/";
    const std::string error = "/v1/users/u-1/errors/" + ours.text(IdKind::user_error, user, 7, 1);
    const std::string bridge = "/v1/users/u-1/bridges/" + ours.text(IdKind::bridge, user, 7);
    for (const std::string& path : {call, bridge, bridge + "/calls", call + "/audio", recording,
                                    recording + "/transcriptions", error, media + id + "-1.wav",
                                    media + ours.text(IdKind::transcription, user, 7, 1)}) {
        INFO(path);
        CHECK(names_id_of(api.request("GET", path), ours));
        CHECK_FALSE(names_id_of(api.request("GET", path), others));
    }
    const std::string of_another = "/v1/users/u-2/calls/" + ours.text(IdKind::call, user, 7);
    for (const std::string& path : {std::string{"/v1/users/u-1/calls"}, of_another, "/v2" + call,
                                    std::string{"/v1/users/u-1/calls/c-1"}, std::string{"/%"},
                                    media + "-1.wav", media + "c-1-1.wav", media}) {
        INFO(path);
        CHECK_FALSE(names_id_of(api.request("GET", path), ours));
    }
}

TEST_CASE("router: what belongs to the account as a whole is known from the path", "[api]") {
    for (const char* path :
         {"/v1/users/u-1/applications", "/v1/users/u-1/applications/a-1", "/v1/users/u-1/media/x",
          "/v1/users/u%2D1/phoneNumbers", "/v1/users/u-1/domains/rd-1/endpoints",
          "/v1/availableNumbers/local", "/v1/phoneNumbers/numberInfo/+19195550123"}) {
        CAPTURE(path);
        CHECK(is_of_account(path));
    }
    for (const char* path : {"/v1/users/u-1/calls", "/v1/users/u-1/calls/media", "/v1/users/u-1",
                             "/v1/users/u-1/conferences", "/v2/availableNumbers", "/v1", "/%"}) {
        CAPTURE(path);
        CHECK_FALSE(is_of_account(path));
    }
}

TEST_CASE("router: of a request that no route takes no password is kept", "[api]") {
    Api api;
    const auto keeps = [&](const char* method, const std::string& path, std::string body = "{}") {
        return api.send(method, path, std::move(body)).keeps;
    };
    const std::string user{Api::users};
    CHECK(keeps("PUT", user + "/domains/d/endpoints/e") == KeepBody::without_passwords);
    CHECK(keeps("POST", user + "/domains/d/endpoint") == KeepBody::without_passwords);
    CHECK(keeps("POST", user + "//domains/d/endpoints") == KeepBody::without_passwords);
    CHECK(keeps("PATCH", user + "/phoneNumbers") == KeepBody::without_passwords);
    CHECK(keeps("POST", "/v1/phoneNumbers/numberInfo/1") == KeepBody::without_passwords);
    CHECK(keeps("POST", "/v1/%ff") == KeepBody::without_passwords);
    CHECK(keeps("POST", user + "/nope", std::string(100'000, 'x')) == KeepBody::size_only);
    CHECK(keeps("POST", user + "/domains/d/endpoints/e/tokens") == KeepBody::without_passwords);
    CHECK(keeps("POST", user + "/calls") == KeepBody::whole);
}

TEST_CASE("router: an error names the resource of its path first", "[api]") {
    Api api;
    const auto first_detail = [&](const ApiReply& reply) {
        const json detail = Api::parsed(reply)["details"][0];
        return detail["name"].get<std::string>() + "=" + detail["value"].get<std::string>();
    };
    const auto created = [&](const char* below, const char* body) {
        const ApiReply reply = api.post(below, body);
        REQUIRE(reply.response.status == 201);
        return reply.location.substr(reply.location.rfind('/') + 1);
    };
    const std::string application =
        created("/applications", R"({"name":"a","incomingCallUrl":"http://127.0.0.1:9/c"})");
    const ApiReply wrong = api.post("/applications/" + application, R"({"name":7})");
    CHECK(outcome(wrong) == "400 validation-error");
    CHECK(first_detail(wrong) == "applicationId=" + application);

    const std::string number = created("/phoneNumbers", R"({"number":"+19195550123"})");
    CHECK(first_detail(api.post("/phoneNumbers/" + number, R"({"name":7})")) ==
          "numberId=" + number);

    CHECK(first_detail(api.get("/domains/rd-1")) == "domainId=rd-1");
    const std::string domain = created("/domains", R"({"name":"d"})");
    CHECK(first_detail(api.get("/domains/" + domain + "/endpoints/re-1")) == "endpointId=re-1");

    const std::string conference = created("/conferences", R"({"from":"+19195550123"})");
    const ApiReply none = api.get("/conferences/" + conference + "/members/member-1");
    CHECK(outcome(none).substr(0, 3) == "404");

    const ApiReply foreign = api.send("GET", "/v1/users/u-2/applications/" + application);
    CHECK(outcome(foreign) == "403 application-access-denied");
    CHECK(first_detail(foreign) == "applicationId=" + application);
}

TEST_CASE("router: too much in front of the routes is a 400, and a 503 says when to come again",
          "[api]") {
    const Response much = refused_before_routes(413, "too large", "127.0.0.1");
    CHECK(much.status == 400);
    CHECK(json::parse(much.body)["code"] == "validation-error");
    const Response busy = refused_before_routes(503, "too many", "127.0.0.1");
    CHECK(busy.status == 503);
    CHECK(json::parse(busy.body)["code"] == "media-unavailable");
    CHECK(json::parse(busy.body)["details"][0]["value"] == "127.0.0.1");
    CHECK(Api::header(busy, "Retry-After") == "1");
}

TEST_CASE("router: what is created beside calls or in a bridge is known by them", "[api]") {
    const IdCodec ours{Seed{1}};
    const IdCodec others{Seed{2}};
    const std::uint64_t user = hash_of("u-1");
    const std::string call = ours.text(IdKind::call, user, 7);
    const std::string bridge = ours.text(IdKind::bridge, user, 3);
    const Api api;
    const auto names = [&](const char* method, const std::string& below, const std::string& body) {
        const Request request = api.request(method, "/v1/users/u-1" + below, body);
        CHECK_FALSE(names_id_of(request, others));
        return names_id_of(request, ours);
    };
    CHECK(names("POST", "/bridges", R"({"callIds":[")" + call + R"("]})"));
    CHECK(names("POST", "/bridges/", R"({"callIds":[")" + call + R"(","c-1"]})"));
    CHECK(names("POST", "/calls", R"({"to":"+1","bridgeId":")" + bridge + R"("})"));
    const std::string conference = ours.text(IdKind::conference, user, 4);
    CHECK(names("POST", "/calls", R"({"to":"+1","conferenceId":")" + conference + R"("})"));
    CHECK(names("POST", "/conferences/" + conference + "/members", "{}"));
    CHECK(names("POST", "/bridges/" + bridge, R"({"callIds":[]})"));
    CHECK(names("GET", "/calls/" + call, ""));
    for (const std::string& body :
         {std::string{}, std::string{"callIds"}, std::string{R"({"callIds":[]})"},
          std::string{R"({"callIds":[7]})"}, std::string{R"({"callIds":["c-1"]})"},
          R"({"bridgeId":")" + bridge + R"("})", R"({"callIds":[")" + bridge + R"("]})"}) {
        CAPTURE(body);
        CHECK_FALSE(names("POST", "/bridges", body));
    }
    CHECK_FALSE(names("GET", "/bridges", R"({"callIds":[")" + call + R"("]})"));
    CHECK_FALSE(names("POST", "/messages", R"({"callIds":[")" + call + R"("]})"));
    CHECK_FALSE(names("POST", "/calls", R"({"callIds":[")" + call + R"("]})"));
    CHECK_FALSE(names("POST", "/calls", R"({"bridgeId":null})"));
}

TEST_CASE("router: what is not built is not found, in the provider's shape", "[api]") {
    Api api;
    for (const auto* const path :
         {"/v1", "/v1/", "/v1/users", "/v1/users/u-1", "/v1/users/u-1/nope",
          "/v1/users/u-1/bridges/brg-1/nope", "/v1/users/u-1/calls/x/y/z", "/v1/availableNumbers",
          "/v1/availableNumbers/other", "/v1/phoneNumbers", "/v1/users/u-1/availableNumbers/local",
          "/v1/users/u-1/calls/../calls", "/v1/users/u-1/./calls", "/v1/users/u-1/calls%2Fx",
          "/v2/users/u-1/calls", "//v1/users/u-1/calls", "/v1/users/u-1/Calls"}) {
        CAPTURE(path);
        CHECK(outcome(api.send("GET", path)) == "404 resource-not-found");
    }
}

TEST_CASE("router: a known path with another method says which it knows", "[api]") {
    Api api;
    const auto allowed = [&](const char* method, const char* below) {
        const ApiReply reply = api.send(method, std::string{Api::users} + below);
        CHECK(outcome(reply) == "405 method-not-allowed");
        return Api::header(reply.response, "Allow");
    };
    CHECK(allowed("DELETE", "/calls") == "GET, POST");
    CHECK(allowed("PUT", "/calls/c-1") == "GET, POST");
    CHECK(allowed("GET", "/calls/c-1/audio") == "POST");
    CHECK(allowed("POST", "/media/x.wav") == "GET, HEAD, PUT, DELETE");
    CHECK(allowed("HEAD", "/account") == "GET");
}

TEST_CASE("router: paths are decoded once, and what cannot be is refused", "[api]") {
    Api api;
    CHECK(outcome(api.send("GET", "/v1/users/%75-1/%63alls")) == "200");
    for (const auto* const path :
         {"/v1/users/u-1/calls/%", "/v1/users/u-1/calls/%zz", "/v1/users/u-1/calls/%ff",
          "/v1/users/u-1/calls/%00", "/v1/users/u-1/calls/%0a", "/v1/users/u-1/calls/%7f"}) {
        CAPTURE(path);
        CHECK(outcome(api.send("GET", path)) == "400 validation-error");
    }
    CHECK(outcome(api.send("GET", "/v1/users/u-1/calls/%252F")) == "404 call-not-found");
    CHECK(outcome(api.send("GET", "/v1/users/" + std::string(129, 'u') + "/calls")) ==
          "404 resource-not-found");
}

TEST_CASE("router: an error carries the resource, then what the request was", "[api]") {
    Api api;

    const json error = Api::parsed(api.get("/calls/c-b6bgm4bz4okhvoesy5cwxsx"));

    CHECK(error == json::parse(R"({
        "category":"not-found","code":"call-not-found",
        "message":"The call c-b6bgm4bz4okhvoesy5cwxsx could not be found",
        "details":[{"name":"callId","value":"c-b6bgm4bz4okhvoesy5cwxsx"},
                   {"name":"requestMethod","value":"GET"},
                   {"name":"remoteAddress","value":"127.0.0.1"},
                   {"name":"requestPath","value":"users/u-1/calls/c-b6bgm4bz4okhvoesy5cwxsx"}]})"));
}

TEST_CASE("router: what is odd or long is not repeated in an error", "[api]") {
    Api api;
    const json odd = Api::parsed(api.send("GET", "/v1/users/u-1/calls/%C3%A9"));
    CHECK(odd["message"] == "The call could not be found");
    CHECK(names_of(odd["details"]) ==
          std::vector<std::string>{"requestMethod", "remoteAddress", "requestPath"});

    const json longer = Api::parsed(api.get("/calls/" + std::string(300, 'c')));
    CHECK(names_of(longer["details"]) ==
          std::vector<std::string>{"requestMethod", "remoteAddress"});
}

TEST_CASE("router: a Host that could not stand in a Location is a bad request", "[api]") {
    Api api;
    for (const auto* const bad : {"", "a b", "evil/x", "a:0", "u@h", "h\"x"}) {
        CAPTURE(bad);
        api.host = bad;
        CHECK(outcome(api.get("/calls")) == "400 validation-error");
    }
    api.host = "my-host_1:80";
    CHECK(outcome(api.get("/calls")) == "200");

    Request none = api.request("GET", "/v1/users/u-1/calls");
    none.headers.erase(none.headers.begin());
    CHECK(outcome(api.send(none)) == "400 validation-error");
    Request two = api.request("GET", "/v1/users/u-1/calls");
    two.headers.push_back({"host", "other"});
    CHECK(outcome(api.send(two)) == "400 validation-error");
}

TEST_CASE("router: bodies that are not an object of JSON are bad parameters everywhere", "[api]") {
    Api api;
    const std::string call = api.active_call();
    const std::string gather = [&] {
        const ApiReply reply = api.post(call + "/gather", "{}");
        return reply.location.substr(reply.location.find("/calls/"));
    }();
    const std::string deep = std::string(100, '[') + std::string(100, ']');
    for (const std::string& path :
         {std::string{"/calls"}, call, call + "/audio", call + "/dtmf", call + "/gather", gather}) {
        for (const std::string& body :
             {std::string{"{"}, std::string{"5"}, std::string{"[1]"},
              std::string{"{\"a\":\"\xff\"}"}, std::string{"{\"from\":1,\"from\":2}"}, deep}) {
            CAPTURE(path, body);
            const ApiReply reply = api.post(path, body);
            CHECK(outcome(reply) == "400 validation-error");
            CHECK(Api::parsed(reply)["message"].get<std::string>().starts_with("Bad parameters"));
        }
    }
}

TEST_CASE("router: the account is there, as java-bandwidth wants it first of all", "[api]") {
    Api api;
    CHECK(api.get_json("/account") == json{{"balance", "538.37250"}, {"accountType", "pre-pay"}});
}

TEST_CASE("router: user errors are listed newest first and found by id", "[api]") {
    Api api;
    for (int i = 1; i <= 1001; ++i) {
        UserError error;
        error.at = api.now;
        error.category = "unavailable";
        error.code = "callback-io-error";
        error.message = "A network error ocurred during the callback";
        error.details = {{"callId", "c-" + std::to_string(i)}};
        CHECK(api.errors.add("u-1", error).number == static_cast<std::uint64_t>(i));
    }

    const json list = api.get_json("/errors?size=1000");

    REQUIRE(list.size() == 1000);
    CHECK(list[0]["details"][0]["value"] == "c-1001");
    CHECK(list[999]["details"][0]["value"] == "c-2");
    CHECK(list[0]["time"] == "2017-11-24T04:00:41Z");
    CHECK(list[0]["details"][0]["id"].get<std::string>().starts_with("ued-"));
    CHECK(api.get_json("/errors/" + list[999]["id"].get<std::string>()) == list[999]);
    CHECK(outcome(api.get("/errors/" + api.ids.text(IdKind::user_error, hash_of("u-1"), 1))) ==
          "404 user-error-not-found");
    CHECK(outcome(api.get("/errors/ue-x")) == "404 user-error-not-found");
    CHECK(json::parse(api.send("GET", "/v1/users/u-2/errors").response.body).empty());

    api.errors.reset("u-1");
    CHECK(api.get_json("/errors").empty());
    CHECK(api.errors.add("u-1", {}).number == 1);
}

TEST_CASE("router: with rate limits each other route is free once a second", "[api]") {
    Api api;
    api.settings.rate_limits = true;
    CHECK(outcome(api.get("/account")) == "200");
    api.now += 250ms;

    const ApiReply reply = api.get("/account");

    CHECK(outcome(reply) == "429 rate-limit-reached");
    CHECK(Api::header(reply.response, "X-RateLimit-Reset") == "1511496042000");
    CHECK(Api::parsed(reply)["category"] == "too-many-requests");
    CHECK(Api::parsed(reply)["message"] == "Rate limit reached");
    CHECK(Api::parsed(reply)["details"][0] ==
          json{{"name", "rateLimitResetTime"}, {"value", "1511496042000"}});
    CHECK(outcome(api.get("/errors")) == "200");
    CHECK(outcome(api.send("GET", "/v1/users/u-2/account")) == "200");
    api.now += 750ms;
    CHECK(outcome(api.get("/account")) == "200");
}

}  // namespace ringback::test
