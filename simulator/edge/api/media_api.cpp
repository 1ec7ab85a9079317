#include "simulator/edge/api/media_api.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/listing.h"
#include "simulator/edge/api/media_store.h"
#include "simulator/wire/json_in.h"
#include "simulator/wire/media.h"
#include "simulator/wire/message_json.h"

namespace ringback {
namespace {

/// A file that there is, still without its name: most of a long list is never looked at.
struct File {
    enum class Of : std::uint8_t { put, recording, transcription, message };
    Of of{Of::put};
    Instant at{};
    std::uint32_t number{0};  // of the recording, transcription or part, from 1
    const Call* call{nullptr};
    const Message* message{nullptr};
    const std::string* name{nullptr};
    const Medium* medium{nullptr};
};

void add_files_of(const Call& call, std::vector<File>& files) {
    for (std::size_t i = count_recordings(call); i > 0; --i) {
        const Recording& it = call.details->recordings[i - 1];
        if (it.state == Recording::State::complete) {
            files.push_back(
                {File::Of::recording, it.started_at, static_cast<std::uint32_t>(i), &call});
        }
    }
    for (std::size_t i = count_transcriptions(call); i > 0; --i) {
        const Transcription& it = call.details->transcriptions[i - 1];
        if (it.state == Transcription::State::completed) {
            files.push_back(
                {File::Of::transcription, it.created_at, static_cast<std::uint32_t>(i), &call});
        }
    }
}

/// Newest first; what was put, then calls and messages that were made later, are newer among
/// equals, so that the order is always the same.
std::vector<File> files_of(const ApiRequest& request, const ApiContext& context) {
    std::vector<File> files;
    for (const auto& [name, medium] : context.media.of(request.user)) {
        files.push_back({File::Of::put, medium->stored_at, 0, nullptr, nullptr, name, medium});
    }
    if (const User* const user = context.engine.find_user(request.user)) {
        user->calls.newest_first([&](const Call& call) {
            add_files_of(call, files);
            return true;
        });
        user->messages.newest_first([&](const Message& message) {
            const std::size_t parts = message.direction == Direction::in ? message.media.size() : 0;
            for (std::size_t i = 1; i <= parts; ++i) {
                files.push_back({File::Of::message, message.created_at,
                                 static_cast<std::uint32_t>(i), nullptr, &message});
            }
            return true;
        });
    }
    std::ranges::stable_sort(files, [](const File& a, const File& b) { return a.at > b.at; });
    return files;
}

std::string name_of(const File& file, const ResourceText& text) {
    switch (file.of) {
        case File::Of::put:
            return *file.name;
        case File::Of::recording: {
            std::string name;
            append_media_name(name, *file.call, file.number, text);
            return name;
        }
        case File::Of::transcription:
            return std::string{text.id(IdKind::transcription, *file.call, file.number).view()};
        case File::Of::message:
            return part_name(file.message->media[file.number - 1], text.id(*file.message).view());
    }
    return {};
}

/// What the file says, but of what was put.
std::string_view made_bytes(const File& file) {
    switch (file.of) {
        case File::Of::recording:
            return recording_bytes(file.call->details->recordings[file.number - 1].format);
        case File::Of::transcription:
            return file.call->details->transcriptions[file.number - 1].text;
        case File::Of::message:
            return part_bytes(file.message->media[file.number - 1]);
        case File::Of::put:
            break;
    }
    return {};
}

std::size_t size_of(const File& file) {
    return file.of == File::Of::put ? file.medium->bytes->size() : made_bytes(file).size();
}

std::string_view type_of(const File& file) {
    switch (file.of) {
        case File::Of::put:
            return file.medium->type;
        case File::Of::recording:
            return media_type(file.call->details->recordings[file.number - 1].format);
        case File::Of::transcription:
            return "text/plain";
        case File::Of::message:
            return part_type(file.message->media[file.number - 1]);
    }
    return {};
}

/// "{callId}-{n}.{ext}".
std::optional<File> recording_named(const ApiRequest& request, const ApiContext& context) {
    const std::string_view name = request.ids[0];
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
    const Recording& it = call->details->recordings[static_cast<std::size_t>(*number) - 1];
    const File file{File::Of::recording, it.started_at, static_cast<std::uint32_t>(*number), call};
    const bool there = it.state == Recording::State::complete &&
                       name_of(file, resource_text(request, context)) == name;
    return there ? std::optional{file} : std::nullopt;
}

std::optional<File> transcription_named(const ApiRequest& request, const ApiContext& context) {
    const FoundItem text = find_item(request, context, IdKind::transcription, request.ids[0]);
    if (text.call == nullptr || text.number < 1 || text.number > count_transcriptions(*text.call)) {
        return std::nullopt;
    }
    const Transcription& it = text.call->details->transcriptions[text.number - 1];
    return it.state == Transcription::State::completed
               ? std::optional{File{File::Of::transcription, it.created_at, text.number, text.call}}
               : std::nullopt;
}

/// "...-{messageId}.{ext}"; the part's own name may have dots and dashes anywhere.
std::optional<File> part_named(const ApiRequest& request, const ApiContext& context) {
    const std::string_view name = request.ids[0];
    const std::string_view stem = name.substr(0, name.rfind('.'));
    for (const std::string_view maybe : {stem, name}) {
        const std::size_t id = maybe.rfind("-m-");
        const Message* const message = id == std::string_view::npos
                                           ? nullptr
                                           : find_message(request, context, maybe.substr(id + 1));
        if (message == nullptr || message->direction != Direction::in) {
            continue;
        }
        for (std::size_t i = 1; i <= message->media.size(); ++i) {
            const File file{File::Of::message, message->created_at, static_cast<std::uint32_t>(i),
                            nullptr, message};
            if (name_of(file, resource_text(request, context)) == name) {
                return file;
            }
        }
    }
    return std::nullopt;
}

/// What the path names. What was put takes the place of what ringback makes up.
std::optional<File> find_file(const ApiRequest& request, const ApiContext& context) {
    if (const Medium* const medium = context.media.find(request.user, request.ids[0])) {
        return File{File::Of::put, medium->stored_at, 0, nullptr, nullptr, &request.ids[0], medium};
    }
    if (context.media.is_hidden(request.user, request.ids[0])) {
        return std::nullopt;
    }
    if (auto found = transcription_named(request, context)) {
        return found;
    }
    if (auto found = recording_named(request, context)) {
        return found;
    }
    return part_named(request, context);
}

ApiReply no_media(const ApiRequest& request) {
    return refuse(not_found("media", "mediaName", request.ids[0]), request);
}

/// 503: more files than ringback holds.
ApiReply no_room(const ApiRequest& request) {
    return busy(request, "media-unavailable", "bytes of media (--max-media)");
}

CallId whose(const File& file) {
    return file.call != nullptr      ? file.call->id
           : file.message != nullptr ? file.message->id
                                     : CallId::none;
}

}  // namespace

bool may_be_large(const Request& head) {
    constexpr std::string_view before{"/v1/users/"};
    if (head.method != "PUT" || !head.path.starts_with(before)) {
        return false;
    }
    const std::string_view path = std::string_view{head.path}.substr(before.size());
    const std::size_t slash = path.find('/');
    return slash != std::string_view::npos && path.substr(slash).starts_with("/media/");
}

Response media_overflow(const Request& head) {
    return provider_error(
        forbidden("forbidden", "media-size-overflow", "A media file has at most 65 MB"), head);
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
    const bool some_hidden = context.media.hides_some(request.user);
    Listing listing{page};
    for (const File& file : files_of(request, context)) {
        if (some_hidden && file.of != File::Of::put &&
            context.media.is_taken(request.user, name_of(file, text))) {
            continue;
        }
        if (std::string* const place = listing.place()) {
            append_media_item(*place, name_of(file, text), size_of(file), text);
        }
    }
    return listing.reply(request, "media", query);
}

ApiReply put_media(const ApiRequest& request, ApiContext& context) {
    ApiReply reply;
    if (request.http.body.size() > MediaStore::largest) {
        reply.response = media_overflow(request.http);
        return reply;
    }
    const std::string_view type = request.http.header("Content-Type");
    if (!context.media.put(request.user, request.ids[0], request.http.body,
                           type.empty() ? "application/octet-stream" : type,
                           request.http.header("Cache-Control"), context.now)) {
        return no_room(request);
    }
    reply.response = done_answer();
    return reply;
}

ApiReply get_media(const ApiRequest& request, ApiContext& context) {
    const auto found = find_file(request, context);
    if (!found) {
        return no_media(request);
    }
    ApiReply reply;
    reply.call = whose(*found);
    reply.response.headers.push_back({"Content-Type", std::string{type_of(*found)}});
    if (found->of != File::Of::put) {
        reply.response.body = made_bytes(*found);
        return reply;
    }
    if (!found->medium->cache_control.empty()) {
        reply.response.headers.push_back({"Cache-Control", found->medium->cache_control});
    }
    reply.file = found->medium->bytes;
    return reply;
}

ApiReply delete_media(const ApiRequest& request, ApiContext& context) {
    const auto found = find_file(request, context);
    if (!found) {
        return no_media(request);
    }
    // What stood in a made file's place leaves neither of them behind.
    const std::string& name = request.ids[0];
    context.media.remove(request.user, name);
    if (find_file(request, context) && !context.media.hide(request.user, name)) {
        return no_room(request);
    }
    ApiReply reply;
    reply.call = whose(*found);
    reply.response = done_answer();
    return reply;
}

}  // namespace ringback
