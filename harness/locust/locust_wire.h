#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "harness/locust/locust_host.h"
#include "harness/locust/locust_stats.h"
#include "simulator/core/result.h"

namespace ringback {

/// A message of the master: MessagePack, [type, data, node id].
struct LocustMessage {
    std::string type;
    nlohmann::json data;
};

/// What this process costs, for the master's table of workers.
struct LocustUsage {
    double cpu_percent{0};  // of one core; the master warns above 90
    std::uint64_t memory_bytes{0};
};

/// Never throws, and takes at most 64 levels, whatever was sent.
[[nodiscard]] Result<LocustMessage> read_locust_message(std::string_view frame);

// The worker's messages, whole, in the bytes that Locust's own worker sends. `id` is the node id.
// Text that is no UTF-8 is mended: a master that cannot decode a message counts the one before it
// twice (Locust 2.12, client_listener).

/// `type` without data: client_stopped, spawning, quit.
[[nodiscard]] std::string locust_message(std::string_view type, std::string_view id);
/// Says version -1: "no Locust of Python's"; the master then compares no versions.
[[nodiscard]] std::string locust_client_ready(std::string_view id);
[[nodiscard]] std::string locust_heartbeat(std::string_view state, const LocustUsage& usage,
                                           std::string_view id);
[[nodiscard]] std::string locust_spawning_complete(const LocustUsers& users, std::string_view id);
[[nodiscard]] std::string locust_exception(const LocustException& exception, std::string_view id);
[[nodiscard]] std::string locust_report(const LocustStats& stats, const LocustUsers& users,
                                        std::string_view id);

}  // namespace ringback
