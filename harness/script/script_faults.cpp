// The part of Script that keeps in mind what faults have made of the API's answers, so that a
// receiver is not told to have been silent where it has asked and was refused on purpose.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/script/script.h"
#include "harness/script/words.h"

namespace ringback {
namespace {

std::string asked_text(const Happening& request) { return request.method() + " " + request.path(); }

}  // namespace

/// What may be the request that the step waits for.
std::vector<const Await*> Script::awaited_by(const Step& step) {
    std::vector<const Await*> all;
    if (const auto* const await = std::get_if<Await>(&step.what)) {
        all.push_back(await);
    } else if (const auto* const branch = std::get_if<Branch>(&step.what)) {
        for (const Branch::Case& way : branch->cases) {
            if (way.await) {
                all.push_back(&*way.await);
            }
        }
    }
    return all;
}

/// A step that may be next waits for it, and a fault has refused it: nothing was done, and whoever
/// is to live through faults will ask again.
bool Script::is_thwarted(const Happening& request) const {
    if (request.fate() != AnswerFate::refused) {
        return false;
    }
    const auto is_it = [&](const Await* await) {
        const bool wants_refusal = await->answered && in_ranges(*await->answered, request.status());
        return !wants_refusal && near_miss(*await, request).misses() == 0;
    };
    return std::ranges::any_of(candidates(), [&](const Step* step) {
        return std::ranges::any_of(awaited_by(*step), is_it);
    });
}

/// Of a request that was looked at; that it was done in the end ends its being thwarted.
void Script::note_fate(const Happening& request) {
    const AnswerFate fate = request.fate();
    if (fate == AnswerFate::refused) {
        thwarted_.push_back(request);
    } else {
        std::erase_if(thwarted_,
                      [&](const Happening& one) { return is_word_for_word(one, request); });
    }
    unheard_.take(request);
    spoilt_.reset();
    if (fate == AnswerFate::spoilt || fate == AnswerFate::acted) {
        spoilt_ = request;
    }
}

/// Asked for again because a fault has kept the answer from saying that it was done.
bool Script::asks_once_more(const Happening& request) {
    constexpr int first_refusal = 400;
    if (!unheard_.is_repeated_by(request)) {
        return false;
    }
    done_again_ =
        done_again_ || request.status() < first_refusal || request.fate() == AnswerFate::acted;
    return true;
}

/// What comes of a request that was done again for a fault comes again as well.
bool Script::comes_once_more(const Happening& event) const {
    return done_again_ && std::ranges::any_of(trail_, [&](const auto& done) {
               const auto* const send = std::get_if<Send>(&done.second->what);
               return send != nullptr && means_event(send->event, event.event);
           });
}

/// What was awaited has come, and was done.
void Script::came_as_awaited(const Await& await) {
    event_faults_.forget_what_came();
    std::erase_if(thwarted_,
                  [&](const Happening& one) { return near_miss(await, one).misses() == 0; });
}

/// Those that the step waits for; of the run so far, as they came.
std::vector<const Happening*> Script::thwarted_for(const Step& step) const {
    const auto awaits = awaited_by(step);
    std::vector<const Happening*> all;
    for (const Happening& request : thwarted_) {
        if (std::ranges::any_of(awaits, [&](const Await* await) {
                return near_miss(*await, request).misses() == 0;
            })) {
            all.push_back(&request);
        }
    }
    return all;
}

/// `got`, and what faults have to do with it. `step`: the one that failed; null: the start.
std::string Script::with_faults(const Step* step, std::string got) const {
    const auto mine = step == nullptr ? std::vector<const Happening*>{} : thwarted_for(*step);
    if (!mine.empty()) {
        const Happening& last = *mine.back();
        return fmt::format("the receiver sent {}, and the fault {} refused it with {}{}; then {}",
                           asked_text(last), last.fault(), last.status(),
                           mine.size() > 1 ? fmt::format(", {} times by now", mine.size()) : "",
                           got);
    }
    if (!thwarted_.empty()) {
        const Happening& last = thwarted_.back();
        return fmt::format("{}; before, the fault {} had refused {} with {}", got, last.fault(),
                           asked_text(last), last.status());
    }
    if (spoilt_ && spoilt_->fate() == AnswerFate::acted) {
        return fmt::format("{}; before, the fault {} had answered {} with {} though it was done",
                           got, spoilt_->fault(), asked_text(*spoilt_), spoilt_->status());
    }
    if (spoilt_) {
        return fmt::format("{}; before, the answer to {} had met the fault {}", got,
                           asked_text(*spoilt_), spoilt_->fault());
    }
    return got;
}

}  // namespace ringback
