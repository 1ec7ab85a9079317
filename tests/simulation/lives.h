#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "simulator/core/random.h"

namespace ringback::test {

/// What the world outside a process knows of its life, wherever that was cut off.
struct Promised {
    std::vector<std::string> accepted;  // places of what was created, from answers that left
    std::vector<std::uint64_t> lines;   // hashes of the lines that were recorded, in order
    std::size_t acknowledged{0};        // of the lines: those that the file was said to have
};

/// What several lives on one journal came to.
struct Lives {
    std::uint64_t kills{0};
    std::uint64_t power_losses{0};
    std::uint64_t accepted{0};
    std::uint64_t lines{0};
    std::uint64_t lines_lost{0};  // recorded, and lost with the process: of the last moment
    std::uint64_t torn{0};        // last lines that were not complete
    std::uint64_t troubles{0};    // of the disk
    std::uint64_t digest{0};      // of the file's every byte

    friend bool operator==(const Lives&, const Lives&) = default;
};

/// Three processes, one after the other, on one journal and one disk that fills and fails: the
/// first two die wherever the seed has it, the third comes to rest. After each, the file is held
/// against what was promised (13, 14, 15); at the end it is read as `ringback journal check` does.
/// Throws BrokenPromise. `file` is not there yet.
Lives live_and_die(Seed seed, std::uint64_t acts, const std::filesystem::path& file);

}  // namespace ringback::test
