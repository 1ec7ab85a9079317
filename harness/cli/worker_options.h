#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "harness/cli/flags.h"
#include "harness/cli/load_options.h"
#include "harness/locust/locust_names.h"

namespace ringback {

/// What `ringback worker` was asked for.
struct WorkerOptions {
    LoadOptions load;  // scenarios, receiver, whose it is: as `load` has them
    std::optional<LocustAddress> master{};
    std::chrono::milliseconds patience{300'000};  // without a master
    std::string bind_address{"127.0.0.1"};
    std::string public_base;  // "" = where the API listens
};

/// The flags of `worker`, writing into `options`, which must outlive them.
[[nodiscard]] std::unique_ptr<Flags> worker_flags(WorkerOptions& options);

/// What must hold between flags; adds to flags.problems().
void check(const WorkerOptions& options, Flags& flags);

}  // namespace ringback
