#include "simulator/core/delivery.h"

#include <catch2/catch.hpp>

using namespace ringback;
using namespace std::chrono_literals;

namespace {

AttemptResult answered(int status, std::string location = {}) {
    AttemptResult result;
    result.end = AttemptEnd::answered;
    result.status = status;
    result.location = Text{location};
    return result;
}
AttemptResult failed(AttemptEnd end) {
    AttemptResult result;
    result.end = end;
    return result;
}

}  // namespace

TEST_CASE("delivery: any 2xx delivers, anything else fails without a fallback",
          "[core][delivery]") {
    Rng jitter{1};
    for (const int status : {200, 201, 202, 204, 299}) {
        Delivery delivery;
        CHECK(after_attempt(delivery, answered(status), {}, true, jitter).what ==
              NextTry::What::nothing);
        CHECK(delivery.state == DeliveryState::delivered);
    }
    for (const int status : {100, 199, 300, 301, 404, 500}) {
        Delivery delivery;
        after_attempt(delivery, answered(status), {}, false, jitter);
        CHECK(delivery.state == DeliveryState::failed);
    }
    Delivery delivery;
    after_attempt(delivery, failed(AttemptEnd::timed_out), {}, false, jitter);
    CHECK(delivery.state == DeliveryState::failed);
}

TEST_CASE("delivery: the fallback gets the event once, after the last try", "[core][delivery]") {
    Rng jitter{1};
    DeliveryPolicy policy;
    policy.retries = 2;
    Delivery delivery;
    CHECK(after_attempt(delivery, answered(500), policy, true, jitter).what ==
          NextTry::What::again);
    CHECK(after_attempt(delivery, answered(500), policy, true, jitter).what ==
          NextTry::What::again);
    CHECK(after_attempt(delivery, answered(500), policy, true, jitter).what ==
          NextTry::What::fall_back);
    CHECK(delivery.state == DeliveryState::owed);
    CHECK(after_attempt(delivery, answered(500), policy, true, jitter).what ==
          NextTry::What::nothing);
    CHECK(delivery.state == DeliveryState::failed);
    CHECK(delivery.attempts == 4);
}

TEST_CASE("delivery: a fallback that answers is told apart; the switch turns it off",
          "[core][delivery]") {
    Rng jitter{1};
    Delivery delivery;
    after_attempt(delivery, failed(AttemptEnd::could_not_connect), {}, true, jitter);
    after_attempt(delivery, answered(200), {}, true, jitter);
    CHECK(delivery.state == DeliveryState::delivered_by_fallback);

    DeliveryPolicy off;
    off.fallback = false;
    Delivery other;
    CHECK(after_attempt(other, answered(500), off, true, jitter).what == NextTry::What::nothing);
    CHECK(other.state == DeliveryState::failed);
}

TEST_CASE("delivery: retries wait longer each time, at most a fifth beyond the plan",
          "[core][delivery]") {
    Rng jitter{7};
    DeliveryPolicy policy;
    policy.retries = 1000;
    Delivery delivery;
    const std::vector<Duration> plan{200ms, 1s, 5s, 15s, 15s, 15s};
    for (const Duration base : plan) {
        const NextTry next = after_attempt(delivery, answered(503), policy, false, jitter);
        REQUIRE(next.what == NextTry::What::again);
        CHECK(next.wait >= base);
        CHECK(next.wait <= base * 6 / 5);
    }
    while (delivery.state == DeliveryState::owed) {
        after_attempt(delivery, answered(503), policy, false, jitter);
    }
    CHECK(delivery.attempts <= 12);
}

TEST_CASE("delivery: a receiver may ask for a longer wait, up to twice the scheduled one",
          "[core][delivery]") {
    DeliveryPolicy policy;
    policy.retries = 3;
    const auto wait_when_asked = [&policy](std::uint32_t seconds) {
        Rng jitter{7};
        Delivery delivery;
        after_attempt(delivery, answered(503), policy, false, jitter);
        AttemptResult result = answered(503);
        result.retry_after_s = seconds;
        return after_attempt(delivery, result, policy, false, jitter).wait;
    };
    const Duration scheduled = wait_when_asked(0);
    REQUIRE(scheduled >= 1s);
    REQUIRE(scheduled <= 1200ms);

    CHECK(wait_when_asked(1) == scheduled);
    CHECK(wait_when_asked(2) == 2s);
    CHECK(wait_when_asked(3) == 2 * scheduled);
    CHECK(wait_when_asked(999'999'999) == 2 * scheduled);
}

TEST_CASE("delivery: a sending that was lost and made again has a number, and no policy counts it",
          "[core][delivery]") {
    DeliveryPolicy policy;
    policy.retries = 1000;
    const auto tries_of = [&policy](bool lost_each_time) {
        Rng jitter{7};
        Delivery delivery;
        std::vector<Duration> waits_before;
        while (delivery.state == DeliveryState::owed) {
            if (lost_each_time) {
                after_unheard(delivery);
            }
            waits_before.push_back(
                after_attempt(delivery, answered(503), policy, true, jitter).wait);
        }
        CHECK(delivery.unheard == (lost_each_time ? waits_before.size() : 0));
        CHECK(delivery.attempts == waits_before.size() + delivery.unheard);
        return waits_before;
    };

    CHECK(tries_of(true) == tries_of(false));
    CHECK(tries_of(false).size() == 12);
}

TEST_CASE("delivery: redirects fail by default and end after five hops when followed",
          "[core][delivery]") {
    Rng jitter{1};
    Delivery refused;
    CHECK(after_attempt(refused, answered(302, "/x"), {}, false, jitter).what ==
          NextTry::What::nothing);
    CHECK(refused.state == DeliveryState::failed);

    DeliveryPolicy policy;
    policy.follow_redirects = true;
    Delivery delivery;
    for (int hop = 0; hop < 5; ++hop) {
        CHECK(after_attempt(delivery, answered(307, "/x"), policy, false, jitter).what ==
              NextTry::What::redirect);
    }
    after_attempt(delivery, answered(307, "/x"), policy, false, jitter);
    CHECK(delivery.state == DeliveryState::failed);
}

TEST_CASE("strand: the next goes when the one before settled or its patience is over",
          "[core][delivery]") {
    Strand strand;
    CHECK(strand.start(Ticket{1}, Ordering::patient));
    CHECK_FALSE(strand.start(Ticket{2}, Ordering::patient));
    CHECK_FALSE(strand.start(Ticket{3}, Ordering::patient));
    CHECK(strand.next(Ordering::patient) == std::nullopt);
    strand.unblock(Ticket{3});
    CHECK(strand.next(Ordering::patient) == std::nullopt);
    strand.unblock(Ticket{1});
    CHECK_FALSE(strand.start(Ticket{4}, Ordering::patient));  // it is not its turn yet
    CHECK(strand.next(Ordering::patient) == Ticket{2});
    strand.unblock(Ticket{1});
    CHECK(strand.blocked());
    strand.unblock(Ticket{2});
    CHECK(strand.next(Ordering::patient) == Ticket{3});
    strand.unblock(Ticket{3});
    CHECK_FALSE(strand.idle());
    CHECK(strand.next(Ordering::patient) == Ticket{4});
    strand.unblock(Ticket{4});
    CHECK(strand.idle());
}

TEST_CASE("strand: nothing leaves while it is held; concurrent waits for nobody",
          "[core][delivery]") {
    Strand strand;
    strand.hold();
    strand.hold();
    CHECK_FALSE(strand.start(Ticket{1}, Ordering::concurrent));
    CHECK_FALSE(strand.start(Ticket{2}, Ordering::concurrent));
    strand.release();
    CHECK(strand.next(Ordering::concurrent) == std::nullopt);
    strand.release();
    CHECK(strand.next(Ordering::concurrent) == Ticket{1});
    CHECK(strand.next(Ordering::concurrent) == Ticket{2});
    CHECK(strand.start(Ticket{3}, Ordering::concurrent));
    CHECK(strand.idle());
}

TEST_CASE("strand: what goes beside another waits for its start only, and nobody waits for it",
          "[core][delivery]") {
    Strand strand;
    CHECK(strand.start(Ticket{1}, Ordering::patient));
    CHECK(strand.start(Ticket{2}, Ordering::patient, true));
    CHECK_FALSE(strand.start(Ticket{3}, Ordering::patient));
    CHECK_FALSE(strand.start(Ticket{4}, Ordering::patient, true));  // beside the third
    strand.unblock(Ticket{2});
    CHECK(strand.next(Ordering::patient) == std::nullopt);
    strand.unblock(Ticket{1});
    CHECK(strand.next(Ordering::patient) == Ticket{3});
    CHECK(strand.next(Ordering::patient) == Ticket{4});
    strand.unblock(Ticket{3});
    CHECK(strand.idle());
}
