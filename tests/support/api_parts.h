#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/edge/api/account_of.h"
#include "simulator/edge/api/router.h"

namespace ringback::test {

/// The API's routes on an engine of their own, without sockets: requests are values, time is moved
/// by hand. Loopback URLs may be called back, others not. Knows no test framework: the fuzzed
/// targets are built on it too.
struct ApiParts {
    explicit ApiParts(ModelSettings model = {}, EngineLimits capacity = {})
        : engine{Seed{7}, std::move(model), capacity} {}

    Engine engine;
    IdCodec ids{Seed{7}};
    ApiSettings settings;
    std::vector<Account> accounts;
    UserErrors errors;
    RateLimits limits;
    MediaStore media{std::size_t{1} << 20U};
    Familiar familiar;
    TokenUsers token_users;
    Instant now{std::chrono::seconds{1'511'496'041}};  // 2017-11-24T04:00:41Z
    bool overloaded{false};
    const MemoryWatch* memory{nullptr};
    std::string authorization{"Basic dC10b2tlbjpzZWNyZXQ="};  // t-token:secret
    std::string host{"127.0.0.1:8080"};

    [[nodiscard]] ApiContext context() {
        return ApiContext{engine,
                          ids,
                          settings,
                          accounts,
                          errors,
                          limits,
                          media,
                          now,
                          overloaded,
                          [](std::string_view url) -> std::optional<std::string> {
                              if (url.find("127.0.0.1") != std::string_view::npos) {
                                  return std::nullopt;
                              }
                              return "not allowed, add --allow-target example.com";
                          },
                          &familiar,
                          &token_users,
                          memory};
    }

    [[nodiscard]] Request request(std::string method, const std::string& target,
                                  std::string body = {}) const {
        Request made;
        made.method = std::move(method);
        made.target = target;
        const std::size_t mark = target.find('?');
        made.path = target.substr(0, mark);
        made.query = mark == std::string::npos ? "" : target.substr(mark + 1);
        made.body = std::move(body);
        made.remote = "127.0.0.1:50000";
        made.remote_ip = "127.0.0.1";
        made.headers = {{"Host", host}, {"Authorization", authorization}};
        return made;
    }

    void advance(Duration by) {
        now += by;
        engine.advance_to(now);
    }
};

}  // namespace ringback::test
