// What is no call, told apart by what its id is of: the only place of the engine that does.

#include "simulator/core/engine.h"

namespace ringback {
namespace {

bool has_nothing(const User& user) {
    const Directory* const directory = user.directory.get();
    const bool owns = (directory != nullptr &&
                       directory->applications().size() + directory->numbers().size() > 0) ||
                      (user.domains && user.domains->records() > 0);
    return !owns && user.calls.size() + user.messages.size() + user.bridges.size() +
                            user.conferences.size() ==
                        0;
}

}  // namespace

bool Engine::wakes_other(const Scheduler::Due& due) const {
    if (const Message* const message = find_message(due.call)) {
        return is_live(*message, due.timer);
    }
    if (const Conference* const conference = find_conference(due.call)) {
        return is_live(*conference, due.timer);
    }
    const Bridge* const bridge = find_bridge(due.call);
    return bridge != nullptr && is_live(*bridge, due.timer);
}

void Engine::wake_other(const Scheduler::Due& due) {
    if (resource_of(due.call) == Resource::message) {
        run(locate_message(due.call), TimerFired{due.timer}, due.at);
        forget_surplus_messages();
    } else if (resource_of(due.call) == Resource::conference) {
        run(locate_conference(due.call), TimerFired{due.timer}, due.at);
        forget_surplus_conferences();
    } else {
        run(locate_bridge(due.call), TimerFired{due.timer}, due.at);
    }
}

/// None if the group is none, or forgotten.
void Engine::tell_group(const TellGroup& told, Instant now) {
    if (const LocatedConference at = locate_conference(told.group); at.conference != nullptr) {
        run(at, GroupTold{told.call, told.news}, now);
    } else if (const LocatedBridge in = locate_bridge(told.group); in.bridge != nullptr) {
        run(in, BridgedNews{told.call, told.news}, now);
        forget_surplus_bridges();
    }
}

void Engine::forget_other(CallId id) {
    forget_message(id);
    forget_bridge(id);
    forget_conference(id);
}

void Engine::count_out_others(const User& user) {
    count_out_messages(user);
    user.bridges.newest_first([this](const Bridge& bridge) {
        live_bridges_ -= is_over(bridge.state) ? 0U : 1U;
        return true;
    });
    user.conferences.newest_first([this](const Conference& conference) {
        live_conferences_ -= conference.state == ConferenceState::completed ? 0U : 1U;
        conference_members_ -= conference.members.size();
        return true;
    });
}

void Engine::forget_all_others() {
    settled_messages_.clear();
    live_messages_ = 0;
    ended_bridges_.clear();
    live_bridges_ = 0;
    over_conferences_.clear();
    live_conferences_ = 0;
    conference_members_ = 0;
}

User& Engine::new_user(std::string_view name) {
    if (users_.size() >= std::max(limits_.users, users_at_most_)) {
        forget_empty_users();
    }
    return users_.open(name);
}

/// All at once and then not for a while, so that a new user costs the same however many there are.
/// Whoever stays has something that has a bound of its own. Numbers of one who comes back start at
/// 1 again, as after a reset.
void Engine::forget_empty_users() {
    for (const User* const user : users_.all()) {
        if (has_nothing(*user)) {
            users_.erase(*user);
        }
    }
    users_at_most_ = 2 * users_.size();
    front_ = {};
}

void Engine::forget_half_of_what_is_over() {
    forget_ended(ended_.size() / 2, ended_.size());
    forget_settled(settled_messages_.size() / 2);
    forget_bridges(ended_bridges_.size() / 2);
    forget_conferences(over_conferences_.size() / 2, over_conferences_.size());
    front_ = {};
}

}  // namespace ringback
