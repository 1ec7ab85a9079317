#include "harness/script/align.h"

#include <algorithm>

namespace ringback {

std::vector<AlignedStep> aligned(const std::vector<std::string>& expected,
                                 const std::vector<std::pair<std::string, std::uint64_t>>& done) {
    // common[i][j]: how long the longest order is that expected[i..] and done[j..] share.
    const std::size_t columns = done.size() + 1;
    std::vector<std::size_t> common((expected.size() + 1) * columns, 0);
    const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& {
        return common[i * columns + j];
    };
    for (std::size_t i = expected.size(); i-- > 0;) {
        for (std::size_t j = done.size(); j-- > 0;) {
            at(i, j) = expected[i] == done[j].first ? at(i + 1, j + 1) + 1
                                                    : std::max(at(i + 1, j), at(i, j + 1));
        }
    }
    std::vector<AlignedStep> rows;
    std::size_t i{0};
    std::size_t j{0};
    while (i < expected.size() || j < done.size()) {
        const bool more_expected = i < expected.size();
        const bool more_done = j < done.size();
        if (more_expected && more_done && expected[i] == done[j].first) {
            rows.push_back({expected[i], done[j].first, done[j].second});
            ++i;
            ++j;
        } else if (more_done && (!more_expected || at(i, j + 1) >= at(i + 1, j))) {
            rows.push_back({"", done[j].first, done[j].second});
            ++j;
        } else {
            rows.push_back({expected[i], "", 0});
            ++i;
        }
    }
    return rows;
}

}  // namespace ringback
