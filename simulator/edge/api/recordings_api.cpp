#include "simulator/edge/api/recordings_api.h"

#include <algorithm>
#include <vector>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/listing.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

/// A recording and when it began.
struct Item {
    Instant at{};
    const Call* call{nullptr};
    std::uint32_t number{0};
};

/// Newest first; a call that was made later is newer among equals, so that the order is always the
/// same.
void sort_newest_first(std::vector<Item>& items) {
    std::ranges::stable_sort(items, [](const Item& a, const Item& b) { return a.at > b.at; });
}

std::vector<Item> recordings_of(const ApiRequest& request, const ApiContext& context) {
    std::vector<Item> items;
    if (const User* const user = context.engine.find_user(request.user)) {
        user->calls.newest_first([&](const Call& call) {
            for (std::size_t i = count_recordings(call); i > 0; --i) {
                items.push_back({call.details->recordings[i - 1].started_at, &call,
                                 static_cast<std::uint32_t>(i)});
            }
            return true;
        });
    }
    sort_newest_first(items);
    return items;
}

FoundPart find_recording(const ApiRequest& request, const ApiContext& context) {
    const FoundItem item = find_item(request, context, IdKind::recording, request.ids[0]);
    if (item.call == nullptr || item.number == 0 || item.number > count_recordings(*item.call)) {
        return {nullptr, 0, refuse(not_found("recording", "recordingId", request.ids[0]), request)};
    }
    return {item.call, item.number, std::nullopt};
}

}  // namespace

ApiReply list_call_recordings(const ApiRequest& request, ApiContext& context) {
    const Call* const call = find_call(request, context, request.ids[0]);
    if (call == nullptr) {
        return call_not_found(request);
    }
    std::string body{"["};
    for (std::uint32_t number = 1; number <= count_recordings(*call); ++number) {
        body += number > 1 ? "," : "";
        append_recording(body, *call, number, resource_text(request, context));
    }
    return about_call(json_answer(body + "]"), *call);
}

ApiReply list_call_transcriptions(const ApiRequest& request, ApiContext& context) {
    const Call* const call = find_call(request, context, request.ids[0]);
    if (call == nullptr) {
        return call_not_found(request);
    }
    std::string body{"["};
    for (std::uint32_t number = 1; number <= count_transcriptions(*call); ++number) {
        body += number > 1 ? "," : "";
        append_transcription(body, *call, number, resource_text(request, context));
    }
    return about_call(json_answer(body + "]"), *call);
}

ApiReply list_recordings(const ApiRequest& request, ApiContext& context) {
    auto asked = list_request(request);
    if (auto* const wrong = std::get_if<ApiError>(&asked)) {
        return refuse(std::move(*wrong), request);
    }
    const auto& [query, page] = std::get<ListRequest>(asked);
    Listing listing{page};
    for (const Item& item : recordings_of(request, context)) {
        if (std::string* const place = listing.place()) {
            append_recording(*place, *item.call, item.number, resource_text(request, context));
        }
    }
    return listing.reply(request, "recordings", query);
}

ApiReply get_recording(const ApiRequest& request, ApiContext& context) {
    FoundPart found = find_recording(request, context);
    if (found.refused) {
        return std::move(*found.refused);
    }
    std::string body;
    append_recording(body, *found.call, found.number, resource_text(request, context));
    return about_call(json_answer(std::move(body)), *found.call);
}

ApiReply list_transcriptions(const ApiRequest& request, ApiContext& context) {
    FoundPart found = find_recording(request, context);
    if (found.refused) {
        return std::move(*found.refused);
    }
    auto asked = list_request(request);
    if (auto* const wrong = std::get_if<ApiError>(&asked)) {
        return refuse(std::move(*wrong), request, found.call->id);
    }
    const auto& [query, page] = std::get<ListRequest>(asked);
    Listing listing{page};
    for (std::size_t i = count_transcriptions(*found.call); i > 0; --i) {
        if (found.call->details->transcriptions[i - 1].recording != found.number) {
            continue;
        }
        if (std::string* const place = listing.place()) {
            append_transcription(*place, *found.call, static_cast<std::uint32_t>(i),
                                 resource_text(request, context));
        }
    }
    ApiReply reply =
        listing.reply(request, "recordings/" + request.ids[0] + "/transcriptions", query);
    reply.call = found.call->id;
    return reply;
}

ApiReply create_transcription(const ApiRequest& request, ApiContext& context) {
    FoundPart found = find_recording(request, context);
    if (found.refused) {
        return std::move(*found.refused);
    }
    const Call& call = *found.call;
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request, call.id);
    }
    const Outcome outcome = context.engine.apply(call.id, Transcribe{found.number}, context.now);
    if (outcome.refusal == Refusal::recording_not_ready) {
        return refuse(
            {403,
             "forbidden",
             "invalid-recording-state",
             "Cannot transcribe the recording " + request.ids[0] + ". The state must be complete",
             {{"recordingId", request.ids[0]}}},
            request, call.id);
    }
    if (outcome.refusal != Refusal::none) {
        const IdText id = resource_text(request, context).id(IdKind::call, call);
        return refuse(refusal_error(outcome.refusal, call, id.view()), request, call.id);
    }
    std::string location;
    append_transcription_url(location, call, found.number, outcome.number,
                             location_text(request, context));
    return created(std::move(location), call);
}

ApiReply get_transcription(const ApiRequest& request, ApiContext& context) {
    FoundPart found = find_recording(request, context);
    if (found.refused) {
        return std::move(*found.refused);
    }
    const FoundItem item = find_item(request, context, IdKind::transcription, request.ids[1]);
    const bool known =
        item.call == found.call && item.number >= 1 &&
        item.number <= count_transcriptions(*item.call) &&
        item.call->details->transcriptions[item.number - 1].recording == found.number;
    if (!known) {
        return refuse(not_found("transcription", "transcriptionId", request.ids[1]), request,
                      found.call->id);
    }
    std::string body;
    append_transcription(body, *item.call, item.number, resource_text(request, context));
    return about_call(json_answer(std::move(body)), *item.call);
}

}  // namespace ringback
