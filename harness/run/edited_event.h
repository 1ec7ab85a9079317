#pragma once

#include <string>

#include "harness/script/script.h"
#include "simulator/core/route.h"

namespace ringback {

/// What the send that an event is expected by has it say instead: its `set`, put into `payload`
/// (the JSON body, or the query for GET). The script has been told of everything before the event;
/// where a reference of `set` leads nowhere it cannot go on.
void edit_event(Script& script, Method method, std::string& payload);

}  // namespace ringback
