#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "simulator/core/history.h"

namespace ringback {

/// The records of GET errors: each user's last 1,000, numbered from 1, as far as they are among the
/// last 20,000 of all users.
class UserErrors {
public:
    static constexpr std::size_t most_kept = 1000;
    static constexpr std::size_t most_of_all = 20'000;

    /// Gives `error` its number and keeps it, for the oldest if need be. The reference holds until
    /// the next call of add or reset.
    const UserError& add(std::string_view user, UserError error);

    /// Newest first.
    [[nodiscard]] const std::deque<UserError>& of(std::string_view user) const;
    [[nodiscard]] const UserError* find(std::string_view user, std::uint64_t number) const;

    /// Forgets the user's records; the next one has number 1 again.
    void reset(std::string_view user);
    void reset_all() {
        users_.clear();
        whose_.clear();
    }

private:
    struct Records {
        std::uint64_t last_number{0};
        std::deque<UserError> newest_first;
        std::deque<std::uint64_t> places;  // of each, among those of all
    };
    void forget_oldest_of_all();

    std::map<std::string, Records, std::less<>> users_;
    std::deque<std::string> whose_;  // the last of all, oldest first; some are forgotten already
    std::uint64_t last_place_{0};    // of whose_.back()
};

}  // namespace ringback
