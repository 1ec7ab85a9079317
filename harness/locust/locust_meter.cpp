#include "harness/locust/locust_meter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "simulator/edge/api/router.h"

namespace ringback {
namespace {

constexpr std::array<std::string_view, 5> methods{"GET", "POST", "PUT", "DELETE", "HEAD"};
constexpr std::array<std::string_view, 10> collections{
    "account", "audio",  "calls", "dtmf",       "errors",
    "events",  "gather", "media", "recordings", "transcriptions"};
constexpr std::size_t most_parts = 7;  // v1/users/{userId}, then two names with their ids

/// Names and ids by turns; what is no name of the API's makes no row of its own.
std::string without_ids(std::string_view path) {
    const auto parts = split_path(path);
    if (!parts || parts->size() < 4 || parts->size() > most_parts || (*parts)[0] != "v1" ||
        (*parts)[1] != "users") {
        return "(another path)";
    }
    std::string name;
    for (std::size_t at = 3; at < parts->size(); ++at) {
        const bool is_id = at % 2 == 0;
        if (!is_id && std::ranges::find(collections, (*parts)[at]) == collections.end()) {
            return "(another path)";
        }
        name += '/';
        name += is_id ? std::string_view{"{id}"} : std::string_view{(*parts)[at]};
    }
    return name;
}

}  // namespace

std::string locust_api_name(std::string_view method, std::string_view target) {
    const bool known = std::ranges::find(methods, method) != methods.end();
    return fmt::format("{} {}", known ? method : "(another method)",
                       without_ids(target.substr(0, target.find('?'))));
}

void LocustMeter::ended(const Arrival& /*arrival*/, std::string_view cause, Duration took) {
    stats_.add({.method = "CALL",
                .name = scenario_,
                .response = took,
                .at = std::chrono::system_clock::now(),
                .error = cause});
}

void LocustMeter::callback(const Arrival& /*arrival*/, const LoadedCallback& callback) {
    add_sent("EVENT", callback.event, callback);
}

void LocustMeter::kicked(const Arrival& /*arrival*/, const LoadedCallback& kick) {
    add_sent("KICK", scenario_, kick);
}

void LocustMeter::unexpected() {
    stats_.add(LocustException{"a call was placed that no kick was waiting for", scenario_});
}

void LocustMeter::lost() {
    stats_.add(LocustException{"an event was lost for good: a fault dropped it", scenario_});
}

/// From when it was due to the last byte of the answer.
void LocustMeter::add_sent(std::string_view method, std::string_view name,
                           const LoadedCallback& sent) {
    const AttemptFigures& figures = sent.figures;
    const bool answered = figures.end == AttemptEnd::answered;
    const WallInstant whole =
        figures.last_byte != WallInstant::min() ? figures.last_byte : figures.ended;
    stats_.add({.method = method,
                .name = name,
                .response = answered ? std::optional{whole - sent.due} : std::nullopt,
                .bytes = figures.body_bytes,
                .at = std::chrono::system_clock::now(),
                .error = sent.cause});
}

void LocustMeter::request(const Arrival* /*arrival*/, const ApiExchange& exchange) {
    constexpr int first_refusal = 400;
    const std::string refused =
        exchange.status >= first_refusal ? fmt::format("refused {}", exchange.status) : "";
    stats_.add({.method = "API",
                .name = locust_api_name(exchange.method, exchange.target),
                .response = exchange.handled_in,
                .bytes = exchange.response_body.size(),
                .at = std::chrono::system_clock::now(),
                .error = refused});
}

void LocustMeter::reaction(const Arrival& /*arrival*/, std::string_view step, Duration after) {
    stats_.add({.method = "REACT",
                .name = step,
                .response = after,
                .at = std::chrono::system_clock::now()});
}

void LocustMeter::timer(const Arrival& /*arrival*/, std::string_view name, Duration length) {
    constexpr std::string_view usual{"reaction."};
    stats_.add({.method = "REACT",
                .name = name.starts_with(usual) ? name.substr(usual.size()) : name,
                .response = length,
                .at = std::chrono::system_clock::now()});
}

}  // namespace ringback
