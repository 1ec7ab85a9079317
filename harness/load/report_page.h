#pragma once

#include <string>
#include <string_view>

namespace ringback {

// What is built in for load_html(): all of it stands in every page.

/// harness/load/report_page.css, behind page_style().
[[nodiscard]] std::string_view load_page_style();
/// harness/load/report_page.js: draws the charts.
[[nodiscard]] std::string_view load_page_script();
/// Chart.js, as it was found when ringback was built.
[[nodiscard]] const std::string& chart_library();

}  // namespace ringback
