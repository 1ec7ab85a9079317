#include "harness/locust/lines.h"

#include <algorithm>

namespace ringback {

void Lines::want(const std::vector<std::uint32_t>& counts, WallInstant now) {
    for (std::size_t of = 0; of < groups_.size(); ++of) {
        Group& group = groups_[of];
        group.wanted = counts[of];
        for (; group.placing + group.on_call < group.wanted; ++group.placing) {
            placing_.emplace(now, of);
        }
    }
    std::erase_if(placing_, [this](const auto& line) {
        Group& group = groups_[line.second];
        const bool gone = group.placing + group.on_call > group.wanted;
        group.placing -= gone ? 1 : 0;
        return gone;
    });
}

std::optional<Lines::Turn> Lines::take(WallInstant now) {
    if (placing_.empty() || placing_.begin()->first > now) {
        return std::nullopt;
    }
    const Turn turn{placing_.begin()->second, placing_.begin()->first};
    placing_.erase(placing_.begin());
    --groups_[turn.of].placing;
    ++groups_[turn.of].on_call;
    return turn;
}

std::optional<WallInstant> Lines::next_due() const {
    return placing_.empty() ? std::nullopt : std::optional{placing_.begin()->first};
}

void Lines::over(std::size_t of, WallInstant next) {
    Group& group = groups_[of];
    --group.on_call;
    if (group.placing + group.on_call < group.wanted) {
        ++group.placing;
        placing_.emplace(next, of);
    }
}

std::uint32_t Lines::too_many(std::size_t of) const {
    const Group& group = groups_[of];
    return std::max(group.placing + group.on_call, group.wanted) - group.wanted;
}

bool Lines::settled() const {
    return std::ranges::all_of(
        groups_, [](const Group& group) { return group.placing + group.on_call == group.wanted; });
}

}  // namespace ringback
