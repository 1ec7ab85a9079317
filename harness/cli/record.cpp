// record: a proxy before a receiver, and what passed as scenarios.
#include <fmt/format.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/process.h"
#include "harness/cli/receiver_command.h"
#include "harness/cli/run_options.h"
#include "harness/cli/values.h"
#include "harness/scenario/load.h"
#include "harness/tape/moments.h"
#include "harness/tape/proxy.h"
#include "harness/tape/tape.h"
#include "harness/tape/urls.h"

namespace ringback {
namespace {

struct RecordOptions {
    RunOptions run;  // the receiver and our port
    std::string out;
    std::string upstream;
    std::uint64_t calls{0};  // 0: until a signal
};

/// "https://api.example.com", without what no proxy can pass on.
Result<std::string> upstream_of(std::string_view text) {
    Result<std::string> url = url_of(text);
    if (!url) {
        return url;
    }
    std::string base = std::move(url).value();
    while (base.ends_with('/')) {
        base.pop_back();
    }
    const std::string_view behind_scheme = std::string_view{base}.substr(base.find("://") + 3);
    if (behind_scheme.find_first_of("/?#@") != std::string_view::npos) {
        return Error{"",
                     "expected an address without path and user information, such as "
                     "https://api.catapult.inetwork.com"};
    }
    return base;
}

std::unique_ptr<Flags> record_flags(RecordOptions& options) {
    auto flags = std::make_unique<Flags>(
        "record",
        "Stands before your receiver and writes what passes as scenarios, one file a call. "
        "Callbacks go to the receiver; its requests to the API (paths under /v1/) go to "
        "--upstream. Secrets are not written. Behind -- comes the command that starts the "
        "receiver.");
    flags->group("Recording");
    flags->value("--out", "FILE", "where the first call goes; the next to FILE-2, and so on",
                 into(options.out, non_empty_of));
    flags->value("--upstream", "URL", "the provider, or a ringback serve",
                 into(options.upstream, upstream_of));
    flags->value("--calls", "N", "end when so many calls have ended (at SIGINT)",
                 [&options](std::string_view text) -> Result<bool> {
                     constexpr std::uint64_t most = 10'000;
                     const auto calls = whole_number_of(text, 1, most);
                     if (!calls) {
                         return calls.error();
                     }
                     options.calls = calls.value();
                     return true;
                 });
    add_receiver_flags(*flags, options.run);
    flags->footer(
        "Usage with a command: ringback record --out FILE [FLAGS] -- CMD [ARGS]\n\n"
        "Exit status: 0 recorded, 1 nothing passed or could be written, 2 bad usage,\n"
        "3 could not start, 4 the receiver never answered.");
    return flags;
}

/// SIGINT and SIGTERM as a descriptor, for this thread and those that it starts from now on.
class EndSignals {
public:
    EndSignals() {
        sigset_t wanted;
        sigemptyset(&wanted);
        sigaddset(&wanted, SIGINT);
        sigaddset(&wanted, SIGTERM);
        ::pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
        descriptor_ = Descriptor{::signalfd(-1, &wanted, SFD_CLOEXEC)};
    }
    [[nodiscard]] int get() const { return descriptor_.get(); }
    /// So that the next one can be told from those that came so far.
    void take() const {
        signalfd_siginfo one{};
        while (came() && ::read(get(), &one, sizeof one) > 0) {
        }
    }
    [[nodiscard]] bool came() const {
        return readable_by(get(), std::chrono::steady_clock::time_point{});
    }

private:
    Descriptor descriptor_;
};

/// Has every leg of it been hung up?
bool is_over(const CallMoments& call) {
    std::set<std::string> legs;
    std::set<std::string> ended;
    for (const Moment& moment : call.moments) {
        if (!moment.call.empty()) {
            legs.insert(moment.call);
        }
        if (moment.event == "hangup") {
            ended.insert(moment.call);
        }
    }
    return !ended.empty() && legs == ended;
}

/// "dir/menu.json" is "dir/menu-2.json" for the second call.
std::string path_for(const std::string& out, std::size_t number) {
    const std::filesystem::path path{out};
    if (number == 1) {
        return out;
    }
    const std::string name =
        fmt::format("{}-{}{}", path.stem().string(), number, path.extension().string());
    return (path.parent_path() / name).string();
}

/// Everything that was recorded, as files.
Exit write_files(const RecordOptions& options, const TapeProxy& proxy, const TapeSettings& tape) {
    const TapedScenarios taped = scenarios_of(proxy.passages(), tape);
    for (const std::string& note : taped.notes) {
        complain(printable(note, 1024));
    }
    if (proxy.overflowed()) {
        complain("too much has passed; the last of it was not recorded");
    }
    if (taped.scenarios.empty()) {
        complain("no call has passed, so nothing is written");
        return Exit::failed;
    }
    Exit exit = Exit::passed;
    std::size_t number = 0;
    for (const nlohmann::ordered_json& scenario : taped.scenarios) {
        const std::string path = path_for(options.out, ++number);
        const std::string text = scenario_text(scenario);
        for (const Mistake& mistake : read_scenario(path, text, {}).mistakes) {
            complain("this call could not be made a scenario that can be played: " +
                     printable(to_text(mistake)));
            exit = Exit::failed;
        }
        const Result<bool> written = write_by_rename(path, text);
        if (!written) {
            complain(printable(to_text(written.error())));
            exit = Exit::failed;
            continue;
        }
        const nlohmann::ordered_json line{
            {"event", "written"}, {"file", path}, {"steps", scenario["steps"].size()}};
        if (!print(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n")) {
            exit = Exit::failed;
        }
    }
    return exit;
}

/// Waits for the receiver in short turns, so that a signal is seen. None: it is there.
std::optional<Exit> await_ready(const RecordOptions& options, const ReceiverAddress& address,
                                Child* child, const EndSignals& signals) {
    constexpr std::chrono::milliseconds turn{250};
    const auto end = std::chrono::steady_clock::now() + options.run.wait_timeout;
    while (true) {
        const auto now = std::chrono::steady_clock::now();
        const auto error = await_receiver(address, std::min(end, now + turn), child);
        if (!error) {
            return std::nullopt;
        }
        if (signals.came()) {
            return Exit::interrupted;
        }
        if (std::chrono::steady_clock::now() >= end || (child != nullptr && child->ended())) {
            complain(printable(to_text(*error)));
            return Exit::unreachable;
        }
    }
}

/// What a person is told of an answer that the recorder has given itself, by its code.
std::string_view words_for(std::string_view code) {
    return code == "no-upstream"
               ? "the receiver asked the API for something, but there is no --upstream: it was "
                 "answered 502"
           : code == "upstream-silent"
               ? "the upstream does not answer: 502 was answered in its place"
           : code == "receiver-silent"
               ? "the receiver does not answer: 502 was answered in its place"
           : code == "too-busy"
               ? "more requests wait than are kept waiting: 503 was answered"
               : "what still waited at the end was not passed on: 503 was answered";
}

/// Tells the main thread that an event has passed, and a person what is set up wrongly.
class Watch {
public:
    explicit Watch(const RecordOptions& options)
        : options_{options}, passed_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}
    /// Readable when has_enough() is worth asking again.
    [[nodiscard]] int passed() const { return passed_.get(); }

    /// On the recorder's loop, which it does not hold up: has_enough() looks through everything.
    void saw(const Passage& passage) {
        const bool is_api = passage.leg == Passage::Leg::api;
        if (passage.answer.ours && told_.insert(passage.answer.why_ours).second) {
            complain(std::string{words_for(passage.answer.why_ours)});
        }
        if (options_.calls != 0 && !is_api && passage.answer.status != 0) {
            static_cast<void>(::eventfd_write(passed_.get(), 1));
        }
    }

    /// Have as many calls ended as were asked for?
    [[nodiscard]] bool has_enough(const TapeProxy& proxy) const {
        eventfd_t count{0};
        if (::eventfd_read(passed_.get(), &count) != 0) {
            return false;
        }
        const std::vector<Passage> passages = proxy.passages();
        const SortedMoments sorted = sorted_by_call(passages);
        const auto over = std::ranges::count_if(sorted.calls, is_over);
        return static_cast<std::uint64_t>(over) >= options_.calls;
    }

private:
    const RecordOptions& options_;
    Descriptor passed_;
    std::set<std::string> told_;  // the codes
};

/// Until a signal, enough calls, or the end of the receiver's command.
void wait_for_end(const EndSignals& signals, const Watch& watch, const TapeProxy& proxy,
                  Child* child) {
    std::array watched{pollfd{signals.get(), POLLIN, 0}, pollfd{watch.passed(), POLLIN, 0},
                       pollfd{child != nullptr ? child->pidfd() : -1, POLLIN, 0}};
    for (;;) {
        if (!poll_until(watched, std::chrono::steady_clock::now() + std::chrono::hours{1})) {
            continue;
        }
        if (watched[0].revents != 0 || (watched[1].revents != 0 && watch.has_enough(proxy))) {
            return;
        }
        if (watched[2].revents != 0) {
            const auto end = child->ended();
            complain("the receiver's command " + (end ? to_text(*end) : std::string{"has ended"}));
            return;
        }
    }
}

/// What is under way is still answered, unless somebody who has waited long enough says otherwise.
void let_it_end(const EndSignals& signals, TapeProxy& proxy) {
    signals.take();
    proxy.begin_to_end();
    std::array watched{pollfd{signals.get(), POLLIN, 0}, pollfd{proxy.over(), POLLIN, 0}};
    while (!poll_until(watched, std::chrono::steady_clock::now() + std::chrono::hours{1})) {
    }
    if (watched[1].revents == 0) {
        complain("a second signal: what was under way is not waited for");
        proxy.cut();
    }
    proxy.stop();
}

Exit record_calls(const RecordOptions& options, const std::string& receiver,
                  const ReceiverAddress& address) {
    const EndSignals signals;
    const RunOptions& run = options.run;
    ProxySettings wanted;
    wanted.port = run.suite.port;
    wanted.receiver = origin_of(receiver);
    wanted.upstream = options.upstream;
    wanted.verify_tls = run.suite.simulator.delivery.verify_tls;
    wanted.ca_file = run.suite.simulator.delivery.ca_file;
    wanted.certificate_file = run.suite.simulator.delivery.certificate_file;
    wanted.key_file = run.suite.simulator.delivery.key_file;
    wanted.headers = run.suite.simulator.delivery.headers;
    Watch watch{options};  // outlives the proxy, which tells it of passages to its own end
    TapeProxy proxy{wanted};
    proxy.on_passage([&watch](const Passage& passage) { watch.saw(passage); });
    const Result<std::string> url = proxy.start();
    if (!url) {
        complain(to_text(url.error()));
        return Exit::could_not_start;
    }
    std::unique_ptr<Child> child;
    if (!run.command.empty()) {
        auto started = start_receiver({run.command, run.suite.user, run.suite.token,
                                       run.suite.secret, "record-" + secret_token().substr(0, 12)},
                                      url.value(), receiver);
        if (!started) {
            complain(printable(to_text(started.error())));
            return Exit::could_not_start;
        }
        child = std::move(started).value();
    }
    if (const auto ended = await_ready(options, address, child.get(), signals)) {
        return *ended;
    }
    const nlohmann::ordered_json ready{
        {"event", "ready"}, {"url", url.value()}, {"receiver", receiver}, {"pid", ::getpid()}};
    if (!print(ready.dump() + "\n")) {
        return Exit::failed;
    }
    wait_for_end(signals, watch, proxy, child.get());
    let_it_end(signals, proxy);
    if (child) {
        child->stop(run.term_patience);
    }
    TapeSettings tape;
    tape.name = std::filesystem::path{options.out}.stem().string();
    tape.receiver = receiver;
    tape.recorder = url.value();
    tape.has_upstream = !options.upstream.empty();
    tape.secrets = {run.suite.secret};
    return write_files(options, proxy, tape);
}

}  // namespace

Exit record(const Args& args) {
    RecordOptions options;
    const auto flags = record_flags(options);
    auto [words, command] = split_at_dashes(args);
    options.run.command = std::move(command);
    if (const auto ended = ended_by_flags(*flags, words)) {
        return *ended;
    }
    if (options.out.empty()) {
        flags->add_problem({"--out", "expected a file for what is recorded"});
    }
    if (options.run.command.empty() && options.run.callback_url.empty()) {
        flags->add_problem({"--callback-url",
                            "expected where your receiver is, or -- and the command that starts "
                            "it"});
    }
    if (options.run.callback_url.find('@') != std::string::npos) {
        flags->add_problem({"--callback-url",
                            "expected an address without user information: "
                            "that comes with the callbacks themselves"});
    }
    if (const auto ended = ended_by_problems(*flags)) {
        return *ended;
    }
    std::optional<PortClaim> claim;  // of the receiver's port, until it has been stopped
    const Result<std::string> receiver = receiver_url(options.run.callback_url, claim);
    if (!receiver) {
        complain(printable(to_text(receiver.error())));
        return Exit::could_not_start;
    }
    const Result<ReceiverAddress> address = options.run.wait_for.empty()
                                                ? listening_address(receiver.value())
                                                : parse_receiver_address(options.run.wait_for);
    if (!address) {
        complain(printable(to_text(address.error())));
        return Exit::bad_usage;
    }
    return record_calls(options, receiver.value(), address.value());
}

}  // namespace ringback
