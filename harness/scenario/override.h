#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/scenario/document.h"
#include "simulator/core/result.h"

namespace ringback {

/// One thing that is to be other than a file says: what --override takes.
struct Override {
    std::string step;   // the id of a step, for `trigger` also an event's name; "" = the whole file
    std::string path;   // "match.body.maxDigits", from the object that holds the id
    std::string value;  // JSON when it is some, else a text
};
/// "STEP:PATH=VALUE" or "PATH=VALUE". Errors: "expected ..., found ...".
[[nodiscard]] Result<Override> override_of(std::string_view text);

/// Puts the value in its place; objects on the way to it are made. Where names hold dots the
/// longest that is there counts. Errors: there is no such step; the way leads through something
/// that is no object or array.
[[nodiscard]] std::optional<Error> apply(const Override& edit, Document& document);

}  // namespace ringback
