#include "harness/process/launch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include "harness/process/descriptor.h"
#include "harness/process/huge_pages.h"
#include "harness/process/process_group.h"
#include "harness/process/signals.h"

namespace ringback {
namespace {

enum class Stage : int { group, descriptors, directory, program };

/// What the new process says through the pipe when it cannot become the program.
struct Failure {
    Stage stage;
    int error;
};

/// Everything the new process will touch, made before the fork: behind it no memory may be asked
/// for, because another thread may have held the heap's lock.
struct Prepared {
    std::vector<std::string> programs;  // tried in this order
    std::vector<std::string> texts;     // what envp points to
    std::vector<char*> argv;
    std::vector<char*> envp;
    const char* directory{nullptr};  // null: stay
    pid_t group{};
    pid_t parent{};
    bool end_with_parent{};
    int input{};
    int output{};
    int error{};
    int report{};  // the pipe for a Failure
};

std::vector<std::string> programs_for(const std::string& name, std::string_view path) {
    if (name.find('/') != std::string::npos) {
        return {name};
    }
    std::vector<std::string> programs;
    for (std::size_t from = 0; from <= path.size();) {
        const std::size_t to = std::min(path.find(':', from), path.size());
        const std::string_view folder = path.substr(from, to - from);
        programs.push_back(fmt::format("{}/{}", folder.empty() ? "." : folder, name));
        from = to + 1;
    }
    return programs;
}

std::string_view path_for(const LaunchPlan& plan) {
    const auto given = plan.environment.find("PATH");
    if (given != plan.environment.end()) {
        return given->second;
    }
    const char* ours = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): nobody changes it
    return ours != nullptr ? ours : "/usr/local/bin:/usr/bin:/bin";
}

std::vector<std::string> environment_for(const LaunchPlan& plan) {
    std::vector<std::string> texts;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        if (!plan.environment.contains(std::string{text.substr(0, text.find('='))})) {
            texts.emplace_back(text);
        }
    }
    for (const auto& [name, value] : plan.environment) {
        texts.push_back(fmt::format("{}={}", name, value));
    }
    return texts;
}

/// Async-signal-safe, as all that follows.
[[noreturn]] void give_up(const Prepared& prepared, Stage stage, int error) noexcept {
    const Failure failure{stage, error};
    // Nobody left to read it: nothing more can be done here.
    static_cast<void>(::write(prepared.report, &failure, sizeof failure) == sizeof failure);
    ::_exit(127);
}

void restore_signals() noexcept {
    struct sigaction plain {};
    plain.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal) {
        ::sigaction(signal, &plain, nullptr);  // KILL, STOP and the library's own say no
    }
    sigset_t none;
    sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become_program(const Prepared& prepared) noexcept {
    // First of all: until exec closes our copy of the watchdog's pipe, it cannot take us for gone.
    if (::setpgid(0, prepared.group) != 0) {
        give_up(prepared, Stage::group, errno);
    }
    if (prepared.end_with_parent) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (::getppid() != prepared.parent) {
            ::_exit(127);  // it had ended before we could ask for the signal
        }
    }
    // Standard error comes last: output may be ours of that number.
    if (::dup2(prepared.input, 0) < 0 || ::dup2(prepared.output, 1) < 0 ||
        ::dup2(prepared.error, 2) < 0) {
        give_up(prepared, Stage::descriptors, errno);
    }
    close_from(3, CloseHow::on_exec);
    if (prepared.directory != nullptr && ::chdir(prepared.directory) != 0) {
        give_up(prepared, Stage::directory, errno);
    }
    restore_signals();
    restore_huge_pages();
    int error = ENOENT;
    for (const std::string& program : prepared.programs) {
        ::execve(program.c_str(), prepared.argv.data(), prepared.envp.data());
        if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
            error = errno;
            break;
        }
        // As a shell does: one that may not be executed says more than those that are not there.
        error = errno == EACCES ? EACCES : error;
    }
    give_up(prepared, Stage::program, error);
}

Error error_of(const Failure& failure, const LaunchPlan& plan) {
    const std::string reason = std::generic_category().message(failure.error);
    const std::string command = fmt::format("the receiver's command \"{}\"", plan.argv.front());
    switch (failure.stage) {
        case Stage::group:
        case Stage::descriptors:
            break;
        case Stage::directory:
            return {command, fmt::format("expected to start in folder \"{}\", found: {}",
                                         plan.working_directory, reason)};
        case Stage::program:
            return {command,
                    fmt::format("expected a program that can be executed{}, found: {}",
                                plan.argv.front().find('/') == std::string::npos ? " in PATH" : "",
                                reason)};
    }
    return {command, fmt::format("expected a new process, found: {}", reason)};
}

Prepared prepare(const LaunchPlan& plan) {
    Prepared prepared;
    prepared.programs = programs_for(plan.argv.front(), path_for(plan));
    prepared.texts = environment_for(plan);
    for (const std::string& argument : plan.argv) {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): execve's type, it changes nothing
        prepared.argv.push_back(const_cast<char*>(argument.c_str()));
    }
    for (std::string& text : prepared.texts) {
        prepared.envp.push_back(text.data());
    }
    prepared.argv.push_back(nullptr);
    prepared.envp.push_back(nullptr);
    prepared.directory = plan.working_directory.empty() ? nullptr : plan.working_directory.c_str();
    prepared.group = plan.group;
    prepared.parent = ::getpid();
    prepared.end_with_parent = ::gettid() == ::getpid();
    prepared.output = plan.standard_output;
    prepared.error = plan.standard_error;
    return prepared;
}

/// The Failure, or none when exec has closed the pipe.
bool read_failure(int report, Failure& failure) {
    ssize_t length = 0;
    do {
        length = ::read(report, &failure, sizeof failure);
    } while (length < 0 && errno == EINTR);
    return length == sizeof failure;
}

}  // namespace

Result<pid_t> launch(const LaunchPlan& plan) {
    if (plan.argv.empty() || plan.argv.front().empty()) {
        return Error{"the receiver's command", "expected a program, found nothing"};
    }
    Prepared prepared = prepare(plan);
    const Descriptor nothing{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    Pipe report = make_pipe();
    if (!nothing.is_open() || !report.writer.is_open()) {
        return error_of({Stage::descriptors, errno}, plan);
    }
    prepared.input = nothing.get();
    prepared.report = report.writer.get();
    pid_t process = -1;
    int error = 0;
    {
        const SignalsBlocked blocked;
        process = ::fork();
        if (process == 0) {
            become_program(prepared);
        }
        error = errno;
    }
    if (process < 0) {
        return error_of({Stage::group, error}, plan);
    }
    report.writer.close();
    Failure failure{};
    if (read_failure(report.reader.get(), failure)) {
        while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
        }
        return error_of(failure, plan);
    }
    return process;
}

}  // namespace ringback
