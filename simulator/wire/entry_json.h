#pragma once

#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "simulator/core/history.h"
#include "simulator/wire/ids.h"

namespace ringback {

/// What an entry is about: the value of its `kind`, in the order of Entry::what and, behind that,
/// of OtherNews.
inline constexpr std::array<std::string_view, 17> entry_kinds{
    "api",    "event",      "attempt",     "state",  "phone",  "error",
    "clock",  "message",    "application", "number", "domain", "charge",
    "bridge", "conference", "bxml",        "fault",  "draw"};
inline constexpr std::size_t frequent_kinds = std::variant_size_v<decltype(Entry::what)> - 1;
static_assert(entry_kinds.size() == frequent_kinds + std::variant_size_v<OtherNews>);

/// The place of its kind among entry_kinds.
[[nodiscard]] inline std::size_t kind_number(const Entry& entry) {
    const std::size_t at = entry.what.index();
    return at < frequent_kinds ? at : at + std::get_if<OtherNews>(&entry.what)->index();
}

[[nodiscard]] inline std::string_view kind_of(const Entry& entry) {
    return entry_kinds.at(kind_number(entry));
}

/// The one JSON form of a journal entry: in the journal file, in answers and in the event stream.
///
/// Shape   one line without its newline: seq, time, kind, user, call (or message, bridge,
///         conference), what the kind adds, wall.
///         harness/record/README.md lists the members of every kind.
/// Units   time is modelled, "2026-01-05T09:00:00.000Z"; members that end in _us are microseconds
/// of
///         one monotonic clock. All that differs between two runs of one seed stands in `wall`.
/// Safe    no user information of a URL, no control byte and no invalid UTF-8 gets through.
[[nodiscard]] std::string entry_line(const Entry& entry, const IdCodec& ids);

/// The same as a value. For tools and tests: slower than the line.
[[nodiscard]] nlohmann::ordered_json entry_json(const Entry& entry, const IdCodec& ids);

}  // namespace ringback
