#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "harness/admin/admin_api.h"
#include "harness/record/journal.h"
#include "harness/run/stage.h"
#include "harness/scenario/scenario.h"
#include "harness/script/verdict.h"
#include "harness/testing/doorway.h"
#include "harness/testing/record.h"
#include "simulator/core/result.h"
#include "simulator/edge/http_server.h"
#include "simulator/edge/http_transport.h"
#include "simulator/edge/settings.h"
#include "simulator/edge/simulator.h"

namespace ringback::testing {

/// What is behind a Fake: simulator, API and admin plane, journal, on one loop with a thread of its
/// own.
class Backstage {
public:
    using Clock = std::chrono::steady_clock;

    /// Binds the port (0: any free one) and answers from then on. `holds_clock`: a clock that jumps
    /// does so only while somebody waits for something.
    [[nodiscard]] static Result<std::unique_ptr<Backstage>> start(SimulatorSettings settings,
                                                                  std::uint16_t port,
                                                                  bool holds_clock);
    Backstage(const Backstage&) = delete;
    Backstage& operator=(const Backstage&) = delete;
    /// Cuts everything off.
    ~Backstage();  // NOLINT(bugprone-exception-escape): only when no memory is left to post

    // From any other thread than the loop's.

    /// "http://127.0.0.1:49213"
    [[nodiscard]] const std::string& url() const { return url_; }
    [[nodiscard]] const Record& record() const { return record_; }
    /// A request of the test's own, to the API or the admin plane; none when it is not answered in
    /// time. `waits`: its answer waits for the clock.
    [[nodiscard]] std::optional<Response> ask(const std::string& method, const std::string& path,
                                              std::string body, Clock::time_point deadline,
                                              bool waits = false);
    /// Whether there is, or in time comes, such an entry; the clock stands still from then on.
    [[nodiscard]] bool wait_for(Record::IsIt is_it, Clock::time_point deadline);
    /// None once everything is quiet; when it is not in time, what is still going on.
    [[nodiscard]] std::optional<std::string> wait_until_quiet(Clock::time_point deadline);
    /// Plays one run of a scenario to its end, which its own timeout sees to.
    [[nodiscard]] Result<RunRecord> play(const Scenario& scenario, StageSettings settings);

private:
    Backstage(SimulatorSettings settings, bool holds_clock);
    [[nodiscard]] std::optional<Error> open(std::uint16_t port);
    void handle(Request request, const std::shared_ptr<Responder>& responder);
    [[nodiscard]] std::string what_goes_on();
    // Counted: the clock runs while anybody waits.
    void let_clock_run();
    void stop_clock();
    /// Runs it on the loop and waits for that.
    void on_loop(const std::function<void()>& what);

    // In the order in which they are made; later ones use earlier ones.
    SimulatorSettings settings_;
    boost::asio::io_context loop_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
    IdCodec ids_;
    Record record_;
    ringback::Journal journal_;
    TargetPolicy targets_;
    std::unique_ptr<HttpTransport> transport_;
    std::unique_ptr<Simulator> simulator_;
    std::unique_ptr<AdminApi> admin_;
    // Until the end, with what they play: answers may still be on their way through them.
    std::vector<std::unique_ptr<Scenario>> scenarios_;
    std::vector<std::unique_ptr<Stage>> stages_;
    std::unique_ptr<Doorway> door_;
    std::unique_ptr<HttpServer> server_;
    std::string url_;
    bool holds_clock_;
    std::size_t waiting_{0};
    std::thread thread_;
};

}  // namespace ringback::testing
