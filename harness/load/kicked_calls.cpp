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

LoadCall* KickedCalls::taker_of(const Happening& creation) const {
    LoadCall* const exact = awaiting(creation);
    if (exact != nullptr || waiting_.empty()) {
        return exact;
    }
    return waiting_.begin()->second;
}

}  // namespace ringback
