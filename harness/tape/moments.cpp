#include "harness/tape/moments.h"

#include <algorithm>
#include <map>
#include <utility>

#include "harness/scenario/events.h"
#include "harness/script/happening.h"
#include "harness/tape/urls.h"
#include "simulator/wire/query_object.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

std::string path_of(const std::string& target) { return target.substr(0, target.find('?')); }

std::vector<std::string> segments_of(const std::string& path) {
    std::vector<std::string> segments;
    std::string segment;
    for (const char c : path + "/") {
        if (c != '/') {
            segment += c;
        } else if (!segment.empty()) {
            segments.push_back(std::exchange(segment, {}));
        }
    }
    return segments;
}

std::string last_segment(const std::string& location) {
    const std::vector<std::string> segments = segments_of(path_of(location));
    return segments.empty() ? std::string{} : segments.back();
}

/// Of a callback by GET the query is the event.
ordered_json payload_of(const TapedRequest& request) {
    if (request.method != "GET") {
        return shallow_json(request.body);
    }
    const std::size_t mark = request.target.find('?');
    return mark == std::string::npos ? ordered_json::object()
                                     : ordered_json(query_object(request.target.substr(mark + 1)));
}

Moment callback_moment(const Passage& passage) {
    Moment moment;
    moment.passage = &passage;
    moment.body = payload_of(passage.request);
    moment.event = event_name(moment.text("eventType"), nlohmann::json(moment.body));
    moment.kind = moment.event.empty() ? Moment::Kind::poke : Moment::Kind::event;
    moment.call = moment.text("callId");
    return moment;
}

Moment command_moment(const Passage& passage) {
    Moment moment;
    moment.kind = Moment::Kind::command;
    moment.passage = &passage;
    moment.body = shallow_json(passage.request.body);
    moment.path = segments_of(path_of(passage.request.target));
    constexpr std::size_t id_at = 4;
    if (moment.path.size() > id_at && moment.path[3] == "calls") {
        moment.call = moment.path[id_at];
    }
    constexpr int created = 201;
    if (passage.answer.status == created) {
        moment.made = last_segment(passage.answer.location);
    }
    return moment;
}

/// Which call each id belongs to.
class Sorting {
public:
    void take(Moment moment);
    SortedMoments sorted;

private:
    CallMoments& call_of(const std::string& id);
    void take_event(Moment moment);
    void take_command(Moment moment);

    std::map<std::string, std::size_t> by_id_;  // calls and recordings
    std::optional<Moment> poke_;
};

CallMoments& Sorting::call_of(const std::string& id) {
    const auto [found, is_new] = by_id_.emplace(id, sorted.calls.size());
    if (is_new) {
        sorted.calls.emplace_back();
    }
    return sorted.calls[found->second];
}

void Sorting::take_event(Moment moment) {
    const std::string recording = moment.text("recordingId");
    const std::string id = moment.call.empty() ? recording : moment.call;
    const bool known = std::ranges::find(event_names(), moment.event) != event_names().end() &&
                       !moment.event.starts_with("conference");  // of no one call
    if (id.empty() || !known) {
        ++sorted.unread;
        return;
    }
    CallMoments& call = call_of(id);
    if (!recording.empty()) {
        by_id_.emplace(recording, by_id_.at(id));
    }
    call.moments.push_back(std::move(moment));
}

void Sorting::take_command(Moment moment) {
    constexpr std::size_t with_id = 5;
    const bool is_get = moment.passage->request.method == "GET";
    if (moment.passage->answer.ours) {
        ++sorted.unpassed;
    } else if (moment.command() == "create" && !moment.made.empty()) {
        CallMoments& call = call_of(moment.made);
        call.poke = std::exchange(poke_, std::nullopt);
        call.create = std::move(moment);
    } else if (!moment.call.empty()) {
        CallMoments& call = call_of(moment.call);
        if (moment.command() == "transfer" && !moment.made.empty()) {
            by_id_.emplace(moment.made, by_id_.at(moment.call));
        }
        call.moments.push_back(std::move(moment));
    } else if (moment.path.size() >= with_id && moment.path[3] == "recordings" &&
               by_id_.contains(moment.path[4])) {
        call_of(moment.path[4]).moments.push_back(std::move(moment));
    } else {
        sorted.strangers += is_get ? 0 : 1;
    }
}

void Sorting::take(Moment moment) {
    switch (moment.kind) {
        case Moment::Kind::event:
            return take_event(std::move(moment));
        case Moment::Kind::command:
            return take_command(std::move(moment));
        case Moment::Kind::poke:
            poke_ = std::move(moment);
            return;
    }
}

}  // namespace

bool Moment::was_accepted() const {
    constexpr int ok = 200;
    constexpr int past_ok = 300;
    return passage->answer.status >= ok && passage->answer.status < past_ok;
}

std::string Moment::text(const char* member) const {
    if (!body.is_object()) {
        return {};
    }
    const auto found = body.find(member);
    return found != body.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::string Moment::command() const {
    constexpr std::size_t collection = 4;
    if (kind != Kind::command || path.size() < collection) {
        return "request";
    }
    if (passage->request.method != "POST") {
        return "look";
    }
    if (path[3] == "recordings") {
        return "transcribe";
    }
    if (path[3] != "calls") {
        return "request";
    }
    if (path.size() == collection) {
        return "create";
    }
    if (path.size() == collection + 1) {
        static const std::map<std::string, std::string> by_state{{"completed", "bye"},
                                                                 {"active", "pick-up"},
                                                                 {"rejected", "reject"},
                                                                 {"transferring", "transfer"}};
        const auto word = by_state.find(text("state"));
        return word == by_state.end() ? "change" : word->second;
    }
    const std::string& what = path[collection + 1];
    if (what == "audio") {
        return body.is_object() && body.contains("fileUrl") ? "play" : "say";
    }
    if (what == "gather") {
        return path.size() == collection + 2 ? "ask" : "stop-asking";
    }
    return what == "dtmf" ? "tones" : "request";
}

SortedMoments sorted_by_call(const std::vector<Passage>& passages) {
    Sorting sorting;
    for (const Passage& passage : passages) {
        sorting.take(passage.leg == Passage::Leg::api ? command_moment(passage)
                                                      : callback_moment(passage));
    }
    return std::move(sorting.sorted);
}

}  // namespace ringback
