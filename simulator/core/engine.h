#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "simulator/core/bridge_machine.h"
#include "simulator/core/call_machine.h"
#include "simulator/core/conference_machine.h"
#include "simulator/core/message_machine.h"
#include "simulator/core/scheduler.h"
#include "simulator/core/user_table.h"

namespace ringback {

struct EngineLimits {
    std::size_t live_calls{2'000'000};      // beyond: create() refuses
    std::size_t ended_calls{100'000};       // kept for GET; the oldest ended are forgotten first
    std::size_t far_ends{10'000};           // numbers with a far end of their own; as many fates
    std::size_t live_messages{2'000'000};   // beyond: create() refuses
    std::size_t settled_messages{100'000};  // kept for GET; those settled first go first
    std::size_t applications{20'000};       // beyond: apply() refuses
    std::size_t numbers{100'000};           // the same of phone numbers
    std::size_t sip_records{100'000};       // domains and endpoints; beyond: none is made
    std::size_t live_bridges{1'000'000};    // beyond: create() refuses
    std::size_t ended_bridges{100'000};     // kept for GET; those completed first go first
    std::size_t live_conferences{100'000};  // beyond: create() refuses
    std::size_t over_conferences{10'000};   // kept for GET; those over first go first
    std::size_t conference_members{1'000'000};  // of all that are kept; beyond: nobody joins
    std::size_t users{100'000};  // beyond: those go of whom there is nothing (any more)
};

/// All calls, messages, bridges and conferences, and the scheduler. Knows neither clock nor
/// socket nor thread; driven by a Driver.
class Engine {
public:
    Engine(Seed seed, ModelSettings settings, EngineLimits limits = {});

    /// The user of that name, made on first use. References stay valid until the user is reset, or
    /// has nothing left and others are made.
    [[nodiscard]] User& user(std::string_view name) {
        User* const known = users_.find(name);
        return known != nullptr ? *known : new_user(name);
    }
    [[nodiscard]] User* find_user(std::string_view name) { return users_.find(name); }
    [[nodiscard]] const User* find_user(UserSlot slot) const { return users_.find(slot); }
    /// Forgets all that is the user's, so that the next ones have number 1 again. Late news
    /// of what is forgotten is ignored.
    void reset(std::string_view name);
    /// Everybody's, and the far ends and fates of messages set since the start.
    void reset_all();

    /// What calls to that number meet from now on, before any magic suffix; none: as before.
    /// False when it is one number more than EngineLimits allows: nothing was changed then.
    [[nodiscard]] bool set_far_end(const std::string& number, const std::optional<FarEnd>& far_end);
    /// The same of messages to that number.
    [[nodiscard]] bool set_message_fate(const std::string& number,
                                        const std::optional<MessageFate>& fate);

    /// A new call; its first effects are in outputs(). Null when live_calls is reached.
    [[nodiscard]] const Call* create(User& user, NewCall wanted, Instant now);

    /// Hands `input` to a call; nullptr-safe: an unknown id is refused with no_such_item.
    Outcome apply(CallId id, const Input& input, Instant now);

    /// Forgets the half of what is over that is over for longest: calls, messages, bridges and
    /// conferences. For who has no memory left.
    void forget_half_of_what_is_over();

    /// The call (or message, or conference) never was. Its number is not given again, and late
    /// news of it is ignored.
    void forget(CallId id);

    [[nodiscard]] const Call* find(CallId id) const { return locate(id).call; }

    /// A new message; as for calls. Null when live_messages is reached.
    [[nodiscard]] const Message* create(User& user, NewMessage wanted, Instant now);
    Outcome apply(CallId id, const MessageInput& input, Instant now);
    /// Null also for the id of a call.
    [[nodiscard]] const Message* find_message(CallId id) const {
        return locate_message(id).message;
    }

    /// What is done to the user's applications and phone numbers; what changed is in outputs(),
    /// under call number 0 of the user.
    DirectoryOutcome apply(User& user, const DirectoryCommand& command, Instant now);
    /// How many users have that number.
    [[nodiscard]] std::size_t holders_of(const std::string& number) const {
        const auto at = holders_.find(number);
        return at == holders_.end() ? 0 : at->second;
    }
    // engine_account.cpp
    /// Does what is asked of the user's domains, and tells of it in outputs().
    DomainOutcome apply(User& user, const DomainCommand& command, Instant now);
    /// Charges the account for one unit of what is no call and no message.
    void charge(User& user, Product product, std::string phone, std::uint64_t phone_number_id,
                Instant now);

    /// A new bridge, by its id in Outcome::leg. Refused when its calls cannot be in it, and
    /// with no_room when live_bridges is reached. `calls` are the user's own; any other id is
    /// unknown.
    Outcome create_bridge(User& user, bool audio, const std::vector<CallId>& calls, Instant now);
    /// POST bridges/{id}: absent members are not to be changed. As for calls: an unknown id is
    /// refused with no_such_item.
    Outcome update_bridge(CallId id, std::optional<bool> audio,
                          const std::optional<std::vector<CallId>>& calls, Instant now);
    Outcome apply(CallId id, const BridgeInput& input, Instant now);
    [[nodiscard]] const Bridge* find_bridge(CallId id) const { return locate_bridge(id).bridge; }

    /// A new conference; as for calls. Null when live_conferences is reached.
    [[nodiscard]] const Conference* create(User& user, NewConference wanted, Instant now);
    /// An AddMember needs no more than what was asked for. no_such_item: also for a call that
    /// is not there, or is another user's.
    Outcome apply(CallId id, const ConferenceInput& input, Instant now);
    /// Null also for the id of anything else.
    [[nodiscard]] const Conference* find_conference(CallId id) const {
        return locate_conference(id).conference;
    }

    /// Whether there is (still) anything of that id, whatever it is of.
    [[nodiscard]] bool knows(CallId id) const {
        return find(id) != nullptr || find_message(id) != nullptr || find_bridge(id) != nullptr ||
               find_conference(id) != nullptr;
    }

    /// Nothing happens then, but a clock that jumps stops there: somebody was told to wait
    /// until it.
    void remind_at(Instant instant) { reminders_.insert(instant); }

    /// When something is next to happen; stale timers do not count.
    [[nodiscard]] std::optional<Instant> next_due();

    /// Makes everything happen that is due up to and including `now`, each at its own instant.
    /// Stops early, at `budget` fired timers, so that a loop with sockets to serve is never
    /// starved; true when nothing due is left.
    bool advance_to(Instant now, std::size_t budget = SIZE_MAX);

    /// What has left since the last take; the vector's storage is reused.
    [[nodiscard]] Outputs& outputs() { return effects_.outputs; }

    [[nodiscard]] std::size_t live_calls() const { return live_; }
    [[nodiscard]] std::size_t known_calls() const { return known(&User::calls); }
    [[nodiscard]] std::size_t live_messages() const { return live_messages_; }
    [[nodiscard]] std::size_t known_messages() const { return known(&User::messages); }
    [[nodiscard]] std::size_t live_bridges() const { return live_bridges_; }
    [[nodiscard]] std::size_t known_bridges() const { return known(&User::bridges); }
    [[nodiscard]] std::size_t live_conferences() const { return live_conferences_; }
    [[nodiscard]] std::size_t known_conferences() const { return known(&User::conferences); }
    [[nodiscard]] const ModelSettings& settings() const { return settings_; }
    /// How long things take that begin from now on; what has begun keeps its time.
    void set_delays(Delays delays) { settings_.delays = std::move(delays); }
    /// Calls made from now on, with their legs, have these instead of everybody's; null: no
    /// longer.
    void give_new_calls(std::shared_ptr<const Delays> own) { delays_of_new_ = std::move(own); }
    /// How long things take from now on in one call and its legs, by its strand; null: as for
    /// all. Kept until then, also when the call is over.
    void set_delays_of(CallId strand, std::shared_ptr<const Delays> own);
    /// What holds for that strand now.
    [[nodiscard]] const Delays& delays_of(CallId strand) const;
    [[nodiscard]] Seed seed() const { return seed_; }
    /// In the order they first appeared.
    [[nodiscard]] std::vector<const User*> users() const { return users_.all(); }

private:
    /// How many there are of all users.
    template <class Item>
    [[nodiscard]] std::size_t known(NumberedTable<Item> User::*table) const {
        std::size_t known = 0;
        for (const User* const user : users_.all()) {
            known += (user->*table).size();
        }
        return known;
    }
    struct Located {
        User* user{nullptr};
        Call* call{nullptr};  // null: there is no such call (any more)
    };
    [[nodiscard]] Located locate(CallId id) const;
    bool find_front();
    /// Of a step: time never goes back, and whose timer is next is to be found out again.
    Instant begin_turn(Instant now) {
        latest_ = std::max(now, latest_);
        front_ = {};
        return latest_;
    }
    /// The timers that the step has asked for.
    void schedule(CallId of) {
        for (const SetTimer& wanted : effects_.timers) {
            scheduler_.add(wanted.at, of, wanted.timer);
        }
        effects_.timers.clear();
    }
    template <class What>
    Outcome run(const Located& at, const What& input, Instant now);
    void obey_legs(const Located& at, Instant now, Outcome& outcome);
    void make_leg(MakeLeg& wanted, const Located& at, Instant now, Outcome& outcome);
    void tell_peer(const TellPeer& told, const Located& at, Instant now);
    Call& place(User& user, NewCall&& wanted, CallId strand, Instant now);
    void forget_surplus() { forget_ended(limits_.ended_calls, 4); }
    void forget_ended(std::size_t most, std::size_t tries);

    // engine_messages.cpp
    struct LocatedMessage {
        User* user{nullptr};
        Message* message{nullptr};  // null: there is no such message (any more)
    };
    [[nodiscard]] LocatedMessage locate_message(CallId id) const;
    Outcome run(const LocatedMessage& at, const MessageInput& input, Instant now);
    void forget_message(CallId id);
    void forget_surplus_messages() { forget_settled(limits_.settled_messages); }
    void forget_settled(std::size_t most);
    void count_out_messages(const User& user);

    // engine_directory.cpp
    static void count(std::size_t& items, ItemNews news);
    void count_out_holder(const std::string& number);
    void count_out_directory(const User& user);

    // engine_bridges.cpp
    struct LocatedBridge {
        User* user{nullptr};
        Bridge* bridge{nullptr};  // null: there is no such bridge (any more)
    };
    [[nodiscard]] LocatedBridge locate_bridge(CallId id) const;
    Outcome run(const LocatedBridge& at, const BridgeInput& input, Instant now);
    [[nodiscard]] BridgeCandidates candidates(const User& user, CallId bridge,
                                              const std::vector<CallId>& calls) const;
    void tell_calls(const LocatedBridge& at, const std::vector<BridgedCall>& before);
    [[nodiscard]] Turn turn_of(const User& user, const Bridge& bridge, Instant now) const;
    void forget_bridge(CallId id);
    void forget_surplus_bridges() { forget_bridges(limits_.ended_bridges); }
    void forget_bridges(std::size_t most);

    // engine_conferences.cpp
    struct LocatedConference {
        User* user{nullptr};
        Conference* conference{nullptr};  // null: there is no such conference (any more)
    };
    [[nodiscard]] LocatedConference locate_conference(CallId id) const;
    Outcome run(const LocatedConference& at, const ConferenceInput& input, Instant now);
    Outcome add_member(const LocatedConference& at, AddMember wanted, Instant now);
    void set_membership(const SetMembership& wanted);
    void forget_conference(CallId id);
    void forget_surplus_conferences() { forget_conferences(limits_.over_conferences, 4); }
    void forget_conferences(std::size_t most, std::size_t tries);

    // What is no call: engine_others.cpp
    void tell_group(const TellGroup& told, Instant now);
    [[nodiscard]] bool wakes_other(const Scheduler::Due& due) const;
    void wake_other(const Scheduler::Due& due);
    void forget_other(CallId id);
    void count_out_others(const User& user);
    void forget_all_others();
    [[nodiscard]] User& new_user(std::string_view name);
    void forget_empty_users();

    Seed seed_;
    ModelSettings settings_;
    std::map<std::string, FarEnd, std::less<>>
        configured_far_ends_;  // what a full reset returns to
    // Of the few engines whose calls differ (scenarios under load); empty in all others.
    std::unordered_map<CallId, std::shared_ptr<const Delays>> own_delays_;
    std::shared_ptr<const Delays> delays_of_new_;
    EngineLimits limits_;
    UserTable users_;
    std::size_t users_at_most_{0};  // at least limits_.users: twice as many as could not go
    Scheduler scheduler_;
    std::set<Instant> reminders_;
    // Whose timer is next; without a call that is still to be found out, or of something else.
    Located front_{};
    Effects effects_;
    Instant latest_{Instant::min()};
    std::deque<CallId> ended_;  // oldest first
    std::size_t live_{0};
    std::deque<CallId> settled_messages_;  // those settled first come first
    std::size_t live_messages_{0};
    std::size_t applications_{0};  // of all users
    std::size_t numbers_{0};
    std::unordered_map<std::string, std::uint32_t> holders_;  // of each number that anybody has
    std::size_t sip_records_{0};
    std::deque<CallId> ended_bridges_;  // those completed first come first
    std::size_t live_bridges_{0};
    std::deque<CallId> over_conferences_;  // those over first come first
    std::size_t live_conferences_{0};
    std::size_t conference_members_{0};
};

}  // namespace ringback
