#include "harness/cli/take_back.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "simulator/edge/api/router.h"

namespace ringback {
namespace {

// v1 / users / {user} / media / {name}, and the same with domains / {d} / endpoints / {e} / tokens
constexpr std::size_t user_part = 2;
constexpr std::size_t item_part = 4;
constexpr std::size_t endpoint_part = 6;

/// Those of its path, decoded, or none if it has not so many.
std::vector<std::string> parts_of(const Request& request, std::size_t at_least) {
    auto parts = split_path(request.path).value_or(std::vector<std::string>{});
    return parts.size() > at_least ? std::move(parts) : std::vector<std::string>{};
}

constexpr std::array creatable{IdKind::call,        IdKind::message,      IdKind::bridge,
                               IdKind::conference,  IdKind::gather,       IdKind::conference_member,
                               IdKind::application, IdKind::phone_number, IdKind::domain,
                               IdKind::endpoint};

bool orders_numbers(const Request& request) {
    return request.method == "POST" && request.path.starts_with("/v1/availableNumbers/");
}

}  // namespace

TakeBack::TakeBack(const Request& request, Simulator& simulator)
    : request_{request}, simulator_{simulator} {
    if (request.method != "PUT") {
        return;
    }
    const auto path = parts_of(request, item_part);
    if (!path.empty()) {
        before_ = simulator.medium(path[user_part], path[item_part]);
    }
}

bool TakeBack::is_owed(const Response& answer) const {
    constexpr int created = 201;
    constexpr int accepted = 202;  // messages
    return answer.status == created || answer.status == accepted ||
           (answer.status == 200 && (before_ || orders_numbers(request_)));
}

void TakeBack::undo(const Response& answer) {
    if (before_) {
        const auto path = parts_of(request_, item_part);
        simulator_.put_back(path[user_part], path[item_part], std::move(*before_));
        return;
    }
    for (const auto& [name, value] : answer.headers) {
        if (name == "Location") {
            undo_item(value);
        }
    }
    if (answer.body.empty()) {
        return;
    }
    const auto said = nlohmann::json::parse(answer.body);
    if (said.is_object()) {
        undo_token(said.value("token", ""));
        return;
    }
    for (const auto& one : said) {  // of many messages or numbers
        undo_item(one.value("location", ""));
    }
}

void TakeBack::undo_item(std::string_view location) {
    const std::string_view id = location.substr(location.rfind('/') + 1);
    for (const User* const user : simulator_.engine().users()) {
        for (const IdKind kind : creatable) {
            if (const auto which = simulator_.ids().decode(kind, id, user->hash)) {
                undo(*user, kind, *which);
                return;
            }
        }
    }
}

void TakeBack::undo(const User& user, IdKind kind, const IdCodec::Decoded& which) {
    const std::uint64_t number = which.call_number;
    if (kind == IdKind::call) {
        undo_call(call_id(user.slot, number));
    } else if (kind == IdKind::message) {
        simulator_.forget(message_id(user.slot, number));
    } else if (kind == IdKind::bridge) {
        simulator_.forget(bridge_id(user.slot, number));
    } else if (kind == IdKind::conference) {
        simulator_.forget(conference_id(user.slot, number));
    } else if (kind == IdKind::gather) {
        simulator_.act(call_id(user.slot, number), StopGather{which.sub});
    } else if (kind == IdKind::conference_member) {
        UpdateMember leaves;
        leaves.member = which.sub;
        leaves.leaves = true;
        simulator_.confer(conference_id(user.slot, number), leaves);
    } else if (kind == IdKind::application) {
        simulator_.change(user.name, DirectoryCommand{RemoveApplication{number}});
    } else if (kind == IdKind::phone_number) {
        simulator_.change(user.name, DirectoryCommand{RemoveNumber{number}});
    } else if (kind == IdKind::domain) {
        simulator_.change(user.name,
                          DomainCommand{DeleteDomain{static_cast<std::uint32_t>(number)}});
    } else {
        simulator_.change(user.name, DomainCommand{DeleteEndpoint{
                                         static_cast<std::uint32_t>(number), which.sub}});
    }
}

void TakeBack::undo_call(CallId id) {
    const Call* const call = simulator_.engine().find(id);
    if (call != nullptr && call->details && call->details->peer.role != Peer::Role::none) {
        Update cancelled;
        cancelled.state = WantedState::completed;
        simulator_.act(id, cancelled);
    } else {
        simulator_.forget(id);
    }
}

/// It has no address of its own: what it is for stands in the path of the request.
void TakeBack::undo_token(std::string_view token) {
    const auto path = parts_of(request_, endpoint_part);
    const User* const user =
        path.empty() ? nullptr : simulator_.engine().find_user(path[user_part]);
    if (user == nullptr) {
        return;
    }
    const auto endpoint =
        simulator_.ids().decode(IdKind::endpoint, path[endpoint_part], user->hash);
    const auto number = simulator_.ids().decode(IdKind::endpoint_token, token, user->hash);
    if (endpoint && number) {
        simulator_.change(
            user->name, DomainCommand{DeleteToken{static_cast<std::uint32_t>(endpoint->call_number),
                                                  endpoint->sub, number->call_number}});
    }
}

}  // namespace ringback
