#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "simulator/edge/http.h"

namespace ringback {

/// How the end of an answer's body is told.
enum class BodyEnd : std::uint8_t { length, chunked, close };

/// Appends status line, the handler's headers in their order, framing, and the blank line. Control
/// bytes in names and values become '?', so that no answer can be split by what a handler copied
/// into it. `length`: of the body, with BodyEnd::length.
void append_response_head(std::string& out, const Response& response, BodyEnd end,
                          std::string_view connection, std::size_t length);

/// RFC 9110 15: answers with these statuses never have a body.
[[nodiscard]] constexpr bool is_bodiless(int status) {
    return status < 200 || status == 204 || status == 304;
}

/// "Created" for 201; "Unknown" for what has no name.
[[nodiscard]] std::string_view reason_of(int status);

}  // namespace ringback
