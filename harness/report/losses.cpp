#include "harness/report/losses.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "harness/ladder/highlights.h"
#include "simulator/wire/time_text.h"

namespace ringback {
namespace {

std::string count_text(std::size_t events) {
    return fmt::format("{} event{} lost for good", events, events == 1 ? "" : "s");
}

}  // namespace

Losses losses_of(const std::vector<nlohmann::json>& entries) {
    Losses losses;
    std::optional<Instant> began;
    for (const nlohmann::json& entry : entries) {
        const auto at = parse_time(text_member(entry, "time"));
        began = began ? began : at;
        if (text_member(entry, "kind") != "fault" || text_member(entry, "lost") != "true") {
            continue;
        }
        if (losses.events++ == 0 && at && began) {
            losses.first = *at - *began;
        }
    }
    return losses;
}

Losses losses_of(const FaultTally& tally) {
    return {static_cast<std::size_t>(tally.lost), tally.first_lost.value_or(Duration{})};
}

std::string losses_text(const Losses& losses) {
    if (losses.events == 0) {
        return {};
    }
    const auto first = std::chrono::duration<double>{losses.first};
    return fmt::format("{}, first at {:.3f} s", count_text(losses.events), first.count());
}

std::string losses_text(const std::vector<RunRecord>& runs) {
    std::size_t events{0};
    std::size_t with{0};
    for (const RunRecord& run : runs) {
        const Losses losses = losses_of(run.entries);
        events += losses.events;
        with += losses.events > 0 ? 1 : 0;
    }
    return events == 0 ? std::string{}
                       : fmt::format("{}, in {} of {} runs", count_text(events), with, runs.size());
}

}  // namespace ringback
