#include <ringback/journal.h>

#include <ostream>

#include "harness/ladder/ladder.h"

namespace ringback::testing {
namespace {

/// Catch2 breaks lines at 80 bytes, and moves them in.
constexpr LadderStyle printed{.width = 76, .utf8 = false};

Journal those_with(const Journal& journal, const char* member, std::string_view value) {
    std::vector<nlohmann::json> kept;
    for (const nlohmann::json& entry : journal) {
        const auto found = entry.find(member);
        if (found != entry.end() && *found == value) {
            kept.push_back(entry);
        }
    }
    return Journal{std::move(kept)};
}

}  // namespace

Journal Journal::of_call(std::string_view call) const { return those_with(*this, "call", call); }

Journal Journal::of_kind(std::string_view kind) const { return those_with(*this, "kind", kind); }

std::string Journal::ladder(std::size_t width) const {
    return ringback::ladder(entries_, LadderStyle{.width = width});
}

std::ostream& operator<<(std::ostream& out, const Journal& journal) {
    return out << (journal.empty() ? "(nothing happened)\n"
                                   : '\n' + ringback::ladder(journal.entries_, printed));
}

}  // namespace ringback::testing
