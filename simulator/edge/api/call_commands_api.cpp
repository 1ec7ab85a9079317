#include "simulator/edge/api/call_commands_api.h"

#include <variant>

#include "simulator/edge/api/answers.h"
#include "simulator/wire/call_request.h"

namespace ringback {
namespace {

/// What all commands have in common: find the call, read the body, judge it, hand it over, answer.
/// `read` makes an Intake of call and body, `answer` the response of a success.
template <class Read, class Answer>
ApiReply command(const ApiRequest& request, ApiContext& context, Read read, Answer answer) {
    const Call* const call = find_call(request, context, request.ids[0]);
    if (call == nullptr) {
        return call_not_found(request);
    }
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request, call->id);
    }
    auto wanted = read(*call, std::get<RequestBody>(body));
    if (auto* const wrong = std::get_if<ApiError>(&wanted)) {
        return refuse(std::move(*wrong), request, call->id);
    }
    const auto& input = std::get<0>(wanted);
    const Outcome outcome = context.engine.apply(call->id, input, context.now);
    if (outcome.refusal != Refusal::none) {
        return refuse(refusal_error(outcome.refusal, *call, request.ids[0]), request, call->id);
    }
    return changed_call(answer(*call, input, outcome), *call);
}

constexpr auto done = [](const Call&, const auto&, const Outcome&) { return done_answer(); };

/// Those told at the start and those added since.
std::set<std::string> own_numbers_of(const ApiRequest& request, const ApiContext& context) {
    std::set<std::string> numbers = context.api.numbers;
    const User* const user = context.engine.find_user(request.user);
    if (user != nullptr && user->directory) {
        user->directory->numbers().newest_first([&](const PhoneNumber& number) {
            numbers.insert(number.number);
            return true;
        });
    }
    return numbers;
}

}  // namespace

ApiReply update_call(const ApiRequest& request, ApiContext& context) {
    std::set<std::string> owned;
    if (context.api.strict_numbers) {
        owned = own_numbers_of(request, context);
    }
    const auto* const own_numbers = context.api.strict_numbers ? &owned : nullptr;
    std::string leg_location;
    const auto answer = [&](const Call& call, const Update& update, const Outcome& outcome) {
        std::string location;
        if (outcome.leg != CallId::none) {
            append_call_url(location, *context.engine.find(outcome.leg),
                            location_text(request, context));
            leg_location = location;
            return created_answer(std::move(location));
        }
        Response response = done_answer();
        if (update.state == WantedState::active) {
            // php-bandwidth's accept() reads it: spec v1 1.4.
            append_call_url(location, call, location_text(request, context));
            response.headers.push_back({"Location", std::move(location)});
        }
        return response;
    };
    ApiReply reply = command(
        request, context,
        [&](const Call& call, const RequestBody& body) {
            return read_update(body, call, context.refuse_url, own_numbers);
        },
        answer);
    reply.location = std::move(leg_location);
    return reply;
}

ApiReply post_audio(const ApiRequest& request, ApiContext& context) {
    const auto read = [](const Call&, const RequestBody& body) -> Intake<Input> {
        auto wanted = read_audio(body);
        if (auto* const wrong = std::get_if<ApiError>(&wanted)) {
            return std::move(*wrong);
        }
        return std::visit([](auto& input) { return Input{std::move(input)}; },
                          std::get<std::variant<Play, StopPlaying>>(wanted));
    };
    return command(request, context, read, done);
}

ApiReply post_dtmf(const ApiRequest& request, ApiContext& context) {
    const auto read = [](const Call&, const RequestBody& body) { return read_dtmf(body); };
    return command(request, context, read, done);
}

}  // namespace ringback
