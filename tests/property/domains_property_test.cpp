#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <set>
#include <string>

#include "simulator/core/engine.h"
#include "tests/support/seeds.h"

namespace random_domains {
namespace {

using namespace ringback;
using namespace std::chrono_literals;

/// Random commands, legal and illegal, few enough names and numbers that they meet.
class RandomDomains {
public:
    explicit RandomDomains(Seed seed)
        : dice_{mix(test::number_of(seed))}, engine_{seed, {}, limits()} {}

    void act() {
        now_ += std::chrono::milliseconds{dice_.below(3000)};
        outcome_ = engine_.apply(engine_.user("u-1"), any_command(), now_);
    }
    const Domains& domains() { return engine_.user("u-1").domains.open(); }
    [[nodiscard]] const DomainOutcome& outcome() const { return outcome_; }
    Engine& engine() { return engine_; }
    [[nodiscard]] Instant now() const { return now_; }

private:
    static EngineLimits limits() {
        EngineLimits limits;
        limits.sip_records = 25;
        return limits;
    }
    std::uint32_t number(std::uint64_t bound) {
        return static_cast<std::uint32_t>(1 + dice_.below(bound));
    }
    std::string name() { return "n" + std::to_string(dice_.below(12)); }
    DomainCommand any_command() {
        switch (dice_.below(9)) {
            case 0:
            case 1:
                return CreateDomain{name(), ""};
            case 2:
                return dice_.below(3) == 0 ? DomainCommand{DeleteDomain{number(12)}}
                                           : DomainCommand{CreateDomain{name(), "about"}};
            case 3:
            case 4:
                return CreateEndpoint{number(12), name(), "", "", dice_.below(2) == 0};
            case 5:
                return UpdateEndpoint{number(12), number(4), name(), {}, dice_.below(2) == 0};
            case 6:
                return DeleteEndpoint{number(12), number(4)};
            case 7:
                return CreateToken{number(12), number(4),
                                   std::chrono::seconds{1 + dice_.below(20)}};
            default:
                return DeleteToken{number(12), number(4), dice_.below(30)};
        }
    }

    Rng dice_;
    Engine engine_;
    Instant now_{std::chrono::seconds{1'511'496'041}};
    DomainOutcome outcome_;
};

std::size_t count_records(const Domains& domains) {
    std::size_t records{0};
    for (const auto& [number, domain] : domains.all()) {
        records += 1 + domain.endpoints.size();
    }
    return records;
}

/// What the account has, as the journal of its changes has it: (domain, 0) and (domain, endpoint).
using Known = std::set<std::pair<std::uint32_t, std::uint32_t>>;

void follow(Known& known, const DomainChanged& change) {
    using What = DomainChanged::What;
    using How = DomainChanged::How;
    if (change.what == What::token) {
        return;
    }
    if (change.how == How::created) {
        REQUIRE(known.emplace(change.domain, change.endpoint).second);
    } else if (change.how == How::removed && change.what == What::domain) {
        std::erase_if(known, [&](const auto& one) { return one.first == change.domain; });
    } else if (change.how == How::removed) {
        REQUIRE(known.erase({change.domain, change.endpoint}) == 1);
    } else {
        REQUIRE(known.contains({change.domain, change.endpoint}));
    }
}

}  // namespace

TEST_CASE("domains: what there is agrees with what was told, whatever is asked",
          "[property][domains]") {
    for (const Seed seed : test::seeds(200)) {
        CAPTURE(test::number_of(seed));
        RandomDomains run{seed};
        Known known;
        for (int i = 0; i < 150; ++i) {
            const Domains before = run.domains();
            run.act();
            const auto& outputs = run.engine().outputs();
            if (run.outcome().refusal != DomainRefusal::none) {
                REQUIRE(run.domains() == before);
                REQUIRE(outputs.empty());
            } else {
                REQUIRE(outputs.size() == 1);
                follow(known, *other_news<DomainChanged>(outputs[0].what));
                REQUIRE(*other_news<DomainChanged>(outputs[0].what) == run.outcome().change);
            }
            run.engine().outputs().clear();
        }
        Known held;
        for (const auto& [number, domain] : run.domains().all()) {
            held.emplace(number, 0);
            std::set<std::string> names;
            for (const auto& [place, endpoint] : domain.endpoints) {
                held.emplace(number, place);
                REQUIRE(names.insert(endpoint.name).second);
            }
        }
        REQUIRE(held == known);
        REQUIRE(run.domains().records() == count_records(run.domains()));
        REQUIRE(run.domains().records() <= 25);
    }
}

TEST_CASE("domains: the same seed gives the same domains", "[property][domains]") {
    for (const Seed seed : test::seeds(30)) {
        CAPTURE(test::number_of(seed));
        RandomDomains one{seed};
        RandomDomains other{seed};
        for (int i = 0; i < 100; ++i) {
            one.act();
            other.act();
        }
        const bool same = one.domains() == other.domains();
        CHECK(same);
    }
}

}  // namespace random_domains
