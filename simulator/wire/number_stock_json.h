#pragma once

#include <string>
#include <string_view>

#include "simulator/core/ledger.h"
#include "simulator/core/number_stock.h"

namespace ringback {

/// "0.35": what a number costs a month, with two decimals.
[[nodiscard]] std::string number_price(Product product);

/// Appends one number that can be had: number, nationalNumber, patternMatch if there was a pattern
/// (as long as nationalNumber, with a space for each character the pattern does not name), of a
/// local one city, lata, rateCenter, state, and price. Source: spec v1 2.8.
void append_available(std::string& out, const AvailableNumber& number, std::string_view pattern);

/// Appends one number that was ordered: number, nationalNumber, price, location.
void append_ordered(std::string& out, const AvailableNumber& number, std::string_view location);

/// Appends the answer to GET numberInfo: name, number, created, updated.
void append_number_info(std::string& out, std::string_view number, std::string_view name,
                        Instant first_asked);

}  // namespace ringback
