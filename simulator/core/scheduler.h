#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "simulator/core/call.h"
#include "simulator/core/ids.h"
#include "simulator/core/time.h"

namespace ringback {

/// What is due when, ordered by (instant, sequence): things asked for first come first. 32 bytes
/// each in a heap of four children a parent, two of them to a cache line: half the levels of a
/// binary one. A heap, because deadlines stay exact and its cost at a million timers is a few
/// percent of one callback (performance.md 6).
class Scheduler {
public:
    struct Due {
        Instant at{};
        std::uint64_t sequence{};
        CallId call{};
        Timer timer{};
    };

    void add(Instant at, CallId call, const Timer& timer) {
        heap_.push_back({at, ++last_sequence_, call, timer});
        rise(heap_.size() - 1, heap_.back());
    }

    [[nodiscard]] bool empty() const { return heap_.empty(); }
    [[nodiscard]] std::size_t size() const { return heap_.size(); }
    [[nodiscard]] const Due& next() const { return heap_.front(); }

    Due take() {
        const Due due = heap_.front();
        const Due last = heap_.back();
        heap_.pop_back();
        if (!heap_.empty()) {
            sink(last);
        }
        return due;
    }

private:
    static constexpr std::size_t children = 4;

    [[nodiscard]] static bool sooner(const Due& a, const Due& b) {
        return a.at != b.at ? a.at < b.at : a.sequence < b.sequence;
    }

    /// Puts `due` at the free `place` or above it.
    void rise(std::size_t place, Due due) {
        Due* const heap = heap_.data();
        while (place > 0) {
            const std::size_t parent = (place - 1) / children;
            if (!sooner(due, heap[parent])) {
                break;
            }
            heap[place] = heap[parent];
            place = parent;
        }
        heap[place] = due;
    }

    [[nodiscard]] std::size_t sooner_of(std::size_t a, std::size_t b) const {
        return sooner(heap_.data()[b], heap_.data()[a]) ? b : a;
    }
    /// Of the children from `first` on; there is one at least.
    [[nodiscard]] std::size_t soonest_child(std::size_t first, std::size_t size) const {
        if (first + children <= size) {  // all four, by far the most common
            return sooner_of(sooner_of(first, first + 1), sooner_of(first + 2, first + 3));
        }
        std::size_t soonest = first;
        while (++first < size) {
            soonest = sooner_of(soonest, first);
        }
        return soonest;
    }

    /// Puts `due` at the free top or below it.
    void sink(const Due& due) {
        Due* const heap = heap_.data();
        const std::size_t size = heap_.size();
        std::size_t place = 0;
        for (std::size_t first = 1; first < size; first = place * children + 1) {
            const std::size_t soonest = soonest_child(first, size);
            if (!sooner(heap[soonest], due)) {
                break;
            }
            heap[place] = heap[soonest];
            place = soonest;
        }
        heap[place] = due;
    }

    std::vector<Due> heap_;
    std::uint64_t last_sequence_{0};
};

}  // namespace ringback
