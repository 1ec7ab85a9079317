#include "simulator/edge/early_answers.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ringback {
namespace {

bool is_awaited(const EarlyAnswers::Held& held, CallId strand, DeliveryId event) {
    return event > held.since && std::ranges::find(held.strands, strand) != held.strands.end();
}

}  // namespace

void EarlyAnswers::add(Held held) {
    const auto& added = waiting_.emplace_back(
        std::make_shared<Waiting>(Waiting{std::move(held), LoopTimer{loop_}}));
    added->limit.expires_after(longest);
    added->limit.async_wait(
        [this, which = std::weak_ptr{added}](const boost::system::error_code& cancelled) {
            // Whoever has gone has taken `this` along, or has been let go.
            if (const auto late = which.lock(); late != nullptr && !cancelled) {
                let_go_if([&](const Waiting& one) { return &one == late.get(); });
            }
        });
}

/// They go when none of them is looked at any more: what follows may add others.
template <class Which>
void EarlyAnswers::let_go_if(Which which) {
    const auto first_gone =
        std::stable_partition(waiting_.begin(), waiting_.end(),
                              [&](const std::shared_ptr<Waiting>& one) { return !which(*one); });
    const std::vector<std::shared_ptr<Waiting>> gone{std::make_move_iterator(first_gone),
                                                     std::make_move_iterator(waiting_.end())};
    waiting_.erase(first_gone, waiting_.end());
    for (const auto& one : gone) {
        one->held.let_go();
    }
}

void EarlyAnswers::on_the_wire(CallId strand, DeliveryId event) {
    let_go_if([&](const Waiting& one) {
        return one.held.until == Until::on_the_wire && is_awaited(one.held, strand, event);
    });
}

void EarlyAnswers::told(CallId strand, DeliveryId event) {
    let_go_if([&](const Waiting& one) { return is_awaited(one.held, strand, event); });
}

void EarlyAnswers::let_all_go() {
    let_go_if([](const Waiting& /*one*/) { return true; });
}

}  // namespace ringback
