#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "simulator/core/result.h"
#include "simulator/wire/entry_json.h"

namespace ringback {

/// One thing that is wrong with a journal file.
struct JournalFinding {
    enum class What : std::uint8_t {
        damaged,   // bytes that are no entry: `offset`, `bytes`
        torn,      // the same, as the file's last line without a newline
        missing,   // entries `first` to `last`, before this line
        repeated,  // entry `first`, which had come before
    };
    What what{What::damaged};
    std::uint64_t line{0};  // from 1
    std::uint64_t offset{0};
    std::uint64_t bytes{0};
    std::uint64_t first{0};
    std::uint64_t last{0};
    std::string why{};
};

struct JournalReport {
    std::uint64_t bytes{0};
    std::uint64_t lines{0};
    std::uint64_t entries{0};
    std::uint64_t without_checksum{0};  // of the entries
    std::uint64_t runs{0};              // a process that appends begins with entry 1
    std::array<std::uint64_t, entry_kinds.size()> by_kind{};
    std::uint64_t other_kinds{0};
    std::string first_time{};  // modelled, of the first and the last entry
    std::string last_time{};
    std::uint64_t first_seq{0};  // more than 1: what was before has been cut away
    std::uint64_t findings{0};
    std::uint64_t damaged_places{0};
    std::uint64_t damaged_bytes{0};
    std::uint64_t missing{0};
    std::uint64_t repeated{0};
    bool newline_missing{false};        // behind the last entry, which is whole
    bool in_use{false};                 // a ringback appends to it
    std::uint64_t unfinished_bytes{0};  // of the line that it is writing

    [[nodiscard]] bool is_sound() const { return findings == 0; }
};

/// Reads a journal of any size, a piece at a time, and tells everything that is wrong with it in
/// its order. Errors: it is no file, or the system cannot read it.
[[nodiscard]] Result<JournalReport> check_journal(
    const std::filesystem::path& path, const std::function<void(const JournalFinding&)>& tell);

struct JournalRepair {
    JournalReport report;             // of the file as it was
    std::filesystem::path kept_in{};  // the damaged bytes; empty: there were none
};

/// The same, and takes out of the file what is no entry. Nothing is deleted: the bytes taken out
/// stand, one after the other as they were, in a new file beside it, `FILE.damaged` or
/// `FILE.damaged.2` ... Both are on the disk before the repaired file takes the old one's place, in
/// one step; killed at any moment, this leaves either. Errors besides: it is in use, or a file
/// cannot be written, which leaves it as it was.
[[nodiscard]] Result<JournalRepair> repair_journal(
    const std::filesystem::path& path, const std::function<void(const JournalFinding&)>& tell);

}  // namespace ringback
