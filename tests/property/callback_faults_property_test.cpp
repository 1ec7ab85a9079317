#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/support/fault_bench.h"
#include "tests/support/seeds.h"

using namespace ringback;
using namespace ringback::test;
using namespace std::chrono_literals;
using nlohmann::ordered_json;

namespace faults_by_chance {
namespace {

/// Any plan of faults of callbacks, and calls of any kind under it.
class RandomFaults {
public:
    /// `may_reorder`: what changes places is in it too.
    RandomFaults(Seed seed, bool may_reorder)
        : dice_{mix(test::number_of(seed))}, bench_{rules(may_reorder), settings(seed)} {
        const std::uint64_t calls = 1 + dice_.below(4);
        for (std::uint64_t n = 0; n < calls; ++n) {
            make_call();
        }
        bench_.play();
    }
    [[nodiscard]] const FaultBench& bench() const { return bench_; }

private:
    static SimulatorSettings settings(Seed seed) {
        SimulatorSettings settings = FakeNetwork::jumping();
        settings.seed = seed;
        settings.model.delays.answer = {0s, 3s};
        return settings;
    }
    DrawnTime time() {
        DrawnTime drawn;
        drawn.shape = dice_.below(2) == 0 ? DrawnTime::Shape::fixed : DrawnTime::Shape::uniform;
        drawn.a = std::chrono::milliseconds{dice_.below(3000)};
        drawn.b = drawn.a + std::chrono::milliseconds{dice_.below(3000)};
        return drawn;
    }
    FaultRule::CallbackFault fault(std::uint64_t kinds) {
        switch (dice_.below(kinds)) {
            case 0:
                return fault::Duplicate{1 + static_cast<std::uint32_t>(dice_.below(3)), time()};
            case 1:
                return fault::Drop{};
            case 2:
                return fault::Delay{time()};
            case 3:
                return fault::Odd{static_cast<fault::Odd::What>(1 + dice_.below(3))};
            case 4:
                return fault::BadSend{{}, dice_.below(2) == 0};
            case 5:
                return fault::Reorder{1 + static_cast<std::uint32_t>(dice_.below(3)),
                                      std::chrono::milliseconds{dice_.below(3000)}};
            default:
                return fault::Shuffle{std::chrono::milliseconds{dice_.below(3000)}};
        }
    }
    std::vector<FaultRule> rules(bool may_reorder) {
        std::vector<FaultRule> rules;
        for (std::uint64_t left = dice_.below(6); left > 0; --left) {
            FaultRule made = rule("fault", fault(may_reorder ? 7 : 5));
            made.toxicity = static_cast<std::uint32_t>(dice_.below(1'000'001));
            made.times = static_cast<std::uint32_t>(dice_.below(4));
            made.nth = static_cast<std::uint32_t>(dice_.below(4) == 0 ? dice_.below(5) : 0);
            rules.push_back(made);
        }
        return rules;
    }
    void make_call() {
        bench_.make_call(std::string(dice_.below(9), '7'));
        if (dice_.below(2) == 0) {
            bench_.act_at(std::chrono::milliseconds{10'000 + dice_.below(3000)}, bench_.last_call(),
                          FarEndHangsUp{});
        }
    }

    Rng dice_;
    FaultBench bench_;
};

/// What the journal of a run comes to.
struct Told {
    std::vector<std::string> raised;            // deliveries, in order
    std::map<std::string, std::string> strand;  // of what was raised: its call
    std::set<std::string> lost;
    std::set<std::string> extra;
    std::map<std::string, int> proper_tries;  // by delivery
    std::vector<std::string> first_tries;     // deliveries, in the order they ended

    explicit Told(const FaultBench& bench) {
        for (const ordered_json& entry : bench.network.history.entries) {
            const std::string delivery = entry.value("delivery", ordered_json()).dump();
            if (entry["kind"] == "event") {
                raised.push_back(delivery);
                strand[delivery] = entry["call"].get<std::string>();
            } else if (entry["kind"] == "fault" && entry.contains("lost")) {
                lost.insert(delivery);
            } else if (entry["kind"] == "fault" && entry.contains("extra")) {
                extra.insert(delivery);
            } else if (entry["kind"] == "attempt" && entry["attempt"] == 1) {
                ++proper_tries[delivery];
                first_tries.push_back(delivery);
            }
        }
    }
};

/// The deliveries of each call, of those that `from` has, without what faults added.
std::map<std::string, std::vector<std::string>> by_call(const Told& told,
                                                        const std::vector<std::string>& from) {
    std::map<std::string, std::vector<std::string>> calls;
    for (const std::string& delivery : from) {
        const auto known = told.strand.find(delivery);
        if (known != told.strand.end() && !told.lost.contains(delivery)) {
            calls[known->second].push_back(delivery);
        }
    }
    return calls;
}

}  // namespace

TEST_CASE("faults: under any plan what is raised comes once, and each copy, or is named as lost",
          "[property][faults]") {
    std::size_t lost = 0;
    std::size_t extra = 0;
    for (const Seed seed : seeds(150)) {
        CAPTURE(test::number_of(seed));
        const RandomFaults run{seed, true};
        const Told told{run.bench()};
        REQUIRE(run.bench().network.simulator.deliveries_pending() == 0);
        for (const std::string& delivery : told.raised) {
            const auto tries = told.proper_tries.find(delivery);
            REQUIRE((tries == told.proper_tries.end()) == told.lost.contains(delivery));
            REQUIRE((tries == told.proper_tries.end() || tries->second == 1));
        }
        for (const std::string& delivery : told.extra) {
            REQUIRE(told.proper_tries.at(delivery) == 1);
        }
        REQUIRE(told.proper_tries.size() ==
                told.raised.size() - told.lost.size() + told.extra.size());
        lost += told.lost.size();
        extra += told.extra.size();
    }
    if (!is_replay()) {
        CHECK(lost > 0);
        CHECK(extra > 0);
    }
}

TEST_CASE("faults: whatever is dropped, late, copied or sent badly, each call's order stays",
          "[property][faults]") {
    for (const Seed seed : seeds(150)) {
        CAPTURE(test::number_of(seed));
        const RandomFaults run{seed, false};
        const Told told{run.bench()};
        REQUIRE(by_call(told, told.first_tries) == by_call(told, told.raised));
    }
}

TEST_CASE("faults: what changes places does so within its call, and some does",
          "[property][faults]") {
    std::size_t changed = 0;
    for (const Seed seed : seeds(150)) {
        CAPTURE(test::number_of(seed));
        const RandomFaults run{seed, true};
        const Told told{run.bench()};
        auto came = by_call(told, told.first_tries);
        auto raised = by_call(told, told.raised);
        changed += came == raised ? 0 : 1;
        for (auto* const all : {&came, &raised}) {
            for (auto& [call, deliveries] : *all) {
                std::ranges::sort(deliveries);
            }
        }
        REQUIRE(came == raised);
    }
    if (!is_replay()) {
        CHECK(changed > 0);
    }
}

TEST_CASE("faults: the same seed gives the same journal, to the last draw", "[property][faults]") {
    for (const Seed seed : seeds(60)) {
        CAPTURE(test::number_of(seed));
        const RandomFaults one{seed, true};
        const RandomFaults other{seed, true};
        REQUIRE(one.bench().network.history.lines == other.bench().network.history.lines);
    }
}

TEST_CASE("faults: every draw is in the journal, whether its rule strikes by it or not",
          "[property][faults]") {
    std::set<std::string> reasons;
    for (const Seed seed : seeds(150)) {
        CAPTURE(test::number_of(seed));
        const RandomFaults run{seed, true};
        const auto& network = run.bench().network;
        std::map<std::uint64_t, std::set<std::string>> struck;  // deliveries, by rule
        std::map<std::uint64_t, std::set<std::string>> missed;
        for (const ordered_json& entry : network.history.entries) {
            const std::string delivery = entry.value("delivery", ordered_json()).dump();
            if (entry["kind"] == "fault") {
                const bool is_further = entry.contains("extra") &&
                                        !entry["text"].get<std::string>().starts_with("copy 1 of ");
                if (!is_further) {
                    struck[entry["rule"].get<std::uint64_t>()].insert(delivery);
                }
                REQUIRE(entry["draw"].get<std::uint64_t>() < 1'000'000);
            } else if (entry["kind"] == "draw") {
                for (const ordered_json& one : entry["missed"]) {
                    REQUIRE(one["draw"].get<std::uint64_t>() < 1'000'000);
                    REQUIRE(missed[one["rule"].get<std::uint64_t>()].insert(delivery).second);
                    reasons.insert(one["why"].get<std::string>());
                }
            }
        }
        const FaultTally tally = network.simulator.fault_tally();
        for (std::uint64_t rule = 1; rule <= tally.rules.size(); ++rule) {
            CAPTURE(rule);
            REQUIRE(tally.rules[rule - 1].struck == struck[rule].size());
            REQUIRE(tally.rules[rule - 1].matched == struck[rule].size() + missed[rule].size());
        }
    }
    if (!is_replay()) {
        CHECK(reasons == std::set<std::string>{"another", "chance", "lost", "nth", "times"});
    }
}

TEST_CASE("faults: how often each event of a call comes is what its rules say",
          "[property][faults]") {
    for (const Seed seed : seeds(60)) {
        CAPTURE(test::number_of(seed));
        Rng dice{mix(test::number_of(seed))};
        const auto copies = static_cast<std::uint32_t>(dice.below(4));
        const auto more = static_cast<std::uint32_t>(dice.below(3));
        FaultBench bench{{rule("a", fault::Duplicate{copies, fixed(20ms)}, only(EventType::dtmf)),
                          rule("b", fault::Delay{fixed(70ms)}),
                          rule("c", fault::Duplicate{more, fixed(1s)})}};
        bench.make_call("123");
        bench.play();
        std::map<std::string, std::size_t> counted;
        for (const std::string& text : bench.came()) {
            ++counted[text];
        }
        REQUIRE(counted.size() == 5);
        for (const auto& [text, times] : counted) {
            CAPTURE(text);
            REQUIRE(times == 1U + more + (text.starts_with("dtmf") ? copies : 0U));
        }
    }
}

}  // namespace faults_by_chance
