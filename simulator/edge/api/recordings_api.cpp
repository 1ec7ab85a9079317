#include "simulator/edge/api/recordings_api.h"

#include <algorithm>
#include <vector>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/listing.h"
#include "simulator/wire/json_in.h"
#include "simulator/wire/media.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

/// A recording or transcription and when it began.
struct Item {
    Instant at{};
    const Call* call{nullptr};
    std::uint32_t number{0};
    bool is_text{false};
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
                                 static_cast<std::uint32_t>(i), false});
            }
            return true;
        });
    }
    sort_newest_first(items);
    return items;
}

std::vector<Item> media_of(const ApiRequest& request, const ApiContext& context) {
    std::vector<Item> items = recordings_of(request, context);
    std::erase_if(items, [](const Item& item) {
        return item.call->details->recordings[item.number - 1].state != Recording::State::complete;
    });
    if (const User* const user = context.engine.find_user(request.user)) {
        user->calls.newest_first([&](const Call& call) {
            for (std::size_t i = count_transcriptions(call); i > 0; --i) {
                const Transcription& it = call.details->transcriptions[i - 1];
                if (it.state == Transcription::State::completed) {
                    items.push_back({it.created_at, &call, static_cast<std::uint32_t>(i), true});
                }
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

/// "{callId}-{n}.{ext}" or a transcription's id, if that file exists.
std::optional<Item> find_media(const ApiRequest& request, const ApiContext& context) {
    const std::string_view name = request.ids[0];
    const FoundItem text = find_item(request, context, IdKind::transcription, name);
    if (text.call != nullptr && text.number >= 1 &&
        text.number <= count_transcriptions(*text.call)) {
        const Transcription& it = text.call->details->transcriptions[text.number - 1];
        return it.state == Transcription::State::completed
                   ? std::optional{Item{it.created_at, text.call, text.number, true}}
                   : std::nullopt;
    }
    const std::size_t dash = name.rfind('-');
    const std::size_t dot = name.rfind('.');
    if (dash == std::string_view::npos || dot == std::string_view::npos || dot < dash) {
        return std::nullopt;
    }
    const Call* const call = find_call(request, context, name.substr(0, dash));
    const auto number = whole_number(name.substr(dash + 1, dot - dash - 1));
    if (call == nullptr || !number || *number < 1 ||
        static_cast<std::uint64_t>(*number) > count_recordings(*call)) {
        return std::nullopt;
    }
    const auto nth = static_cast<std::uint32_t>(*number);
    std::string right;
    append_media_name(right, *call, nth, resource_text(request, context));
    const Recording& it = call->details->recordings[nth - 1];
    if (right != name || it.state != Recording::State::complete) {
        return std::nullopt;
    }
    return Item{it.started_at, call, nth, false};
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

ApiReply list_media(const ApiRequest& request, ApiContext& context) {
    // The docs show no page and size here, so a client that knows none gets as much as a page may
    // hold.
    auto asked = list_request(request, 1000);
    if (auto* const wrong = std::get_if<ApiError>(&asked)) {
        return refuse(std::move(*wrong), request);
    }
    const auto& [query, page] = std::get<ListRequest>(asked);
    const ResourceText text = resource_text(request, context);
    Listing listing{page};
    for (const Item& item : media_of(request, context)) {
        std::string* const place = listing.place();
        if (place == nullptr) {
            continue;
        }
        if (item.is_text) {
            append_media_item(
                *place, text.id(IdKind::transcription, *item.call, item.number).view(),
                item.call->details->transcriptions[item.number - 1].text.size(), text);
            continue;
        }
        std::string name;
        append_media_name(name, *item.call, item.number, text);
        const auto format = item.call->details->recordings[item.number - 1].format;
        append_media_item(*place, name, recording_bytes(format).size(), text);
    }
    return listing.reply(request, "media", query);
}

ApiReply get_media(const ApiRequest& request, ApiContext& context) {
    const auto found = find_media(request, context);
    if (!found) {
        return refuse(not_found("media", "mediaName", request.ids[0]), request);
    }
    const CallDetails& details = *found->call->details.get();
    Response response;
    if (found->is_text) {
        response.body = details.transcriptions[found->number - 1].text;
        response.headers.push_back({"Content-Type", "text/plain"});
    } else {
        const auto format = details.recordings[found->number - 1].format;
        response.body = recording_bytes(format);
        response.headers.push_back({"Content-Type", media_type(format)});
    }
    return about_call(std::move(response), *found->call);
}

}  // namespace ringback
