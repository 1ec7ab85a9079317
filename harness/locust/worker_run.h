#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/load/call_hall.h"
#include "harness/locust/locust_link.h"
#include "harness/run/suite.h"
#include "harness/scenario/scenario.h"

namespace ringback {

struct WorkerRunSettings {
    std::vector<Scenario> scenarios;
    CallHallSettings hall;                  // receiver and api are filled in
    std::string bind_address{"127.0.0.1"};  // of the API
    std::uint16_t port{0};
    std::string public_base;  // of the addresses in events; "" = the API's own
    LocustLinkSettings link;
};

/// How a worker came to its end.
struct WorkerEnd {
    enum class Why : std::uint8_t { quit, interrupted, receiver_gone, receiver_unreachable, alone };
    Why why{Why::quit};
    std::optional<Error> error{};  // of the last two: who could not be reached
};

/// One worker of a Locust cluster: the API's port, the calls, the master, the receiver. Blocking;
/// everything happens on the thread that calls run().
class WorkerRun {
public:
    using Say = std::function<void(std::string_view line)>;

    /// `say` is told what a person should know, a line or a story at a time.
    WorkerRun(WorkerRunSettings settings, Say say);
    WorkerRun(const WorkerRun&) = delete;
    WorkerRun& operator=(const WorkerRun&) = delete;
    ~WorkerRun();

    /// Binds the API's port; its base URL on this machine. Errors: a target that may not be called
    /// (`where` is empty), the port.
    [[nodiscard]] Result<std::string> listen();
    /// After listen(), before the receiver is there: why a scenario or its receiver is refused.
    [[nodiscard]] std::optional<Error> prepare(const std::string& receiver);
    /// Waits for the receiver, then does what the master says until it says quit. SIGINT and
    /// SIGTERM end it: calls may end within the master's stop timeout, then the master is told; a
    /// second one ends it at once.
    [[nodiscard]] WorkerEnd run(const SuiteReceiver& receiver);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace ringback
