#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <thread>

#include "harness/cli/admin_client.h"
#include "harness/cli/call_options.h"
#include "harness/cli/commands.h"
#include "harness/cli/fake.h"
#include "harness/cli/output.h"
#include "harness/ladder/ladder.h"
#include "harness/ladder/story.h"
#include "harness/receiver/greeter.h"
#include "harness/receiver/receiver.h"

namespace ringback {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A fake inside this process, its loop on a thread of its own.
class OwnFake {
public:
    explicit OwnFake(FakeSettings settings) : fake_{std::move(settings)} {}
    OwnFake(const OwnFake&) = delete;
    OwnFake& operator=(const OwnFake&) = delete;
    ~OwnFake() {
        if (thread_.joinable()) {
            fake_.stop();
            thread_.join();
        }
    }
    /// Its address.
    Result<std::string> start() {
        const Result<Fake::Addresses> started = fake_.start();
        if (!started) {
            return started.error();
        }
        thread_ = std::thread{[this] { fake_.run(); }};
        return started.value().api;
    }

private:
    Fake fake_;
    std::thread thread_;
};

json creation_of(const CallOptions& options, const std::string& callback_url) {
    json body{{"from", options.from}, {"to", options.to}, {"callbackUrl", callback_url}};
    if (!options.tag.empty()) {
        body["tag"] = options.tag;
    }
    if (!options.callback_method.empty()) {
        body["callbackHttpMethod"] = options.callback_method;
    }
    return body;
}

/// Follows the call until nothing of it is to come, the receiver is seen to be gone, or the time is
/// over.
struct Followed {
    std::vector<json> entries;
    CallStory story;
    bool in_time{false};
};
Result<Followed> follow(const AdminClient& admin, const std::string& call, milliseconds timeout) {
    constexpr milliseconds between_looks{200};
    const auto end = steady_clock::now() + timeout;
    const auto left = [&] {
        return std::max(milliseconds{0},
                        std::chrono::ceil<milliseconds>(end - steady_clock::now()));
    };
    while (true) {
        const Result<AdminClient::Wait> idle =
            admin.wait("idle", "", std::min(left(), between_looks));
        Result<std::vector<json>> entries = admin.journal(call);
        if (!idle || !entries) {
            return idle ? entries.error() : idle.error();
        }
        Followed followed{std::move(entries).value(), {}, false};
        followed.story = story_of(followed.entries);
        const CallStory& story = followed.story;
        const bool still = idle.value().met;
        followed.in_time = story.ended && story.owed.empty() && (story.hangup_told || still);
        if (followed.in_time || (still && story.nobody_there) || left() == milliseconds{0}) {
            return followed;
        }
        if (still) {  // it is for the receiver to act
            const Result<AdminClient::Wait> ended =
                admin.wait("call-ended", call, std::min(left(), between_looks));
            if (!ended) {
                return ended.error();
            }
        }
    }
}

/// What goes to standard output.
std::string result_text(const CallOptions& options, const Followed& followed) {
    std::string text;
    if (options.json) {
        for (const json& entry : followed.entries) {
            text += entry.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
        }
        return text;
    }
    const Terminal terminal = terminal_of(STDOUT_FILENO, options.no_color);
    text = "\n" + ladder(followed.entries, {terminal.width, terminal.utf8, terminal.colour}) + "\n";
    const CallStory& story = followed.story;
    if (story.ended) {
        text += fmt::format("The call ended with {}. Callbacks: {} delivered, {} failed{}.\n",
                            story.cause, story.delivered, story.failed.size(),
                            story.lost == 0 ? "" : fmt::format(", {} lost for good", story.lost));
    }
    return text;
}

/// Problems in words, and what they mean for the exit status.
Exit judge(const CallOptions& options, const Followed& followed) {
    const CallStory& story = followed.story;
    for (const std::string& trouble : story.failed) {
        complain("callback failed: " + printable(trouble));
    }
    if (!followed.in_time && story.nobody_there) {
        complain("nobody answers there, and the call has not ended");
        return Exit::unreachable;
    }
    if (!followed.in_time) {
        complain(fmt::format(
            "after {} ms the call {}", options.timeout.count(),
            story.ended ? "has ended, but not all its callbacks are settled" : "has not ended"));
        complain(
            story.owed.empty()
                ? "nothing is owed: the call waits for your application or the person on the phone"
                : "still owed: " + printable(story.owed.back()));
        return Exit::deadline;
    }
    if (story.failed.empty()) {
        return Exit::passed;
    }
    return story.nobody_there ? Exit::unreachable : Exit::failed;
}

/// Under the name it was started by, so that the lines work as they stand.
void say_what_next() {
    const std::string program = program_invocation_name;
    say("\nWhat next:\n"
        "  your receiver   " +
        program +
        " call --callback-url URL\n"
        "  your client     " +
        program +
        " serve\n"
        "  a busy line     " +
        program +
        " call --to +19195559901\n"
        "  other numbers   " +
        program + " help numbers");
}

Exit place(const CallOptions& options, const std::string& address) {
    const Result<HttpPeer> peer = http_peer_of(address);
    const Result<HttpPeer> admin_peer = options.admin.empty() ? peer : http_peer_of(options.admin);
    if (!peer || !admin_peer) {
        complain(to_text(peer ? admin_peer.error() : peer.error()));
        return Exit::bad_usage;
    }
    const VoiceApi api{HttpClient{peer.value(), std::chrono::seconds{10}}, options.user};
    const AdminClient admin{admin_peer.value(), options.admin_token};
    const Result<AdminClient::Wait> ready = admin.wait("ready", "", options.timeout);
    if (!ready || !ready.value().met) {
        complain(ready ? fmt::format("{}: not ready: {}",
                                     options.admin.empty() ? address : options.admin,
                                     printable(ready.value().why))
                       : to_text(ready.error()));
        return Exit::unreachable;
    }

    Receiver receiver{greeter(api, options.sentence)};
    std::string callback_url = options.callback_url;
    if (callback_url.empty()) {
        const Result<std::uint16_t> started = receiver.start();
        if (!started) {
            complain(to_text(started.error()));
            return Exit::could_not_start;
        }
        callback_url = receiver.url();
    }
    const Result<std::string> call = api.create_call(creation_of(options, callback_url));
    if (!call) {
        complain(printable(to_text(call.error())));
        return Exit::failed;
    }
    const Result<Followed> followed = follow(admin, call.value(), options.timeout);
    if (!followed) {
        complain(to_text(followed.error()));
        return Exit::unreachable;
    }
    const Exit written = printed(result_text(options, followed.value()));
    const Exit judged = judge(options, followed.value());
    return judged == Exit::passed ? written : judged;
}

}  // namespace

Exit call(const Args& args) {
    CallOptions options;
    const std::unique_ptr<Flags> flags = call_flags(options);
    if (const auto ended = ended_by_flags(*flags, args)) {
        return *ended;
    }
    check_call(options, *flags);
    if (const auto ended = ended_by_problems(*flags)) {
        return *ended;
    }
    if (!options.api.empty()) {
        return place(options, options.api);
    }
    OwnFake fake{options.fake};
    const Result<std::string> address = fake.start();
    if (!address) {
        complain(to_text(address.error()));
        return Exit::could_not_start;
    }
    const Exit exit = place(options, address.value());
    if (exit == Exit::passed && !options.json) {
        say_what_next();
    }
    return exit;
}

}  // namespace ringback
