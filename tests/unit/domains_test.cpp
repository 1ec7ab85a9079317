#include "simulator/core/domains.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "simulator/core/engine.h"
#include "tests/support/seeds.h"

namespace ringback {
namespace {

using namespace std::chrono_literals;
using Refusal = DomainRefusal;

constexpr Instant start{std::chrono::seconds{1'511'496'041}};

/// An account's domains as commands and what they answer.
struct Board {
    Domains domains;
    Instant now{start};

    DomainOutcome does(const DomainCommand& command) { return domains.apply(command, now); }
    std::uint32_t domain(const std::string& name = "d") {
        const DomainOutcome made = does(CreateDomain{name, ""});
        REQUIRE(made.refusal == Refusal::none);
        return made.change.domain;
    }
    std::uint32_t endpoint(std::uint32_t domain, const std::string& name = "e") {
        const DomainOutcome made = does(CreateEndpoint{domain, name, "", "", true});
        REQUIRE(made.refusal == Refusal::none);
        return made.change.endpoint;
    }
};

TEST_CASE("domains: numbers count up, are told, and are not given again", "[core][domains]") {
    Board board;
    CHECK(board.domain("a") == 1);
    CHECK(board.domain("b") == 2);
    CHECK(board.does(DeleteDomain{2}).change ==
          DomainChanged{DomainChanged::What::domain, DomainChanged::How::removed, 2, 0, 0});
    CHECK(board.domain("b") == 3);
    CHECK(board.endpoint(3, "x") == 1);
    CHECK(board.endpoint(1, "x") == 1);
    CHECK(board.does(DeleteEndpoint{3, 1}).refusal == Refusal::none);
    CHECK(board.endpoint(3, "x") == 2);
    CHECK(board.domains.records() == 4);
}

TEST_CASE("domains: a name is there once, in the account and in the domain", "[core][domains]") {
    Board board;
    board.domain("a");
    board.domain("b");
    board.endpoint(1, "x");
    CHECK(board.does(CreateDomain{"a", ""}).refusal == Refusal::duplicate_domain);
    CHECK(board.does(CreateEndpoint{1, "x", "", "", true}).refusal == Refusal::duplicate_endpoint);
    CHECK(board.does(CreateEndpoint{2, "x", "", "", true}).refusal == Refusal::none);
    board.does(DeleteDomain{1});
    CHECK(board.does(CreateDomain{"a", ""}).refusal == Refusal::none);
}

TEST_CASE("domains: a hundred and no more; a deleted one makes room", "[core][domains]") {
    Board board;
    for (std::size_t i = 0; i < Domains::most_domains; ++i) {
        board.domain("d" + std::to_string(i));
    }
    CHECK(board.does(CreateDomain{"more", ""}).refusal == Refusal::too_many_domains);
    CHECK(board.does(DeleteDomain{7}).refusal == Refusal::none);
    CHECK(board.does(CreateDomain{"more", ""}).refusal == Refusal::none);

    for (std::size_t i = 0; i < Domains::most_endpoints; ++i) {
        board.endpoint(1, "e" + std::to_string(i));
    }
    CHECK(board.does(CreateEndpoint{1, "more", "", "", true}).refusal ==
          Refusal::too_many_endpoints);
}

TEST_CASE("domains: every command says which of domain, endpoint and token is missing",
          "[core][domains]") {
    Board board;
    board.endpoint(board.domain());
    const auto outcomes = [&](std::uint32_t domain, std::uint32_t endpoint) {
        return std::vector{board.does(UpdateEndpoint{domain, endpoint, {}, {}, false}).refusal,
                           board.does(CreateToken{domain, endpoint, 1s}).refusal,
                           board.does(DeleteToken{domain, endpoint, 99}).refusal,
                           board.does(DeleteEndpoint{domain, endpoint}).refusal};
    };
    CHECK(outcomes(9, 1) == std::vector(4, Refusal::no_such_domain));
    CHECK(outcomes(1, 9) == std::vector(4, Refusal::no_such_endpoint));
    CHECK(outcomes(1, 1) ==
          std::vector{Refusal::none, Refusal::none, Refusal::no_such_token, Refusal::none});
    CHECK(board.does(DeleteDomain{9}).refusal == Refusal::no_such_domain);
    CHECK(board.does(CreateEndpoint{9, "e", "", "", true}).refusal == Refusal::no_such_domain);
}

TEST_CASE("domains: an update changes what it names and nothing else", "[core][domains]") {
    Board board;
    board.domain();
    board.does(CreateEndpoint{1, "e", "first", "a-1", true});
    board.does(UpdateEndpoint{1, 1, "second", {}, {}});
    CHECK(*board.domains.find(1, 1) == SipEndpoint{1, "e", "second", "a-1", true, {}});
    board.does(UpdateEndpoint{1, 1, {}, "", false});
    CHECK(*board.domains.find(1, 1) == SipEndpoint{1, "e", "second", "", false, {}});
}

TEST_CASE("domains: a token is there until its time is over or it is deleted", "[core][domains]") {
    Board board;
    board.endpoint(board.domain());
    const auto token = [&](Duration lifetime) {
        return board.does(CreateToken{1, 1, lifetime}).change.token;
    };
    const std::uint64_t brief = token(10s);
    const std::uint64_t longer = token(20s);
    const std::uint64_t longest = token(30s);
    CHECK(board.does(DeleteToken{1, 1, longest}).refusal == Refusal::none);
    CHECK(board.does(DeleteToken{1, 1, longest}).refusal == Refusal::no_such_token);

    board.now += 10s;

    CHECK(board.does(DeleteToken{1, 1, brief}).refusal == Refusal::no_such_token);
    CHECK(board.does(DeleteToken{1, 1, longer}).refusal == Refusal::none);
}

TEST_CASE("domains: of too many tokens the oldest goes, the expired before it", "[core][domains]") {
    Board board;
    board.endpoint(board.domain());
    board.does(CreateToken{1, 1, 1h});  // 1
    board.does(CreateToken{1, 1, 1s});  // 2
    for (std::size_t i = 2; i < Domains::most_tokens; ++i) {
        board.does(CreateToken{1, 1, 1h});
    }
    board.now += 1s;
    board.does(CreateToken{1, 1, 1h});
    CHECK(board.domains.find(1, 1)->tokens.size() == Domains::most_tokens);
    CHECK(board.domains.find(1, 1)->tokens.front().number == 1);
    board.does(CreateToken{1, 1, 1h});
    CHECK(board.domains.find(1, 1)->tokens.size() == Domains::most_tokens);
    CHECK(board.domains.find(1, 1)->tokens.front().number == 3);
}

TEST_CASE("engine: accounts together have only so many domains and endpoints, until a reset",
          "[core][domains]") {
    EngineLimits limits;
    limits.sip_records = 3;
    Engine engine{Seed{1}, {}, limits};
    User& one = engine.user("u-1");
    CHECK(engine.apply(one, DomainCommand{CreateDomain{"a", ""}}, start).refusal == Refusal::none);
    CHECK(engine.apply(one, DomainCommand{CreateEndpoint{1, "e", "", "", true}}, start).refusal ==
          Refusal::none);
    User& two = engine.user("u-2");
    CHECK(engine.apply(two, DomainCommand{CreateDomain{"a", ""}}, start).refusal == Refusal::none);
    CHECK(engine.apply(two, DomainCommand{CreateDomain{"b", ""}}, start).refusal ==
          Refusal::no_room);
    CHECK(engine.outputs().size() == 3);
    CHECK(user_of(engine.outputs()[2].call) == two.slot);

    engine.reset("u-1");

    CHECK(engine.apply(two, DomainCommand{CreateDomain{"b", ""}}, start).refusal == Refusal::none);
    CHECK(engine.apply(two, DomainCommand{CreateDomain{"c", ""}}, start).refusal == Refusal::none);
    CHECK(engine.apply(two, DomainCommand{CreateDomain{"d", ""}}, start).refusal ==
          Refusal::no_room);
    engine.reset_all();
    CHECK(engine.apply(engine.user("u-3"), DomainCommand{CreateDomain{"a", ""}}, start).refusal ==
          Refusal::none);
}

}  // namespace
}  // namespace ringback
