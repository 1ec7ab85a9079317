#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/core/history.h"
#include "simulator/wire/ids.h"

namespace ringback {

/// What a person asked for and why it cannot be understood.
struct Problem {
    std::string field;
    std::string expected;
    std::string found;

    friend bool operator==(const Problem&, const Problem&) = default;
};

/// Which journal entries are meant. Empty members let everything through; what does not have the
/// property that is asked for (a path, a status) does not match.
struct JournalFilter {
    // A text id, or a message's, bridge's or conference's; a bridge's news is its calls' too, and a
    // member's its call's.
    std::string call{};
    std::string user{};
    std::uint32_t kinds{0};             // bit n: entry_kinds[n]; 0: all
    std::uint32_t events{0};            // bit n: EventType n, of events and attempts; 0: all
    std::string path{};                 // what the path of an API request begins with
    std::optional<int> status{};        // of an API answer or a receiver's; 404
    std::optional<int> status_class{};  // 4 for "4xx"
    std::uint64_t since{0};             // entries after this number
    std::size_t limit{10'000};
};

inline constexpr std::size_t most_entries_at_once = 50'000;

/// Sets one member from its text form: kind and event take lists ("api,attempt"), status "404" or
/// "4xx". The Problem says which names there are.
[[nodiscard]] std::optional<Problem> set_filter(JournalFilter& filter, std::string_view name,
                                                std::string_view value);

/// The names set_filter knows.
[[nodiscard]] const std::vector<std::string_view>& filter_names();

/// Whether the entry is meant; looks at everything but `since` and `limit`.
[[nodiscard]] bool matches(const JournalFilter& filter, const Entry& entry, const IdCodec& ids);

}  // namespace ringback
