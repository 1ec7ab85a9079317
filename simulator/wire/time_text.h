#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/core/time.h"

namespace ringback {

/// "2017-11-24T04:00:46Z": UTC, whole seconds, cut off. The only form the API and its events show.
/// Needs  an instant in the years 1677-2262, that is any but `never`.
/// Source spec v1 1.9.
void append_time(std::string& out, Instant at);
[[nodiscard]] std::string time_text(Instant at);
[[nodiscard]] std::array<char, 20> time_chars(Instant at);  // without a string

/// "2017-11-24T04:00:46.250Z": for the journal, which must show what whole seconds hide.
void append_time_ms(std::string& out, Instant at);

/// Reads yyyy-MM-dd[(T| |+)HH:mm[:ss[.fraction]]][Z|(+|-)hh[[:]mm]]; missing parts are zero, no
/// zone is UTC. None for anything else, and for years before 1970 or after 2199. Source spec
/// v1 1.9: both query forms, with ' ' or 'T', with or without zone, everywhere.
[[nodiscard]] std::optional<Instant> parse_time(std::string_view text);

}  // namespace ringback
