#include "harness/record/journal_summary.h"

#include <algorithm>

namespace ringback {

void JournalSummary::tell(const JournalFinding& finding) {
    ++report.findings;
    tell_(finding);
}

void JournalSummary::sound(const JournalLine& line) {
    count(line);
    follow(line);
    last_seq_ = line.seq;
    after_damage_ = false;
}

void JournalSummary::count(const JournalLine& line) {
    ++report.entries;
    report.without_checksum += line.sealed ? 0 : 1;
    const auto* const kind = std::ranges::find(entry_kinds, line.kind);
    if (kind == entry_kinds.end()) {
        ++report.other_kinds;
    } else {
        ++report.by_kind.at(static_cast<std::size_t>(kind - entry_kinds.begin()));
    }
    if (report.entries == 1) {
        report.first_time = line.time;
        report.first_seq = line.seq;
    }
    report.last_time = line.time;
}

/// Numbers go up by one; every process that appends begins with 1.
void JournalSummary::follow(const JournalLine& line) {
    using What = JournalFinding::What;
    const bool first = last_seq_ == 0;
    // What begins a run may be what is damaged.
    const bool new_run = first || line.seq == 1 || (line.seq <= last_seq_ && after_damage_);
    report.runs += new_run ? 1 : 0;
    if (!new_run && line.seq <= last_seq_) {
        ++report.repeated;
        tell({.what = What::repeated, .line = line.number, .first = line.seq, .last = line.seq});
        return;
    }
    const std::uint64_t due = new_run ? 1 : last_seq_ + 1;
    if (line.seq > due && !(first && !after_damage_)) {
        report.missing += line.seq - due;
        tell({.what = What::missing, .line = line.number, .first = due, .last = line.seq - 1});
    }
}

void JournalSummary::damaged(const JournalDamage& damage) {
    using What = JournalFinding::What;
    if (damage.at_the_end && report.in_use) {
        report.unfinished_bytes = damage.bytes;
        return;
    }
    after_damage_ = true;
    ++report.damaged_places;
    report.damaged_bytes += damage.bytes;
    tell({.what = damage.at_the_end ? What::torn : What::damaged,
          .line = damage.line,
          .offset = damage.offset,
          .bytes = damage.bytes,
          .why = damage.why});
}

}  // namespace ringback
