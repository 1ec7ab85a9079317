#pragma once

#include <cstdint>
#include <map>

#include "harness/load/load_call.h"
#include "harness/script/happening.h"

namespace ringback {

/// Calls that wait for a request which will name nothing of theirs: those that an application was
/// kicked to place, or one for another leg, a conference or a message. Whose such a request is
/// nobody says, so it is found out: exactly, where what the scenario's `await` wants differs from
/// call to call (a column of its data, an id of the call); else by age, which is a guess while
/// several are waiting.
class WaitingCalls {
public:
    /// Already there: nothing is changed.
    void add(LoadCall& call) { waiting_.emplace(call.arrival().n, &call); }
    void remove(const LoadCall& call) { waiting_.erase(call.arrival().n); }

    [[nodiscard]] bool has(const LoadCall& call) const {
        return waiting_.contains(call.arrival().n);
    }
    [[nodiscard]] bool empty() const { return waiting_.empty(); }
    /// The oldest whose next step awaits that request; null: nobody's does. Looks at all in vain
    /// ones, so what nobody awaits costs as much as there are.
    [[nodiscard]] LoadCall* awaiting(const Happening& request) const;
    /// Who waits longest; null: nobody waits.
    [[nodiscard]] LoadCall* oldest() const {
        return waiting_.empty() ? nullptr : waiting_.begin()->second;
    }

private:
    std::map<std::uint64_t, LoadCall*> waiting_;  // by n, which is by age
};

}  // namespace ringback
