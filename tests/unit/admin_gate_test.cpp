#include <catch2/catch.hpp>

#include "harness/admin/gate.h"
#include "tests/support/admin_fixture.h"

namespace ringback {
namespace {

using test::AdminFixture;

Request with(Request request, std::string name, std::string value) {
    std::erase_if(request.headers, [&](const Header& header) { return header.name == name; });
    request.headers.push_back({std::move(name), std::move(value)});
    return request;
}

int status_of(const AdminFixture& f, const Request& head) {
    const auto refusal = f.admin.admit(head);
    return refusal ? refusal->status : 200;
}

TEST_CASE("admin gate: only names of its own are answered", "[admin][gate]") {
    const AdminFixture f{{.host_names = {"fake.test"}}};
    const Request live = AdminFixture::request("GET", "/__admin/live");
    for (const auto* const host : {"127.0.0.1", "127.0.0.1:1", "localhost:12180", "LocalHost",
                                   "[::1]:12180", "[::1]", "fake.test:80"}) {
        CAPTURE(host);
        CHECK(status_of(f, with(live, "Host", host)) == 200);
    }
    for (const auto* const host :
         {"", "evil.example", "127.0.0.1.evil.example", "localhost.", "::1", "10.0.0.1",
          "127.0.0.1:x", "127.0.0.1:99999", "127.0.0.1@evil", "localhost:1:2"}) {
        CAPTURE(host);
        CHECK(status_of(f, with(live, "Host", host)) == 421);
    }
    Request twice = live;
    twice.headers.push_back({"Host", "localhost"});
    CHECK(status_of(f, twice) == 421);
    Request none = live;
    none.headers.clear();
    CHECK(status_of(f, none) == 421);
}

TEST_CASE("admin gate: requests of other sites are refused", "[admin][gate]") {
    const AdminFixture f;
    const Request reset = AdminFixture::request("POST", "/__admin/reset");
    CHECK(status_of(f, with(reset, "Origin", "http://127.0.0.1:12180")) == 200);
    for (const auto* const origin : {"null", "http://evil.example", "http://127.0.0.1:9999",
                                     "https://127.0.0.1:12180", "http://localhost:12180", ""}) {
        CAPTURE(origin);
        CHECK(status_of(f, with(reset, "Origin", origin)) == 403);
    }
    CHECK(status_of(f, with(reset, "Sec-Fetch-Site", "cross-site")) == 403);
    CHECK(status_of(f, with(reset, "Sec-Fetch-Site", "same-site")) == 403);
    CHECK(status_of(f, with(reset, "Sec-Fetch-Site", "same-origin")) == 200);
    CHECK(status_of(f, with(reset, "Sec-Fetch-Site", "none")) == 200);
}

TEST_CASE("admin gate: with a token set, everything but live asks for it", "[admin][gate]") {
    const AdminFixture f{{.token = "s3cret-token"}};
    const Request ready = AdminFixture::request("GET", "/__admin/ready");
    CHECK(status_of(f, ready) == 401);
    CHECK(status_of(f, AdminFixture::request("GET", "/__admin/live")) == 200);
    CHECK(status_of(f, with(ready, "Authorization", "Bearer s3cret-token")) == 200);
    CHECK(status_of(f, with(ready, "Authorization", "bearer s3cret-token")) == 200);
    for (const auto* const given : {"Bearer s3cret-toke", "Bearer s3cret-tokenn", "Bearer ",
                                    "Bearer", "Basic s3cret-token", "s3cret-token"}) {
        CAPTURE(given);
        CHECK(status_of(f, with(ready, "Authorization", given)) == 401);
    }
    Request twice = with(ready, "Authorization", "Bearer s3cret-token");
    twice.headers.push_back({"Authorization", "Bearer s3cret-token"});
    CHECK(status_of(f, twice) == 401);
    CHECK(test::header_of(*f.admin.admit(ready), "WWW-Authenticate") ==
          "Bearer realm=\"ringback admin\"");
}

TEST_CASE("admin gate: reachable for others and without a token, nothing but live is served",
          "[admin][gate]") {
    const AdminFixture f{{.loopback = false}};
    const auto refusal = f.admin.admit(AdminFixture::request("GET", "/__admin/journal"));
    REQUIRE(refusal.has_value());
    CHECK(refusal->status == 401);
    CHECK(refusal->body.find("--admin-token") != std::string::npos);
    CHECK(status_of(f, AdminFixture::request("GET", "/__admin/live")) == 200);
}

TEST_CASE("admin gate: a body must be JSON, judged before it is read", "[admin][gate]") {
    const AdminFixture f;
    Request head = AdminFixture::request("POST", "/__admin/reset");
    CHECK(status_of(f, head) == 200);
    CHECK(status_of(f, with(head, "Content-Length", "0")) == 200);
    head = with(head, "Content-Length", "2");
    CHECK(status_of(f, head) == 415);
    CHECK(status_of(f, with(head, "Content-Type", "application/json")) == 200);
    CHECK(status_of(f, with(head, "Content-Type", "Application/JSON; charset=utf-8")) == 200);
    for (const auto* const type :
         {"text/plain", "application/jsonp", "application/x-www-form-urlencoded",
          "text/plain;application/json"}) {
        CHECK(status_of(f, with(head, "Content-Type", type)) == 415);
    }
    CHECK(status_of(f, with(AdminFixture::request("POST", "/__admin/reset"), "Transfer-Encoding",
                            "chunked")) == 415);
}

TEST_CASE("admin gate: handle judges again, so nothing slips in without admit", "[admin][gate]") {
    AdminFixture f{{.token = "t"}};
    CHECK(f.post("/reset")->got.status == 401);
    CHECK(f.controls.resets.empty());
}

TEST_CASE("admin gate: every answer is JSON, uncached, unsniffed and without CORS",
          "[admin][gate]") {
    AdminFixture f;
    for (const auto& answer : {f.get("/live"), f.get("/nothing"), f.post("/live"),
                               f.get("/journal?x=y"), f.get("/openapi.json")}) {
        CHECK(test::header_of(answer->got, "Content-Type") == "application/json; charset=utf-8");
        CHECK(test::header_of(answer->got, "Cache-Control") == "no-store");
        CHECK(test::header_of(answer->got, "X-Content-Type-Options") == "nosniff");
        CHECK(test::header_of(answer->got, "Access-Control-Allow-Origin").empty());
        CHECK(nlohmann::json::accept(answer->got.body));
    }
}

TEST_CASE("admin gate: secrets are compared over their whole length", "[admin][gate]") {
    CHECK(equal_in_constant_time("", ""));
    CHECK(equal_in_constant_time("abc", "abc"));
    CHECK_FALSE(equal_in_constant_time("abc", "abd"));
    CHECK_FALSE(equal_in_constant_time("abcabc", "abc"));
    CHECK_FALSE(equal_in_constant_time("abc", ""));
    CHECK_FALSE(equal_in_constant_time("", "abc"));
}

}  // namespace
}  // namespace ringback
