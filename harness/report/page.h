#pragma once

#include <string_view>

namespace ringback {

/// harness/report/page.css, as it is in the binary.
[[nodiscard]] std::string_view page_style();

}  // namespace ringback
