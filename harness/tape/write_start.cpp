// How a recorded call begins; write_scenario.cpp has its steps.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/tape/scenario_writer.h"
#include "harness/tape/urls.h"
#include "simulator/wire/duration_text.h"

namespace ringback {

using nlohmann::ordered_json;

void ScenarioWriter::name_numbers() {
    for (const char* const end : {"from", "to"}) {
        std::string number = call_.create ? call_.create->text(end) : "";
        for (const Moment& moment : call_.moments) {
            number =
                number.empty() && moment.kind == Moment::Kind::event ? moment.text(end) : number;
        }
        if (!number.empty() && !Secrets::holds_one(number)) {
            vars_[end] = *end == 't' ? number_that_plays(number) : number;
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

}  // namespace ringback
