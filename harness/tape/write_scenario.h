#pragma once

#include "harness/tape/moments.h"
#include "harness/tape/secrets.h"
#include "harness/tape/tape.h"

namespace ringback {

/// One call as a scenario. `name`: its own; what a person should know is added to `notes`.
[[nodiscard]] nlohmann::ordered_json written_scenario(const CallMoments& call,
                                                      const std::string& name,
                                                      const Secrets& secrets,
                                                      const TapeSettings& settings,
                                                      std::vector<std::string>& notes);

}  // namespace ringback
