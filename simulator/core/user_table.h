#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "simulator/core/boxed.h"
#include "simulator/core/bridge.h"
#include "simulator/core/call.h"
#include "simulator/core/conference.h"
#include "simulator/core/directory.h"
#include "simulator/core/domains.h"
#include "simulator/core/ids.h"
#include "simulator/core/ledger.h"
#include "simulator/core/message.h"
#include "simulator/core/numbered_table.h"
#include "simulator/core/random.h"
#include "simulator/core/text.h"

namespace ringback {

/// An account's calls, messages, bridges and conferences. Users never see or shift each other:
/// numbers, ids and draws count per user.
struct User {
    std::string name;      // as in the path: "u-axqs..."
    Text shared_name;      // the same, for what outlives the user
    std::uint64_t hash{};  // hash_of(name), the user's part of every random stream and id
    UserSlot slot{};
    NumberedTable<Call> calls;
    NumberedTable<Message> messages;
    NumberedTable<Conference> conferences;
    NumberedTable<Bridge> bridges;
    Boxed<Directory> directory{};  // its applications and phone numbers; few users have any
    Boxed<Domains> domains;        // few accounts have any
    Boxed<AccountLedger> ledger;
};

/// All users, by name and by slot. A slot is never given twice, so that late news of a user who was
/// erased finds nobody.
class UserTable {
public:
    /// The user of that name, made on first use. References stay valid until the user is erased.
    [[nodiscard]] User& open(std::string_view name) {
        if (User* known = find(name); known != nullptr) {
            return *known;
        }
        const UserSlot slot{first_slot_ + static_cast<std::uint32_t>(by_slot_.size())};
        auto made = std::make_unique<User>();
        User& user = *made;
        user.name = name;
        user.shared_name = Text{name};
        user.hash = hash_of(name);
        user.slot = slot;
        by_slot_.push_back(std::move(made));
        by_name_.emplace(user.name, &user);
        return user;
    }

    [[nodiscard]] User* find(std::string_view name) const {
        const auto found = by_name_.find(name);
        return found == by_name_.end() ? nullptr : found->second;
    }
    [[nodiscard]] User* find(UserSlot slot) const {
        const std::uint32_t place = static_cast<std::uint32_t>(slot) - first_slot_;  // or wraps
        return place < by_slot_.size() ? by_slot_[place].get() : nullptr;
    }

    void erase(const User& user) {
        by_name_.erase(user.name);
        by_slot_[static_cast<std::uint32_t>(user.slot) - first_slot_].reset();
        drop_erased();
    }
    void clear() {
        first_slot_ += static_cast<std::uint32_t>(by_slot_.size());
        erased_ = 0;
        by_name_.clear();
        by_slot_.clear();
    }

    [[nodiscard]] std::size_t size() const { return by_name_.size(); }

    /// In the order they first appeared.
    [[nodiscard]] std::vector<const User*> all() const {
        std::vector<const User*> users;
        users.reserve(by_name_.size());
        for (const auto& user : by_slot_) {
            if (user) {
                users.push_back(user.get());
            }
        }
        return users;
    }

private:
    /// Those before the first one left go when they are the greater part: every so often, so that
    /// an erasure costs the same however many users there are.
    void drop_erased() {
        constexpr std::size_t few = 64;
        while (erased_ < by_slot_.size() && !by_slot_[erased_]) {
            ++erased_;
        }
        if (erased_ > few && erased_ * 2 > by_slot_.size()) {
            by_slot_.erase(by_slot_.begin(),
                           by_slot_.begin() + static_cast<std::ptrdiff_t>(erased_));
            first_slot_ += static_cast<std::uint32_t>(erased_);
            erased_ = 0;
        }
    }

    struct NameHash {
        std::size_t operator()(std::string_view name) const { return hash_of(name); }
    };
    std::unordered_map<std::string_view, User*, NameHash> by_name_;  // keys are the users' own
    std::vector<std::unique_ptr<User>> by_slot_;                     // null: erased
    std::size_t erased_{0};  // so many of them before the first one left
    std::uint32_t first_slot_{1};
};

}  // namespace ringback
