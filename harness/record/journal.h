#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/record/journal_file.h"
#include "harness/record/journal_query.h"
#include "simulator/core/history.h"
#include "simulator/wire/entry_json.h"
#include "simulator/wire/ids.h"

namespace ringback {

/// An entry as it has just been recorded. Its JSON is made on first use and then shared by the file
/// and all listeners.
class RecordedEntry {
public:
    RecordedEntry(const Entry& entry, const IdCodec& ids) : entry_{entry}, ids_{ids} {}

    [[nodiscard]] const Entry& entry() const { return entry_; }
    [[nodiscard]] const std::string& line() const {
        if (line_.empty()) {
            line_ = entry_line(entry_, ids_);
        }
        return line_;
    }

private:
    const Entry& entry_;
    const IdCodec& ids_;
    mutable std::string line_;
};

/// Told of every entry while it listens, on the loop, from inside record(). May record, listen and
/// stop listening from there; what it records is told after the present entry.
class JournalListener {
public:
    JournalListener() = default;
    JournalListener(const JournalListener&) = delete;
    JournalListener& operator=(const JournalListener&) = delete;
    virtual ~JournalListener() = default;
    virtual void recorded(const RecordedEntry& entry) = 0;
};

struct JournalLimits {
    std::size_t entries{50'000};         // --max-journal-entries
    std::size_t text_bytes{40U << 20U};  // bodies, replies and texts of all entries together
};

struct JournalCounters {
    std::uint64_t recorded{0};
    std::uint64_t dropped{0};  // by the limits; entries of a reset user do not count
    std::array<std::uint64_t, entry_kinds.size()> by_kind{};
};

/// The history of both directions in one order: a ring of compact entries, turned into JSON only
/// when somebody reads, listens or keeps a file. One loop owns it. Memory grows with use up to the
/// limits and then stays.
class Journal : public History {
public:
    explicit Journal(const IdCodec& ids, JournalLimits limits = {});
    ~Journal() override;

    /// Also appends every entry from now on to `file` (null: no longer). The file must outlive
    /// this.
    void keep_in(JournalFile* file) { file_ = file; }
    /// Writes what the file still buffers; call it before an API answer leaves. True without a
    /// file.
    bool flush() { return file_ == nullptr || file_->flush(); }
    /// False while the file cannot be written: what is accepted could not be recorded.
    [[nodiscard]] bool healthy() const override { return file_ == nullptr || file_->healthy(); }
    [[nodiscard]] const JournalFile* file() const { return file_; }

    /// Calls `visit(const Entry&)` for the kept entries with seq > filter.since that match, oldest
    /// first, until it returns false. Ignores filter.limit.
    template <class Visit>
    void each(const JournalFilter& filter, Visit visit) const {
        for (std::uint64_t seq = std::max(oldest_, filter.since + 1); seq < next_; ++seq) {
            const Entry& entry = slot(seq);
            if (entry.seq == seq && matches(filter, entry, ids_) && !visit(entry)) {
                return;
            }
        }
    }
    [[nodiscard]] std::size_t count(const JournalFilter& filter) const;

    /// The JSON line of an entry, without newline.
    [[nodiscard]] std::string line(const Entry& entry) const { return entry_line(entry, ids_); }
    [[nodiscard]] const IdCodec& ids() const { return ids_; }

    void listen(JournalListener& listener) { listeners_.push_back(&listener); }
    void stop_listening(JournalListener& listener);

    /// Forgets the entries about that user; none: all. Numbers go on, the file keeps what it has.
    void reset(const std::optional<std::string>& user);

    /// Forgets the older half of what is kept, counted as dropped, and gives its memory back; not
    /// from a listener.
    void forget_half();

    /// Forgets all entries and gives all memory back, until the next one comes; not from a
    /// listener.
    void release();

    [[nodiscard]] const JournalCounters& counters() const { return counters_; }
    [[nodiscard]] std::size_t kept() const { return kept_; }
    /// Number of the last entry; 0 before the first.
    [[nodiscard]] std::uint64_t last_seq() const { return next_ - 1; }
    /// Number of the oldest entry that can still be read.
    [[nodiscard]] std::uint64_t oldest_seq() const { return oldest_; }

protected:
    Entry& open() override;
    void close(Entry& entry) override;

private:
    // Entries never move: a ring that doubled would stop the loop for milliseconds. Chunks are made
    // when first reached, so that an idle process pays for none.
    static constexpr std::size_t chunk_entries = 256;
    struct Kept {
        Entry entry;
        std::size_t text_bytes{0};  // as counted when it came
    };
    using Chunk = std::unique_ptr<Kept[]>;  // NOLINT(modernize-avoid-c-arrays): fewer at the limit

    [[nodiscard]] const Entry& slot(std::uint64_t seq) const { return kept_at(seq).entry; }
    [[nodiscard]] Kept& kept_at(std::uint64_t seq) const {
        const auto place = static_cast<std::size_t>((seq - 1) % limits_.entries);
        return chunks_[place / chunk_entries][place % chunk_entries];
    }
    void next_chunk();
    void close_from_listeners();
    void tell(const Entry& entry);
    void forget(Kept& kept);
    void count_out(const Kept& oldest);
    void drop_oldest();
    void give_back_unused();

    const IdCodec& ids_;
    JournalLimits limits_;
    std::vector<Chunk> chunks_;
    std::uint64_t oldest_{1};
    std::uint64_t next_{1};
    std::size_t kept_{0};
    std::size_t text_bytes_{0};
    JournalCounters counters_;
    JournalFile* file_{nullptr};
    std::vector<JournalListener*> listeners_;
    Kept* place_{nullptr};  // of entry next_ ...
    Kept* last_{nullptr};   // ... and behind the last one of its chunk
    bool telling_{false};
    bool one_left_{false};              // a listener stopped meanwhile and left a null
    std::deque<Entry> from_listeners_;  // recorded while telling
};

}  // namespace ringback
