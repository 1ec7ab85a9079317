#include <catch2/catch.hpp>
#include <csignal>
#include <string>

#include "harness/process/child.h"
#include "tests/support/process_fixture.h"

namespace ringback {
namespace {

using test::Line;
using test::Other;
using test::started;
using test::until_term;

TEST_CASE("child: when its owner is killed, what it started gets TERM and time", "[process]") {
    const Line line;
    const auto owner =
        started({.argv = {RINGBACK_PROCESS_OWNER, "/bin/sh", "-c",
                          R"sh(sh -c 'trap "echo bye > $0; exit 0" TERM; echo $$ > "$0"; )sh" +
                              until_term + R"sh(' "$0" & wait)sh",
                          line.path()}});
    const std::string pid = line.hear();
    const Other grandchild{pid};
    const Other watchdog{::getpgid(std::stoi(pid))};

    REQUIRE(::kill(owner->pid(), SIGKILL) == 0);

    CHECK(line.hear() == "bye");
    CHECK(grandchild.ends_in_time());
    CHECK(watchdog.ends_in_time());
}

TEST_CASE("child: when its owner is killed, what ignores TERM gets KILL", "[process]") {
    const Line line;
    const std::string script = R"sh(
        trap '' TERM
        (sh -c 'echo $PPID > "$0"' "$0"; sleep 600; :) &
        echo $$ > "$0"
        wait)sh";
    const auto owner =
        started({.argv = {RINGBACK_PROCESS_OWNER, "/bin/sh", "-c", script, line.path()}});
    const Other one{line.hear()};
    const Other other{line.hear()};

    REQUIRE(::kill(owner->pid(), SIGKILL) == 0);

    CHECK(one.ends_in_time());
    CHECK(other.ends_in_time());
}

TEST_CASE("child: when its owner is killed, a daemon that left the group ends as well",
          "[process]") {
    const Line line;
    // Two of them: one minds TERM and says so, one does not. Both have a parent that is gone.
    const std::string daemons = R"sh(
        setsid sh -c 'trap "echo bye > $0; exit 0" TERM; echo $$ > "$0"; )sh" +
                                until_term + R"sh(' "$0" &
        setsid sh -c 'trap "" TERM; echo $$ > "$0"; while :; do sleep 600; done' "$0" &)sh";
    const auto owner = started({.argv = {RINGBACK_PROCESS_OWNER, "/bin/sh", "-c",
                                         "(" + daemons + "\n) & wait; sleep 600", line.path()}});
    const std::string one_pid = line.hear();
    const std::string other_pid = line.hear();
    const Other one{one_pid};
    const Other other{other_pid};
    REQUIRE(::getsid(std::stoi(one_pid)) == std::stoi(one_pid));

    REQUIRE(::kill(owner->pid(), SIGKILL) == 0);

    CHECK(line.hear() == "bye");
    CHECK(one.ends_in_time());
    CHECK(other.ends_in_time());
}

TEST_CASE("child: when its watchdog is killed first, the command still ends with its owner",
          "[process]") {
    const Line line;
    const auto owner = started({.argv = {RINGBACK_PROCESS_OWNER, "/bin/sh", "-c",
                                         R"sh(echo $$ > "$0"; exec sleep 600)sh", line.path()}});
    const std::string pid = line.hear();
    const Other process{pid};
    const pid_t watchdog = ::getpgid(std::stoi(pid));
    const Other gone{watchdog};
    REQUIRE(::kill(watchdog, SIGKILL) == 0);
    REQUIRE(gone.ends_in_time());

    REQUIRE(::kill(owner->pid(), SIGKILL) == 0);

    CHECK(process.ends_in_time());
}

}  // namespace
}  // namespace ringback
