#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "simulator/core/call.h"
#include "simulator/core/history.h"
#include "simulator/wire/ids.h"
#include "simulator/wire/json_out.h"

namespace ringback {

/// Under which address and for whom a resource is shown.
struct ResourceText {
    const IdCodec* ids{nullptr};  // never null
    std::string_view base;        // {base}: "http://127.0.0.1:12180", as the client wrote it
    std::string_view user;        // as in a path, percent-encoded where needed
    std::uint64_t user_hash{};

    [[nodiscard]] IdText id(const Message& message) const {
        return ids->make(IdKind::message, user_hash, number_of(message.id));
    }
    [[nodiscard]] IdText id(const Bridge& bridge) const {
        return ids->make(IdKind::bridge, user_hash, number_of(bridge.id));
    }
    [[nodiscard]] IdText conference_id(CallId conference) const {
        return ids->make(IdKind::conference, user_hash, number_of(conference));
    }
    [[nodiscard]] IdText id(IdKind kind, const Call& call, std::uint32_t sub = 0) const {
        return ids->make(kind, user_hash, number_of(call.id), sub);
    }
};

// Appends {base}/v1/users/{user}/..., unquoted and ready for JSON, Location and Link.
void append_call_url(std::string& out, const Call& call, const ResourceText& text);
void append_conference_url(std::string& out, CallId conference, const ResourceText& text);
void append_gather_url(std::string& out, const Call& call, std::uint32_t gather,
                       const ResourceText& text);
void append_transcription_url(std::string& out, const Call& call, std::uint32_t recording,
                              std::uint32_t transcription, const ResourceText& text);

/// Appends {callId}-{n}.wav or .mp3. Source: spec v1 1.8.
void append_media_name(std::string& out, const Call& call, std::uint32_t recording,
                       const ResourceText& text);

/// Appends the call object of spec v1 2.1.2. User information in URLs reads ***.
void append_call(std::string& out, const Call& call, const ResourceText& text);

// Gather, recording, transcription, entry: the how-manieth of the call, from 1; it must exist.
/// Spec v1 2.1.8.
void append_gather(std::string& out, const Call& call, std::uint32_t gather,
                   const ResourceText& text);
/// Spec v1 2.9; media only once complete.
void append_recording(std::string& out, const Call& call, std::uint32_t recording,
                      const ResourceText& text);
/// Spec v1 2.10; chargeableDuration is the recording's length in seconds, rounded up.
void append_transcription(std::string& out, const Call& call, std::uint32_t transcription,
                          const ResourceText& text);
/// Spec v1 2.1.9.
void append_log_entry(std::string& out, const Call& call, std::uint32_t entry,
                      const ResourceText& text);
/// Spec v1 2.11, 5.6.
void append_user_error(std::string& out, const UserError& error, const ResourceText& text);

/// callbackUrl, callbackHttpMethod, callbackTimeout, fallbackUrl as far as they were given.
void append_route(JsonObject& object, const Route& route);
/// {base}/v1/users/{user}/{collection}/{id}
void append_item_url(std::string& out, std::string_view collection, std::string_view id,
                     const ResourceText& text);

/// Appends one item of GET media: mediaName, contentLength, content.
void append_media_item(std::string& out, std::string_view name, std::size_t bytes,
                       const ResourceText& text);

}  // namespace ringback
