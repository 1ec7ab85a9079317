#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "tests/support/api_parts.h"

namespace ringback::test {

using namespace std::chrono_literals;
using nlohmann::json;

/// What a test asks of the routes, and what holds of every answer.
struct Api : ApiParts {
    static constexpr const char* users = "/v1/users/u-1";

    using ApiParts::ApiParts;

    /// Head first, then the routes, as the server does. Everything a client needs holds of any
    /// answer.
    ApiReply send(const Request& asked) {
        ApiContext now_context = context();
        if (auto refused = admit_api(asked, now_context)) {
            ApiReply reply;
            reply.response = std::move(*refused);
            check_contract(reply.response);
            return reply;
        }
        ApiReply reply = answer_api(asked, now_context);
        check_contract(reply.response, reply.file != nullptr);
        return reply;
    }
    ApiReply send(std::string method, const std::string& target, std::string body = {}) {
        return send(request(std::move(method), target, std::move(body)));
    }
    /// A path below the user's.
    ApiReply get(const std::string& below) { return send("GET", users + below); }
    ApiReply post(const std::string& below, std::string body = {}) {
        return send("POST", users + below, std::move(body));
    }
    json get_json(const std::string& below) {
        const ApiReply reply = get(below);
        REQUIRE(reply.response.status == 200);
        return json::parse(reply.response.body);
    }

    /// Makes an outbound call and returns its path below the user's: "/calls/c-...".
    std::string call(const std::string& more = "", const std::string& to = "+19195550187") {
        const ApiReply reply =
            post("/calls", R"({"from":"+19195550123","to":")" + to +
                               R"(","callbackUrl":"http://127.0.0.1:9/cb")" + more + "}");
        REQUIRE(reply.response.status == 201);
        return reply.location.substr(reply.location.find("/calls/"));
    }
    std::string active_call(const std::string& more = "") {
        std::string path = call(more);
        advance(5s);
        return path;
    }
    /// An inbound call that waits to be answered by request.
    std::string inbound_call() {
        NewCall wanted;
        wanted.direction = Direction::in;
        wanted.from = "+19195550187";
        wanted.to = "+19195550123";
        wanted.auto_answer = false;
        Route route;
        route.url = "http://127.0.0.1:9/cb";
        wanted.route = RouteRef{route};
        User& user = engine.user("u-1");
        const Call* const made = engine.create(user, wanted, now);
        return "/calls/" + ids.text(IdKind::call, user.hash, number_of(made->id));
    }

    static std::string header(const Response& response, std::string_view name) {
        for (const Header& one : response.headers) {
            if (one.name == name) {
                return one.value;
            }
        }
        return "";
    }
    static json parsed(const ApiReply& reply) { return json::parse(reply.response.body); }

private:
    /// Spec v1 1.4, 1.6: what breaks some SDK if it is not so.
    static void check_contract(const Response& response, bool has_file = false) {
        CHECK(response.status != 204);
        CHECK(header(response, "Content-Type").empty() == (response.body.empty() && !has_file));
        if (response.status >= 400) {
            const json error = json::parse(response.body);
            CHECK_FALSE(error.at("message").get<std::string>().empty());
            CHECK_FALSE(error.at("category").get<std::string>().empty());
            CHECK_FALSE(error.at("code").get<std::string>().empty());
            CHECK(error.at("details").is_array());
        } else {
            CHECK(response.body.find("access-denied") == std::string::npos);
            CHECK(response.body.find(":null") == std::string::npos);
        }
    }
};

/// Status and code of an answer at once: "403 call-invalid-state", "200".
inline std::string outcome(const ApiReply& reply) {
    std::string text = std::to_string(reply.response.status);
    if (reply.response.status >= 400) {
        text += " " + Api::parsed(reply).at("code").get<std::string>();
    }
    return text;
}

}  // namespace ringback::test
