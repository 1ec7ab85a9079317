#pragma once

#include <string>

#include "simulator/core/ledger.h"
#include "simulator/wire/call_json.h"

namespace ringback {

/// "538.37250": dollars with five decimals.
[[nodiscard]] std::string money_text(Money amount);

/// Appends the answer to GET account: balance (a string), accountType. Source: spec v1 2.11.
void append_account(std::string& out, Money balance);

/// Appends one transaction: id, time, amount (a string), type, units, productType, number,
/// resourceId where what was charged for is a resource. Source: spec v1 2.11.
void append_transaction(std::string& out, const Transaction& transaction, const ResourceText& text);

/// The id of a transaction.
[[nodiscard]] IdText transaction_id(const Transaction& transaction, const ResourceText& text);
/// That of a charge, for the journal.
[[nodiscard]] IdText charge_id(std::uint64_t number, const IdCodec& ids, std::uint64_t user_hash);

}  // namespace ringback
