#include "harness/tape/write_scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "harness/scenario/delay_before.h"
#include "harness/tape/scenario_writer.h"
#include "harness/tape/urls.h"
#include "simulator/wire/duration_text.h"
#include "simulator/wire/time_text.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

constexpr auto second = std::chrono::seconds{1};

}  // namespace

std::string ScenarioWriter::unique(std::string id) {
    std::ranges::replace(id, '.', '-');
    const int taken = ++ids_[id];
    return taken == 1 ? id : unique(fmt::format("{}-{}", id, taken));
}

const Moment* ScenarioWriter::first_event() const {
    const auto event = std::ranges::find(call_.moments, Moment::Kind::event, &Moment::kind);
    return event == call_.moments.end() ? nullptr : &*event;
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

ordered_json ScenarioWriter::expectation(const TapedDelivery& delivery) const {
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
    for (TapedDelivery& delivery : deliveries_) {
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
    const bool speech_went_on =
        event.event.ends_with(".done") && (last_ == nullptr || !last_->event.ends_with(".started"));
    if (has_delay_before(event.event) && !acted && !speech_went_on) {
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

ordered_json written_scenario(const CallMoments& call, const std::string& name,
                              const Secrets& secrets, const TapeSettings& settings,
                              std::vector<std::string>& notes) {
    return ScenarioWriter{call, secrets, settings, notes}.write(name);
}

}  // namespace ringback
