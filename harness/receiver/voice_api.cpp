#include "harness/receiver/voice_api.h"

#include <fmt/format.h>

#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

/// The API's own words for why it refused, or its body cut short.
std::string reason_in(const std::string& body) {
    const auto error = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
    if (error.is_object() && error.contains("message") && error["message"].is_string()) {
        return error["message"].get<std::string>();
    }
    return body.substr(0, 200);
}

}  // namespace

VoiceApi::VoiceApi(HttpClient client, const ApiUser& user)
    : client_{std::move(client)}, base_{"/v1/users/" + percent_encoded(user.user_id)} {
    client_.authorize_basic(user.token, user.secret);
}

Result<HttpReply> VoiceApi::post(const std::string& path, const nlohmann::json& body) const {
    Result<HttpReply> reply = client_.post(base_ + path, body);
    if (reply && reply.value().status >= 300) {
        return Error{
            fmt::format("POST {}{}", base_, path),
            fmt::format("answered {}: {}", reply.value().status, reason_in(reply.value().body))};
    }
    return reply;
}

Result<std::string> VoiceApi::create_call(const nlohmann::json& body) const {
    const Result<HttpReply> reply = post("/calls", body);
    if (!reply) {
        return reply.error();
    }
    const std::string& location = reply.value().location;
    return location.substr(location.rfind('/') + 1);
}

Result<bool> VoiceApi::speak(const std::string& call, const std::string& sentence) const {
    const Result<HttpReply> reply =
        post(fmt::format("/calls/{}/audio", call), {{"sentence", sentence}});
    return reply ? Result<bool>{true} : reply.error();
}

Result<bool> VoiceApi::hang_up(const std::string& call) const {
    const Result<HttpReply> reply = post(fmt::format("/calls/{}", call), {{"state", "completed"}});
    return reply ? Result<bool>{true} : reply.error();
}

}  // namespace ringback
