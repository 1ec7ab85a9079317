#include "harness/record/journal_check.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "harness/record/journal_scan.h"
#include "harness/record/journal_summary.h"
#include "harness/record/sync_folder.h"
#include "harness/record/system_reason.h"

namespace ringback {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t checked_piece_bytes = std::size_t{256} * 1024;

/// A descriptor with an owner.
class Opened {
public:
    explicit Opened(int descriptor) : descriptor_{descriptor} {}
    Opened(Opened&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
    Opened(const Opened&) = delete;
    Opened& operator=(const Opened&) = delete;
    Opened& operator=(Opened&&) = delete;
    ~Opened() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }
    [[nodiscard]] int get() const { return descriptor_; }
    [[nodiscard]] bool ok() const { return descriptor_ >= 0; }

private:
    int descriptor_;
};

/// For reading, and only if it is a file: no device or pipe is touched.
Result<Opened> opened_file(const fs::path& path) {
    Opened file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};  // NOLINT(*vararg)
    struct stat about {};
    if (!file.ok() || ::fstat(file.get(), &about) != 0) {
        return Error{path.string(), fmt::format("cannot be read: {}", system_reason(errno))};
    }
    if (!S_ISREG(about.st_mode)) {
        return Error{path.string(), S_ISDIR(about.st_mode)
                                        ? "expected a journal file, found a folder"
                                        : "expected a journal file, found a pipe or a device"};
    }
    return file;
}

/// At most `most` bytes of the file at `offset` into `buffer`; 0 or the error.
int read_piece(int descriptor, std::uint64_t offset, std::size_t most, std::string& buffer) {
    buffer.resize(most);
    ssize_t count = 0;
    do {
        count = ::pread(descriptor, buffer.data(), most, static_cast<off_t>(offset));
    } while (count < 0 && errno == EINTR);
    buffer.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return count < 0 ? errno : 0;
}

/// Feeds a whole file to a scan. Errors: the system cannot read it.
std::optional<Error> scan_all(const fs::path& path, int descriptor, JournalReader& reader,
                              JournalReport& report) {
    JournalScan scan{reader};
    std::string piece;
    while (true) {
        if (const int error = read_piece(descriptor, report.bytes, checked_piece_bytes, piece)) {
            return Error{path.string(), fmt::format("cannot be read: {}", system_reason(error))};
        }
        if (piece.empty()) {
            break;
        }
        report.bytes += piece.size();
        scan.feed(piece);
    }
    report.newline_missing = scan.end();
    report.lines = scan.lines();
    return std::nullopt;
}

/// A file being written; gone again unless it is kept.
class Draft {
public:
    explicit Draft(fs::path path, mode_t mode)
        : path_{std::move(path)},
          file_{::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                       mode)},  // NOLINT(*vararg)
          error_{file_.ok() ? 0 : errno} {}
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    ~Draft() {
        if (file_.ok() && !kept_) {
            ::unlink(path_.c_str());
        }
    }

    void write(std::string_view bytes) {
        while (error_ == 0 && !bytes.empty()) {
            const ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
            if (count >= 0) {
                bytes.remove_prefix(static_cast<std::size_t>(count));
            } else if (errno != EINTR) {
                error_ = errno;
            }
        }
    }
    /// Copies a stretch of another file.
    void copy(int from, std::uint64_t offset, std::uint64_t bytes) {
        std::string piece;
        while (error_ == 0 && bytes > 0) {
            const std::uint64_t most = std::min<std::uint64_t>(bytes, checked_piece_bytes);
            error_ = read_piece(from, offset, static_cast<std::size_t>(most), piece);
            if (error_ == 0 && piece.empty()) {
                error_ = EIO;  // it has become shorter under our hands
            }
            write(piece);
            offset += piece.size();
            bytes -= piece.size();
        }
    }
    void sync() {
        if (error_ == 0 && ::fsync(file_.get()) != 0) {
            error_ = errno;
        }
    }
    /// Takes the place of `path`.
    void become(const fs::path& path) {
        if (error_ == 0 && ::rename(path_.c_str(), path.c_str()) != 0) {
            error_ = errno;
        }
        kept_ = error_ == 0;
    }
    void keep() { kept_ = true; }
    [[nodiscard]] int error() const { return error_; }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
    Opened file_;
    int error_;
    bool kept_{false};
};

/// Beside `path`, the first name that is free.
fs::path free_name(const fs::path& path) {
    fs::path name{path.string() + ".damaged"};
    std::error_code ignored;
    for (int number = 2; fs::exists(fs::symlink_status(name, ignored)); ++number) {
        name = fmt::format("{}.damaged.{}", path.string(), number);
    }
    return name;
}

/// Deals the bytes of a file out to two others: entries here, damage there.
class Divider final : public JournalReader {
public:
    Divider(int from, Draft& entries, Draft& damage)
        : from_{from}, entries_{entries}, damage_{damage} {}
    void sound(const JournalLine& /*stays*/) override {}
    void damaged(const JournalDamage& damage) override {
        up_to(damage.offset);
        damage_.copy(from_, damage.offset, damage.bytes);
        done_ = damage.offset + damage.bytes;
        found_ = true;
    }
    [[nodiscard]] bool found_damage() const { return found_; }
    void up_to(std::uint64_t offset) {
        entries_.copy(from_, done_, offset - done_);
        done_ = offset;
    }

private:
    int from_;
    Draft& entries_;
    Draft& damage_;
    std::uint64_t done_{0};
    bool found_{false};
};

/// Writes what `from` should be, and what it should not have, and puts the first in its place. The
/// second's name; empty: there was nothing of that kind.
Result<fs::path> divide(const fs::path& path, int from) {
    struct stat about {};
    static_cast<void>(::fstat(from, &about));
    const mode_t mode = about.st_mode & 0777U;
    Draft damage{free_name(path), mode};
    Draft entries{fmt::format("{}.{}.tmp", path.string(), ::getpid()), mode};
    Divider divider{from, entries, damage};
    JournalReport read;
    if (auto error = scan_all(path, from, divider, read)) {
        return *error;
    }
    divider.up_to(read.bytes);
    if (read.newline_missing) {
        entries.write("\n");
    }
    damage.sync();
    entries.sync();
    for (const Draft* const draft : {&damage, &entries}) {
        if (draft->error() != 0) {
            return Error{draft->path().string(),
                         fmt::format("cannot be written: {}", system_reason(draft->error()))};
        }
    }
    // The damaged bytes have their name before they leave the journal, where a folder can be
    // synced.
    static_cast<void>(sync_folder(path));
    entries.become(path);
    if (entries.error() != 0) {
        return Error{path.string(),
                     fmt::format("cannot be replaced: {}", system_reason(entries.error()))};
    }
    // Whether the new one or the one before has the name after a power loss: each is whole.
    static_cast<void>(sync_folder(path));
    if (!divider.found_damage()) {
        return fs::path{};
    }
    damage.keep();
    return damage.path();
}

}  // namespace

Result<JournalReport> check_journal(const fs::path& path,
                                    const std::function<void(const JournalFinding&)>& tell) {
    const Result<Opened> file = opened_file(path);
    if (!file) {
        return file.error();
    }
    const int descriptor = file.value().get();
    JournalSummary summary{tell};
    summary.report.in_use = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    ::flock(descriptor, LOCK_UN);  // who only looks is in nobody's way
    if (auto error = scan_all(path, descriptor, summary, summary.report)) {
        return *error;
    }
    return summary.report;
}

Result<JournalRepair> repair_journal(const fs::path& named,
                                     const std::function<void(const JournalFinding&)>& tell) {
    std::error_code no_such;
    const fs::path real = fs::canonical(named, no_such);  // a link stays one
    const fs::path& path = no_such ? named : real;
    const Result<Opened> file = opened_file(path);
    if (!file) {
        return file.error();
    }
    const int descriptor = file.value().get();
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        return Error{path.string(),
                     "another ringback writes it; it can be repaired when that ends"};
    }
    JournalSummary summary{tell};
    if (auto error = scan_all(path, descriptor, summary, summary.report)) {
        return *error;
    }
    JournalRepair repair{summary.report, {}};
    if (summary.report.damaged_places == 0 && !summary.report.newline_missing) {
        return repair;
    }
    Result<fs::path> kept = divide(path, descriptor);
    if (!kept) {
        return kept.error();
    }
    repair.kept_in = std::move(kept).value();
    return repair;
}

}  // namespace ringback
