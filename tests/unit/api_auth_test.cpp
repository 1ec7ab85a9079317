#include "tests/support/api_fixture.h"

namespace ringback::test {
namespace {

/// "t-a:s-a" and so on: the credentials of the strict accounts below.
const std::string basic_a = "Basic dC1hOnMtYQ==";
const std::string basic_b = "Basic dC1iOnMtYg==";
const std::string token_a_secret_b = "Basic dC1hOnMtYg==";

Api strict() {
    Api api;
    api.accounts = {{"u-a", "t-a", "s-a"}, {"u-b", "t-b", "s-b"}, {"u-a2", "t-a", "s-a"}};
    return api;
}

std::string asked(Api& api, const std::string& authorization, const std::string& path) {
    api.authorization = authorization;
    return outcome(api.send("GET", path));
}

}  // namespace

TEST_CASE("auth: without accounts every well-formed Basic header is accepted", "[api]") {
    Api api;
    CHECK(asked(api, "Basic dC10b2tlbjpzZWNyZXQ=", "/v1/users/u-1/account") == "200");
    CHECK(asked(api, "basic  YTo=", "/v1/users/u-1/account") == "200");
    for (const auto* const bad : {"", "Basic", "Basic ", "Bearer abc", "Basic !!!!", "Basic YWJj",
                                  "Basic OmE=", "Basic YTpi Yg==", "Basic YTo", "Basic dC1=OnM="}) {
        CAPTURE(bad);
        CHECK(asked(api, bad, "/v1/users/u-1/account") == "401 access-denied");
    }
}

TEST_CASE("auth: a refusal names the realm and no account", "[api]") {
    Api api = strict();
    api.authorization = token_a_secret_b;

    const ApiReply reply = api.send("POST", "/v1/users/u-a/calls", "{}");

    CHECK(outcome(reply) == "401 access-denied");
    CHECK(Api::parsed(reply)["category"] == "authorization");
    CHECK(Api::header(reply.response, "WWW-Authenticate") == "Basic realm=\"Bandwidth\"");
    CHECK(Api::parsed(reply)["message"] ==
          "The authenticated user does not have sufficient permissions to access this resource");
    CHECK(api.engine.known_calls() == 0);
}

TEST_CASE("auth: bad token and bad secret get the same answer", "[api]") {
    Api api = strict();
    api.authorization = token_a_secret_b;
    const std::string bad_secret = api.send("GET", "/v1/users/u-a/calls").response.body;
    api.authorization = "Basic bm9ib2R5OnMtYQ==";
    CHECK(api.send("GET", "/v1/users/u-a/calls").response.body == bad_secret);
}

TEST_CASE("auth: with accounts the path's user must be the credentials' own", "[api]") {
    Api api = strict();
    CHECK(asked(api, basic_a, "/v1/users/u-a/account") == "200");
    CHECK(asked(api, basic_a, "/v1/users/u-a2/account") == "200");
    CHECK(asked(api, basic_b, "/v1/users/u-b/account") == "200");
    CHECK(asked(api, basic_a, "/v1/users/u-b/account") == "401 user-access-denied");
    CHECK(asked(api, basic_a, "/v1/users/%75-b/account") == "401 user-access-denied");
    CHECK(asked(api, basic_a, "/v1/users/u-x/account") == "404 user-not-found");
    CHECK(asked(api, basic_a, "/v1/users/u-a/../u-b/account") == "404 resource-not-found");
    CHECK(asked(api, basic_a, "/v1/users//account") == "404 user-not-found");
}

TEST_CASE("auth: who may not access whom is told as the docs do", "[api]") {
    Api api = strict();
    api.authorization = basic_a;
    CHECK(Api::parsed(api.send("GET", "/v1/users/u-b/calls"))["message"] ==
          "User u-a does not have permission to access user u-b");
}

TEST_CASE("auth: a repeated Authorization header is a bad request", "[api]") {
    Api api;
    Request twice = api.request("GET", "/v1/users/u-1/account");
    twice.headers.push_back({"authorization", api.authorization});
    CHECK(outcome(api.send(twice)) == "400 validation-error");
}

TEST_CASE("auth: credentials are judged before path and body", "[api]") {
    Api api;
    api.authorization = "";
    CHECK(outcome(api.send("GET", "/v1/nowhere")) == "401 access-denied");
    CHECK(outcome(api.send("POST", "/v1/users/u-1/calls", "{")) == "401 access-denied");
}

TEST_CASE("auth: secrets are equal only if they are equal in full", "[api]") {
    CHECK(same_secret("", ""));
    CHECK(same_secret("secret", "secret"));
    CHECK_FALSE(same_secret("secret", "secres"));
    CHECK_FALSE(same_secret("secret", "secret "));
    CHECK_FALSE(same_secret("secret", std::string{"secret\0", 7}));
    CHECK(same_secret(std::string(512, 'a'), std::string(512, 'a')));
    CHECK_FALSE(same_secret(std::string(513, 'a'), std::string(513, 'a')));
}

}  // namespace ringback::test
