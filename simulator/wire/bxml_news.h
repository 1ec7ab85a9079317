#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "simulator/core/bxml_run.h"
#include "simulator/core/history.h"
#include "simulator/core/input.h"

namespace ringback {

/// What the body of a successful answer brings to the call whose event asked for a document.
[[nodiscard]] Input read_answer(EventType asked_by, std::string_view url, std::string_view body);

/// The journal's word for it: "document", "verb", "refused", ...
[[nodiscard]] std::string_view word(BxmlNews::What what);

/// The record GET errors keeps of it; none if it is none.
///
/// Shape   category bad-request; details callId, callbackUrl. The message names line and column.
/// Source  spec v1 6.6.
[[nodiscard]] std::optional<UserError> bxml_error(const BxmlNews& news, const std::string& call_id,
                                                  Instant at);

}  // namespace ringback
