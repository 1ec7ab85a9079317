#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "simulator/core/call.h"
#include "simulator/core/ids.h"
#include "simulator/core/time.h"

namespace ringback {

/// What is due when, ordered by (instant, sequence): things asked for first come first. 32 bytes
/// each; a binary heap, because deadlines stay exact and its cost at a million timers is a few
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
        std::push_heap(heap_.begin(), heap_.end(), later);
    }

    [[nodiscard]] bool empty() const { return heap_.empty(); }
    [[nodiscard]] std::size_t size() const { return heap_.size(); }
    [[nodiscard]] const Due& next() const { return heap_.front(); }

    Due take() {
        std::pop_heap(heap_.begin(), heap_.end(), later);
        const Due due = heap_.back();
        heap_.pop_back();
        return due;
    }

private:
    [[nodiscard]] static bool later(const Due& a, const Due& b) {
        return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
    }

    std::vector<Due> heap_;
    std::uint64_t last_sequence_{0};
};

}  // namespace ringback
