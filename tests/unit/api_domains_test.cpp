#include "tests/support/api_fixture.h"

namespace ringback::test::domains {
namespace {

constexpr const char* good_domain = R"({"name":"my-domain","description":"about it"})";
constexpr const char* good_endpoint =
    R"({"name":"jane","description":"desk","credentials":{"password":"123456"}})";

std::string below_user(const ApiReply& reply) {
    REQUIRE(reply.response.status == 201);
    CHECK(reply.response.body.empty());
    CHECK(Api::header(reply.response, "Location") == reply.location);
    return reply.location.substr(reply.location.find("/domains/"));
}
std::string id_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }
std::string domain(Api& api) { return below_user(api.post("/domains", good_domain)); }
std::string endpoint(Api& api, const std::string& domain) {
    return below_user(api.post(domain + "/endpoints", good_endpoint));
}

}  // namespace

TEST_CASE("domains: created, shown, listed newest first and deleted", "[api][domains]") {
    Api api;
    CHECK(api.get_json("/domains").empty());
    const std::string first = domain(api);
    const std::string second = below_user(api.post("/domains", R"({"name":"other"})"));

    CHECK(id_of(first).starts_with("rd-"));
    CHECK(api.get_json(first) ==
          json{{"id", id_of(first)},
               {"name", "my-domain"},
               {"description", "about it"},
               {"endpoints", "http://127.0.0.1:8080/v1/users/u-1" + first + "/endpoints"}});
    const json list = api.get_json("/domains");
    REQUIRE(list.size() == 2);
    CHECK(list[0]["id"] == id_of(second));
    CHECK_FALSE(list[0].contains("description"));
    CHECK(list[1] == api.get_json(first));
    CHECK(api.get_json("/domains?size=1&page=1")[0]["id"] == id_of(first));
    CHECK(Api::header(api.get("/domains?size=1").response, "Link").find("rel=\"next\"") !=
          std::string::npos);

    CHECK(outcome(api.send("DELETE", Api::users + first)) == "200");
    CHECK(outcome(api.get(first)) == "404 resource-not-found");
    CHECK(outcome(api.send("DELETE", Api::users + first)) == "404 resource-not-found");
    CHECK(api.get_json("/domains").size() == 1);
    CHECK(json::parse(api.send("GET", "/v1/users/u-2/domains").response.body).empty());
    CHECK(outcome(api.send("GET", "/v1/users/u-2" + second)) == "404 resource-not-found");
}

TEST_CASE("domains: what cannot be a domain is refused in the provider's words", "[api][domains]") {
    Api api;
    const auto refused = [&](const std::string& body) {
        return outcome(api.post("/domains", body));
    };
    CHECK(refused("{}") == "400 missing-property");
    CHECK(refused(R"({"name":null})") == "400 missing-property");
    CHECK(refused(R"({"name":" "})") == "400 blank-property");
    CHECK(refused(R"({"name":"a b"})") == "400 validation-error");
    CHECK(refused(R"({"name":"a@b"})") == "400 validation-error");
    CHECK(refused(R"({"name":")" + std::string(65, 'a') + "\"}") == "400 validation-error");
    CHECK(refused(R"({"name":"a","description":")" + std::string(1001, 'a') + "\"}") ==
          "400 validation-error");
    CHECK(refused(R"({"name":5})") == "400 validation-error");
    CHECK(refused("{") == "400 validation-error");
    CHECK(api.get_json("/domains").empty());
    domain(api);
    CHECK(refused(good_domain) == "409 duplicate-domain");
    for (int i = 1; i < 100; ++i) {
        CHECK(refused(R"({"name":"d)" + std::to_string(i) + "\"}") == "201");
    }
    CHECK(refused(R"({"name":"one-more"})") == "400 validation-error");
    CHECK(api.get_json("/domains?size=1000").size() == 100);
}

TEST_CASE("endpoints: created, shown with address and realm, never with the password",
          "[api][domains]") {
    Api api;
    const std::string of = domain(api);
    const std::string made = endpoint(api, of);

    CHECK(made.starts_with(of + "/endpoints/re-"));
    const json shown = api.get_json(made);
    CHECK(shown ==
          json{{"id", id_of(made)},
               {"name", "jane"},
               {"description", "desk"},
               {"domainId", id_of(of)},
               {"enabled", true},
               {"sipUri", "jane@my-domain.bwapp.bwsip.io"},
               {"credentials", {{"realm", "my-domain.bwapp.bwsip.io"}, {"username", "jane"}}}});
    CHECK(api.get_json(of + "/endpoints") == json::array({shown}));
    const std::string other = below_user(api.post("/domains", R"({"name":"other"})"));
    CHECK(outcome(api.get(other + "/endpoints/" + id_of(made))) == "404 resource-not-found");
    CHECK(api.get_json(other + "/endpoints").empty());
    for (int i = 0; i < 3; ++i) {
        CHECK(outcome(api.post(other + "/endpoints",
                               R"({"name":"e)" + std::to_string(i) +
                                   R"(","credentials":{"password":"123456"}})")) == "201");
    }
    const ApiReply page = api.get(other + "/endpoints?size=2");
    CHECK(Api::parsed(page)[0]["name"] == "e2");
    CHECK(Api::header(page.response, "Link").find(other + "/endpoints?page=1&size=2") !=
          std::string::npos);
}

TEST_CASE("endpoints: the password needs six Latin-1 characters, and what else is asked",
          "[api][domains]") {
    Api api;
    const std::string path = domain(api) + "/endpoints";
    const auto refused = [&](const std::string& body) { return outcome(api.post(path, body)); };
    const auto with_password = [&](const std::string& password) {
        return refused(R"({"name":"p","credentials":{"password":)" + password + "}}");
    };
    CHECK(refused("{}") == "400 missing-property");
    CHECK(refused(R"({"name":"a"})") == "400 missing-property");
    CHECK(refused(R"({"name":"a","credentials":{}})") == "400 missing-property");
    CHECK(refused(R"({"name":"a","credentials":"secret"})") == "400 validation-error");
    CHECK(refused(R"({"credentials":{"password":"123456"}})") == "400 missing-property");
    CHECK(with_password("\"12345\"") == "400 validation-error");
    CHECK(with_password("\"12345\xc3\xa9\"") == "201");
    CHECK(with_password("\"12345\xe2\x82\xac\"") == "400 validation-error");
    CHECK(with_password("\"ééééé\"") == "400 validation-error");
    CHECK(with_password("123456") == "400 validation-error");
    CHECK(refused(R"({"name":"a","enabled":"maybe","credentials":{"password":"123456"}})") ==
          "400 validation-error");
    CHECK(refused(R"({"name":"a","applicationId":"a-x","credentials":{"password":"123456"}})") ==
          "404 application-not-found");
    CHECK(refused(good_endpoint) == "201");
    CHECK(refused(good_endpoint) == "409 duplicate-endpoint");
    CHECK(outcome(api.post("/domains/rd-x/endpoints", good_endpoint)) == "404 resource-not-found");
}

TEST_CASE("endpoints: an update changes what it says; deleted they are gone", "[api][domains]") {
    Api api;
    const std::string path = endpoint(api, domain(api));
    const ApiReply application =
        api.post("/applications", R"({"name":"a","incomingCallUrl":"http://127.0.0.1:9/in"})");
    const std::string application_id = id_of(application.location);

    CHECK(outcome(api.post(path, R"({"enabled":"false","applicationId":")" + application_id +
                                     R"(","credentials":{"password":"another"}})")) == "200");
    json shown = api.get_json(path);
    CHECK(shown["enabled"] == false);
    CHECK(shown["description"] == "desk");
    CHECK(shown["applicationId"] == application_id);
    CHECK(outcome(api.post(path, R"({"applicationId":"","description":"home"})")) == "200");
    shown = api.get_json(path);
    CHECK_FALSE(shown.contains("applicationId"));
    CHECK(shown["description"] == "home");
    CHECK(outcome(api.post(path, R"({"credentials":{"password":"short"}})")) ==
          "400 validation-error");
    CHECK(outcome(api.post(path, R"({"applicationId":"a-x"})")) == "404 application-not-found");
    CHECK(outcome(api.post(path)) == "200");
    CHECK(api.get_json(path) == shown);

    CHECK(outcome(api.send("DELETE", Api::users + path)) == "200");
    for (const auto* const method : {"GET", "POST", "DELETE"}) {
        CHECK(outcome(api.send(method, Api::users + path)) == "404 resource-not-found");
    }
}

TEST_CASE("tokens: made by the seed, good for their time, deleted once", "[api][domains]") {
    const auto made = [](Api& api, const std::string& path, const std::string& body) {
        const ApiReply reply = api.post(path + "/tokens", body);
        CHECK(reply.response.status == 201);
        return Api::parsed(reply);
    };
    Api api;
    Api twin;
    const std::string path = endpoint(api, domain(api));
    const std::string twins = endpoint(twin, domain(twin));

    const json usual = made(api, path, "");
    const json brief = made(api, path, R"({"expires":"60"})");

    CHECK(usual["expires"] == 3600);
    CHECK(brief["expires"] == 60);
    CHECK(usual["token"] != brief["token"]);
    CHECK(usual == made(twin, twins, ""));
    for (const auto* const bad : {"0", "-1", "\"soon\"", "31536001"}) {
        CAPTURE(bad);
        CHECK(outcome(api.post(path + "/tokens", std::string{R"({"expires":)"} + bad + "}")) ==
              "400 validation-error");
    }
    const auto remove = [&](const json& token) {
        return outcome(
            api.send("DELETE", Api::users + path + "/tokens/" + token["token"].get<std::string>()));
    };
    api.advance(60s);
    CHECK(remove(brief) == "404 resource-not-found");
    CHECK(remove(usual) == "200");
    CHECK(remove(usual) == "404 resource-not-found");
    CHECK(remove(json{{"token", "nonsense"}}) == "404 resource-not-found");
    CHECK(outcome(api.send("GET", Api::users + path + "/tokens")) == "405 method-not-allowed");
}

TEST_CASE("endpoints: another account's application is refused as it is everywhere",
          "[api][domains]") {
    Api api;
    const ApiReply theirs = api.send("POST", "/v1/users/u-2/applications",
                                     R"({"name":"a","incomingCallUrl":"http://127.0.0.1:9/c"})");
    REQUIRE(theirs.response.status == 201);
    const json wanted{{"name", "jane"},
                      {"credentials", {{"password", "123456"}}},
                      {"applicationId", id_of(theirs.location)}};
    CHECK(outcome(api.post(domain(api) + "/endpoints", wanted.dump())) ==
          "403 application-access-denied");
}

TEST_CASE("endpoints: the journal may not have the body of a request with a password",
          "[api][domains]") {
    Api api;
    const std::string of = domain(api);
    CHECK(api.post(of + "/endpoints", good_endpoint).keeps == KeepBody::without_passwords);
    CHECK(api.post(of + "/endpoints", "{").keeps == KeepBody::without_passwords);
    CHECK(api.post(of + "/endpoints/re-1", good_endpoint).keeps == KeepBody::without_passwords);
    CHECK(api.post("/domains", "{}").keeps == KeepBody::whole);
}

}  // namespace ringback::test::domains
