#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/document.h"
#include "harness/scenario/scenario.h"
#include "harness/script/script.h"
#include "harness/script/verdict.h"
#include "simulator/core/faults.h"
#include "simulator/core/result.h"
#include "simulator/edge/settings.h"

namespace ringback {

/// What `ringback run` wants of a suite of scenarios.
struct SuiteSettings {
    std::vector<Scenario> scenarios;
    std::size_t jobs{1};
    std::optional<std::uint64_t> seed{};  // over the scenarios' own
    std::string user{"u-ringback"};       // of every scenario that names none itself
    std::string told{};  // the user id that the receiver was started with; "" = `user`
    std::string token{"t-ringback"};
    std::string secret{"s-ringback"};
    std::chrono::milliseconds timeout{60'000};  // per run
    std::chrono::milliseconds linger{2'000};
    SimulatorSettings simulator;
    std::uint16_t port{0};
    std::string run_id;
};

/// The receiver under test, as far as a suite needs to know it.
struct SuiteReceiver {
    std::string url;  // base URL, without a slash at the end
    int child{-1};    // a descriptor that becomes readable when its process has ended; -1: none
    /// Returns when it answers, or why it does not; called on a thread of its own, because a
    /// receiver may ask the API for something before it listens.
    std::function<std::optional<Error>()> await{};
    /// Makes `await` return soon.
    std::function<void()> give_up{};
    /// Whether it is about to do something by itself, where that can be seen.
    std::function<bool()> is_busy{};
    /// Where it can be ended and started again, on the thread that calls run(): ends it at once.
    std::function<void()> end{};
    /// Starts it; what is to be its `child` now. It is awaited then.
    std::function<Result<int>()> start{};
    /// How its process ended: "ended with exit code 3". On the thread that calls run().
    std::function<std::string()> how_it_ended{};
};

/// One of the planned runs once more, with calls of its own, and something wrong with it.
struct Encore {
    std::size_t of{0};  // which, from 0
    FaultPlan faults{};
    std::optional<Leniency> lenient{};  // none: judged like the others
    /// The receiver ends and comes again behind that event; needs SuiteReceiver::end and start.
    struct Restart {
        std::size_t after{1};  // from 1; 0: behind the call that it has placed
        bool misses_next{false};
    };
    std::optional<Restart> restart{};
};

/// Many scenarios against one receiver, over one port. Blocking; everything happens on the thread
/// that calls run().
class Suite {
public:
    explicit Suite(SuiteSettings settings);
    Suite(const Suite&) = delete;
    Suite& operator=(const Suite&) = delete;
    ~Suite();

    /// Binds the port; its base URL.
    [[nodiscard]] Result<std::string> listen();

    /// What the scenarios want called and may not be called, each place once. After listen(), for
    /// a receiver with that base URL.
    [[nodiscard]] std::vector<Mistake> refused_targets(const std::string& receiver) const;
    /// The `waitFor` of the first scenario that has one, expanded; "" = none has. The error is a
    /// variable that names what there is not.
    [[nodiscard]] Result<std::string> wait_for(const std::string& receiver) const;

    /// Waits for the receiver, then runs every scenario against it, `jobs` at once; two with one
    /// user id never overlap. `on_done` is told of each run as it ends. SIGINT and SIGTERM end it
    /// early. Errors: a stage that cannot be built; a receiver that does not answer (then
    /// unreachable()).
    /// `encore`, if given, is asked when all that was planned has been played and again after each
    /// of its runs; none: that was all. `on_done` is told of those runs too, nobody keeps them; of
    /// one that a signal has ended it is not. A receiver that ends in one of them is started again
    /// for the next; where it does not come, gave_up() says why.
    [[nodiscard]] Result<std::vector<RunRecord>> run(
        const SuiteReceiver& receiver, const std::function<void(const RunRecord&)>& on_done,
        const std::function<std::optional<Encore>()>& encore = {});

    /// How many runs were planned: scenarios times the rows of their data.
    [[nodiscard]] std::size_t planned() const;
    [[nodiscard]] bool unreachable() const;
    [[nodiscard]] bool interrupted() const;
    /// Why no more encores could be played; none: all were, or it was interrupted.
    [[nodiscard]] const std::optional<Error>& gave_up() const;
    /// Requests that named no user of the suite.
    [[nodiscard]] const std::vector<std::string>& strays() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace ringback
