#pragma once

#include <string>
#include <string_view>

#include "simulator/core/directory.h"
#include "simulator/wire/call_json.h"

namespace ringback {

/// Appends the phone number object of spec v1 2.7.
void append_number(std::string& out, const PhoneNumber& number, const ResourceText& text);

/// {base}/v1/users/{user}/phoneNumbers/{id}, unquoted.
void append_number_url(std::string& out, std::uint64_t id, const ResourceText& text);

/// "(919) 555-0123" of a number of North America, the digits alone of any other E.164 number.
[[nodiscard]] std::string national_number(std::string_view number);

}  // namespace ringback
