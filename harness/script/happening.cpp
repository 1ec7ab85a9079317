#include "harness/script/happening.h"

#include <algorithm>
#include <utility>

#include "simulator/wire/query_object.h"

namespace ringback {
namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

json message_of_request(const json& entry) {
    const std::string target = text_of(entry, "path");
    const std::size_t mark = target.find('?');
    json message{{"query", query_object(mark == std::string::npos
                                            ? std::string_view{}
                                            : std::string_view{target}.substr(mark + 1))}};
    if (const auto body = entry.find("request"); body != entry.end()) {
        message["body"] = *body;
    }
    return message;
}

/// The event's own members, whichever way they travel.
json payload_of(const json& entry) {
    const auto found = entry.find("payload");
    if (found == entry.end()) {
        return json::object();
    }
    return found->is_string() ? query_object(found->get_ref<const std::string&>()) : *found;
}

}  // namespace

std::string Happening::method() const { return text_of(entry, "method"); }

std::string Happening::path() const {
    const std::string target = text_of(entry, "path");
    return target.substr(0, target.find('?'));
}

int Happening::status() const {
    const auto found = entry.find("status");
    return found != entry.end() && found->is_number_integer() ? found->get<int>() : 0;
}

Happening happening_of(json entry, Instant at, WallInstant wall) {
    Happening made;
    made.at = at;
    made.wall = wall;
    made.seq = entry.value("seq", std::uint64_t{0});
    made.delivery = entry.value("delivery", std::uint64_t{0});
    const std::string kind = text_of(entry, "kind");
    if (kind == "api") {
        made.kind = Happening::Kind::request;
        made.message = message_of_request(entry);
    } else if (kind == "event") {
        made.kind = Happening::Kind::event;
        made.message = payload_of(entry);
        made.event = event_name(text_of(entry, "event"), made.message);
    } else if (kind == "attempt") {
        made.kind = Happening::Kind::answer;
        made.event = text_of(entry, "event");
    }
    made.entry = std::move(entry);
    return made;
}

std::string event_name(std::string_view event, const json& payload) {
    std::string name{event};
    const std::string status = text_of(payload, "status");
    const std::string state = text_of(payload, "state");
    if (event == "speak" || event == "playback") {
        if (status == "started" || status == "done") {
            name += "." + status;
        }
    } else if (event == "recording" || event == "transcription") {
        const std::string& phase = status.empty() ? state : status;
        if (phase == "complete" || phase == "completed") {
            name += ".complete";
        } else if (phase == "error") {
            name += ".error";
        }
    }
    return name;
}

bool means_event(std::string_view wanted, std::string_view event) {
    return wanted == event ||
           (event.starts_with(wanted) && event.substr(wanted.size()).starts_with('.'));
}

bool means_path(std::string_view pattern, std::string_view path) {
    while (true) {
        const std::size_t wanted_end = std::min(pattern.find('/', 1), pattern.size());
        const std::size_t found_end = std::min(path.find('/', 1), path.size());
        const std::string_view wanted = pattern.substr(0, wanted_end);
        if (wanted == "/**" || wanted == "**") {
            return true;
        }
        if (wanted.ends_with("/*") ? found_end < 2 : wanted != path.substr(0, found_end)) {
            return false;
        }
        pattern.remove_prefix(wanted_end);
        path.remove_prefix(found_end);
        if (pattern.empty() || path.empty()) {
            return pattern.empty() && path.empty();
        }
    }
}

}  // namespace ringback
