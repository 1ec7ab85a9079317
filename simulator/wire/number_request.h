#pragma once

#include <optional>
#include <string>

#include "simulator/core/directory.h"
#include "simulator/wire/call_request.h"

namespace ringback {

/// What a phone number is to be; whose it is is still the text of an id.
struct NumberRequest {
    PhoneNumber number;
    std::optional<std::string> application_id{};  // "": nobody's; none: as it is
};

/// POST phoneNumbers, and with `before` (the number as it is) POST phoneNumbers/{id}: what is not
/// sent stays as it is. The first thing that is wrong, in the table's order. An import's `provider`
/// is taken and not verified. Source: spec v1 2.7.
[[nodiscard]] Intake<NumberRequest> read_number(const RequestBody& body,
                                                const PhoneNumber* before = nullptr);

}  // namespace ringback
