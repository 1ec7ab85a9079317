#include "harness/trigger/sample_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/scenario/cursor.h"
#include "harness/scenario/events.h"
#include "harness/scenario/expand.h"
#include "simulator/core/event.h"
#include "simulator/core/overloaded.h"
#include "simulator/wire/ascii.h"
#include "simulator/wire/callback_json.h"
#include "simulator/wire/conference_callback.h"
#include "simulator/wire/message_callback.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using std::chrono::seconds;

constexpr std::string_view public_base{"https://api.catapult.inetwork.com"};

struct Sample {
    std::string_view name;
    EventType type;
    EventDetail (*detail)(Instant now);
};

template <class T>
EventDetail plain(Instant /*now*/) {
    return T{};
}

/// `member`: how many are in; 0: of the conference itself.
EventDetail conference_detail(Instant created, Instant completed, std::uint32_t member) {
    ConferenceDetail detail;
    ConferenceNotice& notice = detail.notice.open();
    notice.member = member;
    notice.active_members = member;
    notice.created_at = created;
    notice.completed_at = completed;
    return detail;
}

constexpr std::uint16_t spam{770};  // deliveryCodes
constexpr std::uint16_t too_large{751};

template <Direction direction, MessageState state, ReceiptState receipt = ReceiptState::none,
          std::uint16_t code = 0>
EventDetail message(Instant now) {
    Message sample;
    sample.text = "Hello, this is a test.";
    sample.created_at = now;
    sample.direction = direction;
    sample.state = state;
    sample.receipt = receipt;
    sample.code = code;
    sample.application_id = direction == Direction::in ? "a-ringback" : "";
    MessageDetail detail;
    detail.message.open() = std::move(sample);
    return detail;
}

template <Direction direction, MessageState state, ReceiptState receipt = ReceiptState::none,
          std::uint16_t code = 0>
EventDetail picture(Instant now) {
    EventDetail detail = message<direction, state, receipt, code>(now);
    std::get<MessageDetail>(detail).message.open().media.emplace_back(
        direction == Direction::in ? "photo.jpg" : "https://example.com/photo.jpg");
    return detail;
}

/// In the order of event_names(); a test holds the two together.
const std::vector<Sample>& samples() {
    static const std::vector<Sample> all{
        {"answer", EventType::answer, plain<AnswerDetail>},
        {"incomingcall", EventType::incomingcall,
         [](Instant) -> EventDetail {
             return IncomingDetail{"a-ringback", {}, false};
         }},
        {"speak.started", EventType::speak, plain<AudioDetail>},
        {"speak.done", EventType::speak, [](Instant) -> EventDetail { return AudioDetail{true}; }},
        {"playback.started", EventType::playback, plain<AudioDetail>},
        {"playback.done", EventType::playback,
         [](Instant) -> EventDetail { return AudioDetail{true}; }},
        {"dtmf", EventType::dtmf, [](Instant) -> EventDetail { return DigitDetail{'1'}; }},
        {"gather", EventType::gather,
         [](Instant) -> EventDetail {
             return GatherDetail{1, GatherReason::max_digits, "1"};
         }},
        {"hangup", EventType::hangup, plain<HangupDetail>},
        {"timeout", EventType::timeout, plain<NoDetail>},
        {"recording.complete", EventType::recording,
         [](Instant now) -> EventDetail {
             return RecordingDetail{1, false, now - seconds{10}, now};
         }},
        {"recording.error", EventType::recording,
         [](Instant now) -> EventDetail {
             return RecordingDetail{1, true, now - seconds{10}, now};
         }},
        {"transcription.complete", EventType::transcription,
         [](Instant) -> EventDetail {
             return TranscriptionDetail{1, 1, false, "Hello, this is a test."};
         }},
        {"transcription.error", EventType::transcription,
         [](Instant) -> EventDetail {
             return TranscriptionDetail{1, 1, true, ""};
         }},
        {"error", EventType::error, plain<NoDetail>},
        {"redirect", EventType::redirect, plain<NoDetail>},
        {"transferComplete", EventType::transfer_complete, plain<NoDetail>},
        {"sms.received", EventType::sms, message<Direction::in, MessageState::received>},
        {"sms.sent", EventType::sms, message<Direction::out, MessageState::sent>},
        {"sms.delivered", EventType::sms,
         message<Direction::out, MessageState::sent, ReceiptState::delivered>},
        {"sms.not-delivered", EventType::sms,
         message<Direction::out, MessageState::sent, ReceiptState::not_delivered, spam>},
        {"sms.error", EventType::sms, message<Direction::out, MessageState::error>},
        {"mms.received", EventType::mms, picture<Direction::in, MessageState::received>},
        {"mms.sent", EventType::mms, picture<Direction::out, MessageState::sent>},
        {"mms.error", EventType::mms,
         picture<Direction::out, MessageState::error, ReceiptState::not_delivered, too_large>},
        {"conference.created", EventType::conference,
         [](Instant now) -> EventDetail { return conference_detail(now, never, 0); }},
        {"conference.completed", EventType::conference,
         [](Instant now) -> EventDetail { return conference_detail(now - seconds{10}, now, 0); }},
        {"conference-member", EventType::conference_member,
         [](Instant now) -> EventDetail { return conference_detail(now, never, 1); }},
        {"conference-speak.started", EventType::conference_speak, plain<AudioDetail>},
        {"conference-speak.done", EventType::conference_speak,
         [](Instant) -> EventDetail { return AudioDetail{true}; }},
        {"conference-playback.started", EventType::conference_playback, plain<AudioDetail>},
        {"conference-playback.done", EventType::conference_playback,
         [](Instant) -> EventDetail { return AudioDetail{true}; }},
    };
    return all;
}

/// Members of a query text in their order.
ordered_json members_of_query(std::string_view query) {
    ordered_json members = ordered_json::object();
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
        members[std::string{pair.substr(0, equals)}] =
            percent_decoded(value).value_or(std::string{value});
        query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    }
    return members;
}

void put(TriggeredEvent& event, const std::string& member, const json& value) {
    if (value.is_null()) {
        event.members.erase(member);
    } else {
        event.members[member] = value;
    }
}

/// What the send wants of a member exactly: `"digits": "5"`.
void put_wanted(TriggeredEvent& event, const FieldMatches& match, const Bindings& bindings) {
    for (const FieldMatch& field : match.fields) {
        const auto wanted = field.matcher.exact(bindings);
        if (wanted && event.members.contains(field.path)) {
            put(event, field.path, *wanted);
        }
    }
}

class Walk {
public:
    Walk(const Scenario& scenario, Method method, const SampleCall& call)
        : method_{method}, call_{call} {
        json vars{{"from", call.from}, {"to", call.to}, {"userId", call.user}};
        vars.update(scenario.vars);
        bindings_.vars = Shared{std::move(vars)};
        if (!scenario.rows.empty()) {
            bindings_.row = Shared{scenario.rows.number(1)};
        }
    }

    void block(const Block& block) {
        for (const Step& step : block.steps) {
            if (const auto* const send = std::get_if<Send>(&step.what)) {
                add(step, *send);
            } else if (const auto* const branch = std::get_if<Branch>(&step.what)) {
                if (!branch->otherwise.empty()) {
                    this->block(branch->otherwise.front());
                } else if (!branch->cases.empty()) {
                    this->block(branch->cases.back().block);
                }
            } else if (const auto* const repeat = std::get_if<Repeat>(&step.what)) {
                this->repeat(*repeat);
            } else if (const auto* const inner = std::get_if<Block>(&step.what)) {
                this->block(*inner);
            }
        }
    }

    [[nodiscard]] std::vector<TriggeredEvent> events() && { return std::move(events_); }

private:
    void repeat(const Repeat& repeat) {
        const Result<std::string> times = expanded_text(repeat.times, bindings_);
        // How often depends on what was said: once, as a sample.
        const int count =
            times && times.value().size() < 5 &&
                    times.value().find_first_not_of("0123456789") == std::string::npos
                ? std::atoi(times.value().c_str())  // NOLINT(cert-err34-c): digits only
                : 1;
        for (int round = 0; round < count; ++round) {
            block(repeat.block);
        }
    }

    void add(const Step& step, const Send& send) {
        auto event = sample_event(send.event, method_, call_);
        if (!event) {  // "speak" alone: its first phase
            event = sample_event(send.event + ".started", method_, call_);
        }
        if (!event) {
            event = sample_event(send.event + ".complete", method_, call_);
        }
        if (!event) {
            return;
        }
        event->id = step.id;
        for (const auto& [member, value] : send.set.items()) {
            if (const Result<json> made = expanded(value, bindings_)) {
                put(*event, member, made.value());
            }
        }
        put_wanted(*event, send.match, bindings_);
        events_.push_back(std::move(*event));
    }

    Method method_;
    const SampleCall& call_;
    Bindings bindings_;
    std::vector<TriggeredEvent> events_;
};

}  // namespace

std::string TriggeredEvent::text(Method method) const {
    if (method == Method::post) {
        return members.dump(-1, ' ', false, json::error_handler_t::replace);
    }
    std::string query;
    for (const auto& [name, value] : members.items()) {
        query += query.empty() ? "" : "&";
        query += percent_encoded(name) + "=" +
                 percent_encoded(value.is_string()
                                     ? value.get<std::string>()
                                     : value.dump(-1, ' ', false, json::error_handler_t::replace));
    }
    return query;
}

std::optional<TriggeredEvent> sample_event(std::string_view name, Method method,
                                           const SampleCall& call) {
    const auto sample = std::ranges::find(samples(), name, &Sample::name);
    if (sample == samples().end()) {
        return std::nullopt;
    }
    Event event;
    event.type = sample->type;
    event.time = call.now;
    event.from = call.from;
    event.to = call.to;
    const auto known = event_members(name);
    event.tag = std::ranges::find(known, "tag") == known.end() ? "" : call.tag;
    event.detail = sample->detail(call.now);
    const IdCodec ids{call.seed};
    const std::uint64_t user = hash_of(call.user);
    const std::string call_id = ids.text(IdKind::call, user, 1);
    const std::string gather = ids.text(IdKind::gather, user, 1, 1);
    const std::string recording = ids.text(IdKind::recording, user, 1, 1);
    const std::string transcription = ids.text(IdKind::transcription, user, 1, 1);
    std::string text;
    if (is_of_conference(event.type)) {
        const std::string conference = ids.text(IdKind::conference, user, 1);
        const std::string member = ids.text(IdKind::conference_member, user, 1, 1);
        append_conference_callback(text, event, method, {call.user, conference, member, call_id},
                                   public_base);
    } else if (auto* const about = std::get_if<MessageDetail>(&event.detail)) {
        if (about->message->direction == Direction::in) {
            event.tag.clear();  // its sender gives it none
        }
        event.call = message_id(UserSlot{}, 1);
        append_message_callback(text, event, method, call.user, user, ids, public_base);
    } else {
        append_callback(text, event, method,
                        EventIds{call.user, call_id, gather, recording, transcription}, public_base,
                        CallerFields::documented);
    }
    return TriggeredEvent{
        std::string{name}, "",
        method == Method::post ? ordered_json::parse(text) : members_of_query(text)};
}

std::vector<TriggeredEvent> triggered_events(const Scenario& scenario, Method method,
                                             const SampleCall& call) {
    Walk walk{scenario, method, call};
    walk.block(scenario.block);
    return std::move(walk).events();
}

Method method_of(const Start& start) {
    const auto by_get = [](const json& members) {
        const auto method = members.find("callbackHttpMethod");
        return method != members.end() && method->is_string() &&
               equal_ignoring_case(method->get_ref<const std::string&>(), "GET");
    };
    const bool get =
        std::visit(Overloaded{[](const Kick& /*its application says*/) { return false; },
                              [&](const auto& ours) { return by_get(ours.members); }},
                   start.how);
    return get ? Method::get : Method::post;
}

std::optional<Error> apply(const Override& edit, std::vector<TriggeredEvent>& events) {
    bool meant{false};
    for (TriggeredEvent& event : events) {
        if (!edit.step.empty() && edit.step != event.id && edit.step != event.event) {
            continue;
        }
        const auto known = event_members(event.event);
        if (std::ranges::find(known, edit.path) == known.end()) {
            if (edit.step.empty() && events.size() > 1) {
                continue;  // for those that have it
            }
            return Error{"--override", fmt::format("{} has no member \"{}\"; it has {}",
                                                   event.event, edit.path, fmt::join(known, ", "))};
        }
        meant = true;
        put(event, edit.path, edit.value == "null" ? json{} : json(edit.value));
    }
    if (!meant) {
        return Error{"--override",
                     edit.step.empty()
                         ? fmt::format("no event has a member \"{}\"", edit.path)
                         : fmt::format("there is no step or event \"{}\"", edit.step)};
    }
    return std::nullopt;
}

}  // namespace ringback
