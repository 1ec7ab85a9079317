#pragma once

#include <optional>

#include "harness/admin/admin_api.h"
#include "simulator/edge/http.h"

namespace ringback {

/// Who may use the admin plane, and how: the answer to whoever may not. In this order: the Host
/// must be one of ours (421: a foreign name that leads here is DNS rebinding), no other site may be
/// behind it (403), the token must be right when one is set (401; GET live needs none), a body must
/// be JSON (415). Source  reliability promises 12, 32, 36.
[[nodiscard]] std::optional<Response> refuse_visitor(const Request& head,
                                                     const AdminSettings& settings);

/// Equality that takes as long for a near miss as for a far one of the same length.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace ringback
