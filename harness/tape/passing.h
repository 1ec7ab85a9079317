#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/tape/onward.h"
#include "harness/tape/tape.h"
#include "simulator/edge/http.h"

namespace ringback {

/// A request as a scenario may need it. Its body is taken out of it.
[[nodiscard]] TapedRequest taped(Request& request);

/// `request` as it is passed on, without its body: what belongs to its connection only (RFC 9110
/// 7.6.1, and what it names in Connection itself) stays behind, and so does what `more` ("Name:
/// value" lines) sets.
[[nodiscard]] OnwardRequest onward_of(const Request& request, const std::vector<std::string>& more);

/// An answer as it is given back, but for what belongs to its connection only; its links to
/// `upstream` leading to `recorder`; with an empty `upstream` they stay.
[[nodiscard]] Response answer_of(OnwardAnswer came, std::string_view upstream,
                                 std::string_view recorder);

/// An error in the API's own form, so that a client library shows it.
[[nodiscard]] Response refusal_of(int status, std::string_view code, std::string_view why);

}  // namespace ringback
