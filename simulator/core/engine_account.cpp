// What the engine keeps of accounts beside calls and messages: domains, and what was charged.

#include <algorithm>
#include <utility>

#include "simulator/core/engine.h"

namespace ringback {
namespace {

/// An account is told of as its own: no call has the number 0.
CallId account_of(const User& user) { return call_id(user.slot, 0); }

}  // namespace

DomainOutcome Engine::apply(User& user, const DomainCommand& command, Instant now) {
    if (makes_record(command) && sip_records_ >= limits_.sip_records) {
        return {DomainRefusal::no_room, {}};
    }
    now = std::max(now, latest_);
    Domains& domains = user.domains.open();
    const std::size_t before = domains.records();
    const DomainOutcome outcome = domains.apply(command, now);
    sip_records_ += domains.records() - before;  // wraps to the right result
    if (outcome.refusal == DomainRefusal::none) {
        effects_.put<DomainChanged>(now, account_of(user)) = outcome.change;
    }
    return outcome;
}

void Engine::charge(User& user, Product product, std::string phone, std::uint64_t phone_number_id,
                    Instant now) {
    now = std::max(now, latest_);
    const Charge& made = user.ledger.open().add(now, product, std::move(phone), phone_number_id);
    effects_.put<Charged>(now, account_of(user)) = {made.number, made.product};
}

}  // namespace ringback
