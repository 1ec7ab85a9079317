#include "harness/cli/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <new>
#include <random>
#include <system_error>
#include <typeinfo>

#include "harness/cli/commands.h"
#include "harness/cli/output.h"

namespace ringback {
namespace {

void open_standard_descriptors() {
    for (int descriptor = 0; descriptor <= 2; ++descriptor) {
        if (::fcntl(descriptor, F_GETFD) == -1 && errno == EBADF) {
            // The lowest free number is taken, which is this one.
            if (::open("/dev/null", O_RDWR) == -1) {  // NOLINT(*vararg): POSIX
                std::_Exit(3);
            }
        }
    }
}

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        // Failing leaves the limit as it was, which only lowers how many connections fit.
        static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
    }
}

/// Flags whose value is nobody else's business.
constexpr std::array<std::string_view, 8> secret_flags{
    "--secret", "--token", "--admin-token", "--header", "-H", "-e", "--var", "--override"};

/// Where the value of a secret flag begins in `word`, when both are one: "--secret=x", "-Hx".
std::size_t value_within(std::string_view word) {
    for (const std::string_view flag : secret_flags) {
        const bool is_short = flag.size() == 2;
        const std::size_t start = flag.size() + (is_short ? 0 : 1);
        if (word.size() > start && word.starts_with(flag) &&
            (is_short || word[flag.size()] == '=')) {
            return start;
        }
    }
    return word.size();
}

/// False: it was no bug, and has been told.
bool is_told_as_bug(const std::exception_ptr& thrown) {
    if (!thrown) {
        complain("bug: terminated without an exception");
        return true;
    }
    try {
        std::rethrow_exception(thrown);
    } catch (const std::bad_alloc&) {
        say_out_of_memory();
        return false;
    } catch (const std::exception& error) {
        if (const auto refused = refused_for_want_of_room(error)) {
            complain(*refused);
            return false;
        }
        complain(fmt::format("bug: unhandled exception: {}", printable(error.what())));
    } catch (...) {
        complain("bug: unhandled exception of an unknown kind");
    }
    return true;
}

/// Also where it was no bug: a destructor may need memory (that of nlohmann::json does), and a
/// thread that ran out of it has nobody to tell.
[[noreturn]] void die_of_exception() {
    try {
        if (is_told_as_bug(std::current_exception())) {
            std::abort();
        }
    } catch (const std::bad_alloc&) {  // for the words
        say_out_of_memory();
    }
    std::_Exit(static_cast<int>(Exit::could_not_start));
}

}  // namespace

void prepare_process() {
    open_standard_descriptors();
    for (const int signal : {SIGPIPE, SIGXFSZ, SIGHUP}) {
        static_cast<void>(std::signal(signal, SIG_IGN));
    }
    raise_descriptor_limit();
    std::set_terminate(die_of_exception);
}

void say_out_of_memory() noexcept {
    static_cast<void>(write_whole(STDERR_FILENO, "ringback: out of memory\n"));
}

std::optional<std::string> refused_for_want_of_room(const std::exception& error) {
    const auto is_room = [](int code) {
        constexpr std::array wants{ENOMEM, EMFILE, ENFILE, ENOBUFS};
        return std::ranges::find(wants, code) != wants.end();
    };
    const auto* const loop = dynamic_cast<const boost::system::system_error*>(&error);
    if (loop != nullptr && loop->code().category() == boost::system::system_category() &&
        is_room(loop->code().value())) {
        return fmt::format("the system refuses an event loop: {}", loop->what());
    }
    // What std::thread throws, and no more: its derived ones are of files and streams.
    if (typeid(error) != typeid(std::system_error)) {
        return std::nullopt;
    }
    const auto& thread = static_cast<const std::system_error&>(error);  // NOLINT(*downcast)
    const int code = thread.code().value();
    if (thread.code().category() == std::generic_category() && (is_room(code) || code == EAGAIN)) {
        return fmt::format(
            "the system refuses a thread, for which memory (ulimit -v) or processes "
            "(ulimit -u) are short: {}",
            thread.what());
    }
    return std::nullopt;
}

void hide_secrets(std::span<char* const> words) {
    bool is_value = false;
    for (char* const begin : words) {
        const std::string_view word{begin};
        if (word == "--") {
            return;
        }
        const std::size_t secret = is_value ? 0 : value_within(word);
        std::fill(begin + secret, begin + word.size(), '*');
        // Up to the last @, because a password may have any byte; it is for show only.
        const std::size_t scheme = word.find("://");
        const std::size_t host = word.rfind('@');
        if (scheme != std::string_view::npos && host != std::string_view::npos && scheme < host) {
            std::fill(begin + scheme + 3, begin + host, '*');
        }
        is_value = !is_value && std::ranges::find(secret_flags, word) != secret_flags.end();
    }
}

Result<bool> write_by_rename(const std::string& path, std::string_view text, Readers readers) {
    const auto failed = [&path](int error) {
        return Error{
            path, "expected a file that can be written: " + std::generic_category().message(error)};
    };
    const std::string draft = fmt::format("{}.{}.tmp", path, ::getpid());
    const mode_t mode = readers == Readers::owner ? 0600 : 0644;
    const int descriptor =
        ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);  // NOLINT(*vararg)
    if (descriptor < 0) {
        return failed(errno);
    }
    const int not_written = write_whole(descriptor, text);
    ::close(descriptor);
    if (not_written != 0) {
        ::unlink(draft.c_str());
        return failed(not_written);
    }
    std::error_code error;
    std::filesystem::rename(draft, path, error);
    if (error) {
        std::error_code ignored;
        std::filesystem::remove(draft, ignored);
        return failed(error.value());
    }
    return true;
}

std::string secret_token() {
    std::random_device device;
    std::string token;
    for (int i = 0; i < 4; ++i) {
        token += fmt::format("{:08x}", device());
    }
    return token;
}

}  // namespace ringback
