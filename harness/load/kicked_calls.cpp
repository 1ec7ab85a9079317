#include "harness/load/kicked_calls.h"

namespace ringback {

LoadCall* KickedCalls::awaiting(const Happening& request) const {
    for (const auto& [n, call] : waiting_) {
        if (call->script().awaits(request)) {
            return call;
        }
    }
    return nullptr;
}

}  // namespace ringback
