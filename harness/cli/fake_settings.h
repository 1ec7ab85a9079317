#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/record/journal_file.h"
#include "simulator/edge/settings.h"

namespace ringback {

/// What is kept of what happened, and where.
struct JournalOptions {
    std::string file;  // "" = only in memory
    Fsync fsync{Fsync::batch};
    std::size_t most_entries{50'000};  // in memory; the oldest go first
};

struct AdminOptions {
    std::optional<std::uint16_t> port{};  // default: the API's own port, under /__admin
    std::string token;                    // "" = none asked for
    std::vector<std::string> host_names;  // accepted in Host besides the loopback names
};

/// What is told on standard error while it runs.
enum class Narrate : std::uint8_t { nothing, problems, everything };

/// One fake, whole: what `serve` makes of its flags and `call` of none.
struct FakeSettings {
    SimulatorSettings simulator;
    ServerSettings server;
    std::string tls_folder;  // of a certificate made for https_port; "" = a temporary one
    AdminOptions admin;
    JournalOptions journal;
    Narrate narrate{Narrate::nothing};
};

}  // namespace ringback
