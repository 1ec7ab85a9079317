#include <catch2/catch.hpp>
#include <memory>

#include "harness/process/activity.h"
#include "harness/process/child.h"
#include "tests/support/process_fixture.h"

namespace ringback {
namespace {

using test::in_time;
using test::Line;
using test::shell;
using test::started;

const std::string busy_for_good = "while :; do :; done";

/// Looks until it is found so, or never.
bool becomes(Activity& activity, bool going_on) {
    const auto deadline = in_time();
    while (activity.goes_on() != going_on) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
    }
    return true;
}

}  // namespace

TEST_CASE("activity: who waits for somebody else rests, and is at work again when told",
          "[process]") {
    const Line line;
    const auto child = started(shell("read word < " + line.path() + "; " + busy_for_good));
    Activity activity{child->pid(), std::chrono::seconds{60}};

    CHECK(becomes(activity, false));
    line.say("go\n");
    REQUIRE(becomes(activity, true));
    for (int look = 0; look < 50; ++look) {
        REQUIRE(activity.goes_on());  // whether it has a processor just now or is in line for one
    }
}

TEST_CASE("activity: what the command has started counts as well", "[process]") {
    const Line line;
    const auto child =
        started(shell("(echo go > " + line.path() + "; " + busy_for_good + ") & wait"));
    Activity activity{child->pid(), std::chrono::seconds{60}};

    REQUIRE(line.hear() == "go");
    for (int look = 0; look < 50; ++look) {
        REQUIRE(activity.goes_on());
    }
}

TEST_CASE("activity: who never rests no longer counts after a while, for good", "[process]") {
    const auto child = started(shell(busy_for_good));
    Activity activity{child->pid(), std::chrono::milliseconds{20}};

    CHECK(becomes(activity, false));
    CHECK_FALSE(activity.goes_on());
}

TEST_CASE("activity: two looks far apart are not a long time of work", "[process]") {
    const auto child = started(shell(busy_for_good));
    Activity activity{child->pid(), std::chrono::seconds{3}};
    SteadyTime now = std::chrono::steady_clock::now();
    REQUIRE(becomes(activity, true));

    CHECK(activity.goes_on(now += std::chrono::hours{1}));
    int more = 0;
    while (more < 100 && activity.goes_on(now += std::chrono::milliseconds{100})) {
        ++more;
    }
    CHECK(more > 20);
    CHECK(more < 31);
}

TEST_CASE("activity: who is gone rests", "[process]") {
    const auto child = started(shell("exit 0"));
    REQUIRE(child->wait_until(in_time()));

    Activity activity{child->pid()};

    CHECK_FALSE(activity.goes_on());
}

}  // namespace ringback
