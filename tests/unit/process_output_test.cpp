#include <catch2/catch.hpp>
#include <csignal>

#include "harness/process/child.h"
#include "tests/support/process_fixture.h"

namespace ringback {
namespace {

using Catch::Matchers::EndsWith;
using test::ample;
using test::hardly_any;
using test::in_time;
using test::Line;
using test::Other;
using test::output_of;
using test::shell;
using test::started;

TEST_CASE("child: both of its outputs are collected", "[process]") {
    CHECK(output_of(shell("echo out; echo err >&2; printf last")) == "out\nerr\nlast");
}

TEST_CASE("child: of a long output the last 64 kB are kept, and the rest counted", "[process]") {
    const auto child = started(shell("head -c 300000 /dev/zero | tr '\\0' x; echo end"));
    REQUIRE(child->wait_until(in_time()) == ChildEnd{.exit_code = 0});
    child->stop(ample);

    const CollectedOutput output = child->output();

    CHECK(output.text.size() == OutputTail::most);
    CHECK(output.dropped == 300'004 - OutputTail::most);
    CHECK_THAT(output.text, EndsWith("xxxend\n"));
}

TEST_CASE("child: what it wrote before it was killed is not lost", "[process]") {
    const Line line;
    ChildSettings settings =
        shell(R"sh(trap '' TERM; echo word; echo up > "$0"; sleep 600)sh", line);
    settings.output = ChildOutput::collected;
    const auto child = started(settings);
    REQUIRE(line.hear() == "up");

    CHECK(child->stop(hardly_any).needed_kill);
    CHECK(child->output() == CollectedOutput{.text = "word\n"});
}

TEST_CASE("child: somebody who cannot be found and holds its output does not keep us",
          "[process]") {
    const Line line;
    ChildSettings settings = shell(
        R"sh(env -u RINGBACK_CHILD setsid sh -c 'echo $$ > "$0"; exec sleep 600' "$0" & wait)sh",
        line);
    settings.output = ChildOutput::collected;
    const auto child = started(settings);
    const std::string pid = line.hear();
    const Other stranger{pid};

    child->stop(ample);

    CHECK_FALSE(stranger.has_ended());
    REQUIRE(::kill(std::stoi(pid), SIGKILL) == 0);
    CHECK(stranger.ends_in_time());
}

}  // namespace
}  // namespace ringback
