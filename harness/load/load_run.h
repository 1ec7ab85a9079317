#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/load/ceiling.h"
#include "harness/load/load_hall.h"
#include "harness/load/result.h"
#include "harness/run/suite.h"
#include "harness/scenario/scenario.h"

namespace ringback {

struct LoadRunSettings {
    Scenario scenario;
    LoadPlan plan;
    LoadHallSettings hall;                    // receiver, api and share are filled in
    std::uint16_t port{0};                    // of the API
    std::size_t workers{1};                   // loops, each on a thread; one where a scenario kicks
    std::chrono::milliseconds drain{10'000};  // for calls in flight after an interruption
    bool measure_ceiling{true};
    std::optional<Ceiling> ceiling{};   // where it has been measured before
    std::optional<double> most_rate{};  // calls per second that no key may exceed
};

/// How a run goes, once a second.
struct LoadNews {
    const LoadSecond& second;
    const Histogram& response;  // of that second
    const Histogram& service;
    double duration_s{0};     // of the whole schedule
    std::uint64_t failed{0};  // calls, since the begin
    std::uint64_t errors{0};  // of callbacks
    bool paused{false};
};

/// What keys may do.
enum class Keys : std::uint8_t {
    all,   // + - change the rate by a tenth, p pauses and goes on, q ends early, Q at once
    quit,  // q and Q: where the rate is not to be changed
};
/// What whoever follows a run wants of it; "" = let it go on, else why it is to end early.
using OnSecond = std::function<std::string(const LoadNews&)>;

/// One load run: the API's port, the schedule, the receiver. Blocking. It is led from the thread
/// that calls run(), where everything happens that is not of one loop; that of `workers` - 1 loops
/// happens on threads of their own.
class LoadRun {
public:
    explicit LoadRun(LoadRunSettings settings);
    LoadRun(const LoadRun&) = delete;
    LoadRun& operator=(const LoadRun&) = delete;
    ~LoadRun();

    /// Binds the API's port, one for all loops; its base URL. Errors: the port, a target that may
    /// not be called, a plan that cannot be done.
    [[nodiscard]] Result<std::string> listen();
    /// After listen(), before the receiver is there: why a scenario or its receiver is refused.
    [[nodiscard]] std::optional<Error> prepare(const std::string& receiver);
    /// Before run(): keys are read from there while it runs; what they change is in the result.
    void take_keys(int descriptor, Keys keys);
    /// Waits for the receiver, plays the plan, waits for the last call. SIGINT and SIGTERM end it
    /// early: no more starts, calls in flight may end within `drain`; a second one ends it at once.
    [[nodiscard]] Result<LoadResult> run(const SuiteReceiver& receiver, const OnSecond& on_second);

    [[nodiscard]] bool unreachable() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace ringback
