#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "simulator/core/time.h"

namespace ringback {

/// A request as it passed, as far as a scenario can be made of it.
struct TapedRequest {
    std::string method;
    std::string target;  // path and query, as sent
    std::string user_agent;
    std::string authorization;  // only to know what is secret; never written
    std::string content_type;
    std::string body;
};

/// The answer to it.
struct TapedAnswer {
    int status{0};           // 0: none came
    std::string location;    // the header
    bool ours{false};        // made by the recorder: the request was not passed on, or in vain
    std::string why_ours{};  // the code in its body: "no-upstream", "receiver-silent", ...
};

/// One request and its answer, on their way through the recorder.
struct Passage {
    enum class Leg : std::uint8_t {
        callback,  // to the receiver
        api,       // from the receiver, or whoever else uses the API
    };
    Leg leg{};
    Duration when{};  // wall time since the recording began, when the request had come
    TapedRequest request;
    TapedAnswer answer;
};

struct TapeSettings {
    std::string name;      // of the scenarios; the second is NAME-2
    std::string receiver;  // base URLs without a slash at the end
    std::string recorder;
    bool has_upstream{true};               // false: the receiver's requests were not seen
    std::vector<std::string> secrets{};    // further texts that must not be written
    std::string usual_user{"u-ringback"};  // not worth a variable
};

/// What became of a recording.
struct TapedScenarios {
    std::vector<nlohmann::ordered_json> scenarios;  // one a call, in the order of their beginnings
    std::vector<std::string> notes;                 // what a person should know
};

/// Scenarios that pass with a receiver that does the same again. Pure; `passages` in the order in
/// which the requests came. Whatever passed, this neither throws nor writes a secret: ids, user
/// ids, tokens, numbers and the receiver's URL become variables and references.
[[nodiscard]] TapedScenarios scenarios_of(const std::vector<Passage>& passages,
                                          const TapeSettings& settings);

/// A scenario as a file's text.
[[nodiscard]] std::string scenario_text(const nlohmann::ordered_json& scenario);

}  // namespace ringback
