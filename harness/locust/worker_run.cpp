#include "harness/locust/worker_run.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <thread>
#include <utility>

#include "harness/load/hall_door.h"
#include "harness/locust/line_host.h"
#include "harness/run/child_watch.h"
#include "harness/run/receiver_wait.h"
#include "simulator/edge/http_server.h"
#include "simulator/edge/loop_hearing.h"

namespace ringback {
namespace {

/// Where a listener on that address is reached from this machine.
std::string host_of(const std::string& bind_address) {
    if (bind_address == "0.0.0.0") {
        return "127.0.0.1";
    }
    if (bind_address == "::") {
        return "[::1]";
    }
    return bind_address.find(':') == std::string::npos ? bind_address : "[" + bind_address + "]";
}

}  // namespace

struct WorkerRun::Parts {
    Parts(WorkerRunSettings wanted, Say to)
        : settings{std::move(wanted)}, say{std::move(to)}, signals{loop}, child{loop} {}

    WorkerRunSettings settings;
    Say say;
    boost::asio::io_context loop{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
    TargetPolicy targets;
    std::unique_ptr<LineHost> host;
    HallDoor door;
    std::unique_ptr<HttpServer> server;  // goes before the halls: its requests end in them
    std::unique_ptr<LocustLink> link;
    boost::asio::signal_set signals;
    ChildWatch child;
    std::optional<LoopPulse> pulse{};  // for what the thread tells that awaits the receiver
    std::optional<WorkerEnd> end{};

    void watch_signals();
    std::thread await_receiver(const SuiteReceiver& awaited);
    void join();
    void leave(WorkerEnd::Why why);
};

WorkerRun::WorkerRun(WorkerRunSettings settings, Say say)
    : parts_{std::make_unique<Parts>(std::move(settings), std::move(say))} {}

WorkerRun::~WorkerRun() = default;

Result<std::string> WorkerRun::listen() {
    Parts& parts = *parts_;
    if (auto error = deafness_of(parts.loop)) {
        return *error;
    }
    parts.pulse.emplace(parts.loop);
    auto policy = TargetPolicy::from(parts.settings.hall.simulator.targets);
    if (!policy) {
        return policy.error();
    }
    parts.targets = std::move(policy).value();
    ServerSettings wanted;
    wanted.bind_address = parts.settings.bind_address;
    wanted.port = parts.settings.port;
    parts.server = std::make_unique<HttpServer>(parts.loop, wanted, parts.door);
    const Result<std::uint16_t> port = parts.server->listen();
    if (!port) {
        return port.error();
    }
    parts.targets.add_own_port(port.value());
    parts.watch_signals();  // before there is a receiver that would have to be stopped
    parts.settings.hall.api =
        fmt::format("http://{}:{}", host_of(parts.settings.bind_address), port.value());
    // Receivers that several workers share know only from an event whose call it is about.
    parts.settings.hall.simulator.api.public_base =
        parts.settings.public_base.empty() ? parts.settings.hall.api : parts.settings.public_base;
    return parts.settings.hall.api;
}

std::optional<Error> WorkerRun::prepare(const std::string& receiver) {
    Parts& parts = *parts_;
    parts.settings.hall.receiver = receiver;
    auto host =
        LineHost::build(parts.loop, parts.settings.scenarios, parts.targets, parts.settings.hall,
                        [say = parts.say](const KeptFailure& failure) { say(failure.story); });
    if (!host) {
        return host.error();
    }
    parts.host = std::move(host).value();
    for (CallHall* const hall : parts.host->halls()) {
        if (auto refusal = hall->simulator().refuse_url(receiver)) {
            return Error{"--callback-url", *refusal};
        }
        parts.door.open_to(*hall);
    }
    return std::nullopt;
}

void WorkerRun::Parts::watch_signals() {
    signals.add(SIGINT);
    signals.add(SIGTERM);
    signals.async_wait([this](const boost::system::error_code& cancelled, int /*which*/) {
        if (cancelled) {
            return;
        }
        leave(WorkerEnd::Why::interrupted);
        signals.async_wait([this](const boost::system::error_code& none, int /*which*/) {
            if (!none) {
                loop.stop();
            }
        });
    });
}

std::thread WorkerRun::Parts::await_receiver(const SuiteReceiver& awaited) {
    return await_beside(loop, awaited, [this, &awaited](const std::optional<Error>& error) {
        if (error) {
            end = WorkerEnd{WorkerEnd::Why::receiver_unreachable, error};
            loop.stop();
            return;
        }
        child.watch(awaited.child, [this] { leave(WorkerEnd::Why::receiver_gone); });
        join();
    });
}

void WorkerRun::Parts::join() {
    link = std::make_unique<LocustLink>(
        loop, *host, settings.link, [this](std::string_view line) { say(line); },
        [this](const std::optional<Error>& error) {
            if (!end) {
                end = error ? WorkerEnd{WorkerEnd::Why::alone, error} : WorkerEnd{};
            }
            loop.stop();
        });
    link->start();
}

/// Lets the calls end and tells the master, if there is one.
void WorkerRun::Parts::leave(WorkerEnd::Why why) {
    if (!end) {
        end = WorkerEnd{why, {}};
    }
    if (link) {
        link->leave();
    } else {
        loop.stop();
    }
}

WorkerEnd WorkerRun::run(const SuiteReceiver& receiver) {
    Parts& parts = *parts_;
    const auto work = boost::asio::make_work_guard(parts.loop);
    std::thread thread = parts.await_receiver(receiver);
    WaiterJoined waiter{thread, receiver};
    parts.loop.run();
    parts.link.reset();  // what was said last leaves
    if (parts.end && parts.end->why == WorkerEnd::Why::interrupted) {
        waiter.give_up();
    }
    parts.signals.clear();  // whoever will not wait for the receiver's answer interrupts again
    waiter.join();
    parts.child.forget();
    return parts.end.value_or(WorkerEnd{});
}

}  // namespace ringback
