#include "simulator/wire/call_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "simulator/wire/ascii.h"
#include "simulator/wire/json_in.h"
#include "simulator/wire/request_body.h"
#include "simulator/wire/sound_request.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

constexpr std::int64_t longest_call_timeout_s = 300;
constexpr std::int64_t longest_callback_timeout_ms = 10'000;
constexpr std::int64_t longest_recording_s = 3600;
constexpr std::size_t most_sip_headers = 5;
constexpr std::size_t longest_sip_header = 256;  // characters, of the name and of the value
constexpr std::size_t most_tones = 92;
constexpr std::int64_t most_digits = 30;
constexpr double longest_inter_digit_s = 30;

bool is_e164(std::string_view text) {
    return text.size() >= 3 && text.size() <= 16 && text[0] == '+' && text[1] >= '1' &&
           text[1] <= '9' && std::ranges::all_of(text.substr(1), is_digit);
}

bool is_sip(std::string_view text) {
    if (text.size() > 256 || text.size() < 4 || !same_word(text.substr(0, 4), "sip:")) {
        return false;
    }
    text.remove_prefix(4);
    const std::size_t at = text.find('@');
    if (at == 0 || at == std::string_view::npos) {
        return false;
    }
    const bool user_fits = std::ranges::all_of(text.substr(0, at), [](char c) {
        return c > 0x20 && c < 0x7f && c != '<' && c != '>' && c != '"';
    });
    return user_fits && is_host_and_port(text.substr(at + 1));
}

ApiError bad_callback_url(std::string_view url, std::string_view name, std::string_view why) {
    const std::string hidden = redacted_url(url);
    const auto shown = echoable(hidden);
    std::string message =
        fmt::format("The URL{}{} is not a valid {}", shown ? " " : "", shown.value_or(""), name);
    if (!why.empty()) {
        message += ": ";
        message += why;
    }
    return {400, "bad-request", "callback-invalid-url", std::move(message), {}};
}

/// Absent, or where events are to go; "" for nowhere. `good`: one that was judged before.
std::optional<std::string_view> callback_url(const Members& in, std::string_view name,
                                             const RefuseUrl& refuse_url,
                                             std::string_view good = {}) {
    const auto url = in.text(name);
    if (!url || (*url == good && !good.empty())) {
        return url;
    }
    if (means_no_url(*url)) {
        return std::string_view{};
    }
    if (!is_http_url(*url)) {
        in.note(bad_callback_url(*url, name, ""));
    } else if (const auto why = refuse_url ? refuse_url(*url) : std::nullopt) {
        in.note(bad_callback_url(*url, name, *why));
    }
    return url;
}

}  // namespace

std::string required_address(const Members& in, std::string_view name) {
    const auto address = in.text(name);
    if (!address) {
        in.note(missing_property(in.resource(), name));
    } else if (is_blank(*address)) {
        in.note(blank_property(in.resource(), name));
    } else if (!is_number_or_sip(*address)) {
        in.note(validation_error("Invalid phone number"));
    }
    return std::string{address.value_or("")};
}

std::optional<std::string_view> read_url(const Members& in, std::string_view name,
                                         const RefuseUrl& refuse_url) {
    const auto url = callback_url(in, name, refuse_url);
    return url && means_no_url(*url) ? std::string_view{} : url;
}

/// `last`, if that is what is asked for: of many calls in flight nearly all name one and the same,
/// and a route of its own costs a call 150 bytes and over 1,000 instructions.
RouteRef read_route(const Members& in, const RefuseUrl& refuse_url, const RouteRef& last) {
    const std::string_view url =
        callback_url(in, "callbackUrl", refuse_url, last->url).value_or("");
    std::optional<std::chrono::milliseconds> timeout;
    if (const auto ms = in.integer("callbackTimeout", 1, longest_callback_timeout_ms)) {
        timeout = std::chrono::milliseconds{*ms};
    }
    const auto method = one_of(in, "callbackHttpMethod", {"POST", "GET"});
    const Method wanted = method.value_or(0) == 0 ? Method::post : Method::get;
    const std::string_view fallback =
        callback_url(in, "fallbackUrl", refuse_url, last->fallback_url).value_or("");
    const bool same = last && last->url == url && last->fallback_url == fallback &&
                      last->method == wanted && last->method_given == method.has_value() &&
                      last->timeout == timeout;
    return same ? last
                : RouteRef{Route{std::string{url}, std::string{fallback}, wanted,
                                 method.has_value(), timeout}};
}

std::optional<RouteRef> read_route_change(const Members& in, const RefuseUrl& refuse_url,
                                          const Route& present) {
    Route route = present;
    if (const auto url = callback_url(in, "callbackUrl", refuse_url)) {
        route.url = *url;
    }
    if (const auto ms = in.integer("callbackTimeout", 1, longest_callback_timeout_ms)) {
        route.timeout = std::chrono::milliseconds{*ms};
    }
    if (const auto method = one_of(in, "callbackHttpMethod", {"POST", "GET"})) {
        route.method = *method == 0 ? Method::post : Method::get;
        route.method_given = true;
    }
    if (const auto url = callback_url(in, "fallbackUrl", refuse_url)) {
        route.fallback_url = *url;
    }
    return route == present ? std::nullopt : std::optional{RouteRef{std::move(route)}};
}

namespace {

std::optional<std::uint16_t> recording_maximum(const Members& in) {
    const auto given = in.integer("recordingMaxDuration");
    if (!given) {
        return std::nullopt;
    }
    if (*given < 1) {
        in.note(not_above(in.resource(), "recordingMaxDuration", "0"));
        return std::nullopt;
    }
    if (*given > longest_recording_s) {
        in.note({403,
                 "forbidden",
                 "maximum-recording-value-request",
                 fmt::format("Recording call maximum duration cannot exceed {} seconds.",
                             longest_recording_s),
                 {}});
        return std::nullopt;
    }
    return static_cast<std::uint16_t>(*given);
}

std::optional<RecordingFormat> recording_format(const Members& in) {
    const auto format = one_of(in, "recordingFileFormat", {"wav", "mp3"});
    return format ? std::optional{*format == 0 ? RecordingFormat::wav : RecordingFormat::mp3}
                  : std::nullopt;
}

std::vector<std::pair<std::string, std::string>> sip_headers(const Members& in) {
    std::vector<std::pair<std::string, std::string>> headers;
    const auto given = in.object("sipHeaders", "sipHeaders");
    if (!given) {
        return headers;
    }
    bool wrong{false};
    given->for_each_text([&](std::string_view name, std::optional<std::string_view> value) {
        const bool named_right = name.size() > 2 && (name[0] == 'X' || name[0] == 'x') &&
                                 name[1] == '-' && utf8_length(name) <= longest_sip_header;
        if (!named_right || !value || utf8_length(*value) > longest_sip_header) {
            wrong = true;
        } else {
            headers.emplace_back(name, *value);
        }
    });
    if (wrong) {
        in.note(validation_error(fmt::format(
            "The '{}' resource property 'sipHeaders' must have names that begin with X- and "
            "string values, of at most {} characters each",
            in.resource(), longest_sip_header)));
    } else if (headers.size() > most_sip_headers) {
        in.note(exceeds(in.resource(), "sipHeaders", fmt::format("{} headers", most_sip_headers)));
    }
    return headers;
}

void read_transfer(const Members& in, const Call& call, const std::set<std::string>* own_numbers,
                   Update& update) {
    const bool transferring = update.state == WantedState::transferring;
    const auto to = in.text("transferTo");
    if (to && is_blank(*to)) {
        in.note(blank_property(in.resource(), "transferTo"));
    } else if (to && !is_number_or_sip(*to)) {
        in.note(validation_error("Invalid phone number"));
    } else if (!to && transferring) {
        in.note(missing_property(in.resource(), "transferTo"));
    }
    update.transfer_to = std::string{to.value_or("")};

    update.transfer_caller_id = std::string{in.text("transferCallerId").value_or("")};
    const std::string& caller = update.transfer_caller_id;
    const bool known = own_numbers == nullptr || caller.empty() || same_word(caller, "private") ||
                       own_numbers->contains(caller) ||
                       (call.direction == Direction::in && caller == call.from);
    if (!known) {
        in.note(validation_error(
            fmt::format("The callerId {} is not allowed. It must be 'private' or a phone number "
                        "owned by user",
                        echoable(caller).value_or("given"))));
    }

    if (const auto whisper = in.object("whisperAudio", "whisperAudio")) {
        update.whisper = read_sound(*whisper).audio();
    }
    // In the order of their enumerators.
    update.diversion.treatment = static_cast<DiversionTreatment>(
        one_of(in, "diversionTreatment", {"none", "propagate", "stack"}).value_or(0));
    update.diversion.reason = static_cast<DiversionReason>(
        one_of(in, "diversionReason",
               {"unknown", "user-busy", "no-answer", "unavailable", "unconditional", "time-of-day",
                "do-not-disturb", "deflection", "follow-me", "out-of-service", "away"})
            .value_or(0));
}

std::optional<std::string> terminating_digits(const Members& in) {
    const auto digits = in.text("terminatingDigits");
    if (digits && digits->find_first_not_of("0123456789*#ABCD") != std::string_view::npos) {
        in.note(
            validation_error("The 'gather' resource property 'terminatingDigits' must consist of "
                             "0-9, *, # and A-D"));
    }
    return digits ? std::optional<std::string>{*digits} : std::nullopt;
}

std::optional<Duration> inter_digit_timeout(const Members& in) {
    const auto given = in.number("interDigitTimeout");
    if (!given) {
        return std::nullopt;
    }
    if (!(*given > 0)) {
        in.note(not_above(in.resource(), "interDigitTimeout", "0"));
        return std::nullopt;
    }
    if (*given > longest_inter_digit_s) {
        in.note(exceeds(in.resource(), "interDigitTimeout", fmt::to_string(longest_inter_digit_s)));
        return std::nullopt;
    }
    return Duration{std::llround(std::max(*given * 1e9, 1.0))};
}

}  // namespace

bool is_number_or_sip(std::string_view text) { return is_e164(text) || is_sip(text); }

bool means_no_url(std::string_view url) { return url.empty() || same_word(url, "none"); }

Intake<CallRequest> read_call_request(const RequestBody& body, const RefuseUrl& refuse_url,
                                      const RouteRef& last) {
    FirstProblem problems;
    const Members in{body, "call", problems};
    Intake<CallRequest> read;  // filled where it leaves: moving it is moving a dozen texts
    auto& request = std::get<CallRequest>(read);
    NewCall& call = request.call;
    call.from = required_address(in, "from");
    call.to = required_address(in, "to");
    call.call_timeout_s = static_cast<std::uint16_t>(
        in.integer("callTimeout", 1, longest_call_timeout_s).value_or(0));
    call.route = read_route(in, refuse_url, last);
    request.bridge_id = std::string{in.text("bridgeId").value_or("")};
    request.conference_id = std::string{in.text("conferenceId").value_or("")};
    call.recording_enabled = in.boolean("recordingEnabled").value_or(false);
    call.recording_max_s = recording_maximum(in).value_or(0);
    call.recording_format = recording_format(in).value_or(RecordingFormat::wav);
    call.transcription_enabled = in.boolean("transcriptionEnabled").value_or(false);
    call.tag = std::string{in.text("tag").value_or("")};
    call.sip_headers = sip_headers(in);
    if (problems.get()) {
        read = *problems.get();
    }
    return read;
}

Intake<Update> read_update(const RequestBody& body, const Call& call, const RefuseUrl& refuse_url,
                           const std::set<std::string>* own_numbers) {
    FirstProblem problems;
    const Members in{body, "call", problems};
    Update update;
    if (const auto state =
            one_of(in, "state", {"active", "rejected", "completed", "transferring"})) {
        constexpr std::array states{WantedState::active, WantedState::rejected,
                                    WantedState::completed, WantedState::transferring};
        update.state = states.at(*state);
    }
    update.recording_enabled = in.boolean("recordingEnabled");
    update.recording_format = recording_format(in);
    update.recording_max_s = recording_maximum(in);
    update.transcription_enabled = in.boolean("transcriptionEnabled");
    read_transfer(in, call, own_numbers, update);
    if (const auto url = callback_url(in, "callbackUrl", refuse_url)) {
        Route route = *call.route;
        route.url = *url;
        update.route = RouteRef{std::move(route)};
    }
    update.tag = in.text("tag");
    return verdict(problems, std::move(update));
}

namespace {

Intake<std::variant<Play, StopPlaying>> read_audio(const RequestBody& body, bool knows_volume) {
    using Wanted = std::variant<Play, StopPlaying>;
    FirstProblem problems;
    const Members in{body, "audio", problems};
    const SoundRequest sound = read_sound(in);
    if (knows_volume) {
        static_cast<void>(in.integer("volume", -4, 4));
    }
    if (!sound.something_given()) {
        in.note(missing_property("audio", "fileUrl"));
    }
    const auto audio = sound.audio();
    return verdict(problems, audio ? Wanted{Play{*audio}} : Wanted{StopPlaying{}});
}

}  // namespace

Intake<std::variant<Play, StopPlaying>> read_audio(const RequestBody& body) {
    return read_audio(body, true);
}

Intake<std::variant<Play, StopPlaying>> read_group_audio(const RequestBody& body) {
    return read_audio(body, false);
}

Intake<SendTones> read_dtmf(const RequestBody& body) {
    FirstProblem problems;
    const Members in{body, "dtmf", problems};
    const auto tones = in.text("dtmfOut");
    if (!tones) {
        in.note(missing_property("dtmf", "dtmfOut"));
    } else if (is_blank(*tones)) {
        in.note(blank_property("dtmf", "dtmfOut"));
    } else if (tones->find_first_not_of("ABCD0123456789#*,wW") != std::string_view::npos) {
        in.note(validation_error(
            "The 'dtmf' resource property 'dtmfOut' must consist of 0-9, A-D, #, *, ',', w and W"));
    } else if (tones->size() > most_tones) {
        in.note(exceeds("dtmf", "dtmfOut", fmt::format("{} characters", most_tones)));
    }
    return verdict(problems, SendTones{std::string{tones.value_or("")}});
}

Intake<StartGather> read_gather(const RequestBody& body) {
    FirstProblem problems;
    const Members in{body, "gather", problems};
    StartGather request;
    Gather& gather = request.gather;
    if (const auto digits = in.integer("maxDigits", 1, most_digits)) {
        gather.max_digits = static_cast<std::uint32_t>(*digits);
    }
    gather.inter_digit_timeout = inter_digit_timeout(in).value_or(gather.inter_digit_timeout);
    gather.terminating_digits = terminating_digits(in).value_or(gather.terminating_digits);
    gather.suppress_dtmf = in.boolean("suppressDtmf").value_or(false);
    gather.tag = std::string{in.text("tag").value_or("")};
    if (const auto prompt = in.object("prompt", "prompt")) {
        request.prompt = read_sound(*prompt).audio();
        static_cast<void>(prompt->boolean("bargeable"));
    }
    return verdict(problems, std::move(request));
}

std::optional<ApiError> refuse_gather_update(const RequestBody& body) {
    FirstProblem problems;
    const Members in{body, "gather", problems};
    const auto state = one_of(in, "state", {"completed"});
    if (!state) {
        in.note(not_one_of("gather", "state", "completed"));
    }
    return problems.get();
}

}  // namespace ringback
