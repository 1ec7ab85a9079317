#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "harness/cli/admin_client.h"
#include "harness/cli/commands.h"
#include "harness/cli/flags.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/values.h"

namespace ringback {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct WaitOptions {
    HttpPeer fake{"127.0.0.1", 12180};
    std::string what{"ready"};
    std::string call;
    milliseconds timeout{10'000};
    std::string token;
};

Result<std::string> awaited_of(std::string_view text) {
    constexpr std::array<std::string_view, 3> known{"ready", "idle", "call-ended"};
    if (std::ranges::find(known, text) == known.end()) {
        return expected("ready, idle or call-ended", text);
    }
    return std::string{text};
}

void add_flags(Flags& flags, WaitOptions& options) {
    flags.group("Options");
    flags.positional(
        "URL", "of the fake, where its admin plane is; also RINGBACK_URL (http://127.0.0.1:12180)",
        into(options.fake, http_peer_of));
    flags.also_from("RINGBACK_URL");
    flags.value("--for", "WHAT",
                "ready (default), idle: nothing is owed and no call moves by itself, or "
                "call-ended",
                into(options.what, awaited_of));
    flags.value("--call", "ID", "which call, for call-ended", into(options.call, non_empty_of));
    flags.value("--timeout", "TIME", "how long at most, in real time (10s)",
                into(options.timeout, [](std::string_view text) {
                    return deadline_of(text, milliseconds{0}, std::chrono::hours{24});
                }));
    flags.value("--admin-token", "TEXT", "when the fake asks for one",
                into(options.token, non_empty_of));
    flags.footer(
        "Exit status: 0 it happened, 2 bad usage, 4 nobody answered, 5 the time was over.");
}

/// One wait; while a fake that is to become ready does not answer at all, again until the time is
/// over.
Result<AdminClient::Wait> wait_until(const WaitOptions& options) {
    constexpr milliseconds between_tries{50};
    const AdminClient admin{options.fake, options.token};
    const auto end = steady_clock::now() + options.timeout;
    while (true) {
        const auto left =
            std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(end - steady_clock::now()));
        Result<AdminClient::Wait> wait = admin.wait(options.what, options.call, left);
        if (wait || options.what != "ready" || left < between_tries) {
            return wait;
        }
        std::this_thread::sleep_for(between_tries);
    }
}

}  // namespace

Exit wait(const Args& args) {
    WaitOptions options;
    Flags flags{"wait", "Returns when a running fake is ready or idle, or when a call has ended."};
    add_flags(flags, options);
    if (const auto ended = ended_by_flags(flags, args)) {
        return *ended;
    }
    if ((options.what == "call-ended") == options.call.empty()) {
        complain(options.call.empty() ? "--call: expected the id of the call that is to end"
                                      : "--call: expected only with --for call-ended");
        return Exit::bad_usage;
    }
    const Result<AdminClient::Wait> wait = wait_until(options);
    if (!wait) {
        complain(to_text(wait.error()));
        return Exit::unreachable;
    }
    if (wait.value().met) {
        return Exit::passed;
    }
    complain(printable(wait.value().why));
    return wait.value().status == 504 ? Exit::deadline : Exit::bad_usage;
}

}  // namespace ringback
