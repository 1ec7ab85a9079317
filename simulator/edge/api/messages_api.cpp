#include "simulator/edge/api/messages_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "simulator/core/message_numbers.h"
#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/listing.h"
#include "simulator/wire/ascii.h"
#include "simulator/wire/json_in.h"
#include "simulator/wire/message_json.h"
#include "simulator/wire/message_request.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

// --- creating

ApiError rate_limit() {
    return forbidden("limit", "message-rate-limit",
                     "You can create 1 messages per 1 seconds, and 10 more that wait their turn");
}
ApiError delay_limit() {
    return {400,
            "bad-request",
            "message-delay-limit",
            "Message tried to be delayed over the maximum limit.",
            {}};
}

/// What the magic suffixes make of a creation, unless something else is set for that very number.
/// Source: message_numbers.cpp's table; spec v1 1.6.
std::optional<ApiError> refuse_number(const std::string& to, const ApiContext& context) {
    const bool set = context.engine.settings().message_fates.contains(to);
    const MessageNumber* const magic = set ? nullptr : message_number(to);
    switch (magic == nullptr ? MessageRefusal::none : magic->refusal) {
        case MessageRefusal::none:
            return std::nullopt;
        case MessageRefusal::restricted_number:
            return forbidden("forbidden", "restricted-number",
                             fmt::format("Messages to number {} are restricted", to));
        case MessageRefusal::message_from_toll_free:
            return forbidden(
                "forbidden", "message-from-toll-free",
                fmt::format("Messages from toll-free numbers to number {} are not allowed", to));
        case MessageRefusal::message_rate_limit:
            return rate_limit();
        case MessageRefusal::message_delay_limit:
            return delay_limit();
    }
    return std::nullopt;
}

/// Its turn among the account's messages, or that it gets none.
std::optional<ApiError> wait_in_line(NewMessage& wanted, const ApiRequest& request,
                                     ApiContext& context) {
    if (!context.api.creation_limits) {
        return std::nullopt;
    }
    using What = RateLimits::MessageTurn::What;
    const auto turn = context.limits.take_message(request.user, context.now);
    if (turn.what == What::taken) {
        wanted.queued_for = turn.wait;
        return std::nullopt;
    }
    context.engine.remind_at(turn.free_at);
    return turn.what == What::too_fast ? rate_limit() : delay_limit();
}

/// One message made of what `in` asks for, or why there is none. `last`: the route of the one
/// before; afterwards of this one.
Intake<const Message*> create_one(const Members& in, const FirstProblem& problems,
                                  const ApiRequest& request, ApiContext& context, RouteRef& last) {
    NewMessage wanted = read_message(in, context.refuse_url, last);
    if (problems.get()) {
        return *problems.get();
    }
    if (auto refused = refuse_sender(wanted.from, request, context)) {
        return std::move(*refused);
    }
    if (auto refused = refuse_number(wanted.to, context)) {
        return std::move(*refused);
    }
    if (auto refused = wait_in_line(wanted, request, context)) {
        return std::move(*refused);
    }
    last = wanted.route;
    return context.engine.create(context.engine.user(request.user), std::move(wanted), context.now);
}

/// 503: spec v1 1.6 has no code for messages of their own.
constexpr std::string_view too_many{"gateway-unavailable"};

ApiReply create_single(const RequestBody& body, const ApiRequest& request, ApiContext& context) {
    FirstProblem problems;
    RouteRef route;
    auto made = create_one(Members{body, "message", problems}, problems, request, context, route);
    if (auto* const wrong = std::get_if<ApiError>(&made)) {
        return refuse(std::move(*wrong), request);
    }
    const Message* const message = std::get<const Message*>(made);
    if (message == nullptr) {
        return busy(request, too_many, "messages or undelivered events");
    }
    std::string location;
    append_message_url(location, *message, location_text(request, context));
    ApiReply reply = changed_message(created_answer(location), *message);
    reply.location = std::move(location);
    return reply;
}

/// The result of one element: {"result":"error","error":{...}}.
void append_refusal(std::string& out, ApiError error, const ApiRequest& request) {
    JsonObject object{out};
    object.text("result", "error");
    object.member("error") += provider_error(std::move(error), request.http).body;
    object.end();
}

ApiReply create_list(const RequestBody& body, const ApiRequest& request, ApiContext& context) {
    const std::vector<std::size_t> places = body.items();
    if (places.size() > most_messages_at_once) {
        return refuse(forbidden("limit", "multi-message-limit",
                                fmt::format("At most {} messages can be created at once",
                                            most_messages_at_once)),
                      request);
    }
    ApiReply reply;
    std::string results{"["};
    RouteRef route;
    for (const std::size_t place : places) {
        results += results.size() > 1 ? "," : "";
        FirstProblem problems;
        const auto in = Members::at(body, place, "message", problems);
        auto made = in ? create_one(*in, problems, request, context, route)
                       : Intake<const Message*>{bad_parameters("a message must be a JSON object")};
        if (auto* const wrong = std::get_if<ApiError>(&made)) {
            append_refusal(results, std::move(*wrong), request);
            continue;
        }
        const Message* const message = std::get<const Message*>(made);
        if (message == nullptr) {
            results +=
                R"({"result":"error","error":)" +
                std::move(busy(request, too_many, "messages or undelivered events").response.body) +
                "}";
            continue;
        }
        JsonObject object{results};
        object.text("result", "accepted");
        std::string location;
        append_message_url(location, *message, location_text(request, context));
        object.text("location", location);
        object.end();
        reply.touched.push_back(message->id);
    }
    reply.response = json_answer(results + "]");
    reply.response.status = 202;
    return reply;
}

/// An empty array stands for an empty object (spec v1 1.3), and one message lacks everything.
bool is_list(std::string_view body) {
    const std::size_t first = body.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || body[first] != '[') {
        return false;
    }
    const std::size_t second = body.find_first_not_of(" \t\r\n", first + 1);
    return second == std::string_view::npos || body[second] != ']';
}

// --- listing

/// What GET messages may be narrowed to.
struct MessageFilter {
    std::optional<std::string> from;
    std::optional<std::string> to;
    std::optional<Instant> not_before;
    std::optional<Instant> not_after;
    std::optional<Direction> direction;
    std::optional<MessageState> state;
    std::optional<ReceiptState> receipt;
    std::optional<std::uint64_t> below;  // sortKeyLT
    std::optional<std::uint64_t> above;  // sortKeyGT, what Link says with sortOrder=asc
    bool oldest_first{false};

    [[nodiscard]] bool matches(const Message& message) const {
        // Times are compared as they are shown, so that a shown one finds its message.
        const Instant at = std::chrono::floor<std::chrono::seconds>(message.created_at);
        return (!from || *from == message.from) && (!to || *to == message.to) &&
               (!not_before || at >= *not_before) && (!not_after || at <= *not_after) &&
               (!direction || *direction == message.direction) &&
               (!state || *state == message.state) && (!receipt || *receipt == message.receipt) &&
               (!below || message.sort_key < *below) && (!above || message.sort_key > *above);
    }
};

/// A number; ten digits are one of North America's. Short codes are none (spec v1 2.4).
std::optional<std::string> read_number(const Query& query, const char* name,
                                       FirstProblem& problems) {
    auto number = query.number(name);
    constexpr std::size_t national = 10;
    if (number && number->size() == national && std::ranges::all_of(*number, is_digit)) {
        number = "+1" + *number;
    }
    if (number && !is_number_or_sip(*number)) {
        problems.note(validation_error("Invalid phone number"));
    }
    return number;
}

template <class Enum, std::size_t n>
std::optional<Enum> read_word(const Query& query, const char* name, std::array<Enum, n> values,
                              FirstProblem& problems) {
    const auto given = query.value(name);
    if (!given) {
        return std::nullopt;
    }
    std::string all;
    for (const Enum value : values) {
        if (same_word(*given, word(value))) {
            return value;
        }
        all += (all.empty() ? "" : ", ") + std::string{word(value)};
    }
    problems.note(validation_error(fmt::format(
        "The query parameter '{}' must be one of the following values: {}", name, all)));
    return std::nullopt;
}

std::optional<std::uint64_t> read_key(const Query& query, const char* name,
                                      FirstProblem& problems) {
    constexpr std::size_t most_digits = 19;
    const auto given = query.value(name);
    const auto key = given ? whole_number(*given) : std::nullopt;
    if (given && (!key || *key < 0 || given->size() > most_digits)) {
        problems.note(validation_error(
            fmt::format("The query parameter '{}' must be a number of at most 19 digits", name)));
        return std::nullopt;
    }
    return key ? std::optional{static_cast<std::uint64_t>(*key)} : std::nullopt;
}

Intake<MessageFilter> read_filter(const Query& query) {
    FirstProblem problems;
    MessageFilter filter;
    filter.from = read_number(query, "from", problems);
    filter.to = read_number(query, "to", problems);
    filter.not_before = query_time(query, "fromDateTime", problems);
    filter.not_after = query_time(query, "toDateTime", problems);
    filter.direction =
        read_word(query, "direction", std::array{Direction::in, Direction::out}, problems);
    filter.state =
        read_word(query, "state",
                  std::array{MessageState::received, MessageState::queued, MessageState::sending,
                             MessageState::sent, MessageState::error},
                  problems);
    filter.receipt = read_word(
        query, "deliveryState",
        std::array{ReceiptState::waiting, ReceiptState::delivered, ReceiptState::not_delivered},
        problems);
    filter.oldest_first = oldest_first(query, problems);
    filter.below = read_key(query, "sortKeyLT", problems);
    filter.above = read_key(query, "sortKeyGT", problems);
    if (problems.get()) {
        return *problems.get();
    }
    return filter;
}

/// Puts what is wanted into the listing; the last message on the page, null if there is none.
const Message* collect(const User& user, const MessageFilter& filter, Listing& listing,
                       const ResourceText& text, Instant now) {
    const Message* last = nullptr;
    const auto offer = [&](const Message& message) {
        if (std::string* const place = listing.place()) {
            append_message(*place, message, now, text);
            last = &message;
        }
        return !listing.complete();
    };
    std::vector<const Message*> to_reverse;  // the table is walked from its newest end only
    user.messages.newest_first([&](const Message& message) {
        if (!filter.matches(message)) {
            return true;
        }
        if (filter.oldest_first) {
            to_reverse.push_back(&message);
            return true;
        }
        return offer(message);
    });
    while (!to_reverse.empty() && offer(*to_reverse.back())) {
        to_reverse.pop_back();
    }
    return last;
}

/// Pages by cursor; `next`: the last message of this page if there is one after it, else null.
std::string link(const ApiRequest& request, const ListRequest& asked, bool oldest_first,
                 const Message* next) {
    const auto url = [&](std::string_view first) {
        std::string text{"<"};
        append_list_url(text, request, "messages", first, asked.query,
                        {"page", "size", "sortKeyLT", "sortKeyGT"});
        return text + ">; rel=";
    };
    std::string header = url(fmt::format("size={}", asked.page.size)) + "\"first\"";
    if (next != nullptr) {
        header += ", " +
                  url(fmt::format("{}={:019}&size={}", oldest_first ? "sortKeyGT" : "sortKeyLT",
                                  next->sort_key, asked.page.size)) +
                  "\"next\"";
    }
    return header;
}

ApiReply message_not_found(const ApiRequest& request) {
    return refuse(not_found("message", "messageId", request.ids[0]), request);
}

}  // namespace

ApiReply list_messages(const ApiRequest& request, ApiContext& context) {
    auto asked = list_request(request);
    if (auto* const wrong = std::get_if<ApiError>(&asked)) {
        return refuse(std::move(*wrong), request);
    }
    const auto& list = std::get<ListRequest>(asked);
    auto read = read_filter(list.query);
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request);
    }
    const auto& filter = std::get<MessageFilter>(read);
    Listing listing{list.page};
    const Message* last = nullptr;
    if (const User* const user = context.engine.find_user(request.user)) {
        last = collect(*user, filter, listing, resource_text(request, context), context.now);
    }
    return listing.reply(
        link(request, list, filter.oldest_first, listing.complete() ? last : nullptr));
}

ApiReply create_messages(const ApiRequest& request, ApiContext& context) {
    if (context.overloaded) {
        return busy(request, too_many, "messages or undelivered events");
    }
    if (is_list(request.http.body)) {
        const auto list = RequestBody::parse_list(request.http.body);
        return list ? create_list(list.value(), request, context)
                    : refuse(bad_parameters(to_text(list.error())), request);
    }
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request);
    }
    return create_single(std::get<RequestBody>(body), request, context);
}

ApiReply get_message(const ApiRequest& request, ApiContext& context) {
    const Message* const message = find_message(request, context, request.ids[0]);
    if (message == nullptr) {
        return message_not_found(request);
    }
    std::string body;
    append_message(body, *message, context.now, resource_text(request, context));
    return about_message(json_answer(std::move(body)), *message);
}

ApiReply redact_message(const ApiRequest& request, ApiContext& context) {
    const Message* const message = find_message(request, context, request.ids[0]);
    if (message == nullptr) {
        return message_not_found(request);
    }
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request, message->id);
    }
    if (auto refused = refuse_redaction(std::get<RequestBody>(body))) {
        return refuse(std::move(*refused), request, message->id);
    }
    static_cast<void>(context.engine.apply(message->id, MessageInput{Redact{}}, context.now));
    return changed_message(done_answer(), *message);
}

}  // namespace ringback
