#include "simulator/edge/api/calls_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/conferences_api.h"
#include "simulator/edge/api/listing.h"
#include "simulator/wire/bridge_request.h"
#include "simulator/wire/call_request.h"
#include "simulator/wire/json_in.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

/// What GET calls may be narrowed to. Source: spec v1 2.1.4.
struct CallFilter {
    std::optional<std::string> from;
    std::optional<std::string> to;
    std::optional<CallState> state;
    std::optional<Instant> not_before;
    std::optional<Instant> not_after;
    std::optional<CallId> bridge;
    std::optional<CallId> conference;
    bool nothing{false};  // in a bridge or conference that there is not
    bool oldest_first{false};

    [[nodiscard]] bool matches(const Call& call) const {
        // Times are compared as they are shown, so that a shown one finds its call.
        const Instant start = std::chrono::floor<std::chrono::seconds>(call.started_at);
        return !nothing && (!from || *from == call.from) && (!to || *to == call.to) &&
               (!state || *state == call.state) && (!not_before || start >= *not_before) &&
               (!not_after || start <= *not_after) && (!bridge || is_in(call, *bridge)) &&
               (!conference || is_of(call, *conference));
    }
    [[nodiscard]] static bool is_of(const Call& call, CallId conference) {
        return call.details && call.details->conference == conference;
    }
    [[nodiscard]] static bool is_in(const Call& call, CallId bridge) {
        return call.details && call.details->bridge == bridge;
    }
    /// Spec v1 1.7: all matches then.
    [[nodiscard]] bool is_paged() const { return !bridge && !conference && !nothing; }
};

std::optional<CallState> read_state(const Query& query, FirstProblem& problems) {
    const auto given = query.value("state");
    if (!given) {
        return std::nullopt;
    }
    for (const CallState state : {CallState::started, CallState::active, CallState::transferring,
                                  CallState::completed, CallState::rejected, CallState::error}) {
        if (same_word(*given, word(state))) {
            return state;
        }
    }
    problems.note(validation_error(
        "The query parameter 'state' must be one of the following values: started, active, "
        "transferring, completed, rejected, error"));
    return std::nullopt;
}

std::variant<CallFilter, ApiError> read_filter(const Query& query, const ApiRequest& request,
                                               const ApiContext& context) {
    FirstProblem problems;
    CallFilter filter;
    filter.from = query.number("from");
    filter.to = query.number("to");
    if (const auto id = query.value("conferenceId")) {
        const Conference* const conference = find_conference(request, context, *id);
        filter.nothing = conference == nullptr;
        filter.conference = conference != nullptr ? conference->id : CallId::none;
    }
    if (const auto id = query.value("bridgeId")) {
        const Bridge* const bridge = find_bridge(request, context, *id);
        filter.nothing = filter.nothing || bridge == nullptr;
        filter.bridge = bridge != nullptr ? bridge->id : CallId::none;
    }
    filter.oldest_first = oldest_first(query, problems);
    filter.state = read_state(query, problems);
    filter.not_before = query_time(query, "fromDateTime", problems);
    filter.not_after = query_time(query, "toDateTime", problems);
    if (problems.get()) {
        return *problems.get();
    }
    return filter;
}

void collect(const User& user, const CallFilter& filter, Listing& listing,
             const ResourceText& text) {
    const auto offer = [&](const Call& call) {
        if (std::string* const place = listing.place()) {
            append_call(*place, call, text);
        }
        return !listing.complete();
    };
    std::vector<const Call*> to_reverse;  // the table is walked from its newest end only
    user.calls.newest_first([&](const Call& call) {
        if (!filter.matches(call)) {
            return true;
        }
        if (filter.oldest_first) {
            to_reverse.push_back(&call);
            return true;
        }
        return offer(call);
    });
    while (!to_reverse.empty() && offer(*to_reverse.back())) {
        to_reverse.pop_back();
    }
}

/// What the magic suffixes make of a creation. Source: far_end.cpp's table; spec v1 2.1.3, 1.6.
std::optional<ApiError> refuse_number(const NewCall& call, const ApiContext& context) {
    if (context.engine.settings().far_ends.contains(call.to)) {
        return std::nullopt;  // what was set for this very number counts, not its suffix
    }
    const MagicNumber* const magic = magic_number(call.to);
    switch (magic == nullptr ? CreateRefusal::none : magic->refusal) {
        case CreateRefusal::none:
            return std::nullopt;
        case CreateRefusal::invalid_call_to_number:
            return forbidden("forbidden", "invalid-call-to-number",
                             fmt::format("Cannot make a call to number {}", call.to));
        case CreateRefusal::invalid_destination_number:
            return forbidden("forbidden", "invalid-destination-number",
                             fmt::format("Calls to the country of {} are not allowed", call.to));
        case CreateRefusal::insufficient_available_balance:
            return forbidden("credit", "insufficient-available-balance",
                             "The account has an insufficient available balance");
        case CreateRefusal::call_creation_failure:
            return ApiError{
                503, "unavailable", "call-creation-failure", "The call could not be created", {}};
    }
    return std::nullopt;
}

/// Why a new call cannot be put into that bridge.
std::optional<ApiError> refuse_bridge(const std::string& id, const ApiRequest& request,
                                      const ApiContext& context) {
    const Bridge* const bridge = find_bridge(request, context, id);
    if (bridge == nullptr) {
        return not_found("bridge", "bridgeId", id);
    }
    const Refusal refusal = refusal_of_one_more(*bridge);
    return refusal == Refusal::none ? std::nullopt : std::optional{bridge_error(refusal, id, "")};
}

/// What is well-formed but not allowed now; ties the call to its conference.
std::optional<ApiError> refuse_creation(CallRequest& wanted, const ApiRequest& request,
                                        ApiContext& context) {
    if (auto refused = refuse_sender(wanted.call.from, request, context)) {
        return refused;
    }
    if (!wanted.bridge_id.empty()) {
        if (auto refused = refuse_bridge(wanted.bridge_id, request, context)) {
            return refused;
        }
    }
    if (!wanted.conference_id.empty()) {
        const Conference* const conference =
            find_conference(request, context, wanted.conference_id);
        if (conference == nullptr) {
            return not_found("conference", "conferenceId", wanted.conference_id);
        }
        if (conference->state == ConferenceState::completed) {
            return conference_error(*conference, wanted.conference_id);
        }
        wanted.call.conference = conference->id;
    }
    if (auto refused = refuse_number(wanted.call, context)) {
        return refused;
    }
    const auto rate = context.api.creation_limits
                          ? context.limits.refuse_call(request.user, context.now)
                          : std::nullopt;
    if (rate) {
        context.engine.remind_at(rate->free_at);
        return forbidden("limit", "call-rate-limit",
                         fmt::format("You can create 1 calls per 1 seconds, calculated as the "
                                     "average over 10 seconds. Your rate is: {}",
                                     rate->rate));
    }
    return std::nullopt;
}

}  // namespace

ApiReply list_calls(const ApiRequest& request, ApiContext& context) {
    auto asked = list_request(request);
    if (auto* const wrong = std::get_if<ApiError>(&asked)) {
        return refuse(std::move(*wrong), request);
    }
    const auto& [query, page] = std::get<ListRequest>(asked);
    auto filter = read_filter(query, request, context);
    if (auto* const wrong = std::get_if<ApiError>(&filter)) {
        return refuse(std::move(*wrong), request);
    }
    constexpr std::uint64_t all = UINT32_MAX;
    Listing listing{std::get<CallFilter>(filter).is_paged() ? page : Page{0, all}};
    if (const User* const user = context.engine.find_user(request.user)) {
        collect(*user, std::get<CallFilter>(filter), listing, resource_text(request, context));
    }
    return listing.reply(request, "calls", query);
}

ApiReply create_call(const ApiRequest& request, ApiContext& context) {
    if (context.overloaded) {
        return busy(request, "call-unavailable", "calls or undelivered events");
    }
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request);
    }
    const RouteRef none;
    auto read = read_call_request(std::get<RequestBody>(body), context.refuse_url,
                                  context.familiar != nullptr ? context.familiar->route : none);
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request);
    }
    auto& wanted = std::get<CallRequest>(read);
    if (auto refused = refuse_creation(wanted, request, context)) {
        return refuse(std::move(*refused), request);
    }
    const Call* const call = context.engine.create(context.engine.user(request.user),
                                                   std::move(wanted.call), context.now);
    if (call == nullptr) {
        return busy(request, "call-unavailable", "calls or undelivered events");
    }
    if (!wanted.bridge_id.empty()) {
        static_cast<void>(context.engine.apply(find_bridge(request, context, wanted.bridge_id)->id,
                                               BridgeInput{JoinBridge{call->id}}, context.now));
    }
    if (context.familiar != nullptr && &*context.familiar->route != &*call->route) {
        context.familiar->route = call->route;
    }
    std::string location;
    append_call_url(location, *call, location_text(request, context));
    return created(std::move(location), *call);
}

ApiReply get_call(const ApiRequest& request, ApiContext& context) {
    const Call* const call = find_call(request, context, request.ids[0]);
    if (call == nullptr) {
        return call_not_found(request);
    }
    std::string body;
    append_call(body, *call, resource_text(request, context));
    return about_call(json_answer(std::move(body)), *call);
}

ApiReply list_call_events(const ApiRequest& request, ApiContext& context) {
    const Call* const call = find_call(request, context, request.ids[0]);
    if (call == nullptr) {
        return call_not_found(request);
    }
    std::string body{"["};
    for (std::uint32_t number = 1; number <= log_length(*call); ++number) {
        body += number > 1 ? "," : "";
        append_log_entry(body, *call, number, resource_text(request, context));
    }
    return about_call(json_answer(body + "]"), *call);
}

ApiReply get_call_event(const ApiRequest& request, ApiContext& context) {
    const Call* const call = find_call(request, context, request.ids[0]);
    if (call == nullptr) {
        return call_not_found(request);
    }
    const FoundItem found = find_item(request, context, IdKind::call_event, request.ids[1]);
    if (found.call != call || found.number == 0 || found.number > log_length(*call)) {
        return refuse(resource_not_found(), request, call->id);
    }
    std::string body;
    append_log_entry(body, *call, found.number, resource_text(request, context));
    return about_call(json_answer(std::move(body)), *call);
}

}  // namespace ringback
