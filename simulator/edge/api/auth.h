#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "simulator/edge/api/context.h"

namespace ringback {

/// User name and password of a well-formed `Basic` value; none for everything else.
struct Credentials {
    std::string token;
    std::string secret;
};
[[nodiscard]] std::optional<Credentials> basic_credentials(std::string_view authorization);

/// Equal, found out in a time that depends on neither text. Needs: at most `longest_credential`
/// bytes each, longer ones are never equal.
[[nodiscard]] bool same_secret(std::string_view a, std::string_view b);

/// Judges a request's head before its body is invited: who asks, and whether the path's user is
/// theirs. None: go on with answer_api. Source: spec v1 1.2; reliability promise 32.
[[nodiscard]] std::optional<Response> admit_api(const Request& head, const ApiContext& context);

}  // namespace ringback
