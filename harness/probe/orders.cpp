#include "harness/probe/orders.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "simulator/core/random.h"

namespace ringback {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t most_overtakers{3};
constexpr milliseconds least_lateness{100};

/// Everything that can be done to one event.
Changes single_changes(const Behaviour& clean) {
    Changes all;
    for (std::size_t at = 0; at < clean.events.size(); ++at) {
        const std::uint32_t most = std::min(overtakers(clean, at), most_overtakers);
        for (std::uint32_t behind = 1; behind <= most; ++behind) {
            all.push_back({at, behind, {}});
        }
    }
    for (std::size_t at = 0; at < clean.events.size(); ++at) {
        all.push_back({at, 0, seconds{1}});
        all.push_back({at, 0, seconds{5}});
    }
    return all;
}

/// Two changes of one event are one.
bool are_of_different_events(const Changes& changes) {
    std::set<std::size_t> events;
    return std::ranges::all_of(
        changes, [&](const Change& change) { return events.insert(change.event).second; });
}

/// Orders so far, each once.
class Collected {
public:
    Collected(const Behaviour& clean, std::size_t budget) : clean_{clean}, budget_{budget} {
        known_.insert(resulting_order({}, clean));
    }
    void add(Changes changes) {
        std::ranges::sort(changes, {}, &Change::event);
        if (!is_full() && are_of_different_events(changes) &&
            known_.insert(resulting_order(changes, clean_)).second) {
            all_.push_back(std::move(changes));
        }
    }
    [[nodiscard]] bool is_full() const { return all_.size() >= budget_; }
    [[nodiscard]] std::size_t size() const { return all_.size(); }
    [[nodiscard]] std::vector<Changes> take() { return std::move(all_); }

private:
    const Behaviour& clean_;
    std::size_t budget_;
    std::set<std::string> known_;
    std::vector<Changes> all_;
};

/// Those that one change brings about, then those of two.
void collect_small_orders(Collected& collected, const Changes& single) {
    for (const Change& one : single) {
        collected.add({one});
    }
    for (std::size_t one = 0; one < single.size() && !collected.is_full(); ++one) {
        for (std::size_t other = one + 1; other < single.size() && !collected.is_full(); ++other) {
            collected.add({single[one], single[other]});
        }
    }
}

}  // namespace

std::uint32_t overtakers(const Behaviour& clean, std::size_t event) {
    const ToldEvent& first = clean.events.at(event);
    std::uint32_t count{0};
    for (std::size_t at = event + 1; at < clean.events.size(); ++at) {
        const ToldEvent& next = clean.events[at];
        const bool has_spoken = std::ranges::any_of(
            clean.said, [&](std::uint64_t seq) { return seq > first.seq && seq < next.seq; });
        if (has_spoken) {
            break;
        }
        count += next.call == first.call ? 1U : 0U;
    }
    return count;
}

std::string resulting_order(const Changes& changes, const Behaviour& clean) {
    std::vector<std::size_t> order;
    std::vector<std::pair<std::size_t, std::uint32_t>> held;  // and how many are still to overtake
    std::string late;
    for (std::size_t at = 0; at < clean.events.size(); ++at) {
        const auto change = std::ranges::find(changes, at, &Change::event);
        if (change != changes.end() && change->behind > 0) {
            held.emplace_back(at, change->behind);
            continue;
        }
        if (change != changes.end()) {
            late += fmt::format(" {}+{}ms", at,
                                std::chrono::duration_cast<milliseconds>(change->late).count());
        }
        order.push_back(at);
        for (auto waiting = held.begin(); waiting != held.end();) {
            if (clean.events[waiting->first].call == clean.events[at].call &&
                --waiting->second == 0) {
                order.push_back(waiting->first);
                waiting = held.erase(waiting);
            } else {
                ++waiting;
            }
        }
    }
    for (const auto& [at, left] : held) {
        order.push_back(at);
    }
    return fmt::format("{}{}", fmt::join(order, " "), late);
}

std::vector<Changes> changed_orders(const Behaviour& clean, std::size_t budget,
                                    std::uint64_t seed) {
    constexpr std::size_t most_together{4};
    Collected collected{clean, budget};
    const Changes single = single_changes(clean);
    collect_small_orders(collected, single);
    Rng rng{seed};
    for (std::size_t draws = 0; draws < budget * 4 && single.size() > 2 && !collected.is_full();
         ++draws) {
        Changes drawn;
        const std::size_t count = 3 + rng.below(most_together - 2);
        while (drawn.size() < count) {
            drawn.push_back(single[rng.below(single.size())]);
        }
        collected.add(std::move(drawn));
    }
    return collected.take();
}

std::size_t count_small_orders(const Behaviour& clean, std::size_t most) {
    Collected collected{clean, most};
    collect_small_orders(collected, single_changes(clean));
    return collected.size();
}

void SmallerOrders::propose() {
    proposed_.clear();
    at_ = 0;
    for (std::size_t at = 0; smallest_.size() > 1 && at < smallest_.size(); ++at) {
        Changes fewer = smallest_;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(at));
        proposed_.push_back(std::move(fewer));
    }
    for (std::size_t at = 0; at < smallest_.size(); ++at) {
        Changes smaller = smallest_;
        if (smaller[at].behind > 1) {
            --smaller[at].behind;
            proposed_.push_back(std::move(smaller));
        } else if (smaller[at].late >= 2 * least_lateness) {
            smaller[at].late = std::chrono::duration_cast<milliseconds>(smaller[at].late / 2);
            proposed_.push_back(std::move(smaller));
        }
    }
}

std::optional<Changes> SmallerOrders::next() const {
    return left_ > 0 && at_ < proposed_.size() ? std::optional{proposed_[at_]} : std::nullopt;
}

void SmallerOrders::tried(bool fails) {
    --left_;
    if (fails) {
        smallest_ = proposed_[at_];
        propose();
    } else {
        ++at_;
    }
}

}  // namespace ringback
