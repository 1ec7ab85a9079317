#pragma once

#include <string>

#include "harness/receiver/receiver.h"
#include "harness/receiver/voice_api.h"

namespace ringback {

/// The smallest useful application: speaks `sentence` when a call is answered and hangs up when
/// that was heard (at once when there is nothing to say). A request that the API refuses becomes a
/// 500, so that it shows in the journal.
[[nodiscard]] Receiver::Handler greeter(VoiceApi api, std::string sentence);

}  // namespace ringback
