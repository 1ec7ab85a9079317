#include "harness/ladder/highlights.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "simulator/wire/query_object.h"

namespace ringback {
namespace {

using nlohmann::json;

constexpr std::string_view ellipsis{"\u2026"};

void append_word(std::string& text, std::string_view word) {
    if (!word.empty()) {
        text += text.empty() ? "" : " ";
        text += word;
    }
}

/// Ids are a short prefix, a dash and 23 characters.
bool looks_like_id(std::string_view segment) {
    const std::size_t dash = segment.find('-');
    return dash != std::string_view::npos && segment.size() >= dash + 21;
}

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> segments;
    path = path.substr(0, path.find('?'));
    while (!path.empty()) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        if (slash > 0) {
            segments.push_back(path.substr(0, slash));
        }
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    return segments;
}

/// The last part of a URL's path: what a person calls the file.
std::string file_name(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    return std::string{url.substr(url.rfind('/') + 1)};
}

struct Shown {
    std::string_view member;
    std::string_view before;  // written before the value
};

/// A wall-clock length of microseconds as a person says it.
std::string length_text(std::int64_t us) {
    if (us < 1'000) {
        return "<1 ms";
    }
    if (us < 10'000'000) {
        return fmt::format("{} ms", us / 1'000);
    }
    return fmt::format("{:.1f} s", static_cast<double>(us) / 1e6);
}

/// How long a try took: from its sending (or the attempt to connect) to its answer or end.
std::string duration_of_try(const json& attempt) {
    const auto wall = attempt.find("wall");
    if (wall == attempt.end() || !wall->is_object()) {
        return {};
    }
    const auto first_of = [&](std::initializer_list<const char*> names) -> std::int64_t {
        for (const char* name : names) {
            const auto member = wall->find(name);
            if (member != wall->end() && member->is_number_integer()) {
                return member->get<std::int64_t>();
            }
        }
        return -1;
    };
    const std::int64_t from = first_of({"sent_us", "connected_us", "due_us"});
    const std::int64_t to = first_of({"first_byte_us", "ended_us"});
    return from < 0 || to < from ? std::string{} : length_text(to - from);
}

}  // namespace

std::string text_member(const json& object, std::string_view name) {
    if (!object.is_object()) {
        return {};
    }
    const auto member = object.find(name);
    if (member == object.end() || member->is_structured() || member->is_null()) {
        return {};
    }
    return member->is_string() ? member->get<std::string>()
                               : member->dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string short_request(const json& api_entry) {
    std::string text = text_member(api_entry, "method") + " ";
    const std::string path = text_member(api_entry, "path");
    std::vector<std::string_view> segments = segments_of(path);
    if (!segments.empty() && segments[0] == "v1") {
        const bool of_user = segments.size() > 2 && segments[1] == "users";
        segments.erase(segments.begin(), segments.begin() + (of_user ? 3 : 1));
    }
    if (segments.size() > 2 && segments[0] == "calls") {
        segments.erase(segments.begin());  // "…/audio" can only be of a call
    } else {
        text += "/";
    }
    bool first = true;
    for (const std::string_view segment : segments) {
        text += std::exchange(first, false) ? "" : "/";
        text += looks_like_id(segment) ? ellipsis : segment;
    }
    return text;
}

std::string request_highlights(const json& request) {
    std::string text;
    if (!request.is_object()) {
        return text;
    }
    for (const auto& [member, before] :
         {Shown{"state", "state="}, Shown{"to", "to "}, Shown{"transferTo", "to "},
          Shown{"dtmfOut", "tones "}, Shown{"maxDigits", "maxDigits="},
          Shown{"terminatingDigits", "until "}, Shown{"recordingEnabled", "recordingEnabled="},
          Shown{"transcriptionEnabled", "transcriptionEnabled="}, Shown{"press", "press "},
          Shown{"say", "say "}, Shown{"callbackHttpMethod", "callbacks by "}}) {
        const std::string value = text_member(request, member);
        append_word(text, value.empty() ? value : fmt::format("{}{}", before, value));
    }
    const std::string file = text_member(request, "fileUrl");
    const std::string sentence = text_member(request, "sentence");
    if (!file.empty()) {
        append_word(text, file_name(file));
    } else if (!sentence.empty()) {
        append_word(text, fmt::format("\"{}\"", sentence));
    } else if (request.contains("fileUrl") || request.contains("sentence")) {
        append_word(text, "stop");
    }
    const std::string tag = text_member(request, "tag");
    append_word(text, tag.empty() ? tag : fmt::format("tag={}", tag));
    return text;
}

std::string event_highlights(std::string_view event, const json& payload) {
    const json fields =
        payload.is_string() ? query_object(payload.get_ref<const std::string&>()) : payload;
    std::string text;
    const auto show = [&](std::string_view member, std::string_view before = "") {
        const std::string value = text_member(fields, member);
        append_word(text, value.empty() ? value : fmt::format("{}{}", before, value));
    };
    if (event == "answer") {
        show("callState");
    } else if (event == "incomingcall") {
        show("from", "from ");
    } else if (event == "speak") {
        show("state");
    } else if (event == "playback" || event == "recording" || event == "transcription") {
        show("status");
        show("text");
    } else if (event == "dtmf") {
        show("dtmfDigit");
    } else if (event == "gather") {
        const std::string digits = text_member(fields, "digits");
        append_word(text, digits.empty() ? "no digits" : fmt::format("digits {}", digits));
        show("reason");
    } else if (event == "hangup") {
        show("cause");
    }
    show("tag", "tag=");
    return text;
}

std::string error_code(const json& api_entry) {
    const auto response = api_entry.find("response");
    return response == api_entry.end() ? std::string{} : text_member(*response, "code");
}

std::string attempt_text(const json& attempt_entry) {
    struct End {
        std::string_view name;
        std::string_view text;
    };
    constexpr std::array ends{
        End{"timed_out", "timed out"},
        End{"could_not_connect", "could not connect"},
        End{"broken", "connection lost"},
        End{"tls_failed", "TLS failed"},
        End{"malformed", "not HTTP"},
        End{"target_refused", "not an allowed target"},
        End{"abandoned", "given up: ringback stopped"},
    };
    const std::string end = text_member(attempt_entry, "end");
    std::string text = text_member(attempt_entry, "status");
    for (const End& known : ends) {
        if (known.name == end) {
            text = known.text;
        }
    }
    // How long a refusal took tells nothing.
    const std::string duration =
        end == "could_not_connect" ? std::string{} : duration_of_try(attempt_entry);
    return duration.empty() ? text : fmt::format("{}  {}", text, duration);
}

}  // namespace ringback
