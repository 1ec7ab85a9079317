#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "simulator/wire/odd_payload.h"
#include "simulator/wire/query_object.h"

using namespace ringback;
using nlohmann::json;

namespace odd_payloads {
namespace {

using What = fault::Odd::What;

const std::string body =
    R"({"eventType":"speak","callId":"c-1","status":"done","time":"2026-01-05T09:00:00Z",)"
    R"("textSize":12,"callUri":"http://api/v1/users/u/calls/c-1"})";
const std::string query = "eventType=speak&callId=c-1&status=done&textSize=12";

json odd(What what) { return json::parse(odd_payload(body, Method::post, what)); }
json odd_query(What what) { return query_object(odd_payload(query, Method::get, what)); }

}  // namespace

TEST_CASE("odd payload: it is well formed, and says which call it is about", "[wire][faults]") {
    for (const What what : {What::unknown_type, What::extra_members, What::nulls, What::utf8_names,
                            What::large_tag, What::wrong_types}) {
        CAPTURE(static_cast<int>(what), odd_text(what));
        CHECK(odd(what)["callId"] == "c-1");
        CHECK(odd_query(what)["callId"] == "c-1");
        CHECK((odd(what)["eventType"] == "speak") == (what != What::unknown_type));
        CHECK((odd_query(what)["eventType"] == "speak") == (what != What::unknown_type));
        CHECK(odd(what) != json::parse(body));
        CHECK(odd_query(what) != query_object(query));
    }
}

TEST_CASE("odd payload: each kind is what its name says", "[wire][faults]") {
    CHECK(odd(What::extra_members).size() > json::parse(body).size());
    CHECK(odd(What::extra_members)["unknownObject"].is_object());

    CHECK(odd(What::nulls)["status"].is_null());
    CHECK(odd(What::nulls)["textSize"] == 12);
    CHECK(odd_query(What::nulls)["status"] == "");

    const auto tag = odd(What::utf8_names)["tag"].get<std::string>();
    CHECK(std::ranges::any_of(tag, [](char c) { return static_cast<unsigned char>(c) > 0x7f; }));
    CHECK(odd_query(What::utf8_names)["tag"] == tag);

    CHECK(odd(What::wrong_types)["status"] == 4);
    CHECK(odd(What::wrong_types)["textSize"] == "not 12");
    CHECK(odd_query(What::wrong_types)["status"] == "4");
}

TEST_CASE("odd payload: the large tag has 100 kB, in either form", "[wire][faults]") {
    CHECK(odd(What::large_tag)["tag"].get<std::string>().size() == 100'000);
    CHECK(odd_query(What::large_tag)["tag"].get<std::string>().size() == 100'000);
}

TEST_CASE("odd payload: one after the other goes together", "[wire][faults]") {
    const std::string both =
        odd_payload(odd_payload(body, Method::post, What::nulls), Method::post, What::utf8_names);
    CHECK(json::parse(both)["status"].is_null());
    CHECK(json::parse(both).contains("tag"));
    CHECK(odd_payload("no JSON", Method::post, What::nulls) == "no JSON");
}

}  // namespace odd_payloads
