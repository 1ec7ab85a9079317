#include "harness/probe/behaviour.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "harness/script/happening.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

using nlohmann::json;

/// Behind which part of a path an id of what stands.
constexpr std::array collections{
    std::pair{"calls", "call"},
    std::pair{"gather", "gather"},
    std::pair{"recordings", "recording"},
    std::pair{"transcriptions", "transcription"},
    std::pair{"messages", "message"},
    std::pair{"bridges", "bridge"},
    std::pair{"conferences", "conference"},
    std::pair{"members", "member"},
    std::pair{"applications", "application"},
    std::pair{"phoneNumbers", "number"},
    std::pair{"domains", "domain"},
    std::pair{"endpoints", "endpoint"},
    std::pair{"tokens", "token"},
};

std::string text_in(const json& object, const char* member) {
    const auto found = object.is_object() ? object.find(member) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::uint64_t number_in(const json& object, const char* member) {
    const auto found = object.is_object() ? object.find(member) : object.end();
    return found != object.end() && found->is_number_integer() && *found >= 0
               ? found->get<std::uint64_t>()
               : 0;
}

bool is_true(const json& object, const char* member) {
    const auto found = object.find(member);
    return found != object.end() && *found == true;
}

/// Ids are other ones in every run: each gets a name by what it is of and how many came before it.
class Names {
public:
    void learn(const json& entry) {
        for (const char* const about : {"call", "message", "bridge", "conference"}) {
            call_it(text_in(entry, about), about);
        }
        learn_path(text_in(entry, "location"));
        learn_payload(entry.value("payload", json()));
    }
    [[nodiscard]] std::string name_of(const std::string& id) const {
        const auto found = names_.find(id);
        return found == names_.end() ? id : found->second;
    }
    [[nodiscard]] std::string named(std::string text) const {
        for (const auto& [id, name] : names_) {
            for (std::size_t at = text.find(id); at != std::string::npos;
                 at = text.find(id, at + name.size())) {
                text.replace(at, id.size(), name);
            }
        }
        return text;
    }
    [[nodiscard]] json named(const json& value) const {
        if (value.is_string()) {
            return named(value.get_ref<const std::string&>());
        }
        json made = value;
        if (value.is_structured()) {
            for (auto& part : made) {
                part = named(std::as_const(part));
            }
        }
        return made;
    }

private:
    void call_it(const std::string& id, const std::string& what) {
        constexpr std::size_t shortest{8};  // anything may be part of anything
        if (id.size() < shortest || names_.contains(id)) {
            return;
        }
        const std::size_t before = counts_[what]++;
        names_[id] = before == 0 ? "{" + what + "}" : fmt::format("{{{} {}}}", what, before + 1);
    }
    void learn_path(std::string_view path) {
        const std::size_t slash = path.rfind('/');
        if (slash == std::string_view::npos || slash == 0) {
            return;
        }
        const std::string_view rest = path.substr(0, slash);
        const std::string_view collection = rest.substr(rest.rfind('/') + 1);
        for (const auto& [part, what] : collections) {
            if (part == collection) {
                call_it(std::string{path.substr(slash + 1)}, what);
            }
        }
    }
    /// "recordingId" and others; an application's is no other in the next run.
    void learn_payload(const json& payload) {
        if (!payload.is_object()) {
            return;
        }
        for (const auto& [member, value] : payload.items()) {
            if (member.size() > 2 && member.ends_with("Id") && member != "applicationId" &&
                member != "userId" && value.is_string()) {
                call_it(value.get<std::string>(), member.substr(0, member.size() - 2));
            }
        }
    }

    std::map<std::string, std::string> names_;
    std::map<std::string, std::size_t> counts_;
};

EventFilter filter_of(const std::string& event, const std::string& name) {
    EventFilter filter;
    constexpr auto first = EventType::incomingcall;
    constexpr auto last = EventType::conference_playback;
    for (auto type = static_cast<unsigned>(first); type <= static_cast<unsigned>(last); ++type) {
        if (word(static_cast<EventType>(type)) == event) {
            filter.type = static_cast<EventType>(type);
        }
    }
    using Phase = EventFilter::Phase;
    filter.phase = name.ends_with(".started")                               ? Phase::started
                   : name.ends_with(".done") || name.ends_with(".complete") ? Phase::done
                   : name.ends_with(".error")                               ? Phase::error
                                                                            : Phase::any;
    return filter;
}

bool ends_a_call(const std::string& state) {
    return state == "completed" || state == "rejected" || state == "error";
}

/// One journal entry after the other.
class Reader {
public:
    explicit Reader(const std::vector<json>& entries) {
        for (const json& entry : entries) {
            if (entry.is_object()) {
                names_.learn(entry);
            }
        }
        for (const json& entry : entries) {
            if (entry.is_object()) {
                read(entry);
            }
        }
    }
    [[nodiscard]] Behaviour take() { return std::move(made_); }

private:
    void read(const json& entry) {
        const std::string kind = text_in(entry, "kind");
        if (kind == "api") {
            read_request(entry);
        } else if (kind == "event" || (kind == "fault" && entry.contains("delivery"))) {
            read_event(entry, kind == "event");
        } else if (kind == "attempt") {
            read_attempt(entry);
        } else if (kind == "state") {
            read_state(entry);
        } else if (kind == "bxml" && text_in(entry, "what") == "document") {
            made_.said.push_back(number_in(entry, "seq"));
        }
    }

    void read_request(const json& entry) {
        const std::string method = text_in(entry, "method");
        const auto own = entry.find("own");
        if ((own != entry.end() && *own == true) || method == "GET" || method == "HEAD") {
            return;
        }
        const std::string fate = text_in(entry, "fate");
        if (fate != word(AnswerFate::refused)) {
            Effect effect;
            effect.method = method;
            const std::string path = text_in(entry, "path");
            effect.path = names_.named(path.substr(0, path.find('?')));
            effect.body = names_.named(entry.value("request", json()));
            effect.answer = fate == word(AnswerFate::acted)
                                ? "2xx"  // in truth it was done
                                : fmt::format("{}xx", number_in(entry, "status") / 100);
            effect.seq = number_in(entry, "seq");
            effect.is_free = unanswered_.empty();
            effect.at = recorded_at(entry);
            made_.said.push_back(effect.seq);
            made_.effects.push_back(std::move(effect));
        }
        const std::int64_t now = recorded_at(entry);
        if (last_at_ != 0 && now > last_at_) {
            const auto took =
                std::chrono::milliseconds{(now - last_at_) / 1000};  // microseconds there
            made_.slowest_reaction = std::max(made_.slowest_reaction, took);
        }
        last_at_ = now;
    }

    void read_event(const json& entry, bool is_of_model) {
        const std::string event = text_in(entry, "event");
        const std::string name = event_name(event, entry.value("payload", json()));
        const std::uint64_t delivery = number_in(entry, "delivery");
        event_names_.emplace(delivery, name);
        unanswered_.insert(delivery);
        if (!is_of_model) {
            read_fault(entry, delivery);
            return;
        }
        ToldEvent told;
        told.name = name;
        for (const char* const about : {"call", "message", "bridge", "conference"}) {
            const std::string id = text_in(entry, about);
            told.call = told.call.empty() && !id.empty() ? names_.name_of(id) : told.call;
        }
        told.filter = filter_of(event, name);
        told.nth = 1 + static_cast<std::uint32_t>(
                           std::ranges::count_if(made_.events, [&](const ToldEvent& other) {
                               return other.call == told.call && other.filter == told.filter;
                           }));
        told.seq = number_in(entry, "seq");
        told.delivery = delivery;
        made_.events.push_back(std::move(told));
        last_at_ = recorded_at(entry);
    }

    void read_fault(const json& entry, std::uint64_t delivery) {
        if (is_true(entry, "lost")) {
            made_.lost.push_back(event_names_.at(delivery));
            unanswered_.erase(delivery);
        }
        if (is_true(entry, "altered")) {
            altered_.insert(delivery);
        }
    }

    void read_attempt(const json& entry) {
        const bool sent_badly = entry.value("attempt", json()) == 0;  // on purpose, and made again
        if (is_true(entry, "sent_again") || sent_badly) {
            return;  // what counts is still under way
        }
        note_if_late(entry);
        last_at_ = recorded_at(entry);
        unanswered_.erase(number_in(entry, "delivery"));
        const std::string end = text_in(entry, "end");
        const std::uint64_t status = number_in(entry, "status");
        const bool may_refuse = altered_.contains(number_in(entry, "delivery"));
        if (end == "abandoned" || (end == "answered" && status >= 200 && status < 300) ||
            (may_refuse && status >= 400 && status < 500)) {
            return;
        }
        const auto known = event_names_.find(number_in(entry, "delivery"));
        BadAnswer bad;
        bad.event = known == event_names_.end() ? text_in(entry, "event") : known->second;
        bad.answer = end == "answered" ? fmt::to_string(status) : end;
        bad.seq = number_in(entry, "seq");
        made_.bad_answers.push_back(std::move(bad));
    }

    /// It happened in a call that had ended before it was first sent. Its entry comes when it was
    /// answered: what the receiver has asked for until then may come of it.
    void note_if_late(const json& entry) {
        if (number_in(entry, "attempt") != 1 + number_in(entry, "unheard")) {
            return;  // the receiver had it before
        }
        const auto told =
            std::ranges::find(made_.events, number_in(entry, "delivery"), &ToldEvent::delivery);
        if (told == made_.events.end()) {
            return;
        }
        const auto end = ends_.find(told->call);
        const std::int64_t sent = wall_time(entry, "sent_us");
        if (end != ends_.end() && told->seq < end->second.seq && sent > end->second.at) {
            LateEvent late{told->name, told->call};
            for (const Effect& effect : made_.effects) {
                late.seq_before = effect.at < sent ? effect.seq : late.seq_before;
            }
            made_.late.push_back(std::move(late));
        }
    }

    void read_state(const json& entry) {
        const std::string call = names_.name_of(text_in(entry, "call"));
        auto found = std::ranges::find(made_.calls, call, &CallEnd::call);
        if (found == made_.calls.end()) {
            found = made_.calls.insert(found, CallEnd{call, {}, false, 0});
        }
        found->state = text_in(entry, "after");
        found->is_over = ends_a_call(found->state);
        found->seq = number_in(entry, "seq");
        if (found->is_over) {
            ends_.emplace(call, End{found->seq, wall_time(entry, "at_us")});
        }
    }

    /// Microseconds; 0: not told.
    static std::int64_t wall_time(const json& entry, const char* which) {
        const auto wall = entry.find("wall");
        const bool has = wall != entry.end() && wall->is_object() && wall->contains(which) &&
                         (*wall)[which].is_number_integer();
        return has ? (*wall)[which].get<std::int64_t>() : 0;
    }
    static std::int64_t recorded_at(const json& entry) { return wall_time(entry, "at_us"); }

    struct End {
        std::uint64_t seq{0};
        std::int64_t at{0};  // wall time, microseconds
    };

    Names names_;
    Behaviour made_;
    std::map<std::uint64_t, std::string> event_names_;  // by delivery
    std::set<std::uint64_t> unanswered_;
    std::map<std::string, End> ends_;  // by call
    std::set<std::uint64_t> altered_;  // by a fault: the receiver may refuse them
    std::int64_t last_at_{0};          // microseconds
};

std::string place_of(const Effect& effect) { return effect.method + " " + effect.path; }

/// Pointers to what differs between two bodies; "" where they differ as a whole.
void note_differences(const json& one, const json& other, const std::string& at,
                      std::set<std::string>& found) {
    if (one == other) {
        return;
    }
    if (!one.is_object() || !other.is_object()) {
        found.insert(at);
        return;
    }
    for (const auto& [member, value] : one.items()) {
        const auto there = other.find(member);
        if (there != other.end()) {
            note_differences(value, *there, fmt::format("{}/{}", at, member), found);
        }
    }
}

json without(const json& body, const std::string& place, const std::string& at,
             const Volatile& leave_out) {
    if (leave_out.contains(place + "#" + at)) {
        return "*";
    }
    json made = body;
    if (body.is_object()) {
        for (const auto& [member, value] : body.items()) {
            made[member] = without(value, place, fmt::format("{}/{}", at, member), leave_out);
        }
    }
    return made;
}

}  // namespace

Behaviour behaviour_of(const std::vector<json>& entries) { return Reader{entries}.take(); }

Behaviour behaviour_in(const RunRecord& run) {
    Behaviour made = behaviour_of(run.entries);
    made.kick = run.kick;
    return made;
}

Volatile volatile_members(const Behaviour& one, const Behaviour& other) {
    Volatile found;
    std::set<std::string> places;
    for (const Effect& effect : one.effects) {
        places.insert(place_of(effect));
    }
    for (const std::string& place : places) {
        const auto at_place = [&place](const Behaviour& run) {
            std::vector<const Effect*> all;
            for (const Effect& effect : run.effects) {
                if (place_of(effect) == place) {
                    all.push_back(&effect);
                }
            }
            return all;
        };
        const auto first = at_place(one);
        const auto second = at_place(other);
        for (std::size_t at = 0; at < std::min(first.size(), second.size()); ++at) {
            std::set<std::string> pointers;
            note_differences(first[at]->body, second[at]->body, "", pointers);
            for (const std::string& pointer : pointers) {
                found.insert(fmt::format("{}#{}", place, pointer));
            }
        }
    }
    return found;
}

std::string text_of(const Effect& effect, const Volatile& leave_out) {
    const std::string place = place_of(effect);
    const json body = without(effect.body, place, "", leave_out);
    return body.is_null() ? place
                          : place + " " + body.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string text_of(const ToldEvent& event) {
    constexpr std::array endings{"th", "st", "nd", "rd"};
    const std::uint32_t last = event.nth % 10;
    const bool is_teen = event.nth % 100 / 10 == 1;
    return event.nth == 1
               ? event.name
               : fmt::format("{}{} {}", event.nth,
                             endings.at(last < endings.size() && !is_teen ? last : 0), event.name);
}

}  // namespace ringback
