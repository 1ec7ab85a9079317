#include "simulator/core/held_back.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace ringback;
using namespace std::chrono_literals;

namespace held_back_tests {
namespace {

Instant at(Duration after) { return Instant{after}; }

struct Bench {
    HeldBack held;

    void take(std::uint64_t id, Stay stay, Duration now, std::uint64_t strand = 1) {
        held.take(parcel(id, strand), std::move(stay), at(now));
    }
    static Parcel parcel(std::uint64_t id, std::uint64_t strand = 1) {
        Parcel made;
        made.id = DeliveryId{id};
        made.callback.event.call = CallId{strand};
        made.callback.strand = CallId{strand};
        return made;
    }
    std::vector<std::uint64_t> left() {
        std::vector<std::uint64_t> ids;
        for (const Parcel& parcel : held.take_leaving()) {
            ids.push_back(static_cast<std::uint64_t>(parcel.id));
        }
        return ids;
    }
    std::vector<std::uint64_t> left_at(Duration now) {
        held.time_is(at(now));
        return left();
    }
};

using Ids = std::vector<std::uint64_t>;

Stay late(Duration by) {
    Stay stay;
    stay.late = by;
    return stay;
}
Stay behind(std::uint32_t others, Duration within = 2s) {
    Stay stay;
    stay.behind = others;
    stay.behind_within = within;
    return stay;
}
Stay shuffled(Duration window, std::uint64_t seed) {
    Stay stay;
    stay.shuffled_for = window;
    stay.order = Rng{seed};
    return stay;
}

}  // namespace

TEST_CASE("held back: what has no stay leaves at once, and nothing is to be told",
          "[core][faults]") {
    Bench bench;
    bench.take(1, {}, 0s);
    CHECK(bench.left() == Ids{1});
    CHECK(bench.held.held() == 0);
    CHECK_FALSE(bench.held.next());
}

TEST_CASE("held back: what is late holds up its strand, and no other", "[core][faults]") {
    Bench bench;
    bench.take(1, late(3s), 0s);
    bench.take(2, {}, 1s);
    bench.take(3, late(1s), 1s);
    bench.take(4, {}, 1s, 2);
    CHECK(bench.left() == Ids{4});
    CHECK(bench.held.next() == at(3s));
    CHECK(bench.left_at(2s).empty());
    CHECK(bench.left_at(3s) == Ids{1, 2, 3});
    CHECK_FALSE(bench.held.next());
}

TEST_CASE("held back: one behind two others leaves after the second", "[core][faults]") {
    Bench bench;
    bench.take(1, behind(2), 0s);
    bench.take(2, {}, 0s);
    CHECK(bench.left() == Ids{2});
    bench.take(3, {}, 0s);
    CHECK(bench.left() == Ids{3, 1});
    bench.take(4, {}, 0s);
    CHECK(bench.left() == Ids{4});
    CHECK_FALSE(bench.held.next());
}

TEST_CASE("held back: one that nothing follows waits for its time and no longer",
          "[core][faults]") {
    Bench bench;
    bench.take(1, behind(1, 500ms), 0s);
    CHECK(bench.held.next() == at(500ms));
    CHECK(bench.left_at(499ms).empty());
    CHECK(bench.left_at(500ms) == Ids{1});
}

TEST_CASE("held back: a window is shuffled as the stream says, all of it and nothing else",
          "[core][faults]") {
    const auto run = [](std::uint64_t seed) {
        Bench bench;
        bench.take(1, shuffled(1s, seed), 0s);
        for (std::uint64_t id = 2; id <= 8; ++id) {
            bench.take(id, {}, 100ms);
        }
        CHECK(bench.left_at(999ms).empty());
        const Ids order = bench.left_at(1s);
        bench.take(9, {}, 1s);
        CHECK(bench.left() == Ids{9});
        return order;
    };
    const Ids one = run(1);
    Ids sorted = one;
    std::ranges::sort(sorted);
    CHECK(sorted == Ids{1, 2, 3, 4, 5, 6, 7, 8});
    CHECK(one != sorted);
    CHECK(one == run(1));
    CHECK(one != run(2));
}

TEST_CASE("held back: copies follow what they copy and hold nothing up", "[core][faults]") {
    Bench bench;
    Stay stay = late(1s);
    stay.followers.push_back({0s, Bench::parcel(11)});
    stay.followers.push_back({5s, Bench::parcel(12)});
    bench.take(1, std::move(stay), 0s);
    bench.take(2, {}, 0s);
    CHECK(bench.left_at(1s) == Ids{1, 2, 11});
    CHECK(bench.held.next() == at(6s));
    bench.take(3, {}, 2s);
    CHECK(bench.left() == Ids{3});
    CHECK(bench.left_at(6s) == Ids{12});
    CHECK(bench.held.held() == 0);
}

TEST_CASE("held back: all of it can be let go, in the order of its times", "[core][faults]") {
    Bench bench;
    Stay copied;
    copied.followers.push_back({10s, Bench::parcel(10)});
    bench.take(1, late(5s), 0s);
    bench.take(2, behind(9), 0s, 2);
    bench.take(3, std::move(copied), 0s, 3);
    bench.take(4, shuffled(1s, 1), 0s, 4);
    CHECK(bench.left() == Ids{3});
    CHECK(bench.held.held() == 4);
    bench.held.let_all_go();
    CHECK(bench.left() == Ids{4, 2, 1, 10});
    CHECK(bench.held.held() == 0);
    CHECK_FALSE(bench.held.next());
}

TEST_CASE("held back: what belongs to a call that is gone is forgotten, the rest is not",
          "[core][faults]") {
    Bench bench;
    Stay copied = late(1s);
    copied.followers.push_back({1s, Bench::parcel(11)});
    bench.take(1, std::move(copied), 0s, 1);
    bench.take(2, late(1s), 0s, 2);
    CHECK(bench.left_at(1s) == Ids{1, 2});
    bench.take(3, late(1s), 1s, 1);
    bench.take(4, late(1s), 1s, 2);
    bench.held.forget_if([](CallId call) { return call == CallId{1}; });
    CHECK(bench.held.held() == 1);
    CHECK(bench.left_at(9s) == Ids{4});
}

}  // namespace held_back_tests
