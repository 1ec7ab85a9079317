#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ringback {

/// A line of a journal file that is an entry as it was written.
struct JournalLine {
    std::uint64_t number{0};  // from 1, counting newlines
    std::uint64_t seq{0};
    std::string_view time{};
    std::string_view kind{};
    bool sealed{false};  // with a checksum, which is right
};

/// Bytes of a journal file that are no entry.
struct JournalDamage {
    std::uint64_t line{0};    // from 1
    std::uint64_t offset{0};  // of the first byte, from the beginning of what was fed
    std::uint64_t bytes{0};   // with the newline, if it has one
    bool at_the_end{false};   // a last line without newline
    std::string why;
};

/// Told what a journal file holds, in its order.
class JournalReader {
public:
    JournalReader() = default;
    JournalReader(const JournalReader&) = delete;
    JournalReader& operator=(const JournalReader&) = delete;
    virtual ~JournalReader() = default;
    virtual void sound(const JournalLine& line) = 0;  // its texts live until it returns
    virtual void damaged(const JournalDamage& damage) = 0;
};

/// Cuts a journal into entries and damage, from bytes in pieces of any size. Every byte belongs to
/// one of the two. Keeps one line at most, and of a line only what an entry may have.
///
/// Sound    begins as entries do (`{"seq":1,"time":"...","kind":"..."`), and has a right checksum,
///          or none, is JSON, and comes before the first line that has one.
/// Rescued  an entry behind garbage in the same line, if its checksum is right.
class JournalScan {
public:
    static constexpr std::size_t longest_line = std::size_t{1} << 20U;

    explicit JournalScan(JournalReader& reader) : reader_{reader} {}

    void feed(std::string_view bytes);
    /// After the last byte. True: the last line lacked its newline, but is an entry all the same.
    bool end();

    [[nodiscard]] std::uint64_t lines() const { return line_ - 1; }

private:
    bool take_line(std::string_view line, bool has_newline);
    [[nodiscard]] std::string fault_of(std::string_view line, JournalLine& entry) const;

    JournalReader& reader_;
    std::string begun_;         // of the line that is not complete yet
    std::uint64_t skipped_{0};  // bytes of it that were too many to keep
    std::uint64_t offset_{0};   // of that line
    std::uint64_t line_{1};     // its number
    bool sealed_before_{false};
};

}  // namespace ringback
