#pragma once

#include <cstdint>

#include "harness/record/journal.h"
#include "harness/report/fault_words.h"

namespace ringback {

/// Tells on standard error what is recorded, a line each: everything, or only callbacks that went
/// wrong, of which the first few are enough to see that something is.
class Narration : public JournalListener {
public:
    Narration(Journal& journal, bool everything);
    Narration(const Narration&) = delete;
    Narration& operator=(const Narration&) = delete;
    ~Narration() override;

    void recorded(const RecordedEntry& entry) override;

private:
    void tell_problem(const RecordedEntry& entry);

    static constexpr std::uint32_t most_problems = 10;
    Journal& journal_;
    bool everything_;
    std::uint32_t problems_{0};
};

/// At the end, on standard error: what faults have come to. What nothing was for is most likely not
/// what was meant, so it is a warning; it changes nothing else.
void tell_faults(const FaultWords& words);

}  // namespace ringback
