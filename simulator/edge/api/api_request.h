#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/context.h"
#include "simulator/wire/call_json.h"
#include "simulator/wire/error_json.h"
#include "simulator/wire/request_body.h"

namespace ringback {

/// One request under /v1/users/{userId}, taken apart by the router.
struct ApiRequest {
    const Request& http;
    std::string base;          // {base}: "http://127.0.0.1:12180"
    std::string user;          // as the account is called
    std::string user_in_path;  // percent-encoded where needed
    std::uint64_t user_hash{};
    std::array<std::string, 3> ids{};  // what stands for the pattern's {}, decoded
    /// The last of them: the part of the path before it, and its place. "" = the path has none.
    struct LastId {
        std::string_view collection{};
        std::size_t place{0};
    };
    LastId last_id{};
};

/// How a route answers.
using Handler = ApiReply (*)(const ApiRequest&, ApiContext&);

[[nodiscard]] inline ResourceText resource_text(const ApiRequest& request,
                                                const ApiContext& context) {
    return {&context.ids, request.base, request.user_in_path, request.user_hash};
}

/// For Location, which the docs show relative (ApiSettings::relative_location).
[[nodiscard]] inline ResourceText location_text(const ApiRequest& request,
                                                const ApiContext& context) {
    ResourceText text = resource_text(request, context);
    if (context.api.relative_location) {
        text.base = {};
    }
    return text;
}

/// The user's call of that text id, or null.
[[nodiscard]] const Call* find_call(const ApiRequest& request, const ApiContext& context,
                                    std::string_view id);
/// The call an id of another kind belongs to, with the number in it; null call if there is none.
struct FoundItem {
    const Call* call{nullptr};
    std::uint32_t number{0};
};
[[nodiscard]] FoundItem find_item(const ApiRequest& request, const ApiContext& context, IdKind kind,
                                  std::string_view id);

/// What an id of the path names, or the answer that there is none.
struct FoundPart {
    const Call* call{nullptr};
    std::uint32_t number{0};  // of the gather or recording in its call
    std::optional<ApiReply> refused{};
};

[[nodiscard]] inline std::size_t count_recordings(const Call& call) {
    return call.details ? call.details->recordings.size() : 0;
}
[[nodiscard]] inline std::size_t count_transcriptions(const Call& call) {
    return call.details ? call.details->transcriptions.size() : 0;
}

[[nodiscard]] const Message* find_message(const ApiRequest& request, const ApiContext& context,
                                          std::string_view id);

[[nodiscard]] const Bridge* find_bridge(const ApiRequest& request, const ApiContext& context,
                                        std::string_view id);
[[nodiscard]] const Conference* find_conference(const ApiRequest& request,
                                                const ApiContext& context, std::string_view id);

/// The id of what it is about comes first of the details: of `call` (or message, bridge or
/// conference), else the last one of the path.
[[nodiscard]] ApiReply refuse(ApiError error, const ApiRequest& request,
                              CallId call = CallId::none);
/// 503 with Retry-After: ringback holds as many `what` as it may.
[[nodiscard]] ApiReply busy(const ApiRequest& request, std::string_view code,
                            std::string_view what);
/// A 403.
[[nodiscard]] ApiError forbidden(std::string_view category, std::string_view code,
                                 std::string message);
/// Why calls and messages may not come from that number: strict ownership (spec v1 2.1.3).
[[nodiscard]] std::optional<ApiError> refuse_sender(const std::string& from,
                                                    const ApiRequest& request,
                                                    const ApiContext& context);
[[nodiscard]] ApiReply call_not_found(const ApiRequest& request);

/// The body as an object, or why it is none.
[[nodiscard]] std::variant<RequestBody, ApiError> body_of(const ApiRequest& request);

/// How the provider says that the call does not allow it. Source: spec v1 1.6 codes.
[[nodiscard]] ApiError refusal_error(Refusal refusal, const Call& call, std::string_view id);

/// An answer about what has that id.
[[nodiscard]] inline ApiReply about_item(Response response, CallId id) {
    ApiReply reply;
    reply.response = std::move(response);
    reply.call = id;
    return reply;
}
/// An answer about `call`, whose callbacks wait for it.
[[nodiscard]] inline ApiReply about_call(Response response, const Call& call) {
    return about_item(std::move(response), call.id);
}
[[nodiscard]] inline ApiReply changed_call(Response response, const Call& call) {
    ApiReply reply = about_call(std::move(response), call);
    reply.touched.push_back(call.strand);
    return reply;
}
/// The same for what has just been created, with its address.
[[nodiscard]] inline ApiReply created(std::string location, const Call& call) {
    ApiReply reply = changed_call(created_answer(location), call);
    reply.location = std::move(location);
    return reply;
}

/// The same for conferences, each a strand of its own.
[[nodiscard]] inline ApiReply about_conference(Response response, const Conference& conference) {
    return about_item(std::move(response), conference.id);
}
[[nodiscard]] inline ApiReply changed_conference(Response response, const Conference& conference) {
    ApiReply reply = about_conference(std::move(response), conference);
    reply.touched.push_back(conference.id);
    return reply;
}

/// The same for messages, each a strand of its own.
[[nodiscard]] inline ApiReply about_message(Response response, const Message& message) {
    return about_item(std::move(response), message.id);
}
[[nodiscard]] inline ApiReply changed_message(Response response, const Message& message) {
    ApiReply reply = about_message(std::move(response), message);
    reply.touched.push_back(message.id);
    return reply;
}

}  // namespace ringback
