#include "tests/support/api_fixture.h"

namespace ringback::test::stock {
namespace {

constexpr const char* local = "/v1/availableNumbers/local";
constexpr const char* toll_free = "/v1/availableNumbers/tollFree";
constexpr const char* info = "/v1/phoneNumbers/numberInfo/";

json found(Api& api, const std::string& target) {
    const ApiReply reply = api.send("GET", target);
    REQUIRE(reply.response.status == 200);
    return Api::parsed(reply);
}

}  // namespace

TEST_CASE("available numbers: local ones say where they are", "[api][numbers]") {
    Api api;
    const json list = found(api, std::string{local} + "?areaCode=910&quantity=3");
    REQUIRE(list.size() == 3);
    for (const json& one : list) {
        const auto number = one["number"].get<std::string>();
        CHECK(number.starts_with("+1910"));
        CHECK(one["nationalNumber"] == "(910) " + number.substr(5, 3) + "-" + number.substr(8));
        CHECK(one["state"] == "NC");
        CHECK(one["price"] == "0.35");
        CHECK((one["city"] == "WILMINGTON" || one["city"] == "FAYETTEVILLE"));
        CHECK(one["lata"].get<std::string>().size() == 3);
        CHECK(one.contains("rateCenter"));
        CHECK_FALSE(one.contains("patternMatch"));
    }
    CHECK(list == found(api, std::string{local} + "?areaCode=910&quantity=3"));
    CHECK(found(api, std::string{local} + "?areaCode=910").size() == 10);
    CHECK(found(api, std::string{local} + "?state=nc&city=Rocky+Mount")[0]["city"] ==
          "ROCKY MOUNT");
    CHECK(found(api, std::string{local} + "?state=NC&city=Rocky%20Mount")[0]["city"] ==
          "ROCKY MOUNT");
    CHECK(found(api, std::string{local} + "?zip=27513")[0]["city"] == "CARY");
    CHECK(found(api, std::string{local} + "?areaCode=999").empty());
}

TEST_CASE("available numbers: toll-free ones have no place, a pattern shows what it named",
          "[api][numbers]") {
    Api api;
    const json list = found(api, std::string{toll_free} + "?quantity=5&pattern=*2%3F9*");
    REQUIRE(list.size() == 5);
    for (const json& one : list) {
        const auto national = one["nationalNumber"].get<std::string>();
        const auto match = one["patternMatch"].get<std::string>();
        REQUIRE(match.size() == national.size());
        const std::size_t two = match.find('2');
        REQUIRE(two != std::string::npos);
        CHECK(match.find('9') > two);
        for (std::size_t i = 0; i < match.size(); ++i) {
            CHECK((match[i] == ' ' || match[i] == national[i]));
        }
        CHECK(one["price"] == "0.75");
        CHECK_FALSE(one.contains("city"));
        CHECK_FALSE(one.contains("state"));
    }
}

TEST_CASE("available numbers: every rule of a search has its code", "[api][numbers]") {
    Api api;
    const auto refused = [&](const std::string& query) {
        return outcome(api.send("GET", std::string{local} + "?" + query));
    };
    const std::string search = "400 invalid-available-number-search";
    for (const auto* const bad : {"",
                                  "city=Cary",
                                  "state=NC&areaCode=919",
                                  "zip=27513&areaCode=919",
                                  "state=NC&zip=27513",
                                  "areaCode=91",
                                  "areaCode=91a",
                                  "areaCode=9190",
                                  "state=N",
                                  "state=N1",
                                  "state=NCX",
                                  "areaCode=919&city=Cary",
                                  "state=NC&localNumber=234",
                                  "state=NC&inLocalCallingArea=true",
                                  "areaCode=919&localNumber=23",
                                  "areaCode=919&localNumber=23456",
                                  "areaCode=919&localNumber=23a",
                                  "areaCode=919&inLocalCallingArea=maybe",
                                  "areaCode=919&quantity=0",
                                  "areaCode=919&quantity=5001",
                                  "areaCode=919&quantity=x",
                                  "areaCode=919&pattern=2-9",
                                  "areaCode=919&pattern=*********************************"}) {
        CAPTURE(bad);
        CHECK(refused(bad) == search);
    }
    CHECK(refused("zip=2751") == "400 invalid-zip-code");
    CHECK(refused("zip=2751a") == "400 invalid-zip-code");
    CHECK(refused("zip=275130") == "400 invalid-zip-code");
    CHECK(refused("areaCode=%zz") == "400 validation-error");
    CHECK(refused("areaCode=919&quantity=5000") == "200");
    CHECK(outcome(api.send("GET", std::string{toll_free} + "?quantity=5001")) == search);
    CHECK(outcome(api.send("PUT", local)) == "405 method-not-allowed");
}

TEST_CASE("available numbers: ordered ones are the account's and are not offered again",
          "[api][numbers]") {
    Api api;
    api.get("/account");  // the token is u-1's from here on
    const std::string query = "?areaCode=919&quantity=2";
    const json offered = found(api, local + query);

    const ApiReply reply = api.send("POST", local + query);

    REQUIRE(outcome(reply) == "200");
    CHECK(reply.user == "u-1");
    const json ordered = Api::parsed(reply);
    REQUIRE(ordered.size() == 2);
    const json own = api.get_json("/phoneNumbers");
    REQUIRE(own.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(ordered[i]["number"] == offered[i]["number"]);
        CHECK(ordered[i]["nationalNumber"] == offered[i]["nationalNumber"]);
        CHECK(ordered[i]["price"] == "0.35");
        const auto location = ordered[i]["location"].get<std::string>();
        const std::string base = "http://127.0.0.1:8080/v1/users/u-1";
        REQUIRE(location.starts_with(base + "/phoneNumbers/n-"));
        const json number = api.get_json(location.substr(base.size()));
        CHECK(number["number"] == offered[i]["number"]);
        CHECK(number["city"] == offered[i]["city"]);
        CHECK(number["state"] == "NC");
    }
    for (const json& one : found(api, std::string{local} + "?areaCode=919&quantity=5000")) {
        REQUIRE(one["number"] != offered[0]["number"]);
        REQUIRE(one["number"] != offered[1]["number"]);
    }
    CHECK(Api::parsed(api.send("POST", toll_free)).size() == 1);
    CHECK(Api::parsed(api.send("POST", std::string{local} + "?state=NC")).size() == 10);
}

TEST_CASE("available numbers: every rule of an order has its code", "[api][numbers]") {
    Api api;
    const auto refused = [&](const std::string& query) {
        return outcome(api.send("POST", std::string{local} + "?" + query));
    };
    const std::string order = "400 invalid-available-number-search-order";
    CHECK(refused("") == order);
    CHECK(refused("areaCode=919&quantity=11") == order);
    CHECK(refused("areaCode=919&pattern=*1*") == order);
    CHECK(refused("zip=1") == "400 invalid-zip-code");
    CHECK(outcome(api.send("POST", std::string{toll_free} + "?quantity=11")) == order);
    CHECK(json::parse(api.send("GET", "/v1/users/u-token/phoneNumbers").response.body).empty());
    CHECK(Api::parsed(api.send("POST", std::string{local} + "?areaCode=999")).empty());
}

TEST_CASE("paths without a user: the account is the token's", "[api][numbers]") {
    Api api;
    const std::string order = std::string{toll_free} + "?quantity=1";
    CHECK(api.send("POST", order).user == "u-token");  // t-token was not used yet
    api.send("GET", "/v1/users/u-me/account");
    CHECK(api.send("POST", order).user == "u-me");
    api.send("GET", "/v1/users/u-other/account");  // the first user counts
    CHECK(api.send("POST", order).user == "u-me");
    api.authorization = "Basic bWU6c2VjcmV0";  // me:secret
    CHECK(api.send("POST", order).user == "me");

    api.accounts = {{"u-1", "t-1", "s-1"}, {"u-2", "t-token", "secret"}};
    CHECK(outcome(api.send("POST", order)) == "401 access-denied");
    api.authorization = "Basic dC10b2tlbjpzZWNyZXQ=";
    CHECK(api.send("POST", order).user == "u-2");
    api.authorization = "nonsense";
    CHECK(outcome(api.send("GET", order)) == "401 access-denied");
}

TEST_CASE("number info: a name, and when the account asked first", "[api][numbers]") {
    Api api;
    api.get("/account");
    const json first = found(api, std::string{info} + "%2B19195550123");
    api.advance(1h);
    const json again = found(api, std::string{info} + "+19195550123");
    CHECK(first["number"] == "+19195550123");
    CHECK_FALSE(first["name"].get<std::string>().empty());
    CHECK(first["created"] == "2017-11-24T04:00:41Z");
    CHECK(first["updated"] == "2017-11-24T04:00:41Z");
    CHECK(again == first);
    CHECK(found(api, std::string{info} + "%2019195550123") == first);
    CHECK(api.get_json("/account/transactions").size() == 3);

    CHECK(outcome(api.send("GET", std::string{info} + "%2B15550009904")) == "404 cnam-not-found");
    CHECK(outcome(api.send("GET", std::string{info} + "%2B442079460123")) == "404 cnam-not-found");
    for (const auto* const bad : {"abc", "9195550123", "%2B0", "sip:a@b.c", "%2B1919555012x"}) {
        CAPTURE(bad);
        CHECK(outcome(api.send("GET", info + std::string{bad})) == "403 invalid-cnam-search");
    }
    CHECK(api.get_json("/account/transactions").size() == 3);
}

}  // namespace ringback::test::stock
