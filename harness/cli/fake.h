#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/fake_settings.h"
#include "harness/report/losses.h"
#include "harness/script/faults_played.h"
#include "simulator/core/result.h"

namespace ringback {

/// A whole fake on one event loop: simulator, API and admin servers, journal. The one place that
/// wires them together; `serve` runs it on the main thread, `call` on a thread of its own.
class Fake {
public:
    /// Where it listens: "http://127.0.0.1:49213", without a slash at the end.
    struct Addresses {
        std::string api;
        std::string api_tls;      // "" without --https-port
        std::string admin;        // with "/__admin"
        std::string certificate;  // the file of one that was made for api_tls; "" = none was
    };
    /// How run() came to its end.
    enum class Ended : std::uint8_t {
        drained,  // everything in flight was finished
        late,     // the drain's time was over first
        cut,      // stopped at once
    };

    explicit Fake(FakeSettings settings);
    Fake(const Fake&) = delete;
    Fake& operator=(const Fake&) = delete;
    ~Fake();

    /// Opens the journal, binds the ports and accepts from then on (answers come once run() is
    /// called). The error also says when the system refuses what an event loop is made of.
    [[nodiscard]] Result<Addresses> start();

    /// SIGINT and SIGTERM drain, a second one stops at once. Before run().
    void end_on_signals(std::chrono::milliseconds drain_timeout);

    /// The loop, until drained or stopped; once.
    Ended run();

    /// From any thread: no new calls, finishes what is in flight, for that long at most.
    void drain(std::chrono::milliseconds timeout);
    /// From any thread: ends run() at once.
    void stop();

    /// When run() has ended: what was to go wrong at the end, and what came of it.
    [[nodiscard]] std::vector<FaultPlayed> faults_played() const;
    [[nodiscard]] Losses losses() const;

private:
    struct Parts;
    FakeSettings settings_;
    std::unique_ptr<Parts> parts_;  // from start() on
};

}  // namespace ringback
