// The engine's applications and phone numbers: whose they are, and how many there may be.

#include <algorithm>
#include <utility>

#include "simulator/core/engine.h"
#include "simulator/core/overloaded.h"

namespace ringback {

DirectoryOutcome Engine::apply(User& user, const DirectoryCommand& command, Instant now) {
    const bool one_too_many =
        (std::holds_alternative<CreateApplication>(command) &&
         applications_ >= limits_.applications) ||
        (std::holds_alternative<AddNumber>(command) && numbers_ >= limits_.numbers);
    if (one_too_many) {
        return {DirectoryRefusal::full, 0};
    }
    now = std::max(now, latest_);
    std::vector<DirectoryChange> changes;
    const DirectoryOutcome outcome = step(user.directory.open(), command, now, changes);
    for (DirectoryChange& change : changes) {
        std::visit(Overloaded{[&](ApplicationChanged& news) {
                                  count(applications_, news.news);
                                  effects_.put<ApplicationChanged>(now, call_id(user.slot, 0)) =
                                      std::move(news);
                              },
                              [&](NumberChanged& news) {
                                  count(numbers_, news.news);
                                  if (news.news == ItemNews::created) {
                                      ++holders_[news.number->number];
                                  } else if (news.news == ItemNews::removed) {
                                      count_out_holder(news.number->number);
                                  }
                                  effects_.put<NumberChanged>(now, call_id(user.slot, 0)) =
                                      std::move(news);
                              }},
                   change);
    }
    return outcome;
}

void Engine::count(std::size_t& items, ItemNews news) {
    items += news == ItemNews::created ? 1U : 0U;
    items -= news == ItemNews::removed ? 1U : 0U;
}

void Engine::count_out_holder(const std::string& number) {
    const auto at = holders_.find(number);
    if (--at->second == 0) {
        holders_.erase(at);
    }
}

void Engine::count_out_directory(const User& user) {
    if (user.directory) {
        user.directory->numbers().newest_first([this](const PhoneNumber& one) {
            count_out_holder(one.number);
            return true;
        });
        applications_ -= user.directory->applications().size();
        numbers_ -= user.directory->numbers().size();
    }
}

}  // namespace ringback
