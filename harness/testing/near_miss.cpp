#include "harness/testing/near_miss.h"

#include <algorithm>

#include "harness/report/story.h"

namespace ringback::testing {
namespace {

/// An event of another name is no nearer than a request of another route.
std::size_t distance(const Candidate& candidate) {
    constexpr std::size_t weight_of_the_name = 100;
    const bool other = std::ranges::any_of(candidate.fields, [](const FieldFinding& field) {
        return field.field == "event" && !field.finding.fits;
    });
    return candidate.misses() + (other ? weight_of_the_name : 0);
}

}  // namespace

std::string difference_text(std::string expected, std::string got,
                            std::vector<Candidate> candidates) {
    constexpr std::size_t most = 3;
    std::ranges::stable_sort(candidates, {}, distance);
    candidates.resize(std::min(candidates.size(), most));
    Judged told;
    told.result = Judged::Result::failed;
    told.expected = std::move(expected);
    told.got = std::move(got);
    told.candidates = std::move(candidates);
    const std::string story = expectation_story({}, told, {});
    return story.substr(story.find('\n'));  // without the line that names the scenario
}

}  // namespace ringback::testing
