#include "harness/script/happening.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "simulator/wire/entry_json.h"
#include "simulator/wire/query_object.h"
#include "simulator/wire/redaction.h"
#include "simulator/wire/words.h"

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
    if (const auto headers = entry.find("headers"); headers != entry.end()) {
        message["headers"] = *headers;
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

bool is_true(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

Happening::Kind kind_named(std::string_view name) {
    return name == "api"       ? Happening::Kind::request
           : name == "event"   ? Happening::Kind::event
           : name == "attempt" ? Happening::Kind::answer
                               : Happening::Kind::other;
}

bool has_phases(EventType type) {
    return type == EventType::speak || type == EventType::playback ||
           type == EventType::recording || type == EventType::transcription ||
           type == EventType::sms || type == EventType::mms ||
           (is_of_conference(type) && type != EventType::conference_member);
}

/// Of the body of a callback as the model writes it: inside a text of somebody else's the quotes
/// would be escaped. Empty where it has to be read.
std::string_view phase_in(std::string_view payload) {
    constexpr std::string_view member{R"("status":")"};
    const std::size_t at = payload.find(member);
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view rest = payload.substr(at + member.size());
    for (const std::string_view phase : {"started", "done", "complete", "error"}) {
        if (rest.starts_with(phase) && rest.substr(phase.size()).starts_with('"')) {
            return phase;
        }
    }
    return {};
}

/// The same, of an event as it was recorded.
json payload_of(const EventRaised& raised) {
    const std::string_view payload = raised.payload.view();
    if (payload.empty()) {
        return json::object();
    }
    return raised.route->method == Method::post ? json::parse(payload, nullptr, false)
                                                : query_object(payload);
}

}  // namespace

/// What the copies of a happening share.
struct Happening::Told {  // NOLINT(bugprone-exception-escape): json says it moves without one
    json entry;           // null: not made yet
    json message;         // the same
    json headers;         // of a request; null: not known
    std::optional<Entry> recorded{};
    const IdCodec* ids{nullptr};
};

Happening::Happening(json entry, Instant modelled, WallInstant recorded)
    : kind{kind_named(text_of(entry, "kind"))},
      own{entry.value("own", false)},
      seq{entry.value("seq", std::uint64_t{0})},
      at{modelled},
      wall{recorded},
      delivery{entry.value("delivery", std::uint64_t{0})},
      told_{std::make_shared<Told>()} {
    told_->entry = std::move(entry);
    if (kind == Kind::event) {
        event = event_name(text_of(told_->entry, "event"), message());
    } else if (kind == Kind::answer) {
        event = text_of(told_->entry, "event");
        kind = is_true(told_->entry, "sent_again") ? Kind::other : kind;
        spoilt = told_->entry.value("attempt", std::uint64_t{1}) == 0;
    } else if (text_of(told_->entry, "kind") == "fault") {
        event = text_of(told_->entry, "event");
        altered = is_true(told_->entry, "altered");
        kind = is_true(told_->entry, "lost")    ? Kind::lost
               : is_true(told_->entry, "extra") ? Kind::extra
                                                : Kind::other;
    }
}

Happening::Happening(const Entry& entry, const IdCodec& ids, bool is_own)
    : kind{kind_named(kind_of(entry))},
      own{is_own},
      seq{entry.seq},
      at{entry.at},
      wall{entry.wall},
      told_{std::make_shared<Told>()} {
    told_->recorded = entry;
    told_->ids = &ids;
    if (const auto* const raised = std::get_if<EventRaised>(&entry.what)) {
        delivery = static_cast<std::uint64_t>(raised->delivery);
        event = word(raised->type);
        if (has_phases(raised->type)) {
            const std::string_view phase = raised->route->method == Method::post
                                               ? phase_in(raised->payload.view())
                                               : std::string_view{};
            event = phase.empty() ? event_name(event, message()) : event + "." + std::string{phase};
        }
    } else if (const auto* const made = attempt()) {
        delivery = static_cast<std::uint64_t>(made->delivery);
        event = word(made->type);
        kind = made->result.sent_again ? Kind::other : kind;
        spoilt = made->attempt == 0;
    } else if (const auto* const met = other_news<FaultMet>(entry.what)) {
        read_fault(*met);
    }
}

void Happening::read_fault(const FaultMet& met) {
    delivery = static_cast<std::uint64_t>(met.delivery);
    altered = met.altered;
    if (met.delivery != DeliveryId::none) {
        event = word(met.event);
    }
    kind = met.lost ? Kind::lost : met.extra ? Kind::extra : Kind::other;
}

const json& Happening::entry() const {
    static const json none = json::object();
    if (told_ == nullptr) {
        return none;
    }
    if (told_->entry.is_null()) {
        told_->entry = json::parse(entry_line(*told_->recorded, *told_->ids), nullptr, false);
        if (own) {
            told_->entry["own"] = true;
        }
    }
    return told_->entry;
}

const json& Happening::message() const {
    if (told_ == nullptr) {
        return entry();
    }
    if (told_->message.is_null()) {
        const auto* const raised =
            told_->recorded ? std::get_if<EventRaised>(&told_->recorded->what) : nullptr;
        told_->message = kind == Kind::request ? message_of_request(entry())
                         : raised != nullptr   ? payload_of(*raised)
                         : kind == Kind::event ? payload_of(entry())
                                               : json::object();
        if (!told_->headers.is_null()) {
            told_->message["headers"] = told_->headers;
        }
    }
    return told_->message;
}

void Happening::give_headers(json headers) {
    told_->headers = std::move(headers);
    told_->message = nullptr;
}

const AttemptMade* Happening::attempt() const {
    return told_ != nullptr && told_->recorded ? std::get_if<AttemptMade>(&told_->recorded->what)
                                               : nullptr;
}

const ApiExchange* Happening::exchange() const {
    return told_ != nullptr && told_->recorded ? std::get_if<ApiExchange>(&told_->recorded->what)
                                               : nullptr;
}

std::string Happening::method() const {
    const ApiExchange* const api = exchange();
    return api != nullptr ? api->method : text_of(entry(), "method");
}

std::string Happening::path() const {
    const ApiExchange* const api = exchange();
    const std::string target = api != nullptr ? redacted(api->target) : text_of(entry(), "path");
    return target.substr(0, target.find('?'));
}

std::string Happening::location() const {
    const ApiExchange* const api = exchange();
    return api != nullptr ? redacted(api->location) : text_of(entry(), "location");
}

std::string Happening::call() const {
    if (told_ == nullptr || !told_->recorded) {
        return text_of(entry(), "call");
    }
    const Entry& recorded = *told_->recorded;
    if (!recorded.user || recorded.call == CallId::none ||
        resource_of(recorded.call) != Resource::call) {
        return {};
    }
    return told_->ids->text(IdKind::call, hash_of(recorded.user.view()), number_of(recorded.call));
}

std::string Happening::outcome() const {
    const AttemptMade* const made = attempt();
    return made != nullptr ? std::string{word(made->after)} : text_of(entry(), "outcome");
}

WallInstant Happening::sent() const {
    const AttemptMade* const made = attempt();
    return made != nullptr ? made->result.sent : wall;
}

int Happening::status() const {
    if (const ApiExchange* const api = exchange()) {
        return api->status;
    }
    if (const AttemptMade* const made = attempt()) {
        return made->result.end == AttemptEnd::answered ? made->result.status : 0;
    }
    const auto found = entry().find("status");
    return found != entry().end() && found->is_number_integer() ? found->get<int>() : 0;
}

AnswerFate Happening::fate() const {
    using enum AnswerFate;
    if (const ApiExchange* const api = exchange()) {
        return api->fate;
    }
    if (kind != Kind::request) {
        return meant;
    }
    const std::string said = text_of(entry(), "fate");
    for (const AnswerFate fate : {spoilt, refused, acted}) {
        if (said == word(fate)) {
            return fate;
        }
    }
    return meant;
}

bool Happening::is_answered_by_fault() const {
    const AnswerFate made = fate();
    return made == AnswerFate::refused || made == AnswerFate::acted;
}

std::string Happening::fault() const {
    const ApiExchange* const api = exchange();
    return api != nullptr ? api->fault : text_of(entry(), "fault");
}

bool Happening::is_fault_of_event() const {
    if (told_ == nullptr || delivery == 0) {
        return false;
    }
    return told_->recorded ? other_news<FaultMet>(told_->recorded->what) != nullptr
                           : text_of(entry(), "kind") == "fault";
}

std::string event_name(std::string_view event, const json& payload) {
    std::string name{event};
    const std::string status = text_of(payload, "status");
    const std::string state = text_of(payload, "state");
    if (event == "speak" || event == "playback" || event == "conference-speak" ||
        event == "conference-playback") {
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
    } else if (event == "sms" || event == "mms") {
        const std::string receipt = text_of(payload, "deliveryState");
        const bool has_come_back = state == "sent" && !receipt.empty() && receipt != "waiting";
        name += "." + (has_come_back ? receipt : state);
    } else if (event == "conference" && (status == "created" || status == "completed")) {
        name += "." + status;
    }
    return name;
}

bool means_event(std::string_view wanted, std::string_view event) {
    return wanted == event ||
           (event.starts_with(wanted) && event.substr(wanted.size()).starts_with('.'));
}

}  // namespace ringback
