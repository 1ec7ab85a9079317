// What things cost, and the list of it, read from the calls and messages themselves.

#include "simulator/core/ledger.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <tuple>
#include <utility>

#include "simulator/core/user_table.h"

namespace ringback {
namespace {

// By the values of Product. The provider's price list is not part of the contract: ours, plausible.
constexpr std::array<Money, products> prices{
    Money{35'000}, Money{75'000}, Money{500}, Money{750}, Money{1'000}, Money{1'500},
    Money{500},    Money{1'000},  Money{400}, Money{400}, Money{5'000}, Money{800},
};

bool is_sip(std::string_view address) { return address.starts_with("sip:"); }

std::int64_t minutes_begun(Duration length) {
    return std::max<std::int64_t>(std::chrono::ceil<std::chrono::minutes>(length).count(), 0);
}

Product product_of(const Call& call) {
    const bool sip = is_sip(call.from) || is_sip(call.to);
    if (call.direction == Direction::in) {
        return sip ? Product::sip_call_in : Product::call_in;
    }
    return sip ? Product::sip_call_out : Product::call_out;
}

Product product_of(const Message& message) {
    if (message.direction == Direction::in) {
        return is_mms(message) ? Product::mms_in : Product::sms_in;
    }
    return is_mms(message) ? Product::mms_out : Product::sms_out;
}

Transaction priced(Product product, std::int64_t units, Instant at) {
    Transaction made;
    made.at = at;
    made.product = product;
    made.units = units;
    made.amount = price_of(product) * units;
    return made;
}

/// A call that nobody answered costs nothing.
bool is_charged(const Call& call) { return call.active_at != never && call.ended_at != never; }

/// From the answer to the end, by minutes begun.
std::int64_t minutes_of(const Call& call) { return minutes_begun(call.ended_at - call.active_at); }

std::optional<Transaction> transaction_of(const Call& call) {
    if (!is_charged(call)) {
        return std::nullopt;
    }
    Transaction made = priced(product_of(call), minutes_of(call), call.ended_at);
    made.source = Transaction::Source::call;
    made.number = number_of(call.id);
    made.phone = call.direction == Direction::in ? call.to : call.from;
    return made;
}

/// By the segment; what was not handed to a carrier costs nothing.
std::optional<Transaction> transaction_of(const Message& message) {
    const bool inbound = message.direction == Direction::in;
    if (message.state != (inbound ? MessageState::received : MessageState::sent)) {
        return std::nullopt;
    }
    Transaction made = priced(product_of(message), message.segments,
                              inbound ? message.created_at : message.sent_at);
    made.source = Transaction::Source::message;
    made.number = number_of(message.id);
    made.phone = inbound ? message.to : message.from;
    return made;
}

/// Calls `each` with what the call's completed transcriptions cost.
template <class Each>
void each_transcription(const Call& call, Each each) {
    if (!call.details) {
        return;
    }
    std::uint32_t number{0};
    for (const Transcription& it : call.details->transcriptions) {
        ++number;
        if (it.state != Transcription::State::completed) {
            continue;
        }
        const Recording& heard = call.details->recordings.at(it.recording - 1);
        Transaction made = priced(Product::transcription,
                                  minutes_begun(heard.ended_at - heard.started_at), it.created_at);
        made.source = Transaction::Source::transcription;
        made.transcription = number;
        made.number = number_of(call.id);
        made.phone = call.direction == Direction::in ? call.to : call.from;
        each(made);
    }
}

Transaction transaction_of(const Charge& charge) {
    Transaction made = priced(charge.product, 1, charge.at);
    made.source = Transaction::Source::charge;
    made.number = charge.number;
    made.phone = charge.phone;
    made.phone_number_id = charge.phone_number_id;
    return made;
}

}  // namespace

Money price_of(Product product) { return prices.at(static_cast<std::size_t>(product)); }

const Charge& AccountLedger::add(Instant at, Product product, std::string phone,
                                 std::uint64_t phone_number_id) {
    if (charges.size() >= most_charges) {
        forgotten = forgotten + price_of(charges.front().product);
        charges.pop_front();
    }
    return charges.emplace_back(
        Charge{++last_number, at, product, std::move(phone), phone_number_id});
}

Money cost_of(const Call& call) {
    // Without the transaction and its texts: this is asked of every call that is forgotten.
    Money cost = is_charged(call) ? price_of(product_of(call)) * minutes_of(call) : Money{};
    each_transcription(call, [&](const Transaction& one) { cost = cost + one.amount; });
    return cost;
}

Money cost_of(const Message& message) {
    const auto own = transaction_of(message);
    return own ? own->amount : Money{};
}

void keep_cost(User& user, Money cost) {
    if (cost != Money{}) {
        AccountLedger& ledger = user.ledger.open();
        ledger.forgotten = ledger.forgotten + cost;
    }
}

std::vector<Transaction> transactions_of(const User& user,
                                         const std::function<bool(const Transaction&)>& wanted,
                                         std::size_t most) {
    std::vector<Transaction> all;
    const auto take = [&](const Transaction& one) {
        if (wanted(one)) {
            all.push_back(one);
        }
    };
    user.calls.newest_first([&](const Call& call) {
        if (const auto own = transaction_of(call)) {
            take(*own);
        }
        each_transcription(call, take);
        return true;
    });
    user.messages.newest_first([&](const Message& message) {
        if (const auto own = transaction_of(message)) {
            take(*own);
        }
        return true;
    });
    if (user.ledger) {
        for (const Charge& charge : user.ledger->charges) {
            take(transaction_of(charge));
        }
    }
    const auto place = [](const Transaction& one) {
        return std::tuple{one.at, one.number, one.source, one.transcription};
    };
    const auto newer = [&](const Transaction& a, const Transaction& b) {
        return place(b) < place(a);
    };
    if (most < all.size()) {
        const auto end = all.begin() + static_cast<std::ptrdiff_t>(most);
        std::nth_element(all.begin(), end, all.end(), newer);
        all.erase(end, all.end());
    }
    std::sort(all.begin(), all.end(), newer);
    return all;
}

Money spent_by(const User& user) {
    Money spent = user.ledger ? user.ledger->forgotten : Money{};
    user.calls.newest_first([&](const Call& call) {
        spent = spent + cost_of(call);
        return true;
    });
    user.messages.newest_first([&](const Message& message) {
        spent = spent + cost_of(message);
        return true;
    });
    if (user.ledger) {
        for (const Charge& charge : user.ledger->charges) {
            spent = spent + price_of(charge.product);
        }
    }
    return spent;
}

}  // namespace ringback
