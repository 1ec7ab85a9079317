#include <sys/resource.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <thread>

#include "harness/process/child.h"
#include "harness/process/huge_pages.h"
#include "tests/support/process_fixture.h"

namespace ringback {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using test::ample;
using test::hardly_any;
using test::in_time;
using test::Line;
using test::Other;
using test::output_of;
using test::shell;
using test::started;
using test::until_term;

/// A descriptor that a careless exec would hand on.
class Inheritable {
public:
    Inheritable() : descriptor_{::dup(0)} { REQUIRE(descriptor_.is_open()); }
    [[nodiscard]] std::string number() const { return std::to_string(descriptor_.get()); }

private:
    Descriptor descriptor_;
};

/// A signal's disposition for a while.
class Disposition {
public:
    Disposition(int signal, void (*handler)(int))
        : signal_{signal}, before_{std::signal(signal, handler)} {}
    Disposition(const Disposition&) = delete;
    Disposition& operator=(const Disposition&) = delete;
    ~Disposition() { std::signal(signal_, before_); }

private:
    int signal_;
    void (*before_)(int);
};

// What it is given.

TEST_CASE("child: its environment is ours with additions, which win", "[process]") {
    // NOLINTBEGIN(concurrency-mt-unsafe): no other thread runs
    REQUIRE(::setenv("RINGBACK_TEST_KEPT", "ours", 1) == 0);
    REQUIRE(::setenv("RINGBACK_TEST_CHANGED", "ours", 1) == 0);
    // NOLINTEND(concurrency-mt-unsafe)
    ChildSettings settings =
        shell("echo $RINGBACK_TEST_KEPT $RINGBACK_TEST_CHANGED $RINGBACK_TEST_NEW");
    settings.environment = {{"RINGBACK_TEST_CHANGED", "theirs"}, {"RINGBACK_TEST_NEW", "a=b"}};

    CHECK(output_of(settings) == "ours theirs a=b\n");
}

TEST_CASE("child: its arguments are what it was given, blanks and all", "[process]") {
    ChildSettings settings = shell(R"(printf '<%s>' "$0" "$@")");
    settings.argv.insert(settings.argv.end(), {"a b", "", "$HOME", "ü"});

    CHECK(output_of(settings) == "<a b><><$HOME><ü>");
}

TEST_CASE("child: it starts in the working directory it is given", "[process]") {
    const Line line;
    ChildSettings settings = shell("pwd -P");
    settings.working_directory = line.folder();

    CHECK(output_of(settings) == std::filesystem::canonical(line.folder()).string() + "\n");
}

TEST_CASE("child: standard input is empty, and no descriptor of ours is open in it", "[process]") {
    const Inheritable leak;

    CHECK(output_of(shell("cat; if [ -e /proc/self/fd/" + leak.number() +
                          " ]; then echo leaked; else echo clean; fi")) == "clean\n");
}

TEST_CASE("child: neither it nor its watchdog keeps anything of ours open", "[process]") {
    const Line line;
    Pipe pipe = make_pipe();
    const auto child = started(shell(R"sh(read word < "$0")sh", line));

    pipe.writer.close();

    CHECK(readable_by(pipe.reader.get(), in_time()));  // the end, now that nobody can write
    CHECK_FALSE(child->ended());
}

TEST_CASE("child: huge pages are ours to refuse, not for the command", "[process]") {
    const ChildSettings says = shell("exec grep ^THP_enabled: /proc/self/status");
    const auto ours = [] {
        std::ifstream status{"/proc/self/status"};
        std::string line;
        while (std::getline(status, line) && !line.starts_with("THP_enabled:")) {
        }
        return line + "\n";
    };
    const std::string found = ours();
    if (found != "THP_enabled:\t1\n") {
        WARN("no huge pages are given here, found \"" << found << "\"");
        return;
    }

    refuse_huge_pages();
    const std::string refused = ours();
    const std::string theirs = output_of(says);
    restore_huge_pages();

    CHECK(refused == "THP_enabled:\t0\n");
    CHECK(theirs == found);
    CHECK(ours() == found);
}

TEST_CASE("child: no signal is ignored or blocked in it", "[process]") {
    const Disposition ignored{SIGUSR1, SIG_IGN};
    const Disposition pipe{SIGPIPE, SIG_IGN};
    sigset_t two;
    sigset_t before;
    sigemptyset(&two);
    sigaddset(&two, SIGUSR2);
    REQUIRE(::pthread_sigmask(SIG_BLOCK, &two, &before) == 0);

    const std::string status = output_of(shell("exec grep -E '^Sig(Blk|Ign)' /proc/self/status"));

    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    CHECK(status == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_CASE("child: starting one leaves our own signal mask as it was", "[process]") {
    sigset_t before;
    sigset_t after;
    REQUIRE(::pthread_sigmask(SIG_SETMASK, nullptr, &before) == 0);
    const auto child = started(shell("exit 0"));
    REQUIRE(::pthread_sigmask(SIG_SETMASK, nullptr, &after) == 0);

    for (int signal = 1; signal < NSIG; ++signal) {
        CAPTURE(signal);
        CHECK(sigismember(&before, signal) == sigismember(&after, signal));
    }
}

// What keeps it from starting.

TEST_CASE("child: a command that does not exist is an error that names it", "[process]") {
    const auto child = Child::start({.argv = {"ringback-no-such-program", "start"}});

    REQUIRE_FALSE(child.ok());
    CHECK(to_text(child.error()) ==
          "the receiver's command \"ringback-no-such-program\": expected a program that can be "
          "executed in PATH, found: No such file or directory");
}

TEST_CASE("child: a file that may not be executed is an error with that reason", "[process]") {
    const Line line;
    const std::string file = line.folder() / "receiver.sh";
    std::ofstream{file} << "#!/bin/sh\n";

    const auto by_path = Child::start({.argv = {file}});
    const auto by_name = Child::start(
        {.argv = {"receiver.sh"},
         .environment = {{"PATH", "/nowhere:" + line.folder().string() + ":/usr/bin"}}});

    REQUIRE_FALSE(by_path.ok());
    CHECK_THAT(to_text(by_path.error()), Contains(file) && EndsWith("found: Permission denied"));
    REQUIRE_FALSE(by_name.ok());
    CHECK_THAT(to_text(by_name.error()), EndsWith("in PATH, found: Permission denied"));
}

TEST_CASE("child: it is found in the PATH it is given, past folders that lack it", "[process]") {
    const Line line;
    const std::string file = line.folder() / "receiver.sh";
    std::ofstream{file} << "#!/bin/sh\necho found\n";
    REQUIRE(::chmod(file.c_str(), 0700) == 0);

    CHECK(output_of({.argv = {"receiver.sh"},
                     .environment = {{"PATH", "/nowhere:" + line.folder().string()}},
                     .output = ChildOutput::collected}) == "found\n");
}

TEST_CASE("child: a working directory that is none is an error that names it", "[process]") {
    const auto child =
        Child::start({.argv = {"/bin/sh", "-c", "exit 0"}, .working_directory = "/no/such/folder"});

    REQUIRE_FALSE(child.ok());
    CHECK(to_text(child.error()) ==
          "the receiver's command \"/bin/sh\": expected to start in folder \"/no/such/folder\", "
          "found: No such file or directory");
}

TEST_CASE("child: no command at all is an error", "[process]") {
    CHECK_FALSE(Child::start({}).ok());
    CHECK_FALSE(Child::start({.argv = {""}}).ok());
}

TEST_CASE("child: what could not start leaves no process behind", "[process]") {
    // Whatever earlier tests had is reaped; so any child of ours now would be the failed one's.
    REQUIRE_FALSE(Child::start({.argv = {"ringback-no-such-program"}}).ok());

    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
    CHECK(errno == ECHILD);
}

// How it ends.

TEST_CASE("child: its exit code is told, and told again", "[process]") {
    const auto child = started(shell("exit 7"));

    CHECK(child->wait_until(in_time()) == ChildEnd{.exit_code = 7});
    CHECK(child->ended() == ChildEnd{.exit_code = 7});
    const StoppedChild expected{.end = {.exit_code = 7}, .had_ended = true};
    CHECK(child->stop(ample) == expected);
    CHECK(child->stop(ample) == expected);
    CHECK(to_text(expected.end) == "ended with exit code 7");
}

TEST_CASE("child: the signal that ended it is told", "[process]") {
    const auto child = started(shell("kill -SEGV $$"));

    const auto end = child->wait_until(in_time());

    REQUIRE(end == ChildEnd{.signal = SIGSEGV});
    CHECK(to_text(*end) == "was ended by SIGSEGV");
}

TEST_CASE("child: while it runs there is no end of it", "[process]") {
    const Line line;
    const auto child = started(shell(R"sh(read word < "$0"; exit 3)sh", line));

    CHECK_FALSE(child->ended());
    CHECK_FALSE(child->wait_until(std::chrono::steady_clock::now()));
    CHECK_FALSE(readable_by(child->pidfd(), std::chrono::steady_clock::now()));

    line.say("go\n");
    CHECK(readable_by(child->pidfd(), in_time()));
    CHECK(child->ended() == ChildEnd{.exit_code = 3});
}

TEST_CASE("child: exit codes are told also where SIGCHLD was ignored before us", "[process]") {
    const Disposition inherited{SIGCHLD, SIG_IGN};

    CHECK(started(shell("exit 7"))->wait_until(in_time()) == ChildEnd{.exit_code = 7});
}

TEST_CASE("child: it outlives the thread that started it", "[process]") {
    const Line line;
    std::unique_ptr<Child> child;
    std::thread{[&] { child = started(shell(R"sh(read word < "$0"; exit 3)sh", line)); }}.join();

    line.say("go\n");

    CHECK(child->wait_until(in_time()) == ChildEnd{.exit_code = 3});
}

// Stopping it.

TEST_CASE("child: stopping one that minds TERM needs no KILL", "[process]") {
    const Line line;
    const auto child =
        started(shell(R"sh(trap 'exit 5' TERM; echo up > "$0"; )sh" + until_term, line));
    REQUIRE(line.hear() == "up");

    CHECK(child->stop(ample) == StoppedChild{.end = {.exit_code = 5}});
}

TEST_CASE("child: one that ignores TERM is ended by KILL", "[process]") {
    const Line line;
    const auto child =
        started(shell(R"sh(trap '' TERM; echo up > "$0"; while :; do sleep 600; done)sh", line));
    REQUIRE(line.hear() == "up");

    CHECK(child->stop(hardly_any) == StoppedChild{.end = {.signal = SIGKILL}, .needed_kill = true});
}

TEST_CASE("child: one that was stopped by a signal ends on TERM all the same", "[process]") {
    const Line line;
    const auto child = started(shell(R"sh(echo up > "$0"; kill -STOP $$; sleep 600)sh", line));
    REQUIRE(line.hear() == "up");
    siginfo_t about{};
    REQUIRE(::waitid(P_PID, static_cast<id_t>(child->pid()), &about, WSTOPPED) == 0);

    CHECK(child->stop(ample) == StoppedChild{.end = {.signal = SIGTERM}});
}

TEST_CASE("child: what it has started ends with it", "[process]") {
    const Line line;
    const auto child =
        started(shell(R"sh(sh -c 'echo $$ > "$0"; exec sleep 600' "$0" & wait)sh", line));
    const Other grandchild{line.hear()};

    CHECK(child->stop(ample) == StoppedChild{.end = {.signal = SIGTERM}});
    CHECK(grandchild.has_ended());
}

TEST_CASE("child: what it has started may take its time to end, like itself", "[process]") {
    const Line line;
    const auto child = started(shell(
        R"sh((trap 'echo bye > "$0"; exit 0' TERM; echo up > "$0"; )sh" + until_term + ") & wait",
        line));
    REQUIRE(line.hear() == "up");

    CHECK(child->stop(ample) == StoppedChild{.end = {.signal = SIGTERM}});
    CHECK(line.hear() == "bye");
}

TEST_CASE("child: what it left running when it ended is ended too", "[process]") {
    const Line line;
    const auto child = started(
        shell(R"sh(sh -c 'trap "" TERM; echo $$ > "$0"; exec sleep 600' "$0" & exit 0)sh", line));
    const Other left{line.hear()};
    REQUIRE(child->wait_until(in_time()) == ChildEnd{.exit_code = 0});
    REQUIRE_FALSE(left.has_ended());

    CHECK(child->stop(hardly_any) ==
          StoppedChild{.end = {.exit_code = 0}, .had_ended = true, .needed_kill = true});
    CHECK(left.has_ended());
}

TEST_CASE("child: one that made a session of its own is stopped as well", "[process]") {
    const Line line;
    const auto child = started({.argv = {"setsid", "/bin/sh", "-c",
                                         R"sh(echo $$ > "$0"; exec sleep 600)sh", line.path()}});
    REQUIRE(line.hear() == std::to_string(child->pid()));
    REQUIRE(::getpgid(child->pid()) == child->pid());

    CHECK(child->stop(ample) == StoppedChild{.end = {.signal = SIGTERM}});
}

TEST_CASE("child: a daemon that it left behind in a session of its own is ended", "[process]") {
    const Line line;
    auto child = started(shell("setsid /bin/sh -c 'echo $$ > $0; " + until_term + "' $0 &", line));
    const Other daemon{line.hear()};
    REQUIRE(child->wait_until(in_time()) == ChildEnd{.exit_code = 0});
    REQUIRE_FALSE(daemon.has_ended());

    CHECK_FALSE(child->stop(ample).needed_kill);
    CHECK(daemon.has_ended());
}

TEST_CASE("child: a daemon that ignores TERM is ended by KILL", "[process]") {
    const Line line;
    auto child = started(
        shell("setsid /bin/sh -c 'trap \"\" TERM; echo $$ > $0; while :; do :; done' $0 &", line));
    const Other daemon{line.hear()};

    CHECK(child->stop(hardly_any).needed_kill);
    CHECK(daemon.has_ended());
}

/// Whose end takes a while: there is much memory to give back before its files are closed.
TEST_CASE("child: a daemon is waited for until it is gone, not only its environment", "[process]") {
    const Line line;
    auto child = started(shell(
        R"sh(setsid perl -e '$SIG{TERM} = "IGNORE"; $much = "x" x 250_000_000;
             open $up, ">", $ARGV[0]; print $up "$$\n"; close $up; sleep 600' "$0" &)sh",
        line));
    const Other daemon{line.hear()};

    CHECK(child->stop(hardly_any).needed_kill);
    CHECK(daemon.has_ended());
}

TEST_CASE("child: it ends when its owner lets go of it", "[process]") {
    const Line line;
    auto child = started(shell(R"sh(echo $$ > "$0"; exec sleep 600)sh", line));
    const Other process{line.hear()};

    child.reset();

    CHECK(process.has_ended());
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);  // neither it nor its watchdog is a zombie
}

}  // namespace
}  // namespace ringback
