#include <map>
#include <set>

#include "simulator/wire/attempt_error.h"
#include "tests/support/api_fixture.h"

namespace ringback::test::account {
namespace {

constexpr const char* list = "/account/transactions";

/// A call of an account, that long from its answer to its end.
std::string talk(Api& api, Duration length) {
    const std::string path = api.active_call();
    api.advance(length - 1s);  // it is answered after four of the five seconds waited
    CHECK(outcome(api.post(path, R"({"state":"completed"})")) == "200");
    api.advance(5s);
    return path.substr(path.rfind('/') + 1);
}
void text(Api& api, const std::string& more = "") {
    const ApiReply reply = api.post(
        "/messages", R"({"from":"+19195550124","to":"+19195550187","text":"hello")" + more + "}");
    REQUIRE(outcome(reply) == "201");
    api.advance(1s);
}
/// Dollars in hundred-thousandths.
std::int64_t amount(const json& text) {
    const auto shown = text.get<std::string>();
    const std::size_t dot = shown.find('.');
    REQUIRE(shown.size() - dot == 6);
    return std::stoll(shown.substr(0, dot)) * 100'000 + std::stoll(shown.substr(dot + 1));
}

}  // namespace

TEST_CASE("account: a new one has the docs' balance and no transactions", "[api][account]") {
    Api api;
    CHECK(api.get_json("/account") == json{{"balance", "538.37250"}, {"accountType", "pre-pay"}});
    CHECK(api.get_json(list).empty());
}

TEST_CASE("account: transactions tell what was charged for, newest first", "[api][account]") {
    Api api;
    const std::string call = talk(api, 61s);
    text(api);

    const json shown = api.get_json(list);

    REQUIRE(shown.size() == 2);
    CHECK(shown[1] == json{{"id", shown[1]["id"]},
                           {"time", api.get_json("/calls/" + call)["endTime"]},
                           {"amount", "0.02000"},
                           {"type", "charge"},
                           {"units", 2},
                           {"productType", "call-out"},
                           {"number", "+19195550123"},
                           {"resourceId", call}});
    CHECK(shown[0]["productType"] == "sms-out");
    CHECK(shown[0]["amount"] == "0.00750");
    CHECK(shown[0]["number"] == "+19195550124");
    CHECK(shown[0]["id"].get<std::string>().starts_with("pptx-"));
    CHECK(shown[0]["id"] != shown[1]["id"]);
    CHECK(api.get_json("/account")["balance"] == "538.34500");
    CHECK(json::parse(api.send("GET", "/v1/users/u-2/account/transactions").response.body).empty());
}

TEST_CASE("account: the balance is what the transactions leave of it", "[api][account]") {
    Api api;
    talk(api, 30s);
    talk(api, 200s);
    text(api);
    text(api, R"(,"media":"http://127.0.0.1:9/a.png")");
    api.send("POST", "/v1/availableNumbers/local?areaCode=919&quantity=3");
    api.send("POST", "/v1/availableNumbers/tollFree");
    api.send("GET", "/v1/phoneNumbers/numberInfo/%2B19195550123");

    const json shown = api.get_json(list);

    std::int64_t sum{0};
    std::map<std::string, int> products;
    for (const json& one : shown) {
        sum += amount(one["amount"]);
        ++products[one["productType"]];
    }
    CHECK(products == std::map<std::string, int>{{"call-out", 2},
                                                 {"sms-out", 1},
                                                 {"mms-out", 1},
                                                 {"local-number-per-month", 3},
                                                 {"toll-free-number-per-month", 1},
                                                 {"cnam-search", 1}});
    CHECK(53'837'250 - sum == amount(api.get_json("/account")["balance"]));
}

TEST_CASE("account: transactions are narrowed by date, type, number and how many",
          "[api][account]") {
    Api api;
    text(api);  // sent half a second after 04:00:41
    api.advance(1min);
    talk(api, 30s);
    const auto products = [&](const std::string& query) {
        std::vector<std::string> names;
        for (const json& one : api.get_json(std::string{list} + "?" + query)) {
            names.push_back(one["productType"]);
        }
        return names;
    };
    using Names = std::vector<std::string>;
    CHECK(products("") == Names{"call-out", "sms-out"});
    CHECK(products("fromDate=2017-11-24T04:01:00") == Names{"call-out"});
    CHECK(products("toDate=2017-11-24T04:01:00") == Names{"sms-out"});
    CHECK(products("fromDate=2017-11-24T04:00:41&toDate=2017-11-24T04:00:41") == Names{"sms-out"});
    CHECK(products("type=Charge") == Names{"call-out", "sms-out"});
    CHECK(products("type=payment").empty());
    CHECK(products("type=autoRecharge").empty());
    CHECK(products("number=%2B19195550124") == Names{"sms-out"});
    CHECK(products("number=+19195550123") == Names{"call-out"});
    CHECK(products("maxItems=1") == Names{"call-out"});
    CHECK(products("maxItems=1&page=1&size=1").empty());
    CHECK(products("size=1&page=1") == Names{"sms-out"});
    for (const auto* const bad : {"type=gift", "maxItems=0", "maxItems=x", "fromDate=yesterday",
                                  "toDate=1", "size=0", "page=-1"}) {
        CAPTURE(bad);
        CHECK(outcome(api.get(std::string{list} + "?" + bad)) == "400 validation-error");
    }
}

TEST_CASE("account: pages of transactions link to the next, and not beyond maxItems",
          "[api][account]") {
    Api api;
    for (int i = 0; i < 3; ++i) {
        text(api);
    }
    const auto link = [&](const std::string& query) {
        return Api::header(api.get(std::string{list} + "?" + query).response, "Link");
    };
    CHECK(link("size=2").find("/account/transactions?page=1&size=2>; rel=\"next\"") !=
          std::string::npos);
    CHECK(link("size=2&page=1").find("next") == std::string::npos);
    CHECK(link("size=2&maxItems=2").find("next") == std::string::npos);
    CHECK(link("size=1&maxItems=2").find("next") != std::string::npos);
}

TEST_CASE("errors: of every kind, with their details by name and with ids of their own",
          "[api][account]") {
    Api api;
    Route route;
    route.url = "http://127.0.0.1:9/cb";
    AttemptFigures figures;
    const auto note = [&](AttemptEnd end) {
        figures.end = end;
        figures.status = 500;
        api.errors.add("u-1",
                       attempt_error(figures, EventType::answer, route, "c-1", route.url, api.now));
    };
    note(AttemptEnd::timed_out);
    note(AttemptEnd::broken);
    note(AttemptEnd::answered);
    api.errors.add("u-1", no_callback_error("a-1", "+19195550123", "c-1", api.now));
    api.errors.add("u-1", no_callback_error("", "+19195550123", "c-1", api.now));

    const json shown = api.get_json("/errors");

    const auto names = [&](std::size_t place) {
        std::string all;
        for (const json& detail : shown[place]["details"]) {
            CHECK(detail["id"].get<std::string>().starts_with("ued-"));
            CHECK(detail["value"].is_string());
            all += (all.empty() ? "" : " ") + detail["name"].get<std::string>();
        }
        return all;
    };
    REQUIRE(shown.size() == 5);
    CHECK(shown[4]["code"] == "callback-server-timeout");
    CHECK(names(4) == "callId callbackUrl callbackMethod callbackEvent callbackTimeout");
    CHECK(shown[3]["code"] == "callback-io-error");
    CHECK(shown[3]["message"] == "A network error ocurred during the callback");
    CHECK(names(3) == "callId callbackUrl callbackMethod callbackEvent");
    CHECK(shown[2]["code"] == "callback-http-failure-status");
    CHECK(names(2) ==
          "callId callbackUrl callbackMethod callbackEvent callbackStatusCode totalDuration "
          "responseDuration requestDuration");
    CHECK(shown[1]["code"] == "no-callback-for-call");
    CHECK(names(1) == "applicationId number callId");
    CHECK(shown[0]["code"] == "no-application-for-number");
    CHECK(shown[0]["message"] == "No application is configured for number +19195550123");
    CHECK(names(0) == "number");
    std::set<std::string> ids;
    for (const json& one : shown) {
        CHECK(one["category"] == "unavailable");
        CHECK(api.get_json("/errors/" + one["id"].get<std::string>()) == one);
        ids.insert(one["id"]);
        for (const json& detail : one["details"]) {
            ids.insert(detail["id"]);
        }
    }
    CHECK(ids.size() == 5 + 5 + 4 + 8 + 3 + 1);
    CHECK(api.get_json("/errors?size=2&page=2").size() == 1);
    CHECK(Api::header(api.get("/errors?size=2").response, "Link").find("page=1&size=2") !=
          std::string::npos);
}

}  // namespace ringback::test::account
