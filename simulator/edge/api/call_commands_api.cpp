#include "simulator/edge/api/call_commands_api.h"

#include <variant>

#include "simulator/edge/api/answers.h"
#include "simulator/wire/call_request.h"

namespace ringback {
namespace {

/// The call and what is wanted of it, or the answer that says why not.
struct Command {
    const Call* call{nullptr};
    std::optional<ApiReply> refused{};
    nlohmann::json body{};
};

Command read_command(const ApiRequest& request, ApiContext& context) {
    Command command;
    command.call = find_call(request, context, request.ids[0]);
    if (command.call == nullptr) {
        command.refused = call_not_found(request);
        return command;
    }
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        command.refused = refuse(std::move(*wrong), request, command.call->id);
        return command;
    }
    command.body = std::move(std::get<nlohmann::json>(body));
    return command;
}

/// Hands the input over and answers; `answer` makes the response of a success.
template <class Answer>
ApiReply apply(const ApiRequest& request, ApiContext& context, const Call& call, const Input& input,
               Answer answer) {
    const Outcome outcome = context.engine.apply(call.id, input, context.now);
    if (outcome.refusal != Refusal::none) {
        return refuse(refusal_error(outcome.refusal, call, request.ids[0]), request, call.id);
    }
    return changed_call(answer(outcome), call);
}

}  // namespace

ApiReply update_call(const ApiRequest& request, ApiContext& context) {
    Command command = read_command(request, context);
    if (command.refused) {
        return std::move(*command.refused);
    }
    const Call& call = *command.call;
    auto read = read_update(command.body, call, context.refuse_url,
                            context.api.strict_numbers ? &context.api.numbers : nullptr);
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request, call.id);
    }
    const auto& update = std::get<Update>(read);
    std::string location;
    ApiReply reply = apply(request, context, call, update, [&](const Outcome& outcome) {
        if (outcome.leg != CallId::none) {
            append_call_url(location, *context.engine.find(outcome.leg),
                            location_text(request, context));
            return created_answer(location);
        }
        Response done = done_answer();
        if (update.state == WantedState::active) {
            // php-bandwidth's accept() reads it: spec v1 1.4.
            std::string same_call;
            append_call_url(same_call, call, location_text(request, context));
            done.headers.push_back({"Location", std::move(same_call)});
        }
        return done;
    });
    reply.location = std::move(location);
    return reply;
}

ApiReply post_audio(const ApiRequest& request, ApiContext& context) {
    Command command = read_command(request, context);
    if (command.refused) {
        return std::move(*command.refused);
    }
    auto read = read_audio(command.body);
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request, command.call->id);
    }
    const Input input = std::visit([](auto& wanted) { return Input{std::move(wanted)}; },
                                   std::get<std::variant<Play, StopPlaying>>(read));
    return apply(request, context, *command.call, input,
                 [](const Outcome&) { return done_answer(); });
}

ApiReply post_dtmf(const ApiRequest& request, ApiContext& context) {
    Command command = read_command(request, context);
    if (command.refused) {
        return std::move(*command.refused);
    }
    auto read = read_dtmf(command.body);
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request, command.call->id);
    }
    return apply(request, context, *command.call, std::get<SendTones>(read),
                 [](const Outcome&) { return done_answer(); });
}

}  // namespace ringback
