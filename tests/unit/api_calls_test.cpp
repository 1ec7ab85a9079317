#include <regex>

#include "tests/support/api_fixture.h"

namespace ringback::test {
namespace {

const std::string good = R"({"from":"+19195550123","to":"+19195550187"})";

/// The URL that Link gives for a relation; "" if there is none.
std::string linked(const ApiReply& reply, const std::string& relation) {
    const std::string header = Api::header(reply.response, "Link");
    std::smatch found;
    const std::regex one{"<([^>]*)>; rel=\"" + relation + "\""};
    return std::regex_search(header, found, one) ? found[1].str() : "";
}

}  // namespace

TEST_CASE("POST calls: 201, an absolute Location, an empty body without a type", "[api]") {
    Api api;

    const ApiReply reply = api.post("/calls", good);

    CHECK(reply.response.status == 201);
    CHECK(reply.response.body.empty());
    CHECK(reply.response.headers.size() == 1);
    const std::string location = Api::header(reply.response, "Location");
    CHECK(std::regex_match(
        location,
        std::regex{"http://127\\.0\\.0\\.1:8080/v1/users/u-1/calls/c-[a-z2-7]{22}[aiqy]"}));
    CHECK(reply.location == location);
    CHECK(reply.user == "u-1");
    CHECK(reply.call != CallId::none);
    CHECK(reply.touched == std::vector<CallId>{reply.call});
}

TEST_CASE("POST calls: Location follows scheme and Host, or is relative by switch", "[api]") {
    Api api;
    api.host = "localhost:1234";
    Request tls = api.request("POST", "/v1/users/u-1/calls", good);
    tls.tls = true;
    CHECK(api.send(tls).location.starts_with("https://localhost:1234/v1/users/u-1/calls/c-"));

    api.settings.relative_location = true;
    CHECK(api.post("/calls", good).location.starts_with("/v1/users/u-1/calls/c-"));
}

TEST_CASE("POST calls: the new call reads as the docs show it", "[api]") {
    Api api;
    const std::string path = api.call();
    const std::string id = path.substr(7);
    const std::string url = "http://127.0.0.1:8080/v1/users/u-1" + path;

    const ApiReply reply = api.get(path);

    CHECK(Api::header(reply.response, "Content-Type") == "application/json");
    CHECK(
        reply.response.body ==
        R"({"id":")" + id +
            R"(","direction":"out","from":"+19195550123","to":"+19195550187","state":"started",)" +
            R"("startTime":"2017-11-24T04:00:41Z","callbackUrl":"http://127.0.0.1:9/cb",)" +
            R"("recordingEnabled":false,"recordingFileFormat":"wav","transcriptionEnabled":false,)" +
            R"("events":")" + url + R"(/events","recordings":")" + url +
            R"(/recordings","transcriptions":")" + url + R"(/transcriptions"})");
}

TEST_CASE("POST calls: everything given is shown again, but no user information", "[api]") {
    Api api;
    const json call = api.get_json(api.call(
        R"(,"callbackUrl_":"x","callTimeout":"20","callbackTimeout":2000,"callbackHttpMethod":"get",
           "fallbackUrl":"http://me:secret@127.0.0.1:9/fb","recordingEnabled":"true",
           "recordingMaxDuration":60,"recordingFileFormat":"MP3","transcriptionEnabled":true,
           "tag":"\u002b\/","sipHeaders":{"X-A":"1"})"));
    CHECK(call["callTimeout"] == 20);
    CHECK(call["callbackTimeout"] == 2000);
    CHECK(call["callbackHttpMethod"] == "GET");
    CHECK(call["fallbackUrl"] == "http://***@127.0.0.1:9/fb");
    CHECK(call["recordingEnabled"] == true);
    CHECK(call["recordingMaxDuration"] == 60);
    CHECK(call["recordingFileFormat"] == "mp3");
    CHECK(call["transcriptionEnabled"] == true);
    CHECK(call["tag"] == "+/");
    CHECK(call["sipHeaders"] == json{{"X-A", "1"}});
}

TEST_CASE("GET calls/{id}: answered and ended, it has its times and whole minutes", "[api]") {
    Api api;
    const std::string path = api.active_call();
    const json active = api.get_json(path);
    CHECK(active["state"] == "active");
    CHECK(active["activeTime"] == "2017-11-24T04:00:45Z");
    CHECK_FALSE(active.contains("endTime"));

    api.advance(60s);
    api.post(path, R"({"state":"completed"})");

    const json ended = api.get_json(path);
    CHECK(ended["state"] == "completed");
    CHECK(ended["endTime"] == "2017-11-24T04:01:46Z");
    CHECK(ended["chargeableDuration"] == 120);
}

TEST_CASE("GET calls/{id}: never answered, it has neither activeTime nor a duration", "[api]") {
    Api api;
    const std::string path = api.call(R"(,"callTimeout":2)");
    api.advance(60s);
    const json call = api.get_json(path);
    CHECK(call["state"] == "completed");
    CHECK_FALSE(call.contains("activeTime"));
    CHECK_FALSE(call.contains("chargeableDuration"));
}

TEST_CASE("calls: another user's call and foreign ids are not found", "[api]") {
    Api api;
    const std::string path = api.call();
    static_cast<void>(api.engine.user("u-2"));
    CHECK(outcome(api.send("GET", "/v1/users/u-2" + path)) == "404 call-not-found");
    for (const auto* const command : {"", "/audio", "/dtmf", "/gather", "/gather/gtr-x"}) {
        CHECK(outcome(api.post("/calls/c-x" + std::string{command}, "{}")) == "404 call-not-found");
    }
    for (const auto* const below : {"/events", "/events/ce-x", "/recordings", "/transcriptions"}) {
        CHECK(outcome(api.get("/calls/c-x" + std::string{below})) == "404 call-not-found");
    }
}

TEST_CASE("POST calls: a refused one leaves nothing behind, not even its user", "[api]") {
    Api api;
    CHECK(outcome(api.post("/calls", R"({"from":"+19195550123"})")) == "400 missing-property");
    CHECK(outcome(api.post("/calls", R"({"from":"+19195550123","to":"+19195550187",
                                         "callbackUrl":"http://example.com/"})")) ==
          "400 callback-invalid-url");
    CHECK(api.engine.find_user("u-1") == nullptr);
}

TEST_CASE("POST calls: what asks for the same callbacks shares them, anything else does not",
          "[api]") {
    Api api;
    const auto route_of = [&](const std::string& more) {
        const ApiReply reply =
            api.post("/calls", R"({"from":"+19195550123","to":"+19195550187")" + more + "}");
        REQUIRE(reply.response.status == 201);
        return api.engine.find(reply.call)->route;
    };
    const std::string url = R"(,"callbackUrl":"http://127.0.0.1:9/cb")";

    const RouteRef first = route_of(url);
    const RouteRef same = route_of(url);
    CHECK(&*same == &*first);

    for (const auto* const other :
         {R"(,"callbackUrl":"http://127.0.0.1:9/cB")", R"(,"callbackUrl":"")", "",
          R"(,"callbackUrl":"http://127.0.0.1:9/cb","callbackTimeout":1000)",
          R"(,"callbackUrl":"http://127.0.0.1:9/cb","callbackHttpMethod":"get")",
          R"(,"callbackUrl":"http://127.0.0.1:9/cb","callbackHttpMethod":"post")",
          R"(,"callbackUrl":"http://127.0.0.1:9/cb","fallbackUrl":"http://127.0.0.1:9/cb")",
          R"(,"fallbackUrl":"http://127.0.0.1:9/cb")"}) {
        CAPTURE(other);
        const RouteRef changed = route_of(other);
        CHECK_FALSE(*changed == *first);
        CHECK(*route_of(url) == *first);
    }
}

TEST_CASE("POST calls: a good URL before it makes no other URL good", "[api]") {
    Api api;
    const auto outcome_of = [&](const std::string& members) {
        return outcome(
            api.post("/calls", R"({"from":"+19195550123","to":"+19195550187",)" + members + "}"));
    };
    CHECK(outcome_of(R"("callbackUrl":"http://127.0.0.1:9/cb")") == "201");
    CHECK(outcome_of(R"("callbackUrl":"http://example.com/cb")") == "400 callback-invalid-url");
    CHECK(outcome_of(R"("callbackUrl":"http://127.0.0.1:9/c b")") == "400 callback-invalid-url");
    CHECK(outcome_of(
              R"("callbackUrl":"http://127.0.0.1:9/cb","fallbackUrl":"http://example.com/")") ==
          "400 callback-invalid-url");
    CHECK(outcome_of(R"("callbackUrl":"http://example.com/cb")") == "400 callback-invalid-url");
}

TEST_CASE("POST calls: a bridge or conference that there is not", "[api]") {
    Api api;
    const auto with = [&](const std::string& member) {
        return outcome(
            api.post("/calls", R"({"from":"+19195550123","to":"+19195550187",)" + member + "}"));
    };
    CHECK(with(R"("bridgeId":"brg-1")") == "404 bridge-not-found");
    CHECK(with(R"("conferenceId":"conf-1")") == "404 conference-not-found");
    CHECK(with(R"("bridgeId":"","conferenceId":null)") == "201");
}

TEST_CASE("POST calls: magic numbers are refused as their table says, unless set otherwise",
          "[api]") {
    Api api;
    const auto [first, last] = magic_numbers();
    for (const MagicNumber* entry = first; entry != last; ++entry) {
        const std::string number = "+1919555" + std::string{entry->suffix};
        CAPTURE(number);
        const ApiReply reply =
            api.post("/calls", R"({"from":"+19195550123","to":")" + number + "\"}");
        switch (entry->refusal) {
            case CreateRefusal::none:
                CHECK(outcome(reply) == "201");
                break;
            case CreateRefusal::invalid_call_to_number:
                CHECK(outcome(reply) == "403 invalid-call-to-number");
                CHECK(Api::parsed(reply)["category"] == "forbidden");
                break;
            case CreateRefusal::invalid_destination_number:
                CHECK(outcome(reply) == "403 invalid-destination-number");
                break;
            case CreateRefusal::insufficient_available_balance:
                CHECK(outcome(reply) == "403 insufficient-available-balance");
                CHECK(Api::parsed(reply)["category"] == "credit");
                break;
            case CreateRefusal::call_creation_failure:
                CHECK(outcome(reply) == "503 call-creation-failure");
                CHECK(Api::parsed(reply)["category"] == "unavailable");
                break;
        }
        if (entry->refusal != CreateRefusal::none) {
            CHECK(api.engine.set_far_end(number, FarEnd{}));
            CHECK(outcome(api.post("/calls",
                                   R"({"from":"+19195550123","to":")" + number + "\"}")) == "201");
        }
    }
}

TEST_CASE("POST calls: in strict-ownership mode `from` must be the account's", "[api]") {
    Api api;
    api.settings.strict_numbers = true;
    CHECK(outcome(api.post("/calls", good)) == "401 number-access-denied");
    api.settings.numbers.insert("+19195550123");
    CHECK(outcome(api.post("/calls", good)) == "201");
}

TEST_CASE("POST calls: with rate limits the eleventh within ten seconds has to wait", "[api]") {
    Api api;
    api.settings.creation_limits = true;
    for (int i = 0; i < 10; ++i) {
        CHECK(outcome(api.post("/calls", good)) == "201");
        api.now += 100ms;
    }

    const ApiReply reply = api.post("/calls", good);

    CHECK(outcome(reply) == "403 call-rate-limit");
    CHECK(Api::parsed(reply)["category"] == "limit");
    CHECK(Api::parsed(reply)["message"] ==
          "You can create 1 calls per 1 seconds, calculated as the average over 10 seconds. Your "
          "rate is: 1.1");
    CHECK(api.engine.known_calls() == 10);
    CHECK(outcome(api.send("POST", "/v1/users/u-2/calls", good)) == "201");
    api.now += 9s;
    CHECK(outcome(api.post("/calls", good)) == "201");
    CHECK(outcome(api.post("/calls", good)) == "403 call-rate-limit");
}

TEST_CASE("POST calls: over its capacity ringback asks to come again", "[api]") {
    Api api{{}, EngineLimits{1, 10}};
    CHECK(outcome(api.post("/calls", good)) == "201");
    CHECK(outcome(api.post("/calls", good)) == "503 call-unavailable");

    api.overloaded = true;
    const ApiReply reply = api.post("/calls", good);
    CHECK(outcome(reply) == "503 call-unavailable");
    CHECK(Api::header(reply.response, "Retry-After") == "1");
    CHECK(outcome(api.get("/calls")) == "200");
}

TEST_CASE("GET calls: pages of 25, newest first, and Link leads to every call once", "[api]") {
    Api api;
    std::vector<std::string> made;
    for (int i = 0; i < 60; ++i) {
        made.insert(made.begin(), api.call().substr(7));
        api.now += 1s;
    }

    std::vector<std::string> listed;
    std::string url = "http://127.0.0.1:8080/v1/users/u-1/calls";
    int pages{0};
    while (!url.empty()) {
        REQUIRE(url.starts_with("http://127.0.0.1:8080/"));
        const ApiReply reply = api.send("GET", url.substr(21));
        for (const json& call : Api::parsed(reply)) {
            listed.push_back(call["id"]);
        }
        CHECK(linked(reply, "first") == "http://127.0.0.1:8080/v1/users/u-1/calls?page=0&size=25");
        url = linked(reply, "next");
        ++pages;
    }

    CHECK(pages == 3);
    CHECK(listed == made);
}

TEST_CASE("GET calls: page and size at, within and beyond their limits", "[api]") {
    Api api;
    api.call();
    api.call();
    CHECK(api.get_json("/calls?size=1").size() == 1);
    CHECK(api.get_json("/calls?page=1&size=1").size() == 1);
    CHECK(api.get_json("/calls?page=2&size=1").empty());
    CHECK(api.get_json("/calls?page=99999999999999999999&size=1000").empty());
    CHECK(linked(api.get("/calls?size=5000"), "first").ends_with("size=1000"));
    CHECK(linked(api.get("/calls?page=1&size=1"), "next").empty());
    for (const auto* const bad : {"size=0", "size=-1", "size=x", "page=-1", "page=x", "page=1.5",
                                  "size=%ff", "page=%", "a=%00"}) {
        CAPTURE(bad);
        CHECK(outcome(api.get("/calls?" + std::string{bad})) == "400 validation-error");
    }
    CHECK(api.get_json("/calls?size=&page=&unknown=%26&&x").size() == 2);
}

TEST_CASE("GET calls: Link repeats the filters, percent-encoded, without comma and semicolon",
          "[api]") {
    Api api;
    api.call();
    api.call();
    const ApiReply reply = api.get("/calls?from=+19195550123&size=1&odd=a%2Cb%3Bc&sortOrder=Asc");
    CHECK(linked(reply, "next") ==
          "http://127.0.0.1:8080/v1/users/u-1/"
          "calls?page=1&size=1&from=%2B19195550123&odd=a%2Cb%3Bc&sortOrder=Asc");
}

TEST_CASE("GET calls: its filters", "[api]") {
    Api api;
    const std::string first = api.call().substr(7);
    api.now += 10s;
    const std::string second = api.call("", "+19195550199").substr(7);
    const auto ids = [&](const std::string& query) {
        std::vector<std::string> found;
        for (const json& call : api.get_json("/calls?" + query)) {
            found.push_back(call["id"]);
        }
        return found;
    };
    using Ids = std::vector<std::string>;

    CHECK(ids("") == Ids{second, first});
    CHECK(ids("sortOrder=asc") == Ids{first, second});
    CHECK(ids("sortOrder=Desc") == Ids{second, first});
    CHECK(ids("sortOrder=asc&size=1&page=1") == Ids{second});
    CHECK(ids("to=%2B19195550199") == Ids{second});
    CHECK(ids("to=+19195550199") == Ids{second});
    CHECK(ids("to=%2019195550199") == Ids{second});
    CHECK(ids("from=%2B1000") == Ids{});
    CHECK(ids("bridgeId=brg-1").empty());
    CHECK(ids("conferenceId=conf-1").empty());
    CHECK(ids("state=Started") == Ids{second, first});
    CHECK(ids("state=active").empty());
    CHECK(ids("fromDateTime=2017-11-24T04:00:51Z") == Ids{second});
    CHECK(ids("fromDateTime=2017-11-24+04:00:42") == Ids{second});
    CHECK(ids("toDateTime=2017-11-24%2004:00:41") == Ids{first});
    for (const auto* const bad : {"sortOrder=up", "state=odd", "fromDateTime=yesterday"}) {
        CAPTURE(bad);
        CHECK(outcome(api.get("/calls?" + std::string{bad})) == "400 validation-error");
    }
}

TEST_CASE("GET calls/{id}/events: the log, oldest first, each entry under its id", "[api]") {
    Api api;
    const std::string path = api.active_call();
    api.post(path + "/audio", R"({"sentence":"hello"})");
    api.advance(10s);
    api.post(path, R"({"state":"completed"})");

    const json log = api.get_json(path + "/events");

    std::string story;
    for (const json& entry : log) {
        story += entry["name"].get<std::string>() + ":" + entry.value("data", "") + " ";
        CHECK(api.get_json(path + "/events/" + entry["id"].get<std::string>()) == entry);
    }
    CHECK(story == "create: answer: speak:start speak:done hangup:NORMAL_CLEARING ");
    CHECK(log[0]["time"] == "2017-11-24T04:00:41Z");
    CHECK(outcome(api.get(path + "/events/ce-x")) == "404 resource-not-found");
    const std::string other = api.call();
    CHECK(outcome(api.get(other + "/events/" + log[0]["id"].get<std::string>())) ==
          "404 resource-not-found");
}

}  // namespace ringback::test
