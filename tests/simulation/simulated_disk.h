#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>

#include "simulator/core/random.h"

namespace ringback::test {

/// The disk under one file: takes writes whole or in parts, fills up with warning or without, fails
/// to sync, and at last is not written any more, because the process that did is dead. Every other
/// file of this process is as it is. The product has no switch for it: simulated_disk.cpp defines
/// the functions of the C library by which a journal is written, and the executable's come first.
///
/// One at a time, one thread.
class SimulatedDisk {
public:
    /// `file` need not be there yet.
    SimulatedDisk(std::filesystem::path file, std::uint64_t stream);
    SimulatedDisk(const SimulatedDisk&) = delete;
    SimulatedDisk& operator=(const SimulatedDisk&) = delete;
    ~SimulatedDisk();

    /// Another mood, well or not, by its own dice.
    void change();
    void recover() { mood_ = Mood::well; }

    /// The process dies in the n-th write from now on, of which some bytes are still written.
    void die_at(std::uint64_t write) { writes_left_ = write; }
    void die() { dead_ = true; }
    [[nodiscard]] bool dead() const { return dead_; }
    /// A new process, on the file as the last one has left it. After a loss of power that is any of
    /// what had not been synced.
    void live_again(bool power_was_lost);

    [[nodiscard]] const std::filesystem::path& file() const { return file_; }
    /// How often something was refused or cut short.
    [[nodiscard]] std::uint64_t troubles() const { return troubles_; }

    // What the functions of the C library become for that file.
    [[nodiscard]] bool is_file(int descriptor) const;
    ssize_t write(int descriptor, const char* bytes, std::size_t count);
    int promise_room(off_t bytes);
    int sync(int descriptor);

private:
    enum class Mood : std::uint8_t {
        well,
        full,           // and whoever asks for room is told
        full_unwarned,  // promises room that is not there
        cannot_be_synced
    };
    [[nodiscard]] bool chance(std::uint64_t of) { return dice_.below(of) == 0; }
    int fail(int error);
    std::size_t taken(std::size_t count);

    std::filesystem::path file_;
    Rng dice_;
    Mood mood_{Mood::well};
    std::size_t room_{0};  // bytes, while it is full
    std::uint64_t writes_left_{std::numeric_limits<std::uint64_t>::max()};
    std::uint64_t troubles_{0};
    std::uintmax_t synced_{0};  // bytes that also survive a loss of power
    bool dead_{false};
};

}  // namespace ringback::test
