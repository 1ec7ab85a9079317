#include <algorithm>
#include <utility>

#include "harness/admin/answers.h"
#include "harness/admin/body.h"
#include "harness/admin/routes.h"
#include "simulator/core/message_numbers.h"
#include "simulator/wire/message_request.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/utf8.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

/// The parts of an MMS as the sender's phone named them; they end up in URLs.
std::vector<std::string> part_names(Body& body) {
    constexpr std::size_t most_parts = 10;
    constexpr std::size_t longest_name = 128;
    auto names = body.texts("media", most_parts, longest_name);
    for (const std::string& name : names) {
        if (!is_part_name(name)) {
            body.note({"media", std::string{part_names_are}, name});
        }
    }
    return names;
}

std::string text_member(Body& body, bool has_media) {
    constexpr std::size_t most_bytes_of_a_character = 4;
    const auto text = body.text("text", longest_message_text * most_bytes_of_a_character);
    if (!body.has("text") && !has_media) {
        body.missing("text", "what the message says, or media");
    }
    if (text && utf8_length(*text) > longest_message_text) {
        body.note({"text", "at most 2048 characters", std::to_string(utf8_length(*text))});
    }
    return text.value_or("");
}

nlohmann::ordered_json message_summary(Controls& controls, const Message& message,
                                       std::string_view user) {
    return {{"id", controls.ids().text(IdKind::message, hash_of(user), number_of(message.id))},
            {"user", user},
            {"state", word(message.state)},
            {"direction", word(message.direction)},
            {"from", message.from},
            {"to", message.to},
            {"time", millisecond_text(message.created_at)}};
}

/// The word of a fate, and the code that goes with it.
std::optional<MessageFate> fate_members(Body& body) {
    using What = MessageFate::What;
    constexpr std::string_view words{"one of delivered, not-delivered, not-sent, default"};
    constexpr std::int64_t most = 999;
    const auto fate = body.text("fate", 32);
    const auto code = body.integer("code", 1, most);
    if (!body.has("fate")) {
        body.missing("fate", words);
    }
    MessageFate wanted;
    const std::string word = fate.value_or("");
    if (word == "not-delivered" || word == "not-sent") {
        wanted.what = word == "not-sent" ? What::not_sent : What::not_delivered;
        wanted.code = static_cast<std::uint16_t>(code.value_or(0));
    } else if (fate && word != "delivered" && word != "default") {
        body.note({"fate", std::string{words}, *fate});
    } else if (fate && body.has("code")) {
        body.note({"code", "no code: only what fails has one", *fate});
    }
    if (word == "not-delivered" && !body.has("code")) {
        body.missing("code", "the deliveryCode it fails with, like 720");
    }
    const bool known = std::ranges::any_of(
        delivery_codes(), [&](const DeliveryCode& one) { return one.code == wanted.code; });
    if (!known) {
        body.note({"code", "a deliveryCode of the API", std::to_string(wanted.code)});
    }
    return word == "default" ? std::nullopt : std::optional{wanted};
}

}  // namespace

void post_message_fates(AdminParts& parts, AdminVisit& visit) {
    Body body = Body::parse(visit.request.body);
    const std::string to = address_member(body, "to");
    const auto fate = fate_members(body);
    if (const auto problems = body.finish(); !problems.empty()) {
        answer_recorded(parts, visit, problem_answer(problems));
        return;
    }
    if (!parts.controls.engine().set_message_fate(to, fate)) {
        answer_recorded(
            parts, visit,
            error_answer(409,
                         "there are too many numbers with a fate: take some back with fate "
                         "\"default\", or all of them with a reset"));
        return;
    }
    answer_recorded(parts, visit,
                    json_answer(200, {{"to", to}, {"fate", body.object().at("fate")}}));
}

void post_messages(AdminParts& parts, AdminVisit& visit) {
    Body body = Body::parse(visit.request.body);
    NewMessage wanted;
    wanted.direction = Direction::in;
    std::string user = user_member(body);
    wanted.from = address_member(body, "from");
    wanted.to = address_member(body, "to");
    user = called_user(parts, body, std::move(user), wanted.to);
    wanted.media = part_names(body);
    wanted.text = text_member(body, !wanted.media.empty());
    wanted.segments = segment_count(wanted.text, !wanted.media.empty());
    wanted.route = RouteRef{route_members(body, parts.controls)};
    wanted.application_id = body.text("applicationId", 128).value_or("");
    if (!may_come_in(parts, visit, body)) {
        return;
    }
    const auto made = parts.controls.text_in(user, std::move(wanted));
    const Message* const message =
        made ? parts.controls.engine().find_message(made.value()) : nullptr;
    if (message == nullptr) {
        answer_recorded(
            parts, visit,
            error_answer(503, made ? "the message is forgotten already" : to_text(made.error())));
        return;
    }
    const auto summary = message_summary(parts.controls, *message, user);
    Response response = json_answer(201, summary);
    response.headers.push_back(
        {"Location", "/v1/users/" + user + "/messages/" + summary.at("id").get<std::string>()});
    answer_come_in(parts, visit, std::move(response), user, made.value());
}

}  // namespace ringback
