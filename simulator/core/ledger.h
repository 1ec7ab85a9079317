#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/core/time.h"

namespace ringback {

struct Call;
struct Message;
struct User;

/// Hundred-thousandths of a dollar, the provider's smallest amount.
enum class Money : std::int64_t {};

[[nodiscard]] constexpr Money operator+(Money a, Money b) {
    return Money{static_cast<std::int64_t>(a) + static_cast<std::int64_t>(b)};
}
[[nodiscard]] constexpr Money operator-(Money a, Money b) {
    return Money{static_cast<std::int64_t>(a) - static_cast<std::int64_t>(b)};
}
[[nodiscard]] constexpr Money operator*(Money each, std::int64_t units) {
    return Money{static_cast<std::int64_t>(each) * units};
}

/// What is charged for. Source: spec v1 2.11 productType.
enum class Product : std::uint8_t {
    local_number_per_month,
    toll_free_number_per_month,
    sms_in,
    sms_out,
    mms_in,
    mms_out,
    call_in,
    call_out,
    sip_call_in,
    sip_call_out,
    transcription,
    cnam_search,
};
inline constexpr std::size_t products = 12;

/// Of one unit: a number, a segment of an SMS, an MMS, a minute, a search.
[[nodiscard]] Money price_of(Product product);

/// What an account has when it begins: the docs' sample (spec v1 2.11).
inline constexpr Money opening_balance{53'837'250};

/// Something that was paid for and is not a resource that can be asked what it cost.
struct Charge {
    std::uint64_t number{};  // within the account, from 1
    Instant at{};
    Product product{};
    std::string phone;                // the number ordered or asked about
    std::uint64_t phone_number_id{};  // the number's place in the account; 0: it has none

    friend bool operator==(const Charge&, const Charge&) = default;
};

/// What cannot be read from an account's calls and messages: the charges for other things, and what
/// calls and messages cost that are forgotten.
struct AccountLedger {
    static constexpr std::size_t most_charges = 1000;  // the oldest go for more, into `forgotten`

    Money forgotten{};
    std::uint64_t last_number{0};
    std::deque<Charge> charges;  // oldest first

    const Charge& add(Instant at, Product product, std::string phone,
                      std::uint64_t phone_number_id);

    friend bool operator==(const AccountLedger&, const AccountLedger&) = default;
};

/// One line of GET account/transactions. Made when it is asked for: a call, a message and a
/// transcription know what they cost, so that no call pays for its own bookkeeping.
struct Transaction {
    enum class Source : std::uint8_t { call, message, transcription, charge };
    Instant at{};
    Product product{};
    Source source{};
    std::uint32_t transcription{};  // the how-manieth of its call
    std::uint64_t number{};         // of the call, message or charge
    std::int64_t units{};
    Money amount{};
    std::string_view phone;           // the account's own number; into what is charged for
    std::uint64_t phone_number_id{};  // as in Charge

    friend bool operator==(const Transaction&, const Transaction&) = default;
};

/// What they cost, with everything that belongs to them; nothing while that is not known.
[[nodiscard]] Money cost_of(const Call& call);
[[nodiscard]] Money cost_of(const Message& message);

/// For what is about to be forgotten.
void keep_cost(User& user, Money cost);

/// The newest `most` of those that are still known and that `wanted` says yes to, the newest first.
/// Good until the account changes. Only what is returned is sorted.
[[nodiscard]] std::vector<Transaction> transactions_of(
    const User& user, const std::function<bool(const Transaction&)>& wanted,
    std::size_t most = SIZE_MAX);

/// All that ever was charged, what is forgotten included.
[[nodiscard]] Money spent_by(const User& user);

}  // namespace ringback
