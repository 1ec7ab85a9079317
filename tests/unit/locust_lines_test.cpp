#include <catch2/catch.hpp>
#include <chrono>

#include "harness/locust/lines.h"

using namespace ringback;
using namespace std::chrono_literals;

namespace {

constexpr WallInstant start{1000s};

/// Every line that is due is on a call afterwards: how many of each of two classes that were.
std::vector<int> take_all(Lines& lines, WallInstant now) {
    std::vector<int> taken(2, 0);
    while (const auto turn = lines.take(now)) {
        ++taken[turn->of];
    }
    return taken;
}

}  // namespace

TEST_CASE("locust lines: a line places its next call when the one before is over", "[locust]") {
    Lines lines{2};
    lines.want({1, 0}, start);

    CHECK(lines.take(start) == Lines::Turn{0, start});
    CHECK_FALSE(lines.take(start + 1s));
    CHECK_FALSE(lines.next_due());
    lines.over(0, start + 2s);
    CHECK(lines.next_due() == start + 2s);
    CHECK_FALSE(lines.take(start + 1s));
    // Late or not, it was due when the one before was over.
    CHECK(lines.take(start + 9s) == Lines::Turn{0, start + 2s});
}

TEST_CASE("locust lines: more are there at once, fewer when the calls of the others are over",
          "[locust]") {
    Lines lines{2};
    lines.want({2, 1}, start);
    CHECK(take_all(lines, start) == std::vector{2, 1});
    CHECK(lines.settled());

    lines.want({4, 1}, start + 1s);
    CHECK(lines.settled());
    CHECK(take_all(lines, start + 1s) == std::vector{2, 0});

    lines.want({1, 0}, start + 2s);
    CHECK_FALSE(lines.settled());
    CHECK(lines.too_many(0) == 3);
    CHECK(lines.too_many(1) == 1);
    lines.over(1, start + 3s);
    for (int call = 0; call < 3; ++call) {
        CHECK_FALSE(lines.settled());
        lines.over(0, start + 3s);
    }
    CHECK(lines.settled());
    CHECK_FALSE(lines.next_due());
    lines.over(0, start + 4s);
    CHECK(take_all(lines, start + 4s) == std::vector{1, 0});
}

TEST_CASE("locust lines: of those that are too many the ones without a call are gone at once",
          "[locust]") {
    Lines lines{2};
    lines.want({3, 0}, start);
    CHECK(lines.take(start));
    lines.want({1, 0}, start);

    CHECK(lines.settled());
    CHECK_FALSE(lines.take(start + 1s));
    lines.over(0, start + 1s);
    CHECK(lines.take(start + 1s));
}

TEST_CASE("locust lines: who is wanted again while a call lasts goes on with it", "[locust]") {
    Lines lines{2};
    lines.want({2, 0}, start);
    CHECK(take_all(lines, start) == std::vector{2, 0});
    lines.want({0, 0}, start);
    lines.want({2, 0}, start);

    CHECK(lines.settled());
    CHECK(take_all(lines, start) == std::vector{0, 0});
    CHECK(lines.too_many(0) == 0);
}
