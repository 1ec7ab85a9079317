#include "harness/scenario/events.h"

#include <algorithm>
#include <array>

#include "harness/scenario/scenario.h"

namespace ringback {
namespace {

using Words = std::vector<std::string_view>;

struct EventBody {
    std::string_view type;  // what stands before the dot of a name
    Words members;
};

const std::vector<EventBody>& event_bodies() {
    static const std::vector<EventBody> all{
        {"incomingcall",
         {"eventType", "callId", "callUri", "from", "to", "callState", "applicationId", "time",
          "displayName", "withholdCallerNumber", "withholdCallerName", "diversion"}},
        {"answer",
         {"eventType", "callId", "callUri", "from", "to", "callState", "time", "tag", "displayName",
          "withholdCallerNumber", "withholdCallerName", "diversion"}},
        {"speak", {"eventType", "callId", "callUri", "status", "state", "time", "tag"}},
        {"playback", {"eventType", "callId", "callUri", "status", "time", "tag"}},
        {"dtmf", {"eventType", "callId", "callUri", "dtmfDigit", "dtmfDuration", "time"}},
        {"gather",
         {"eventType", "state", "reason", "digits", "terminatingDigit", "callId", "callUri",
          "gatherId", "time", "tag"}},
        {"hangup",
         {"eventType", "callId", "callUri", "from", "to", "cause", "callState", "time", "tag"}},
        {"timeout", {"eventType", "callId", "callUri", "from", "to", "time", "tag"}},
        {"recording",
         {"eventType", "callId", "recordingId", "recordingUri", "state", "status", "startTime",
          "endTime", "tag"}},
        {"transcription",
         {"eventType", "transcriptionId", "recordingId", "state", "status", "textSize", "text",
          "textUrl", "transcriptionUri"}},
        {"error", {"eventType", "callId", "callUri", "from", "to", "callState", "time", "tag"}},
        {"redirect", {"eventType", "callId", "callState", "from", "to", "tag"}},
        {"transferComplete",
         {"eventType", "callId", "callUri", "from", "to", "callState", "time", "tag"}},
        {"sms",
         {"eventType", "direction", "messageId", "messageUri", "from", "to", "text",
          "applicationId", "time", "state", "deliveryState", "deliveryCode", "deliveryDescription",
          "segmentCount", "tag"}},
        {"mms",
         {"eventType", "direction", "messageId", "messageUri", "from", "to", "text",
          "applicationId", "time", "state", "deliveryState", "deliveryCode", "deliveryDescription",
          "media", "segmentCount", "tag"}},
        {"conference",
         {"conferenceId", "conferenceUri", "eventType", "status", "createdTime", "completedTime",
          "tag"}},
        {"conference-member",
         {"activeMembers", "callId", "conferenceId", "eventType", "hold", "memberId", "memberUri",
          "mute", "state", "time", "tag"}},
        {"conference-speak",
         {"conferenceId", "conferenceUri", "eventType", "status", "time", "tag"}},
        {"conference-playback",
         {"conferenceId", "conferenceUri", "eventType", "status", "time", "tag"}},
    };
    return all;
}

}  // namespace

const Words& event_names() {
    static const Words all{"answer",
                           "incomingcall",
                           "speak.started",
                           "speak.done",
                           "playback.started",
                           "playback.done",
                           "dtmf",
                           "gather",
                           "hangup",
                           "timeout",
                           "recording.complete",
                           "recording.error",
                           "transcription.complete",
                           "transcription.error",
                           "error",
                           "redirect",
                           "transferComplete",
                           "sms.received",
                           "sms.sent",
                           "sms.delivered",
                           "sms.not-delivered",
                           "sms.error",
                           "mms.received",
                           "mms.sent",
                           "mms.error",
                           "conference.created",
                           "conference.completed",
                           "conference-member",
                           "conference-speak.started",
                           "conference-speak.done",
                           "conference-playback.started",
                           "conference-playback.done"};
    return all;
}

Words event_members(std::string_view name) {
    if (std::ranges::find(event_names(), name) == event_names().end()) {
        return {};
    }
    const std::string_view type = name.substr(0, name.find('.'));
    const auto body = std::ranges::find(event_bodies(), type, &EventBody::type);
    return body == event_bodies().end() ? Words{} : body->members;
}

const Words& request_sights() {
    static const Words all{"method",    "path",     "status",       "query",
                           "headers",   "body",     "location",     "response",
                           "callId",    "gatherId", "recordingId",  "transcriptionId",
                           "messageId", "bridgeId", "conferenceId", "memberId"};
    return all;
}

const Words& reply_sights() {
    static const Words all{"status", "latencyMs", "attempt", "headers", "body"};
    return all;
}

const Words& invariant_names() {
    static const Words all{"no-command-after-hangup", "commands-accepted", "callbacks-answered",
                           "one-terminal-event",      "monotonic-times",   "valid-numbers"};
    return all;
}

const Words& built_in_variables() {
    static const Words all{"receiver", "api", "userId", "token", "secret", "from", "to", "runId"};
    return all;
}

const std::vector<ApiCommand>& api_commands() {
    static const std::vector<ApiCommand> all{
        {"create", "POST", "/v1/users/${userId}/calls"},
        {"update", "POST", "/v1/users/${userId}/calls/*"},
        {"audio", "POST", "/v1/users/${userId}/calls/*/audio"},
        {"dtmf", "POST", "/v1/users/${userId}/calls/*/dtmf"},
        {"gather", "POST", "/v1/users/${userId}/calls/*/gather"},
        {"stop-gather", "POST", "/v1/users/${userId}/calls/*/gather/*"},
        {"transcribe", "POST", "/v1/users/${userId}/recordings/*/transcriptions"},
        {"message", "POST", "/v1/users/${userId}/messages"},
    };
    return all;
}

std::string_view word_of(const Step& step) {
    constexpr std::array<std::string_view, 8> words{"send",  "await",  "caller", "pause",
                                                    "quiet", "branch", "repeat", "block"};
    static_assert(words.size() == std::variant_size_v<decltype(Step::what)>);
    return words.at(step.what.index());
}

}  // namespace ringback
