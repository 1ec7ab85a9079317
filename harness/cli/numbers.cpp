#include <fmt/format.h>

#include <span>

#include "harness/cli/commands.h"
#include "simulator/core/far_end.h"
#include "simulator/core/message_numbers.h"

namespace ringback {

std::string numbers_page() {
    std::string text =
        "What happens to a call is chosen by the last four digits of its `to` number.\n"
        "Any other number answers. `--far-end NUMBER=WHAT` of serve comes first.\n\n";
    const auto [first, last] = magic_numbers();
    for (const MagicNumber& number : std::span{first, last}) {
        text += fmt::format("  +1919555{}   {}\n", number.suffix, number.about);
    }
    text +=
        "\nWhat becomes of a message is chosen by the last five digits of its `to` number;\n"
        "any other is delivered. A deliveryCode has 98 before it. An MMS, which has no\n"
        "receipts, cannot be sent instead: error event with that code.\n\n";
    for (const MessageNumber& number : message_numbers()) {
        text += fmt::format("  +191955{}   {}\n", number.suffix, number.about);
    }
    return text;
}

}  // namespace ringback
