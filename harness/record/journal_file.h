#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "simulator/core/result.h"

namespace ringback {

class JournalSyncer;

/// When what was written must also survive the machine. A killed process loses nothing either way.
enum class Fsync : std::uint8_t {
    none,    // `--fsync never`
    batch,   // at every sync(), on a thread of its own
    always,  // inside every flush(), which then waits for the disk
};

struct JournalFileSettings {
    std::filesystem::path path;
    Fsync fsync{Fsync::batch};
    std::size_t most_buffered{
        8U << 20U};  // bytes kept while the file cannot be written; then lines are lost
    std::function<void(std::string_view)> say{};  // one line to a person; default: stderr
};

/// A journal on disk: one JSON line per entry, appended, whole lines only. A full or failing disk
/// is said once and makes healthy() false, where the system can tell before there is no room for
/// one more call's lines; every flush() tries again, and after the first that succeeds all is well.
/// Owned by one loop; only fsync happens on another thread, if one is to be had.
class JournalFile {
public:
    /// Opens or makes the file and leaves what is in it alone: bytes near its end that are no
    /// entries are said, with how many there are, and a torn last line is closed, so that it stays
    /// the only one lost. The error names the path and the system's reason, or that another process
    /// writes it.
    [[nodiscard]] static Result<std::unique_ptr<JournalFile>> open(JournalFileSettings settings);

    JournalFile(const JournalFile&) = delete;
    JournalFile& operator=(const JournalFile&) = delete;
    /// Flushes, and with Fsync::batch or always also syncs.
    ~JournalFile();

    /// Takes an entry's line without its newline, and adds its checksum. Cheap: writes only every
    /// 256 kB.
    void append(std::string_view line);

    /// Writes what is buffered; true when the file has everything that was appended (healthy() also
    /// asks whether it could take more).
    bool flush();

    /// For the owner's timer, every 50 ms: flushes, and with Fsync::batch asks for an fsync if
    /// anything was written since the last.
    void sync();

    [[nodiscard]] bool healthy() const { return trouble_.empty(); }
    /// Why it is not healthy, in the system's words; "" when it is.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }
    [[nodiscard]] bool dirty() const { return !buffer_.empty(); }
    [[nodiscard]] std::uint64_t lines_written() const { return lines_appended_ - lines_lost_; }
    [[nodiscard]] std::uint64_t lines_lost() const { return lines_lost_; }
    [[nodiscard]] const std::filesystem::path& path() const { return settings_.path; }

private:
    JournalFile(int descriptor, JournalFileSettings settings);

    void fail(int error);
    void recover();
    bool sync_now();
    /// Tries again each time to begin a thread; said once as long as none is to be had.
    bool has_syncer();
    void take_sync_result();
    void sync_ended(int error);
    bool keep_room();

    int descriptor_;
    JournalFileSettings settings_;
    std::string buffer_;
    std::size_t written_{0};   // of buffer_
    std::size_t room_{0};      // bytes that can surely still be written, as far as anybody can tell
    bool unsynced_{false};     // something was written since the last fsync
    bool sync_failed_{false};  // and the last fsync beside the loop, or in its place, failed
    bool waits_for_disk_{false};  // there is no other thread
    // An fsync has failed: the system may have dropped what it could not write, and the next one
    // that succeeds does not say so.
    bool may_be_forgotten_{false};
    std::string trouble_;
    std::uint64_t lines_appended_{0};
    std::uint64_t lines_lost_{0};
    std::unique_ptr<JournalSyncer> syncer_;
};

}  // namespace ringback
