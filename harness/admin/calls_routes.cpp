#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "harness/admin/answers.h"
#include "harness/admin/routes.h"
#include "simulator/core/call_machine.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t calls_by_default = 1'000;
constexpr std::size_t most_calls = 10'000;
constexpr std::array states{CallState::started,   CallState::active,   CallState::transferring,
                            CallState::completed, CallState::rejected, CallState::error};

std::string listed_states() {
    std::string all;
    for (const CallState state : states) {
        all += (all.empty() ? "" : ", ") + std::string{word(state)};
    }
    return all;
}

struct CallsFilter {
    std::string user;
    std::optional<CallState> state{};
    std::size_t limit{calls_by_default};
};

std::optional<Problem> set(CallsFilter& filter, std::string_view name, std::string_view value) {
    if (name == "user") {
        filter.user = value;
        return std::nullopt;
    }
    if (name == "state") {
        const auto* const found = std::find_if(
            states.begin(), states.end(), [&](CallState state) { return word(state) == value; });
        if (found == states.end()) {
            return Problem{"state", "one of " + listed_states(), std::string{value}};
        }
        filter.state = *found;
        return std::nullopt;
    }
    std::size_t limit = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), limit);
    if (error != std::errc{} || end != value.data() + value.size() || limit < 1 ||
        limit > most_calls) {
        return Problem{"limit", fmt::format("a whole number 1..{}", most_calls),
                       std::string{value}};
    }
    filter.limit = limit;
    return std::nullopt;
}

}  // namespace

const Call* find_call(Controls& controls, std::string_view text_id) {
    for (const User* const user : controls.engine().users()) {
        if (const auto decoded = controls.ids().decode(IdKind::call, text_id, user->hash)) {
            return controls.engine().find(call_id(user->slot, decoded->call_number));
        }
    }
    return nullptr;
}

ordered_json call_summary(Controls& controls, const Call& call) {
    const User* const user = controls.engine().find_user(user_of(call.id));
    if (user == nullptr) {
        bug("a call of a user who is not there");
    }
    ordered_json summary{{"id", controls.ids().text(IdKind::call, user->hash, number_of(call.id))},
                         {"user", user->name},
                         {"state", word(call.state)},
                         {"direction", word(call.direction)},
                         {"from", call.from},
                         {"to", call.to},
                         {"pending", has_unfinished_business(call)},
                         {"startTime", millisecond_text(call.started_at)}};
    if (call.active_at != never) {
        summary["activeTime"] = millisecond_text(call.active_at);
    }
    if (is_over(call.state)) {
        summary["endTime"] = millisecond_text(call.ended_at);
        summary["cause"] = word(call.cause);
    }
    if (!call.tag.empty()) {
        summary["tag"] = call.tag;
    }
    return summary;
}

void get_calls(AdminParts& parts, AdminVisit& visit) {
    constexpr std::array<std::string_view, 3> known{"user", "state", "limit"};
    CallsFilter filter;
    std::vector<Problem> problems;
    if (auto problem = unknown_name(visit.query, known)) {
        problems.push_back(std::move(*problem));
    } else {
        for (const auto& [name, value] : visit.query) {
            if (auto wrong = set(filter, name, value)) {
                problems.push_back(std::move(*wrong));
            }
        }
    }
    if (!problems.empty()) {
        visit.responder->send(problem_answer(problems));
        return;
    }
    ordered_json calls = ordered_json::array();
    bool more = false;
    for (const User* const user : parts.controls.engine().users()) {
        if (!filter.user.empty() && user->name != filter.user) {
            continue;
        }
        user->calls.newest_first([&](const Call& call) {
            if (filter.state && call.state != *filter.state) {
                return true;
            }
            more = calls.size() == filter.limit;
            if (!more) {
                calls.push_back(call_summary(parts.controls, call));
            }
            return !more;
        });
        if (more) {
            break;
        }
    }
    Response response = json_answer(200, calls);
    if (more) {
        response.headers.push_back({"X-Ringback-More", "true"});
    }
    visit.responder->send(std::move(response));
}

void get_call(AdminParts& parts, AdminVisit& visit) {
    const Call* const call = find_call(parts.controls, visit.id);
    visit.responder->send(call == nullptr ? error_answer(404, "there is no such call")
                                          : json_answer(200, call_summary(parts.controls, *call)));
}

}  // namespace ringback
