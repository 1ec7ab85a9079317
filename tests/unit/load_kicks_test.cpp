// Whose call it is that an application places when it was kicked for several.
#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "harness/load/waiting_calls.h"
#include "harness/run/opening.h"
#include "harness/scenario/load.h"

using namespace ringback;
using namespace std::chrono_literals;

namespace {

using nlohmann::json;

/// Calls of one scenario that are kicked one after the other, each with a tag of its own.
class Kicked {
public:
    explicit Kicked(const std::string& await, std::size_t count) {
        auto read = read_scenario("test.json",
                                  R"({"version": 1, "name": "test", "vars": {"tag": "none"},
                                      "start": {"kick": {"url": "${receiver}/dial"}, "await": )" +
                                      await + R"(}, "steps": [{"send": "answer"}]})",
                                  {});
        REQUIRE(read.scenario.has_value());
        scenario_ = with_start_await(std::move(*read.scenario));
        for (std::size_t n = 0; n < count; ++n) {
            Bindings bound;
            bound.vars =
                Shared{nlohmann::json{{"userId", "u-1"}, {"tag", "n-" + std::to_string(n)}}};
            calls_.push_back(std::make_unique<LoadCall>(Arrival{n, 0s, 0, false}, WallInstant{},
                                                        scenario_, bound, 42, Shared<Delays>{}));
            calls_.back()->script().begin(Instant{}, WallInstant{});
            waiting.add(*calls_.back());
        }
    }

    LoadCall& call(std::size_t n) { return *calls_.at(n); }
    /// The n of whoever is meant; none: nobody.
    [[nodiscard]] static std::optional<std::uint64_t> n_of(const LoadCall* call) {
        return call == nullptr ? std::nullopt : std::optional{call->arrival().n};
    }

    WaitingCalls waiting;

private:
    Scenario scenario_;
    std::vector<std::unique_ptr<LoadCall>> calls_;
};

Happening creation(const std::string& tag, const std::string& user = "u-1") {
    return {json{{"kind", "api"},
                 {"method", "POST"},
                 {"path", "/v1/users/" + user + "/calls"},
                 {"status", 201},
                 {"request", {{"to", "+19195550187"}, {"tag", tag}}}},
            Instant{}, WallInstant{}};
}

const std::string any{R"({"command": "create"})"};
const std::string tagged{R"({"command": "create", "match": {"body": {"tag": "${tag}"}}})"};

}  // namespace

TEST_CASE("load kicks: what the await wants tells the calls apart, whatever their age",
          "[load][kick]") {
    Kicked kicked{tagged, 5};

    CHECK(Kicked::n_of(kicked.waiting.awaiting(creation("n-3"))) == 3);
    CHECK(Kicked::n_of(kicked.waiting.awaiting(creation("n-0"))) == 0);
    CHECK(Kicked::n_of(kicked.waiting.awaiting(creation("n-4"))) == 4);
}

TEST_CASE("load kicks: calls that look alike are taken by the oldest", "[load][kick]") {
    Kicked kicked{any, 3};

    CHECK(Kicked::n_of(kicked.waiting.awaiting(creation("n-2"))) == 0);
    kicked.waiting.remove(kicked.call(0));
    CHECK(Kicked::n_of(kicked.waiting.awaiting(creation("n-2"))) == 1);
    kicked.waiting.add(kicked.call(0));  // what it took was not it
    kicked.waiting.add(kicked.call(0));
    CHECK(Kicked::n_of(kicked.waiting.awaiting(creation("n-2"))) == 0);
    kicked.waiting.remove(kicked.call(0));
    CHECK_FALSE(kicked.waiting.has(kicked.call(0)));
}

TEST_CASE("load kicks: a call that nobody's await fits is the oldest's, which says so",
          "[load][kick]") {
    Kicked kicked{tagged, 2};

    CHECK(kicked.waiting.awaiting(creation("another")) == nullptr);
    CHECK(Kicked::n_of(kicked.waiting.oldest()) == 0);
    CHECK(kicked.waiting.awaiting(creation("n-1", "u-2")) == nullptr);
}

TEST_CASE("load kicks: a call that nobody waits for is nobody's", "[load][kick]") {
    Kicked kicked{any, 1};
    kicked.waiting.remove(kicked.call(0));

    CHECK(kicked.waiting.empty());
    CHECK(kicked.waiting.oldest() == nullptr);
}

TEST_CASE("load kicks: a call whose script is over, or is past its first step, awaits none",
          "[load][kick]") {
    Kicked kicked{any, 3};
    kicked.call(0).script().cannot_go_on("the kick was refused");
    kicked.call(1).script().happened(creation("n-1"));

    CHECK(Kicked::n_of(kicked.waiting.awaiting(creation("n-2"))) == 2);
}
