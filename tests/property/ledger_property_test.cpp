#include <catch2/catch.hpp>
#include <map>
#include <tuple>

#include "simulator/core/ledger.h"
#include "tests/support/seeds.h"
#include "tests/support/texting.h"

using namespace ringback;
using namespace ringback::test;

namespace random_ledger {
namespace {

/// Random calls, messages and charges of one account that keeps only so many of them.
class RandomSpending {
public:
    RandomSpending(Seed seed, std::size_t kept)
        : dice_{mix(test::number_of(seed))}, books_{{}, seed, limits(kept)} {}

    void act() {
        switch (dice_.below(5)) {
            case 0: {
                NewCall call = dice_.below(3) == 0 ? Story::inbound(true) : Story::outbound();
                call.recording_enabled = dice_.below(2) == 0;
                call.transcription_enabled = dice_.below(2) == 0;
                if (dice_.below(4) == 0) {
                    call.to = "+1555000990" + std::to_string(dice_.below(9));
                }
                calls_.push_back(books_.begin(call));
                if (call.direction == Direction::in) {
                    books_.does(calls_.back(), IncomingTold{false});
                }
                break;
            }
            case 1:
                if (!calls_.empty()) {
                    books_.does(calls_[dice_.below(calls_.size())],
                                to_state(WantedState::completed));
                }
                break;
            case 2: {
                NewMessage message = dice_.below(2) == 0 ? Texting::outbound() : Texting::inbound();
                message.segments = static_cast<std::uint16_t>(1 + dice_.below(4));
                books_.send(message);
                break;
            }
            case 3:
                books_.engine.charge(user(), Product::local_number_per_month, "+19195550100", 1,
                                     books_.now);
                break;
            default:
                books_.wait(Duration{std::chrono::seconds{dice_.below(90)}});
                break;
        }
        books_.engine.outputs().clear();
        see();
    }

    User& user() { return books_.engine.user("u-1"); }
    /// How often a transaction was another than when it was listed first.
    [[nodiscard]] std::size_t times_changed() const { return changed_; }

private:
    using Id = std::tuple<Transaction::Source, std::uint64_t, std::uint32_t>;

    static EngineLimits limits(std::size_t kept) {
        EngineLimits limits;
        limits.ended_calls = kept;
        limits.settled_messages = kept;
        return limits;
    }
    void see() {
        for (const Transaction& one :
             transactions_of(user(), [](const Transaction&) { return true; })) {
            const auto [at, is_new] =
                seen_.emplace(Id{one.source, one.number, one.transcription}, one.amount);
            changed_ += !is_new && at->second != one.amount ? 1U : 0U;
        }
    }

    Rng dice_;
    Texting books_;
    std::vector<CallId> calls_;
    std::map<Id, Money> seen_;
    std::size_t changed_{0};
};

}  // namespace

TEST_CASE("ledger: what is listed adds up to what was spent, however little is kept of it",
          "[property][ledger]") {
    for (const Seed seed : test::seeds(200)) {
        CAPTURE(test::number_of(seed));
        RandomSpending all{seed, 10'000};
        RandomSpending few{seed, 2};
        Money before{};
        for (int i = 0; i < 60; ++i) {
            all.act();
            few.act();
            const Money now = spent_by(all.user());
            REQUIRE(now >= before);
            REQUIRE(now == spent_by(few.user()));
            before = now;
        }
        Money listed{};
        for (const Transaction& one :
             transactions_of(all.user(), [](const Transaction&) { return true; })) {
            listed = listed + one.amount;
            REQUIRE(one.amount == price_of(one.product) * one.units);
        }
        REQUIRE(listed == before);
        REQUIRE(all.times_changed() == 0);
        REQUIRE(few.times_changed() == 0);
    }
}

}  // namespace random_ledger
