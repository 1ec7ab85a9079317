#include "simulator/edge/api/user_errors.h"

#include <utility>

namespace ringback {

const UserError& UserErrors::add(std::string_view user, UserError error) {
    auto at = users_.find(user);
    if (at == users_.end()) {
        at = users_.emplace(std::string{user}, Records{}).first;
    }
    Records& records = at->second;
    error.number = ++records.last_number;
    records.newest_first.push_front(std::move(error));
    records.places.push_front(++last_place_);
    if (records.newest_first.size() > most_kept) {
        records.newest_first.pop_back();
        records.places.pop_back();
    }
    whose_.emplace_back(user);
    if (whose_.size() > most_of_all) {
        forget_oldest_of_all();
    }
    return records.newest_first.front();
}

/// Unless it is forgotten already; a user who has none left goes with it. Never the one just added.
void UserErrors::forget_oldest_of_all() {
    const std::uint64_t place = last_place_ + 1 - whose_.size();
    if (const auto at = users_.find(whose_.front()); at != users_.end()) {
        Records& records = at->second;
        if (!records.places.empty() && records.places.back() == place) {
            records.newest_first.pop_back();
            records.places.pop_back();
        }
        if (records.places.empty()) {
            users_.erase(at);
        }
    }
    whose_.pop_front();
}

const std::deque<UserError>& UserErrors::of(std::string_view user) const {
    static const std::deque<UserError> none;
    const auto at = users_.find(user);
    return at == users_.end() ? none : at->second.newest_first;
}

const UserError* UserErrors::find(std::string_view user, std::uint64_t number) const {
    const auto& records = of(user);
    if (records.empty() || number == 0 || number > records.front().number) {
        return nullptr;
    }
    const std::uint64_t back = records.front().number - number;
    return back < records.size() ? &records[back] : nullptr;
}

void UserErrors::reset(std::string_view user) {
    if (const auto at = users_.find(user); at != users_.end()) {
        users_.erase(at);
    }
}

}  // namespace ringback
