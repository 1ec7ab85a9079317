// What of a request and its answer goes on through a recorder.
#include <catch2/catch.hpp>

#include "harness/tape/passing.h"

using namespace ringback;

namespace {

std::string lines_of(const HeaderLines& headers) {
    std::string all;
    for (const auto& [name, value] : headers) {
        all += name + ": " + value + "\n";
    }
    return all;
}

}  // namespace

TEST_CASE("passing: what belongs to one connection stays behind, named or not", "[tape]") {
    Request request;
    request.method = "PUT";
    request.target = "/a%20b?x=%2B1";
    request.body = "b";
    for (const char* name :
         {"Host", "connection", "KEEP-ALIVE", "Proxy-Connection", "TE", "Trailer", "Upgrade",
          "Expect", "Transfer-Encoding", "Content-Length", "Accept-Encoding"}) {
        request.headers.push_back({name, "x"});
    }
    request.headers.push_back({"Connection", "keep-alive , X-Hop,"});
    request.headers.push_back({"x-hop", "1"});
    request.headers.push_back({"X-Hopper", "2"});
    request.headers.push_back({"Range", "bytes=0-1"});
    request.headers.push_back({"X-Own", "theirs"});

    const OnwardRequest onward = onward_of(request, {"x-own: ours", "X-More: a: b"});

    CHECK(onward.method == "PUT");
    CHECK(onward.target == "/a%20b?x=%2B1");
    CHECK(onward.body.empty());
    CHECK(taped(request).body == "b");
    CHECK(request.body.empty());
    CHECK(lines_of(onward.headers) == "X-Hopper: 2\nRange: bytes=0-1\nx-own: ours\nX-More: a: b\n");
}

TEST_CASE("passing: links of an answer lead to the recorder, where there is an upstream",
          "[tape]") {
    const auto answer = [] {
        return OnwardAnswer{
            201,
            {{"location", "http://up:1/v1/calls/c-1"},
             {"Link", "<http://up:1/a>; rel=\"next\", <http://up:1/b>; rel=\"first\""},
             {"Content-Length", "9"},
             {"Connection", "x-hop"},
             {"X-Hop", "1"},
             {"Set-Cookie", "a"},
             {"Set-Cookie", "b"}},
            "body"};
    };
    const auto text_of = [](const Response& response) {
        std::string all;
        for (const Header& field : response.headers) {
            all += field.name + ": " + field.value + "\n";
        }
        return all;
    };

    const Response moved = answer_of(answer(), "http://up:1", "http://here:2");
    CHECK(moved.status == 201);
    CHECK(moved.body == "body");
    CHECK(text_of(moved) ==
          "location: http://here:2/v1/calls/c-1\n"
          "Link: <http://here:2/a>; rel=\"next\", <http://here:2/b>; rel=\"first\"\n"
          "Set-Cookie: a\nSet-Cookie: b\n");
    CHECK(text_of(answer_of(answer(), "", "http://here:2")).starts_with("location: http://up:1/"));
}

TEST_CASE("passing: a refusal of ours is an error in the API's shape, whatever its reason says",
          "[tape]") {
    const Response refused = refusal_of(502, "receiver-silent", "no \xff answer");
    CHECK(refused.status == 502);
    CHECK(nlohmann::json::parse(refused.body) ==
          nlohmann::json{{"category", "unavailable"},
                         {"code", "receiver-silent"},
                         {"message", "no \xef\xbf\xbd answer"},
                         {"details", nlohmann::json::array()}});
}
