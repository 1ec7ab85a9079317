#pragma once

#include <cstdint>
#include <filesystem>

namespace ringback {

/// What a journal that is to be continued ends with.
struct JournalTail {
    std::uint64_t damaged_places{0};
    std::uint64_t damaged_bytes{0};
    bool ends_within_line{false};  // as a killed machine or a full disk leaves it
    bool is_all{true};             // the whole file was looked at
};

/// Looks at the last 16 MiB, which takes a few hundredths of a second: what a start can afford. A
/// file that is none, or cannot be read, has no tail.
[[nodiscard]] JournalTail journal_tail(const std::filesystem::path& path);

}  // namespace ringback
