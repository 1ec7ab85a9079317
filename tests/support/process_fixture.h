#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <string>
#include <utility>

#include "harness/process/child.h"

namespace ringback::test {

/// Far longer than anything takes that works.
inline SteadyTime in_time() { return std::chrono::steady_clock::now() + std::chrono::seconds{30}; }
constexpr std::chrono::seconds ample{30};
constexpr std::chrono::milliseconds hardly_any{1};

/// How a script waits for the TERM that it traps. Not with sleep(1): a process that is being
/// forked while TERM comes would not hear of it.
inline const std::string until_term = "while :; do :; done";

/// Where child processes say something to the test, line by line, and hear something: a FIFO in a
/// folder of its own. Both ends are held, so no side waits for the other to open it.
class Line {
public:
    Line() {
        std::string pattern = (std::filesystem::temp_directory_path() / "ringback-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
        path_ = folder_ / "line";
        REQUIRE(::mkfifo(path_.c_str(), 0600) == 0);
        descriptor_ = Descriptor{::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK)};
        REQUIRE(descriptor_.is_open());
    }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;
    ~Line() { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string path() const { return path_.string(); }
    [[nodiscard]] std::filesystem::path folder() const { return folder_; }

    /// From any thread. What cannot be said shows where it is awaited.
    void say(const std::string& text) const {
        static_cast<void>(::write(descriptor_.get(), text.data(), text.size()) < 0);
    }
    /// Without its line break.
    [[nodiscard]] std::string hear() const {
        std::string line;
        const auto deadline = in_time();
        for (char c = 0; c != '\n';) {
            REQUIRE(readable_by(descriptor_.get(), deadline));
            REQUIRE(::read(descriptor_.get(), &c, 1) == 1);
            line += c;
        }
        line.pop_back();
        return line;
    }

private:
    std::filesystem::path folder_;
    std::filesystem::path path_;
    Descriptor descriptor_;
};

/// Another process, by its number, while it is sure to live.
class Other {
public:
    explicit Other(pid_t pid) : pidfd_{open_process(pid)} { REQUIRE(pidfd_.is_open()); }
    explicit Other(const std::string& pid) : Other{static_cast<pid_t>(std::stoi(pid))} {}
    [[nodiscard]] bool ends_in_time() const { return readable_by(pidfd_.get(), in_time()); }
    [[nodiscard]] bool has_ended() const {
        return readable_by(pidfd_.get(), std::chrono::steady_clock::now());
    }

private:
    Descriptor pidfd_;
};

inline std::unique_ptr<Child> started(const ChildSettings& settings) {
    auto child = Child::start(settings);
    INFO((child ? std::string{} : to_text(child.error())));
    REQUIRE(child.ok());
    return std::move(child).value();
}

/// "/bin/sh -c script line": $0 is the line's path.
inline ChildSettings shell(std::string script, const Line& line) {
    return {.argv = {"/bin/sh", "-c", std::move(script), line.path()}};
}
inline ChildSettings shell(std::string script) {
    return {.argv = {"/bin/sh", "-c", std::move(script)}, .output = ChildOutput::collected};
}

/// What it wrote until it ended by itself.
inline std::string output_of(const ChildSettings& settings) {
    const auto child = started(settings);
    REQUIRE(child->wait_until(in_time()) == ChildEnd{.exit_code = 0});
    child->stop(ample);
    return child->output().text;
}

}  // namespace ringback::test

template <>
struct Catch::StringMaker<ringback::ChildEnd> {
    static std::string convert(const ringback::ChildEnd& end) { return to_text(end); }
};
template <>
struct Catch::StringMaker<ringback::StoppedChild> {
    static std::string convert(const ringback::StoppedChild& stopped) {
        return to_text(stopped.end) + (stopped.had_ended ? ", before" : "") +
               (stopped.needed_kill ? ", needed KILL" : "");
    }
};
