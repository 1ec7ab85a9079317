#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/process/descriptor.h"

namespace ringback {

/// Looks up the addresses of a host by its name, as often as it is asked, but not more than once a
/// second. Every lookup is made on a thread of its own, because the system's may take longer than
/// any deadline and cannot be ended; such a thread is left alone and ends when the system answers.
class HostLookup {
public:
    struct Found {
        std::vector<std::string> ips;  // literals, as the system orders them
        std::string failure;           // why there are none: "name or service not known"
    };

    explicit HostLookup(std::string name) : name_{std::move(name)} {}

    /// What is known by the deadline, or when one of `others` (descriptors, or -1) can be read.
    /// With a deadline that has passed it does not wait at all.
    [[nodiscard]] Found find(SteadyTime deadline, std::array<int, 2> others = {-1, -1});

private:
    struct Running;

    std::string name_;
    std::shared_ptr<Running> running_{};  // shared with its thread
    std::optional<Found> found_{};
    SteadyTime found_at_{};
};

}  // namespace ringback
