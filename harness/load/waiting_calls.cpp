#include "harness/load/waiting_calls.h"

namespace ringback {

LoadCall* WaitingCalls::awaiting(const Happening& request) const {
    for (const auto& [n, call] : waiting_) {
        if (call->script().awaits(request)) {
            return call;
        }
    }
    return nullptr;
}

}  // namespace ringback
