#pragma once

#include <vector>

#include "harness/script/happening.h"

namespace ringback {

/// The same method, path and body.
[[nodiscard]] bool is_word_for_word(const Happening& one, const Happening& other);

/// What was done although its answer, by a fault, never said so: the receiver does right to ask
/// again, and that the API refuses what is done already is not its doing.
class DoneUnheard {
public:
    /// The next request of the receiver's.
    void take(const Happening& request);
    /// Asked with whatever words: what it has set off before may stand in its way. Words that the
    /// API takes to be wrong in themselves (400) must be the same.
    [[nodiscard]] bool explains_refusal_of(const Happening& request) const;
    [[nodiscard]] bool is_repeated_by(const Happening& request) const;

private:
    std::vector<Happening> all_;
};

}  // namespace ringback
