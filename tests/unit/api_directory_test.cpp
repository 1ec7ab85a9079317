// Applications and phone numbers as clients have them: spec v1 2.6, 2.7.

#include <regex>

#include "tests/support/api_fixture.h"

namespace ringback::test::owned {
namespace {

const std::string menu = R"({"name":"Menu","incomingCallUrl":"http://127.0.0.1:9/c"})";

/// Creates something and returns its path below the user's.
std::string make(Api& api, const std::string& collection, const std::string& body) {
    const ApiReply reply = api.post("/" + collection, body);
    REQUIRE(reply.response.status == 201);
    return reply.location.substr(reply.location.find("/" + collection + "/"));
}
std::string id_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string number(Api& api, const std::string& digits, const std::string& more = "") {
    return make(api, "phoneNumbers", R"({"number":"+)" + digits + "\"" + more + "}");
}

std::vector<std::string> numbers_in(const json& list) {
    std::vector<std::string> all;
    for (const auto& one : list) {
        all.push_back(one.at("number").get<std::string>().substr(8));
    }
    return all;
}
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("applications: made, read, changed and deleted", "[api][directory]") {
    Api api;
    const ApiReply reply = api.post("/applications", menu);
    CHECK(reply.response.status == 201);
    CHECK(reply.response.body.empty());
    CHECK(std::regex_match(
        Api::header(reply.response, "Location"),
        std::regex{"http://127\\.0\\.0\\.1:8080/v1/users/u-1/applications/a-[a-z2-7]{22}[aiqy]"}));
    CHECK(reply.location == Api::header(reply.response, "Location"));
    const std::string path = reply.location.substr(reply.location.find("/applications/"));
    CHECK(api.get_json(path).at("name") == "Menu");
    CHECK(api.get_json(path + "/").at("id") == id_of(path));

    const ApiReply changed = api.post(path, R"({"name":"Bar","autoAnswer":false})");
    CHECK(changed.response.status == 200);
    CHECK(changed.response.body.empty());
    const json now = api.get_json(path);
    CHECK(now.at("name") == "Bar");
    CHECK(now.at("autoAnswer") == false);
    CHECK(now.at("incomingCallUrl") == "http://127.0.0.1:9/c");

    const ApiReply deleted = api.send("DELETE", Api::users + path);
    CHECK(deleted.response.status == 200);
    CHECK(deleted.response.body.empty());
    CHECK(outcome(api.get(path)) == "404 application-not-found");
    CHECK(outcome(api.post(path, menu)) == "404 application-not-found");
    CHECK(outcome(api.send("DELETE", Api::users + path)) == "404 application-not-found");
    CHECK(Api::parsed(api.get(path)).at("details").at(0).at("name") == "applicationId");
    CHECK(outcome(api.send("PUT", Api::users + path)) == "405 method-not-allowed");
}

TEST_CASE("applications: another account's is there, and not to be had", "[api][directory]") {
    Api api;
    const std::string path = make(api, "applications", menu);
    const std::string theirs = "/v1/users/u-2" + path;
    for (const char* const method : {"GET", "POST", "DELETE"}) {
        CHECK(outcome(api.send(method, theirs)) == "403 application-access-denied");
    }
    CHECK(outcome(api.send("POST", "/v1/users/u-2/phoneNumbers",
                           R"({"number":"+19195550123","applicationId":")" + id_of(path) +
                               "\"}")) == "403 application-access-denied");
    CHECK(api.get_json(path).at("name") == "Menu");
}

TEST_CASE("applications: what is refused is not made", "[api][directory]") {
    Api api;
    CHECK(outcome(api.post("/applications", R"({"name":"x"})")) == "400 validation-error");
    CHECK(outcome(api.post("/applications", "{")) == "400 validation-error");
    CHECK(outcome(api.post("/applications", "")) == "400 missing-property");
    const std::string path = make(api, "applications", menu);
    CHECK(outcome(api.post(path, R"({"incomingCallUrl":"none"})")) == "400 validation-error");
    CHECK(api.get_json("/applications").size() == 1);
    CHECK(api.get_json(path).at("incomingCallUrl") == "http://127.0.0.1:9/c");
}

TEST_CASE("applications: listed newest first, in pages, by name", "[api][directory]") {
    Api api;
    CHECK(api.get_json("/applications").empty());
    for (const char* const name : {"a", "b", "c", "b"}) {
        make(api, "applications",
             std::string{R"({"incomingCallUrl":"http://127.0.0.1:9/c","name":")"} + name + "\"}");
    }
    const auto names = [&](const std::string& query) {
        Names all;
        for (const auto& one : api.get_json("/applications" + query)) {
            all.push_back(one.at("name"));
        }
        return all;
    };
    CHECK(names("") == Names{"b", "c", "b", "a"});
    CHECK(names("?size=3&page=1") == Names{"a"});
    CHECK(names("?name=b") == Names{"b", "b"});
    CHECK(names("?name=nobody").empty());
    const ApiReply first = api.get("/applications?size=1&name=b");
    CHECK_THAT(Api::header(first.response, "Link"),
               Catch::Contains("page=1&size=1&name=b>; rel=\"next\""));
    CHECK(outcome(api.get("/applications?size=0")) == "400 validation-error");
}

TEST_CASE("phone numbers: made, read by id and by number, changed and deleted",
          "[api][directory]") {
    Api api;
    const std::string application = id_of(make(api, "applications", menu));
    const std::string path =
        number(api, "19195550123", R"(,"applicationId":")" + application + R"(","name":"desk")");
    CHECK(id_of(path).starts_with("n-"));
    const json shown = api.get_json(path);
    CHECK(shown.at("applicationId") == application);
    CHECK(shown.at("createdTime") == "2017-11-24T04:00:41Z");
    for (const char* const by :
         {"%2B19195550123", "+19195550123", "%2b19195550123/", "%2019195550123"}) {
        CAPTURE(by);
        CHECK(api.get_json(std::string{"/phoneNumbers/"} + by) == shown);
    }
    CHECK(outcome(api.get("/phoneNumbers/%2B19195550124")) == "404 number-not-found");
    CHECK(outcome(api.get("/phoneNumbers/n-123")) == "404 number-not-found");

    CHECK(outcome(api.post("/phoneNumbers/%2B19195550123",
                           R"({"fallbackNumber":"+19195550144"})")) == "200");
    CHECK(api.get_json(path).at("fallbackNumber") == "+19195550144");
    CHECK(api.get_json(path).at("applicationId") == application);
    CHECK(outcome(api.post(path, R"({"applicationId":""})")) == "200");
    CHECK_FALSE(api.get_json(path).contains("application"));
    CHECK(outcome(api.post(path, R"({"applicationId":"a-1"})")) == "404 application-not-found");

    CHECK(outcome(api.send("DELETE", Api::users + path)) == "200");
    CHECK(outcome(api.get(path)) == "404 number-not-found");
    CHECK(outcome(api.post(path)) == "404 number-not-found");
    CHECK(outcome(api.send("DELETE", Api::users + path)) == "404 number-not-found");
}

TEST_CASE("phone numbers: one the account has is a conflict, another account's is none",
          "[api][directory]") {
    Api api;
    number(api, "19195550123");
    CHECK(outcome(api.post("/phoneNumbers", R"({"number":"+19195550123"})")) ==
          "409 duplicate-number");
    CHECK(outcome(api.post("/phoneNumbers",
                           R"({"number":"+19195550124","applicationId":"a-unknown"})")) ==
          "404 application-not-found");
    CHECK(outcome(api.send("POST", "/v1/users/u-2/phoneNumbers", R"({"number":"+19195550123"})")) ==
          "201");
    CHECK(api.get_json("/phoneNumbers").size() == 1);
}

TEST_CASE("phone numbers: listed newest first, narrowed by each filter", "[api][directory]") {
    Api api;
    const std::string application = id_of(make(api, "applications", menu));
    number(api, "19195550101", R"(,"name":"desk")");
    number(api, "19195550102", R"(,"applicationId":")" + application + "\"");
    PhoneNumber in_town;
    in_town.number = "+19195550103";
    in_town.city = "Durham";
    in_town.state = "NC";
    static_cast<void>(api.engine.apply(api.engine.user("u-1"), AddNumber{in_town}, api.now));
    const auto found = [&](const std::string& query) {
        return numbers_in(api.get_json("/phoneNumbers" + query));
    };
    CHECK(found("") == Names{"0103", "0102", "0101"});
    CHECK(found("?size=2&page=1") == Names{"0101"});
    CHECK(found("?name=desk") == Names{"0101"});
    CHECK(found("?city=durham") == Names{"0103"});
    CHECK(found("?state=nc&city=Durham") == Names{"0103"});
    CHECK(found("?state=CA").empty());
    CHECK(found("?applicationId=" + application) == Names{"0102"});
    CHECK(found("?applicationId=a-nobody").empty());
    CHECK(found("?numberState=Enabled").size() == 3);
    CHECK(found("?numberState=released").empty());
    CHECK(outcome(api.get("/phoneNumbers?numberState=lost")) == "400 validation-error");
}

TEST_CASE("phone numbers: an application that goes leaves its numbers behind", "[api][directory]") {
    Api api;
    const std::string application = make(api, "applications", menu);
    const std::string path =
        number(api, "19195550123", R"(,"applicationId":")" + id_of(application) + "\"");
    CHECK(outcome(api.send("DELETE", Api::users + application)) == "200");
    CHECK_FALSE(api.get_json(path).contains("applicationId"));
}

TEST_CASE("phone numbers: an import is taken, and its password kept nowhere", "[api][directory]") {
    Api api;
    const std::string import =
        R"({"number":"+19195550123","provider":{"providerName":"bandwidth-dashboard",
            "properties":{"accountId":"1","userName":"me","password":"secret"}}})";
    const ApiReply reply = api.post("/phoneNumbers", import);
    CHECK(reply.response.status == 201);
    CHECK(reply.keeps == KeepBody::without_passwords);
    // Refused, and still.
    CHECK(api.post("/phoneNumbers", import).keeps == KeepBody::without_passwords);
    CHECK(api.post("/applications", menu).keeps == KeepBody::whole);
}

TEST_CASE("directory: beyond what ringback holds it is a 503 to be tried again",
          "[api][directory]") {
    EngineLimits limits;
    limits.applications = 1;
    limits.numbers = 0;
    Api api{{}, limits};
    make(api, "applications", menu);
    const ApiReply reply = api.post("/applications", menu);
    CHECK(outcome(reply) == "503 gateway-unavailable");
    CHECK(Api::header(reply.response, "Retry-After") == "1");
    CHECK(outcome(api.post("/phoneNumbers", R"({"number":"+19195550123"})")) ==
          "503 gateway-unavailable");
}

TEST_CASE("strict numbers: those of the account count, whether told at the start or added",
          "[api][directory]") {
    Api api;
    api.settings.strict_numbers = true;
    const std::string from = R"({"from":"+19195550123","to":"+19195550187"})";
    CHECK(outcome(api.post("/calls", from)) == "401 number-access-denied");
    number(api, "19195550123");
    CHECK(outcome(api.post("/calls", from)) == "201");
    const std::string call = api.active_call();
    const std::string transfer = R"({"state":"transferring","transferTo":"+19195550187",
                                     "transferCallerId":"+19195550124"})";
    CHECK(outcome(api.post(call, transfer)) == "400 validation-error");
    number(api, "19195550124");
    CHECK(outcome(api.post(call, transfer)) == "201");
}

}  // namespace ringback::test::owned
