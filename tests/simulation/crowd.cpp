#include "tests/simulation/crowd.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ringback::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* some_numbers[] = {
    "+19195550187", "+19195550188", "+15550009900", "+15550009901", "+15550009902",
    "+15550009903", "+15550009904", "+15550009905", "+15550009907", "+15550009908",
    "+15550009909", "+15550009910", "+15550009911", "+15550009912", "+15550009917"};
constexpr std::uint64_t reach = 40;  // how far back of what there is anybody looks

}  // namespace

std::string Crowd::number() { return some_numbers[dice_.below(std::size(some_numbers))]; }

std::string Crowd::some_user() { return "u-" + std::to_string(dice_.below(3)); }

/// callbackUrl and what goes with it, behind other members.
std::string Crowd::route(std::string_view path) {
    if (chance(20)) {
        return "";
    }
    std::string text = fmt::format(R"(,"callbackUrl":"{}")", receivers_.some_url(dice_, path));
    if (chance(3)) {
        text += fmt::format(R"(,"fallbackUrl":"{}")", receivers_.some_url(dice_, "/fallback"));
    }
    if (chance(4)) {
        text += fmt::format(R"(,"callbackTimeout":{})", 1000 + dice_.below(9001));
    }
    if (chance(2)) {
        text += R"(,"callbackHttpMethod":"get")";
    }
    return text;
}

std::string Crowd::some_id(IdKind kind, const User& user, std::uint64_t next) {
    const std::uint64_t made = next - 1;
    const std::uint64_t back = made == 0 ? 0 : dice_.below(std::min(made, reach));
    return simulator_.ids().text(kind, user.hash, made - back + (chance(50) ? 1 : 0));
}

std::string Crowd::call_id_text(const User& user) {
    return some_id(IdKind::call, user, user.calls.next_number());
}

CallId Crowd::some_call() {
    const User* const user = simulator_.engine().find_user(some_user());
    if (user == nullptr || user->calls.next_number() == 1) {
        return CallId::none;
    }
    const std::uint64_t made = user->calls.next_number() - 1;
    return call_id(user->slot, made - dice_.below(std::min(made, reach)));
}

std::string Crowd::path_of(CallId call) const {
    const User* const user = simulator_.engine().find_user(user_of(call));
    if (user == nullptr) {
        return "/v1/users/u-0/calls/c-gone";
    }
    return "/v1/users/" + user->name + "/calls/" +
           simulator_.ids().text(IdKind::call, user->hash, number_of(call));
}

Asked Crowd::create_call(const User& user, const std::string& base) {
    Asked asked{"POST", base + "/calls",
                fmt::format(R"({{"from":"+19195550123","to":"{}")", number()) + route("/cb")};
    for (const char* const flag : {"recordingEnabled", "transcriptionEnabled"}) {
        asked.body += chance(4) ? fmt::format(R"(,"{}":true)", flag) : "";
    }
    asked.body += chance(3) ? R"(,"tag":"a tag")" : "";
    asked.body += chance(8) ? R"(,"callTimeout":10)" : "";
    if (chance(12)) {
        asked.body += fmt::format(R"(,"bridgeId":"{}")",
                                  some_id(IdKind::bridge, user, user.bridges.next_number()));
    }
    if (chance(12)) {
        asked.body +=
            fmt::format(R"(,"conferenceId":"{}")",
                        some_id(IdKind::conference, user, user.conferences.next_number()));
    }
    asked.body += "}";
    return asked;
}

Asked Crowd::about(CallId call) {
    const std::string path = path_of(call);
    switch (dice_.below(14)) {
        case 0:
        case 1:
            return {"POST", path + "/audio", R"({"sentence":"one two three","tag":"s"})"};
        case 2:
            return {"POST", path + "/audio",
                    R"({"fileUrl":"http://127.0.0.1/a.wav","loopEnabled":true})"};
        case 3:
            return {"POST", path + "/audio", R"({"sentence":""})"};
        case 4:
            return {"POST", path + "/gather",
                    fmt::format(R"({{"maxDigits":{}{}}})", 1 + dice_.below(4),
                                chance(2) ? R"(,"prompt":{"sentence":"press"})" : "")};
        case 5:
            return {"POST", path + "/dtmf", R"({"dtmfOut":"1w2"})"};
        case 6:
            return {"POST", path,
                    fmt::format(R"({{"state":"transferring","transferTo":"{}"}})", number())};
        case 7:
            return {"POST", path,
                    chance(2) ? R"({"recordingEnabled":true})" : R"({"recordingEnabled":false})"};
        case 8:
            return {"POST", path, R"({"state":"rejected"})"};
        case 9:
            return {"POST", path, R"({"state":"active"})"};
        case 10:
            return {"POST", path, fmt::format(R"({{"tag":"new"{}}})", route("/other"))};
        default:
            return {"POST", path, R"({"state":"completed"})"};
    }
}

Asked Crowd::about_bridges(const User& user, const std::string& base) {
    const std::string bridge =
        base + "/bridges/" + some_id(IdKind::bridge, user, user.bridges.next_number());
    switch (dice_.below(4)) {
        case 0:
            return {"POST", base + "/bridges",
                    fmt::format(R"({{"callIds":["{}","{}"]}})", call_id_text(user),
                                call_id_text(user))};
        case 1:
            return {"POST", bridge,
                    fmt::format(R"({{"bridgeAudio":{},"callIds":["{}"]}})", chance(2),
                                call_id_text(user))};
        case 2:
            return {"POST", bridge + "/audio", R"({"sentence":"hello both"})"};
        default:
            return {"POST", bridge, R"({"callIds":[]})"};
    }
}

Asked Crowd::about_conferences(const User& user, const std::string& base) {
    const std::string conference =
        base + "/conferences/" + some_id(IdKind::conference, user, user.conferences.next_number());
    switch (dice_.below(6)) {
        case 0:
            return {"POST", base + "/conferences",
                    R"({"from":"+19195550123")" + route("/conf") + "}"};
        case 1:
        case 2:
            return {"POST", conference + "/members",
                    fmt::format(R"({{"callId":"{}","joinTone":true}})", call_id_text(user))};
        case 3:
            return {"POST", conference + "/audio", R"({"sentence":"hello all"})"};
        case 4:
            return {"POST", conference, chance(2) ? R"({"hold":true})" : R"({"mute":true})"};
        default:
            return {"POST", conference, R"({"state":"completed"})"};
    }
}

Asked Crowd::about_messages(const User& user, const std::string& base) {
    if (chance(6)) {
        return {"PATCH",
                base + "/messages/" + some_id(IdKind::message, user, user.messages.next_number()),
                R"({"text":""})"};
    }
    return {"POST", base + "/messages",
            fmt::format(R"({{"from":"+19195550123","to":"{}","text":"hi there"{}{}}})", number(),
                        chance(2) ? R"(,"receiptRequested":"all")" : "", route("/sms"))};
}

Asked Crowd::look(const std::string& base) {
    constexpr const char* what[] = {"/calls",
                                    "/calls?size=3&page=1",
                                    "/messages",
                                    "/bridges",
                                    "/recordings",
                                    "/conferences",
                                    "/errors",
                                    "/account",
                                    "/account/transactions"};
    return {"GET", base + what[dice_.below(std::size(what))], ""};
}

Asked Crowd::some_request() {
    const std::string name = some_user();
    const std::string base = "/v1/users/" + name;
    const User& user = simulator_.engine().user(name);
    switch (dice_.below(16)) {
        case 0:
        case 1:
            return about_bridges(user, base);
        case 2:
        case 3:
            return about_conferences(user, base);
        case 4:
        case 5:
            return about_messages(user, base);
        case 6:
            return look(base);
        case 7:
        case 8:
        case 9:
            if (const CallId call = some_call(); call != CallId::none) {
                return about(call);
            }
            [[fallthrough]];
        default:
            return create_call(user, base);
    }
}

NewCall Crowd::inbound_call() {
    NewCall call;
    call.from = "+19195550187";
    call.to = "+19195550123";
    call.application_id = "a-1";
    if (chance(2)) {
        call.auto_answer = chance(2);
    }
    Route route;
    route.url = receivers_.some_url(dice_, "/in");
    route.method = chance(2) ? Method::get : Method::post;
    if (chance(3)) {
        route.fallback_url = receivers_.some_url(dice_, "/fallback");
    }
    if (chance(4)) {
        call.fallback_number = number();
    }
    call.route = RouteRef{std::move(route)};
    return call;
}

NewMessage Crowd::inbound_message() {
    NewMessage message;
    message.from = "+19195550187";
    message.to = "+19195550123";
    message.text = "Good morning";
    Route route;
    route.url = receivers_.some_url(dice_, "/in");
    message.route = RouteRef{std::move(route)};
    return message;
}

Input Crowd::on_the_phone() {
    switch (dice_.below(4)) {
        case 0:
            return PressKeys{"1"};
        case 1:
            return PressKeys{"12#"};
        case 2:
            return Say{"hello there"};
        default:
            return FarEndHangsUp{};
    }
}

}  // namespace ringback::test
