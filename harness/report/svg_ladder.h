#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "harness/script/verdict.h"

namespace ringback {

/// What stands for `&`, `<`, `>` and quotes in HTML and SVG; control bytes as \xNN.
[[nodiscard]] std::string html_text(std::string_view text, std::size_t most = 4096);

/// The ladder of a run as an <svg> element: three life lines, modelled seconds at the left, an
/// arrow per row, the one where `marked` was decided highlighted, or one below them all (none: no
/// row is). Rows are links where `link_of` says where to ("" = nowhere); colours come from the
/// page's classes.
[[nodiscard]] std::string svg_ladder(const RunRecord& run, const Judged* marked,
                                     const std::function<std::string(std::uint64_t)>& link_of);

}  // namespace ringback
