#include "harness/tape/write_scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "harness/tape/naming.h"
#include "harness/tape/urls.h"
#include "simulator/core/far_end.h"
#include "simulator/wire/duration_text.h"
#include "simulator/wire/time_text.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

constexpr auto second = std::chrono::seconds{1};

/// One attempt after another to deliver one event.
struct Delivery {
    const Moment* event{};
    std::size_t step{};
    std::uint64_t attempts{1};
};

class ScenarioWriter {
public:
    ScenarioWriter(const CallMoments& call, const Secrets& secrets, const TapeSettings& settings,
                   std::vector<std::string>& notes)
        : call_{call}, settings_{settings}, notes_{notes}, naming_{secrets, settings} {}

    ordered_json write(const std::string& name);

private:
    void name_numbers();
    void write_start();
    [[nodiscard]] bool receiver_made_it() const;
    [[nodiscard]] ordered_json kick() const;
    [[nodiscard]] ordered_json own_call();
    [[nodiscard]] ordered_json inbound_call() const;

    void write_event(const Moment& event, std::size_t at);
    void write_command(const Moment& command);
    [[nodiscard]] ordered_json await_of(const Moment& command);
    [[nodiscard]] std::string path_of(const Moment& command) const;
    [[nodiscard]] bool tried_again(const Moment& event);
    void person_acts(const Moment& event, std::size_t at);
    void act(const Moment& because, ordered_json what);
    [[nodiscard]] bool caller_hangs_up(std::size_t at) const;
    [[nodiscard]] bool ends_with_the_call(std::size_t at) const;
    [[nodiscard]] std::optional<Duration> gap_before(const Moment& event) const;
    [[nodiscard]] ordered_json expectation(const Delivery& delivery) const;
    [[nodiscard]] std::string unique(std::string id);
    [[nodiscard]] const Moment* first_event() const;

    const CallMoments& call_;
    const TapeSettings& settings_;
    std::vector<std::string>& notes_;
    Naming naming_;
    ordered_json vars_ = ordered_json::object();
    ordered_json start_ = ordered_json::object();
    ordered_json steps_ = ordered_json::array();
    std::map<std::string, int> ids_;
    std::vector<Delivery> deliveries_;
    const Moment* last_{nullptr};        // step
    const Moment* last_event_{nullptr};  // with a time
    const Moment* gather_{nullptr};      // the last one that was asked for
    bool keys_seen_{false};              // since then
    bool hung_up_{false};                // the end was asked for, by either side
    bool over_{false};
};

std::string ScenarioWriter::unique(std::string id) {
    std::ranges::replace(id, '.', '-');
    const int taken = ++ids_[id];
    return taken == 1 ? id : unique(fmt::format("{}-{}", id, taken));
}

const Moment* ScenarioWriter::first_event() const {
    const auto event = std::ranges::find(call_.moments, Moment::Kind::event, &Moment::kind);
    return event == call_.moments.end() ? nullptr : &*event;
}

void ScenarioWriter::name_numbers() {
    for (const char* const end : {"from", "to"}) {
        std::string number = call_.create ? call_.create->text(end) : "";
        for (const Moment& moment : call_.moments) {
            number =
                number.empty() && moment.kind == Moment::Kind::event ? moment.text(end) : number;
        }
        if (!number.empty() && !Secrets::holds_one(number)) {
            vars_[end] = number;
            naming_.call(number, fmt::format("${{{}}}", end));
        }
    }
    const auto user_of = [](const Moment& moment) {
        constexpr std::size_t at = 2;
        const bool has_one = moment.path.size() > at && moment.path[1] == "users";
        return has_one ? moment.path[at] : std::string{};
    };
    std::string user = call_.create ? user_of(*call_.create) : "";
    for (const Moment& moment : call_.moments) {
        user = user.empty() ? user_of(moment) : user;
    }
    naming_.call(user, "${userId}");
    if (!user.empty() && user != settings_.usual_user) {
        vars_["userId"] = user;
    }
}

/// Asked for it, and then it came; or whoever made it is the one who commanded it later on.
bool ScenarioWriter::receiver_made_it() const {
    if (!call_.create) {
        return false;
    }
    const auto same_client = [this](const Moment& moment) {
        const TapedRequest& one = moment.passage->request;
        const TapedRequest& other = call_.create->passage->request;
        return moment.kind == Moment::Kind::command && one.user_agent == other.user_agent &&
               one.authorization == other.authorization;
    };
    return call_.poke.has_value() || std::ranges::any_of(call_.moments, same_client);
}

ordered_json ScenarioWriter::kick() const {
    if (!call_.poke) {
        return {{"method", "GET"},
                {"url", "${receiver}/"},
                {"expect", {{"status", ordered_json::array({"1xx", "2xx", "3xx", "4xx", "5xx"})}}}};
    }
    const TapedRequest& asked = call_.poke->passage->request;
    ordered_json kick{{"method", asked.method},
                      {"url", naming_.url(origin_of(settings_.receiver) + asked.target)}};
    if (!call_.poke->body.is_discarded()) {
        ordered_json body = call_.poke->body;
        Secrets::take_away(body);
        kick["body"] = naming_.named(body);
    }
    if (call_.poke->passage->answer.status > 0) {
        kick["expect"] = {{"status", call_.poke->passage->answer.status}};
    }
    return kick;
}

ordered_json ScenarioWriter::own_call() {
    constexpr std::array members{"callTimeout",
                                 "callbackUrl",
                                 "callbackTimeout",
                                 "callbackHttpMethod",
                                 "fallbackUrl",
                                 "recordingEnabled",
                                 "recordingMaxDuration",
                                 "recordingFileFormat",
                                 "transcriptionEnabled",
                                 "tag",
                                 "sipHeaders"};
    ordered_json call{{"from", "${from}"}, {"to", "${to}"}};
    ordered_json said = call_.create ? call_.create->body : ordered_json::object();
    const Moment* const first = first_event();
    if (!call_.create && first != nullptr) {
        const TapedRequest& request = first->passage->request;
        said["callbackUrl"] =
            origin_of(settings_.receiver) + request.target.substr(0, request.target.find('?'));
        if (request.method == "GET") {
            said["callbackHttpMethod"] = "GET";
        }
        if (!first->text("tag").empty()) {
            said["tag"] = first->text("tag");
        }
    }
    for (const char* const member : members) {
        if (!said.is_object() || !said.contains(member) || said[member].is_null()) {
            continue;
        }
        ordered_json value = ordered_json::object({{member, said[member]}});
        const bool is_url = said[member].is_string() && std::string_view{member}.ends_with("Url");
        if (is_url || Secrets::take_away(value) == 0) {
            call[member] =
                is_url ? ordered_json(naming_.url(said[member])) : naming_.named(value[member]);
        }
    }
    return call;
}

ordered_json ScenarioWriter::inbound_call() const {
    const Moment& first = *first_event();
    const TapedRequest& request = first.passage->request;
    const bool by_get = request.method == "GET";
    const auto picked_up = [](const Moment& moment) { return moment.command() == "pick-up"; };
    const std::string target =
        by_get ? request.target.substr(0, request.target.find('?')) : request.target;
    ordered_json call{{"from", "${from}"},
                      {"to", "${to}"},
                      {"url", naming_.url(origin_of(settings_.receiver) + target)},
                      {"autoAnswer", false}};
    // The answer comes by itself, unless the receiver asked for it before.
    for (const Moment& moment : call_.moments) {
        if (picked_up(moment)) {
            break;
        }
        if (moment.event == "answer") {
            call["autoAnswer"] = true;
        }
    }
    if (by_get) {
        call["callbackHttpMethod"] = "GET";
    }
    return call;
}

void ScenarioWriter::write_start() {
    if (receiver_made_it()) {
        start_["kick"] = kick();
        start_["await"] = await_of(*call_.create)["await"];
        if (!call_.poke) {
            notes_.emplace_back(
                "nobody was seen asking the receiver for this call: start.kick is a GET of its "
                "root; write there what makes it place the call");
        }
    } else if (const Moment* first = first_event();
               first != nullptr && first->event == "incomingcall") {
        start_["inbound"] = inbound_call();
    } else {
        start_["call"] = own_call();
    }
    last_ = call_.create ? &*call_.create : nullptr;
}

/// How long it took: by the events' own times where they tell something that the clock on the wall
/// does not, because the provider's time may be a virtual one; else as measured.
std::optional<Duration> ScenarioWriter::gap_before(const Moment& event) const {
    if (last_ == nullptr) {
        return std::nullopt;
    }
    Duration gap = event.passage->when - last_->passage->when;
    const auto now = parse_time(event.text("time"));
    const auto then = last_event_ == nullptr ? std::nullopt : parse_time(last_event_->text("time"));
    if (now && then) {
        const Duration told = *now - *then;
        const Duration measured = event.passage->when - last_event_->passage->when;
        if (told - measured > second || measured - told > second) {
            gap = told;
        }
    }
    constexpr auto millisecond = std::chrono::milliseconds{1};
    return std::max<Duration>(std::chrono::floor<std::chrono::milliseconds>(gap), millisecond);
}

void ScenarioWriter::act(const Moment& because, ordered_json what) {
    if (const auto gap = gap_before(because)) {
        what["after"] = duration_text(*gap);
    }
    steps_.push_back({{"caller", std::move(what)}});
    last_ = &because;
    last_event_ = because.text("time").empty() ? last_event_ : &because;
}

/// Nobody asked for the end of this call before `at`, and its hangup comes with no refusal.
bool ScenarioWriter::caller_hangs_up(std::size_t at) const {
    const std::string cause = call_.moments[at].text("cause");
    const Moment* const first = first_event();
    const bool inbound = first != nullptr && first->event == "incomingcall";
    return settings_.has_upstream && !hung_up_ &&
           (cause == "NORMAL_CLEARING" || (cause == "ORIGINATOR_CANCEL" && inbound));
}

/// What a hangup brings about comes before it: is `at` an event of that kind, with nothing but such
/// events up to a hangup in the same second?
bool ScenarioWriter::ends_with_the_call(std::size_t at) const {
    const std::string time = call_.moments[at].text("time");
    for (; at < call_.moments.size(); ++at) {
        const Moment& moment = call_.moments[at];
        if (moment.kind != Moment::Kind::event || moment.text("time") != time) {
            return false;
        }
        if (moment.event == "hangup") {
            return caller_hangs_up(at);
        }
        const bool cut = moment.event == "speak.done" || moment.event == "playback.done" ||
                         (moment.event == "gather" && moment.text("reason") == "hung-up");
        if (!cut) {
            return false;
        }
    }
    return false;
}

/// The keys that must have been pressed for this event, the hand that hung up.
void ScenarioWriter::person_acts(const Moment& event, std::size_t at) {
    if (event.event == "dtmf") {
        keys_seen_ = true;
        if (!event.text("dtmfDigit").empty()) {
            act(event, {{"press", event.text("dtmfDigit")}});
        }
    } else if (event.event == "gather" && !keys_seen_) {
        std::string keys = event.text("digits");
        if (event.text("reason") == "terminating-digit") {
            const std::string ends = gather_ != nullptr ? gather_->text("terminatingDigits") : "";
            keys += ends.empty() ? "#" : ends.substr(0, 1);
        }
        if (!keys.empty()) {
            act(event, {{"press", naming_.named(keys)}});
        }
    }
    if (!hung_up_ && ends_with_the_call(at)) {
        hung_up_ = true;
        act(event, {{"hangup", true}});
    }
}

ordered_json ScenarioWriter::expectation(const Delivery& delivery) const {
    const TapedAnswer& answer = delivery.event->passage->answer;
    ordered_json expect = ordered_json::object();
    if (answer.status > 0 && !answer.ours) {
        expect["status"] = answer.status;
    }
    if (delivery.attempts > 1) {
        const bool has_fallback = call_.create && !call_.create->text("fallbackUrl").empty();
        expect["attempts"] = delivery.attempts;
        expect["deliveredVia"] = !delivery.event->was_accepted() ? "none"
                                 : has_fallback                  ? "fallback"
                                                                 : "callback";
    }
    if (expect.empty()) {
        expect["deliveredVia"] = "none";
    }
    return expect;
}

/// The same event once more, because nobody took it the first time: no step of its own.
bool ScenarioWriter::tried_again(const Moment& event) {
    for (Delivery& delivery : deliveries_) {
        if (!delivery.event->was_accepted() && delivery.event->body == event.body) {
            delivery.event = &event;
            ++delivery.attempts;
            steps_[delivery.step]["expect"] = expectation(delivery);
            return true;
        }
    }
    return false;
}

void ScenarioWriter::write_event(const Moment& event, std::size_t at) {
    if (tried_again(event)) {
        return;
    }
    const std::size_t steps_before = steps_.size();
    person_acts(event, at);
    const bool acted = steps_.size() > steps_before;
    ordered_json step{{"send", event.event}};
    const std::string id = unique(event.event);
    step["id"] = id;
    // Only these take a time of their own in the call model; a gather's follows from its keys.
    const bool has_delay = event.event != "dtmf" && event.event != "gather" &&
                           event.event != "timeout" && event.event != "incomingcall" &&
                           event.event != "error";
    const bool speech_went_on =
        event.event.ends_with(".done") && (last_ == nullptr || !last_->event.ends_with(".started"));
    if (has_delay && !acted && !speech_went_on) {
        if (const auto gap = gap_before(event)) {
            step["after"] = duration_text(*gap);
        }
    }
    ordered_json match = ordered_json::object();
    for (const char* const member :
         {"from", "to", "callState", "cause", "reason", "digits", "dtmfDigit", "tag"}) {
        if (event.body.contains(member) && event.body[member].is_string() &&
            !Secrets::holds_one(event.text(member))) {
            match[member] = naming_.named(event.body[member]);
        }
    }
    if (!match.empty()) {
        step["match"] = std::move(match);
    }
    deliveries_.push_back({&event, steps_.size(), 1});
    step["expect"] = expectation(deliveries_.back());
    naming_.call(event.call, fmt::format("${{{}:callId}}", id));
    naming_.call(event.text("recordingId"), fmt::format("${{{}:recordingId}}", id));
    naming_.call(event.text("gatherId"), fmt::format("${{{}:gatherId}}", id));
    steps_.push_back(std::move(step));
    last_ = &event;
    last_event_ = event.text("time").empty() ? last_event_ : &event;
    over_ = over_ || event.event == "hangup";
}

std::string ScenarioWriter::path_of(const Moment& command) const {
    std::string path = "/v1/users/${userId}";
    constexpr std::size_t behind_user = 3;
    for (std::size_t at = behind_user; at < command.path.size(); ++at) {
        const bool is_id = at == 4 || at == 6;
        path += "/" + (is_id ? naming_.id(command.path[at]) : naming_.named(command.path[at]));
    }
    return path;
}

ordered_json ScenarioWriter::await_of(const Moment& command) {
    const std::string id = unique(command.command());
    ordered_json await{{"id", id},
                       {"method", command.passage->request.method},
                       {"path", path_of(command)},
                       {"within", "5s"}};
    if (command.body.is_object() && command.passage->request.method != "GET") {
        ordered_json body = command.body;
        ordered_json matcher = ordered_json::object();
        const bool cut = Secrets::take_away(body) > 0;
        matcher["equalToJson"] = naming_.named(body);
        if (cut) {
            matcher["ignoreExtra"] = true;
            notes_.push_back(
                fmt::format("step {}: what is secret in its body is not held against "
                            "anything",
                            id));
        }
        await["match"] = {{"body", std::move(matcher)}};
    }
    if (!command.was_accepted() && command.passage->answer.status > 0) {
        await["answered"] = command.passage->answer.status;
    }
    const bool makes_gather = command.command() == "ask";
    naming_.call(command.made, fmt::format("${{{}:{}}}", id, makes_gather ? "gatherId" : "callId"));
    return ordered_json{{"await", std::move(await)}};
}

void ScenarioWriter::write_command(const Moment& command) {
    const bool is_look = command.command() == "look";
    if (is_look) {
        return;  // a strict block lets them pass; how often somebody looks is no behaviour
    }
    if (command.command() == "ask" && command.was_accepted()) {
        gather_ = &command;
        keys_seen_ = false;
    }
    const std::string word = command.command();
    hung_up_ = hung_up_ || (command.was_accepted() && (word == "bye" || word == "reject"));
    steps_.push_back(await_of(command));
    last_ = &command;
}

ordered_json ScenarioWriter::write(const std::string& name) {
    name_numbers();
    write_start();
    for (std::size_t at = 0; at < call_.moments.size(); ++at) {
        const Moment& moment = call_.moments[at];
        if (moment.kind == Moment::Kind::event) {
            write_event(moment, at);
        } else {
            write_command(moment);
        }
    }
    if (over_) {
        steps_.push_back({{"quiet", "2s"}});
    } else {
        notes_.emplace_back("the call had not ended when the recording did");
    }
    ordered_json scenario{
        {"version", 1}, {"name", name}, {"about", "Recorded: what the receiver did in one call."}};
    if (!vars_.empty()) {
        scenario["vars"] = vars_;
    }
    scenario["start"] = start_;
    if (!settings_.has_upstream) {
        scenario["order"] = "ordered";
    }
    scenario["steps"] = steps_;
    return scenario;
}

}  // namespace

ordered_json written_scenario(const CallMoments& call, const std::string& name,
                              const Secrets& secrets, const TapeSettings& settings,
                              std::vector<std::string>& notes) {
    return ScenarioWriter{call, secrets, settings, notes}.write(name);
}

}  // namespace ringback
