#pragma once

#include <functional>

#include "harness/record/journal_check.h"
#include "harness/record/journal_scan.h"

namespace ringback {

/// Sums up what a scan finds, and tells what is wrong.
class JournalSummary final : public JournalReader {
public:
    explicit JournalSummary(const std::function<void(const JournalFinding&)>& tell) : tell_{tell} {}

    void sound(const JournalLine& line) override;
    void damaged(const JournalDamage& damage) override;

    JournalReport report;

private:
    void count(const JournalLine& line);
    void follow(const JournalLine& line);
    void tell(const JournalFinding& finding);

    const std::function<void(const JournalFinding&)>& tell_;
    std::uint64_t last_seq_{0};
    bool after_damage_{false};
};

}  // namespace ringback
