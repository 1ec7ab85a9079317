#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/receiver/http_client.h"

namespace ringback {

/// Who uses the API.
struct ApiUser {
    std::string user_id;
    std::string token;
    std::string secret;
};

/// The few requests of the voice API that a small application makes. Blocking, one connection each;
/// an Error names the request and what came back. Copy one for every thread.
class VoiceApi {
public:
    VoiceApi(HttpClient client, const ApiUser& user);

    /// POST /calls with that body; the new call's id.
    [[nodiscard]] Result<std::string> create_call(const nlohmann::json& body) const;
    /// POST /calls/{id}/audio.
    [[nodiscard]] Result<bool> speak(const std::string& call, const std::string& sentence) const;
    /// POST /calls/{id}.
    [[nodiscard]] Result<bool> hang_up(const std::string& call) const;

private:
    [[nodiscard]] Result<HttpReply> post(const std::string& path, const nlohmann::json& body) const;

    HttpClient client_;
    std::string base_;  // "/v1/users/u-1"
};

}  // namespace ringback
