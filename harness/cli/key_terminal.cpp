#include "harness/cli/key_terminal.h"

#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace ringback {
namespace {

/// What ends the process without unwinding; SIGINT and SIGTERM are taken by the run, SIGHUP is
/// ignored.
constexpr std::array fatal_signals{SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV};

// A signal handler has no other way to know: written before it is installed, read in it.
termios as_it_was{};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void give_back(int signal) {
    ::tcsetattr(STDIN_FILENO, TCSANOW, &as_it_was);  // may be called in a handler, by POSIX
    ::raise(signal);                                 // its own way again, by SA_RESETHAND
}

bool in_foreground() { return ::tcgetpgrp(STDIN_FILENO) == ::getpgrp(); }

}  // namespace

KeyTerminal::KeyTerminal() {
    if (::isatty(STDIN_FILENO) != 1 || !in_foreground() ||
        ::tcgetattr(STDIN_FILENO, &as_it_was) != 0) {
        return;
    }
    for (const int signal : fatal_signals) {
        struct sigaction action {};
        action.sa_handler = give_back;
        action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
        ::sigaction(signal, &action, nullptr);
    }
    termios keys = as_it_was;
    keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    taken_ = ::tcsetattr(STDIN_FILENO, TCSANOW, &keys) == 0;
}

KeyTerminal::~KeyTerminal() {
    if (!taken_) {
        return;
    }
    if (in_foreground()) {  // in the background it is another's now
        ::tcsetattr(STDIN_FILENO, TCSADRAIN, &as_it_was);
    }
    for (const int signal : fatal_signals) {
        struct sigaction action {};
        action.sa_handler = SIG_DFL;
        ::sigaction(signal, &action, nullptr);
    }
}

}  // namespace ringback
