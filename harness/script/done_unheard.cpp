#include "harness/script/done_unheard.h"

#include <algorithm>

namespace ringback {
namespace {

bool is_route_of(const Happening& one, const Happening& other) {
    return one.method() == other.method() && one.path() == other.path();
}

nlohmann::json body_asked(const Happening& request) {
    return request.message().value("body", nlohmann::json());
}

}  // namespace

bool is_word_for_word(const Happening& one, const Happening& other) {
    return is_route_of(one, other) && body_asked(one) == body_asked(other);
}

void DoneUnheard::take(const Happening& request) {
    constexpr int first_refusal = 400;
    const AnswerFate fate = request.fate();
    const bool is_done = request.status() < first_refusal;
    if (fate == AnswerFate::acted || (fate == AnswerFate::spoilt && is_done)) {
        all_.push_back(request);
    } else if (fate == AnswerFate::meant && is_done) {
        std::erase_if(all_, [&](const Happening& one) { return is_route_of(one, request); });
    }
}

bool DoneUnheard::explains_refusal_of(const Happening& request) const {
    constexpr int wrong_words = 400;
    return request.status() == wrong_words ? is_repeated_by(request)
                                           : std::ranges::any_of(all_, [&](const Happening& one) {
                                                 return is_route_of(one, request);
                                             });
}

bool DoneUnheard::is_repeated_by(const Happening& request) const {
    return std::ranges::any_of(
        all_, [&](const Happening& one) { return is_word_for_word(one, request); });
}

}  // namespace ringback
