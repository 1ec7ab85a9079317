#pragma once

#include <string>

#include "simulator/core/directory.h"
#include "simulator/wire/call_json.h"

namespace ringback {

/// Appends the application object of spec v1 2.6. User information in URLs reads ***.
///
/// Shape   the message URL and its companions under both names they ever had (incomingSms...); a
///         timeout, 10,000 ms where none was given, beside each URL there is.
void append_application(std::string& out, const Application& application, const ResourceText& text);

/// {base}/v1/users/{user}/applications/{id}, unquoted.
void append_application_url(std::string& out, std::uint64_t id, const ResourceText& text);

}  // namespace ringback
