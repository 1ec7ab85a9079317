#pragma once

#include <string>

#include "simulator/core/bridge.h"
#include "simulator/wire/call_json.h"

namespace ringback {

/// Appends the bridge object of spec v1 2.2. callIds are those of the calls that are in it now.
void append_bridge(std::string& out, const Bridge& bridge, const ResourceText& text);

/// {base}/v1/users/{user}/bridges/{id}, unquoted.
void append_bridge_url(std::string& out, const Bridge& bridge, const ResourceText& text);

}  // namespace ringback
