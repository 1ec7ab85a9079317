#include <fmt/format.h>

#include <span>

#include "harness/cli/commands.h"
#include "simulator/core/far_end.h"

namespace ringback {

std::string numbers_page() {
    std::string text =
        "What happens to a call is chosen by the last four digits of its `to` number.\n"
        "Any other number answers. `--far-end NUMBER=WHAT` of serve comes first.\n\n";
    const auto [first, last] = magic_numbers();
    for (const MagicNumber& number : std::span{first, last}) {
        text += fmt::format("  +1919555{}   {}\n", number.suffix, number.about);
    }
    return text;
}

}  // namespace ringback
