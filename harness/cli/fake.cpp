#include "harness/cli/fake.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>
#include <csignal>
#include <utility>

#include "harness/admin/admin_api.h"
#include "harness/cli/gateway.h"
#include "harness/cli/narration.h"
#include "harness/cli/output.h"
#include "harness/cli/values.h"
#include "harness/process/memory_reserve.h"
#include "harness/process/patient_loop.h"
#include "harness/record/journal.h"
#include "simulator/edge/http_server.h"
#include "simulator/edge/http_transport.h"
#include "simulator/edge/loop_hearing.h"
#include "simulator/edge/memory_watch.h"
#include "simulator/edge/self_signed.h"
#include "simulator/edge/simulator.h"
#include "simulator/edge/target.h"

namespace ringback {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds between_syncs{50};
constexpr milliseconds between_looks{250};
/// So many looks in a row at memory that stays short; then the journal has to go, too.
constexpr int patience_with_journal = 20;
/// After the last callback: for answers that are still being written.
constexpr milliseconds farewell{20};

/// "http://127.0.0.1:12180"; "any" addresses are shown as the loopback one they include.
std::string address_text(std::string_view scheme, const std::string& bind_address,
                         std::uint16_t port) {
    std::string host = bind_address == "0.0.0.0" ? "127.0.0.1"
                       : bind_address == "::"    ? "::1"
                                                 : bind_address;
    if (host.find(':') != std::string::npos) {
        host = fmt::format("[{}]", host);
    }
    return fmt::format("{}://{}:{}", scheme, host, port);
}

}  // namespace

/// In the order in which they are made; later ones use earlier ones. What may fail is made by
/// start().
struct Fake::Parts {
    explicit Parts(FakeSettings wanted)
        : settings{std::move(wanted)},
          ids{settings.simulator.seed},
          journal{ids, JournalLimits{.entries = settings.journal.most_entries}},
          signals{loop},
          sync_timer{loop},
          memory_timer{loop},
          end_timer{loop} {}

    FakeSettings settings;
    // One thread runs it; others only post to it (drain, stop).
    boost::asio::io_context loop{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
    IdCodec ids;
    std::unique_ptr<JournalFile> file;
    Journal journal;
    std::unique_ptr<Narration> narration;
    std::optional<SelfSigned> certificate;  // where the user gave none
    TargetPolicy targets;
    std::unique_ptr<MemoryWatch> memory;  // where it has a limit
    std::unique_ptr<HttpTransport> transport;
    std::unique_ptr<Simulator> simulator;
    std::unique_ptr<AdminApi> admin;
    std::unique_ptr<Gateway> gateway;
    std::unique_ptr<Gateway> admin_gateway;
    std::unique_ptr<HttpServer> server;
    std::unique_ptr<HttpServer> admin_server;

    boost::asio::signal_set signals;
    boost::asio::steady_timer sync_timer;
    boost::asio::steady_timer memory_timer;
    boost::asio::steady_timer end_timer;
    milliseconds drain_timeout{10'000};  // for the admin plane's shutdown
    bool draining{false};
    bool leaving{false};
    Ended ended{Ended::drained};

    std::optional<Error> open_journal();
    std::optional<Error> open_network();
    std::optional<Error> make_certificate();
    Result<Addresses> listen();
    void sync_later();
    void watch_memory();
    void look_later();
    void look_at_memory();
    int looks_in_shortage{0};
    void await_signal();
    void drain(milliseconds timeout);
    void say_farewell(Ended how);
    void end(Ended how);
};

std::optional<Error> Fake::Parts::open_journal() {
    if (settings.narrate != Narrate::nothing) {
        narration = std::make_unique<Narration>(journal, settings.narrate == Narrate::everything);
    }
    if (settings.journal.file.empty()) {
        return std::nullopt;
    }
    Result<std::unique_ptr<JournalFile>> opened =
        JournalFile::open({.path = settings.journal.file, .fsync = settings.journal.fsync});
    if (!opened) {
        return Error{"--journal", to_text(opened.error())};
    }
    file = std::move(opened).value();
    journal.keep_in(file.get());
    sync_later();
    return std::nullopt;
}

std::optional<Error> Fake::Parts::open_network() {
    Result<TargetPolicy> policy = TargetPolicy::from(settings.simulator.targets);
    if (!policy) {
        return policy.error();
    }
    targets = std::move(policy).value();
    Result<std::unique_ptr<HttpTransport>> opened =
        HttpTransport::open(loop, settings.simulator.delivery, targets);
    if (!opened) {
        return opened.error();
    }
    transport = std::move(opened).value();
    simulator = std::make_unique<Simulator>(loop, settings.simulator, *transport, targets, journal,
                                            [this] { drain(drain_timeout); });
    admin = std::make_unique<AdminApi>(
        *simulator, journal,
        AdminSettings{settings.admin.token, settings.admin.host_names,
                      is_loopback_address(settings.server.bind_address)});
    return std::nullopt;
}

/// For every name by which a client on this machine may call, and those that the user says.
std::optional<Error> Fake::Parts::make_certificate() {
    ServerSettings& of = settings.server;
    if (!of.https_port || !of.certificate_file.empty()) {
        return std::nullopt;
    }
    std::vector<std::string> hosts{"localhost", "127.0.0.1", "::1"};
    const bool is_any = of.bind_address == "0.0.0.0" || of.bind_address == "::";
    if (!is_any && std::ranges::find(hosts, of.bind_address) == hosts.end()) {
        hosts.push_back(of.bind_address);
    }
    hosts.insert(hosts.end(), settings.admin.host_names.begin(), settings.admin.host_names.end());
    Result<SelfSigned> made = settings.tls_folder.empty()
                                  ? SelfSigned::temporary(hosts)
                                  : SelfSigned::kept(settings.tls_folder, hosts);
    if (!made) {
        return made.error();
    }
    certificate = std::move(made).value();
    of.certificate_file = certificate->certificate_file();
    of.key_file = certificate->key_file();
    return std::nullopt;
}

Result<Fake::Addresses> Fake::Parts::listen() {
    using Serves = Gateway::Serves;
    const std::string& bound = settings.server.bind_address;
    if (auto error = make_certificate()) {
        return *std::move(error);
    }
    gateway = std::make_unique<Gateway>(settings.admin.port ? Serves::api : Serves::both,
                                        *simulator, *admin, journal);
    server = std::make_unique<HttpServer>(loop, settings.server, *gateway);
    const Result<std::uint16_t> port = server->listen();
    if (!port) {
        return port.error();
    }
    targets.add_own_port(port.value());
    Addresses at{address_text("http", bound, port.value()), {}, {}, {}};
    at.admin = at.api + "/__admin";
    if (const auto tls = server->https_port()) {
        targets.add_own_port(*tls);
        at.api_tls = address_text("https", bound, *tls);
        at.certificate = certificate ? certificate->certificate_file() : std::string{};
    }
    if (settings.admin.port) {
        ServerSettings own = settings.server;
        own.port = *settings.admin.port;
        own.https_port.reset();
        admin_gateway = std::make_unique<Gateway>(Serves::admin, *simulator, *admin, journal);
        admin_server = std::make_unique<HttpServer>(loop, own, *admin_gateway);
        const Result<std::uint16_t> admin_port = admin_server->listen();
        if (!admin_port) {
            return admin_port.error();
        }
        targets.add_own_port(admin_port.value());
        at.admin = address_text("http", bound, admin_port.value()) + "/__admin";
    }
    return at;
}

void Fake::Parts::sync_later() {
    sync_timer.expires_after(between_syncs);
    sync_timer.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            sync_later();  // first: whatever is thrown, there is a next time
            file->sync();
        }
    });
}

/// Where nobody has set a limit there is only the reserve to look after.
void Fake::Parts::watch_memory() {
    keep_memory_in_reserve();
    if (const std::optional<MemoryLimit> limit = memory_limit()) {
        keep_heaps_few();
        memory = std::make_unique<MemoryWatch>(MemoryWatch::Settings{.limit = *limit});
        simulator->watch_memory(memory.get());
    }
    look_later();
}

void Fake::Parts::look_later() {
    memory_timer.expires_after(between_looks);
    memory_timer.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            look_later();
            look_at_memory();
        }
    });
}

void Fake::Parts::look_at_memory() {
    if (memory) {
        simulator->look_at_memory();
        looks_in_shortage = memory->is_short() ? looks_in_shortage + 1 : 0;
        if (memory->is_nearly_out() || looks_in_shortage > patience_with_journal) {
            journal.forget_half();
        }
    }
    if (!memory || !memory->is_short()) {
        keep_memory_in_reserve();
    }
}

void Fake::Parts::await_signal() {
    signals.async_wait([this](const boost::system::error_code& cancelled, int /*which*/) {
        if (cancelled) {
            return;
        }
        if (draining) {
            transport->abandon_all();  // recorded as such on the next turns of the loop
            leaving ? end(Ended::cut) : say_farewell(Ended::cut);
            return;
        }
        drain(drain_timeout);
        await_signal();
    });
}

void Fake::Parts::drain(milliseconds timeout) {
    if (std::exchange(draining, true)) {
        return;
    }
    end_timer.expires_after(timeout);
    end_timer.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            transport->abandon_all();  // each is recorded as such before the farewell is over
            say_farewell(Ended::late);
        }
    });
    simulator->drain([this] { say_farewell(Ended::drained); });
}

void Fake::Parts::say_farewell(Ended how) {
    if (std::exchange(leaving, true)) {
        return;
    }
    server->stop_accepting();
    end_timer.expires_after(farewell);  // takes the place of the drain's deadline
    end_timer.async_wait([this, how](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            end(how);
        }
    });
}

void Fake::Parts::end(Ended how) {
    ended = how;
    static_cast<void>(journal.flush());  // a disk that fails has been told of already
    loop.stop();
}

Fake::Fake(FakeSettings settings) : settings_{std::move(settings)} {}

Fake::~Fake() = default;

Result<Fake::Addresses> Fake::start() {
    try {
        parts_ = std::make_unique<Parts>(std::move(settings_));
    } catch (const boost::system::system_error& refused) {
        return Error{"", std::string{"the system refuses an event loop: "} + refused.what()};
    }
    if (auto error = deafness_of(parts_->loop)) {
        return *error;
    }
    if (auto error = parts_->open_journal()) {
        return *error;
    }
    if (auto error = parts_->open_network()) {
        return *error;
    }
    Result<Addresses> at = parts_->listen();
    if (at) {
        parts_->watch_memory();
        parts_->simulator->ready();
    }
    return at;
}

void Fake::end_on_signals(milliseconds drain_timeout) {
    parts_->drain_timeout = drain_timeout;
    parts_->signals.add(SIGINT);
    parts_->signals.add(SIGTERM);
    parts_->await_signal();
}

Fake::Ended Fake::run() {
    const auto work = boost::asio::make_work_guard(parts_->loop);
    run_patiently(parts_->loop);
    return parts_->ended;
}

void Fake::drain(milliseconds timeout) {
    boost::asio::post(parts_->loop, [parts = parts_.get(), timeout] { parts->drain(timeout); });
}

void Fake::stop() {
    boost::asio::post(parts_->loop, [parts = parts_.get()] { parts->end(Ended::cut); });
}

std::vector<FaultPlayed> Fake::faults_played() const {
    const Simulator& played = *parts_->simulator;
    return ringback::faults_played(played.faults(), played.fault_tally(), 0);
}

Losses Fake::losses() const { return losses_of(parts_->simulator->fault_tally()); }

}  // namespace ringback
