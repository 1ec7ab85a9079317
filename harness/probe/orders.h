#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/probe/behaviour.h"
#include "simulator/core/time.h"

namespace ringback {

/// One event comes behind others of its call, or late.
struct Change {
    std::size_t event{0};     // its place in Behaviour::events
    std::uint32_t behind{0};  // how many overtake it
    Duration late{};          // modelled; that, or `behind`

    friend bool operator==(const Change&, const Change&) = default;
};
using Changes = std::vector<Change>;

/// How many events can overtake it: those of its call that come before the receiver has said
/// anything more, which is why they would come without its answer too.
[[nodiscard]] std::uint32_t overtakers(const Behaviour& clean, std::size_t event);

/// The order in which the events of the clean run come then, and how late.
[[nodiscard]] std::string resulting_order(const Changes& changes, const Behaviour& clean);

/// Ways to change the order, no two with one result: single ones first, then pairs, then three and
/// more drawn by the seed. At most `budget`.
[[nodiscard]] std::vector<Changes> changed_orders(const Behaviour& clean, std::size_t budget,
                                                  std::uint64_t seed);

/// How many orders one or two changes can bring about; counted up to `most`.
[[nodiscard]] std::size_t count_small_orders(const Behaviour& clean, std::size_t most);

/// Makes a failing order as small as it can be and still fail: changes are taken away, then numbers
/// made smaller, one at a time.
class SmallerOrders {
public:
    explicit SmallerOrders(Changes failing) : smallest_{std::move(failing)} { propose(); }

    /// What is to be tried next; none: that was all.
    [[nodiscard]] std::optional<Changes> next() const;
    /// What became of it.
    void tried(bool fails);
    [[nodiscard]] const Changes& smallest() const { return smallest_; }

private:
    void propose();

    Changes smallest_;
    std::vector<Changes> proposed_;
    std::size_t at_{0};
    std::size_t left_{40};  // tries
};

}  // namespace ringback
