#include "simulator/wire/call_json.h"

#include <chrono>

#include "simulator/core/result.h"
#include "simulator/wire/json_out.h"
#include "simulator/wire/time_text.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/utf8.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

using std::chrono::ceil;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t longest_resource_text = 1000;  // characters, spec v1 7.2

void append_user_url(std::string& out, const ResourceText& text) {
    out += text.base;
    out += "/v1/users/";
    out += text.user;
}

/// URLs of ours consist of what needs no JSON escapes: the base and the user were checked.
void call_url(JsonObject& object, std::string_view name, const Call& call, std::string_view below,
              const ResourceText& text) {
    std::string& out = object.member(name);
    out += '"';
    append_call_url(out, call, text);
    out += below;
    out += '"';
}

void time(JsonObject& object, std::string_view name, Instant at) {
    std::string& out = object.member(name);
    out += '"';
    append_time(out, at);
    out += '"';
}

const CallDetails& details_of(const Call& call) {
    if (!call.details) {
        bug("a call without the details asked for");
    }
    return *call.details.get();
}

template <class T>
const T& nth(const std::vector<T>& items, std::uint32_t number) {
    if (number == 0 || number > items.size()) {
        bug("a resource number that does not exist");
    }
    return items[number - 1];
}

void append_times(JsonObject& object, const Call& call) {
    time(object, "startTime", call.started_at);
    if (call.active_at != never) {
        time(object, "activeTime", call.active_at);
    }
    if (call.ended_at == never) {
        return;
    }
    time(object, "endTime", call.ended_at);
    if (call.active_at != never) {
        const auto charged = ceil<minutes>(call.ended_at - call.active_at);
        object.integer("chargeableDuration", seconds{charged}.count());
    }
}

void append_sip_headers(JsonObject& object, const CallDetails& details) {
    if (details.sip_headers.empty()) {
        return;
    }
    JsonObject headers{object.member("sipHeaders")};
    for (const auto& [name, value] : details.sip_headers) {
        std::string quoted;
        append_json_string(quoted, name);
        headers.text(std::string_view{quoted}.substr(1, quoted.size() - 2), value);
    }
    headers.end();
}

/// What it is in at the moment.
void append_groups(JsonObject& object, const CallDetails* details, const ResourceText& text) {
    if (details == nullptr || details->bridge == CallId::none) {
        return;
    }
    const IdText id = text.ids->make(IdKind::bridge, text.user_hash, number_of(details->bridge));
    object.text("bridgeId", id.view());
    std::string& url = object.member("bridge");
    url += '"';
    append_item_url(url, "bridges", id.view(), text);
    url += '"';
}

void append_caller(JsonObject& object, const Caller& caller) {
    object.text_if("displayName", caller.display_name);
    if (caller.name_withheld) {
        object.boolean("withholdCallerName", true);
    }
    if (caller.number_withheld) {
        object.boolean("withholdCallerNumber", true);
    }
}

std::string_view log_data(const LogEntry& entry, char& digit) {
    switch (entry.name) {
        case LogEntry::Name::create:
        case LogEntry::Name::answer:
            return {};
        case LogEntry::Name::speak:
        case LogEntry::Name::playback:
            return entry.data == 0 ? "start" : "done";
        case LogEntry::Name::dtmf:
            digit = static_cast<char>(entry.data);
            return {&digit, 1};
        case LogEntry::Name::gather:
            return word(static_cast<GatherReason>(entry.data));
        case LogEntry::Name::hangup:
        case LogEntry::Name::error:
            return word(static_cast<Cause>(entry.data));
    }
    return {};
}

}  // namespace

void append_item_url(std::string& out, std::string_view collection, std::string_view id,
                     const ResourceText& text) {
    constexpr std::size_t path_around = 32;  // "/v1/users/" and the slashes, with some room
    out.reserve(out.size() + text.base.size() + text.user.size() + collection.size() + id.size() +
                path_around);
    append_user_url(out, text);
    out += '/';
    out += collection;
    out += '/';
    out += id;
}

void append_route(JsonObject& object, const Route& route) {
    object.text_if("callbackUrl", redacted_url(route.url));
    if (route.method_given) {
        object.text("callbackHttpMethod", word(route.method));
    }
    if (route.timeout) {
        object.integer("callbackTimeout", route.timeout->count());
    }
    object.text_if("fallbackUrl", redacted_url(route.fallback_url));
}

void append_call_url(std::string& out, const Call& call, const ResourceText& text) {
    append_item_url(out, "calls", text.id(IdKind::call, call).view(), text);
}

void append_conference_url(std::string& out, CallId conference, const ResourceText& text) {
    append_item_url(out, "conferences", text.conference_id(conference).view(), text);
}

void append_gather_url(std::string& out, const Call& call, std::uint32_t gather,
                       const ResourceText& text) {
    append_call_url(out, call, text);
    out += "/gather/";
    out += text.id(IdKind::gather, call, gather).view();
}

void append_transcription_url(std::string& out, const Call& call, std::uint32_t recording,
                              std::uint32_t transcription, const ResourceText& text) {
    append_item_url(out, "recordings", text.id(IdKind::recording, call, recording).view(), text);
    out += "/transcriptions/";
    out += text.id(IdKind::transcription, call, transcription).view();
}

void append_media_name(std::string& out, const Call& call, std::uint32_t recording,
                       const ResourceText& text) {
    out += text.id(IdKind::call, call).view();
    out += '-';
    append_integer(out, recording);
    out += '.';
    out += word(nth(details_of(call).recordings, recording).format);
}

void append_call(std::string& out, const Call& call, const ResourceText& text) {
    const CallDetails* const details = call.details.get();
    JsonObject object{out};
    object.text("id", text.id(IdKind::call, call).view());
    object.text("direction", word(call.direction));
    object.text("from", call.from);
    object.text("to", call.to);
    object.text("state", word(call.state));
    append_times(object, call);
    append_route(object, *call.route);
    if (call.call_timeout_s != 0) {
        object.integer("callTimeout", call.call_timeout_s);
    }
    object.boolean("recordingEnabled", call.recording_enabled);
    object.text("recordingFileFormat", word(call.recording_format));
    if (call.recording_max_s != 0) {
        object.integer("recordingMaxDuration", call.recording_max_s);
    }
    object.boolean("transcriptionEnabled", call.transcription_enabled);
    append_groups(object, details, text);
    call_url(object, "events", call, "/events", text);
    call_url(object, "recordings", call, "/recordings", text);
    call_url(object, "transcriptions", call, "/transcriptions", text);
    object.text_if("tag", call.tag);
    if (details != nullptr) {
        if (details->conference != CallId::none) {
            object.text("conferenceId", text.conference_id(details->conference).view());
            std::string& url = object.member("conference");
            url += '"';
            append_conference_url(url, details->conference, text);
            url += '"';
        }
        if (details->transfer) {
            object.text_if("transferTo", details->transfer->to);
            object.text_if("transferCallerId", details->transfer->caller_id);
        }
        if (details->caller) {
            append_caller(object, *details->caller.get());
        }
        append_sip_headers(object, *details);
    }
    object.end();
}

void append_gather(std::string& out, const Call& call, std::uint32_t gather,
                   const ResourceText& text) {
    const Gather& it = nth(details_of(call).gathers, gather);
    JsonObject object{out};
    object.text("id", text.id(IdKind::gather, call, gather).view());
    object.text("state", it.reason ? "completed" : "started");
    if (it.reason) {
        object.text("reason", word(*it.reason));
    }
    object.text("digits", it.digits);
    time(object, "createdTime", it.created_at);
    if (it.reason) {
        time(object, "completedTime", it.completed_at);
    }
    call_url(object, "call", call, "", text);
    object.end();
}

void append_recording(std::string& out, const Call& call, std::uint32_t recording,
                      const ResourceText& text) {
    const Recording& it = nth(details_of(call).recordings, recording);
    JsonObject object{out};
    object.text("id", text.id(IdKind::recording, call, recording).view());
    object.text("state", word(it.state));
    time(object, "startTime", it.started_at);
    if (it.ended_at != never) {
        time(object, "endTime", it.ended_at);
    }
    call_url(object, "call", call, "", text);
    if (it.state == Recording::State::complete) {
        std::string& url = object.member("media");
        url += '"';
        append_item_url(url, "media", "", text);
        append_media_name(url, call, recording, text);
        url += '"';
    }
    object.end();
}

void append_transcription(std::string& out, const Call& call, std::uint32_t transcription,
                          const ResourceText& text) {
    const Transcription& it = nth(details_of(call).transcriptions, transcription);
    const IdText id = text.id(IdKind::transcription, call, transcription);
    JsonObject object{out};
    object.text("id", id.view());
    object.text("state", word(it.state));
    time(object, "time", it.created_at);
    if (it.state == Transcription::State::completed) {
        const Recording& heard = nth(details_of(call).recordings, it.recording);
        const auto length = ceil<seconds>(heard.ended_at - heard.started_at);
        object.integer("chargeableDuration", length.count());
        object.text("text", utf8_crop(it.text, longest_resource_text));
        object.integer("textSize", static_cast<std::int64_t>(utf8_length(it.text)));
        std::string& url = object.member("textUrl");
        url += '"';
        append_item_url(url, "media", id.view(), text);
        url += '"';
    }
    object.end();
}

void append_log_entry(std::string& out, const Call& call, std::uint32_t entry,
                      const ResourceText& text) {
    const LogEntry it = log_entry(call, entry);
    char digit{};
    JsonObject object{out};
    object.text("id", text.id(IdKind::call_event, call, entry).view());
    time(object, "time", it.at);
    object.text("name", word(it.name));
    object.text_if("data", log_data(it, digit));
    object.end();
}

void append_user_error(std::string& out, const UserError& error, const ResourceText& text) {
    JsonObject object{out};
    object.text("id", text.ids->make(IdKind::user_error, text.user_hash, error.number).view());
    time(object, "time", error.at);
    object.text("category", error.category);
    object.text("code", error.code);
    object.text("message", error.message);
    std::string& list = object.member("details");
    list += '[';
    std::uint32_t number{0};
    for (const auto& [name, value] : error.details) {
        if (++number > 1) {
            list += ',';
        }
        JsonObject detail{list};
        detail.text(
            "id",
            text.ids->make(IdKind::user_error_detail, text.user_hash, error.number, number).view());
        detail.text("name", name);
        detail.text("value", value);
        detail.end();
    }
    list += ']';
    object.end();
}

void append_media_item(std::string& out, std::string_view name, std::size_t bytes,
                       const ResourceText& text) {
    JsonObject object{out};
    object.text("mediaName", name);
    object.integer("contentLength", static_cast<std::int64_t>(bytes));
    std::string& url = object.member("content");
    url += '"';
    append_item_url(url, "media", "", text);
    append_percent_encoded(url, name);
    url += '"';
    object.end();
}

}  // namespace ringback
