#include "harness/record/journal_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "harness/record/journal_syncer.h"
#include "harness/record/journal_tail.h"
#include "harness/record/sealed_line.h"
#include "harness/record/sync_folder.h"
#include "harness/record/system_reason.h"

namespace ringback {
namespace {

constexpr std::size_t write_at =
    std::size_t{256} * 1024;  // bytes buffered before append() writes by itself

// File systems that can promise room are asked for it ahead of what is written, so that a full disk
// shows before a call is accepted and not when it has been. One call's lines are never longer than
// the least: 4 kB of each body, 8 kB of path, escaped.
constexpr std::size_t least_room = std::size_t{64} * 1024;
constexpr std::size_t asked_room = 2 * least_room;

void say_on_stderr(std::string_view line) {
    std::fprintf(stderr, "ringback: %.*s\n", static_cast<int>(line.size()), line.data());
}

/// Promises `asked_room` bytes behind the end of the file without changing its size; 0 or the
/// error.
int promised_room(int descriptor) {
    struct stat about {};
    if (::fstat(descriptor, &about) != 0) {
        return errno;
    }
    if (!S_ISREG(about.st_mode)) {
        // Devices promise nothing, but a full one already refuses a write of no bytes.
        return ::write(descriptor, "", 0) < 0 ? errno : 0;
    }
    int failed = 0;
    do {
        failed = ::fallocate(descriptor, FALLOC_FL_KEEP_SIZE, about.st_size, asked_room);
    } while (failed != 0 && errno == EINTR);
    const bool full = failed != 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG);
    return full ? errno : 0;  // else not every file system can promise: the write itself will tell
}

/// For appending, and for nobody else as long as it is open: two processes would mix their numbers,
/// and a repair would put another file in its place. Errors: the system's reason.
Result<int> opened_alone(const std::filesystem::path& path) {
    const auto failed = [&path](std::string_view why) {
        return Error{path.string(),
                     fmt::format("expected a journal file that can be written: {}", why)};
    };
    while (true) {
        const int descriptor = ::open(  // NOLINT(*vararg)
            path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644);
        if (descriptor < 0) {
            return failed(system_reason(errno));
        }
        struct stat about {};
        struct stat named {};
        if (::fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode)) {
            return descriptor;
        }
        // Not every file system can lock; there it stays the user's affair.
        if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            ::close(descriptor);
            return failed("another ringback writes it");
        }
        if (::stat(path.c_str(), &named) == 0 && named.st_ino == about.st_ino &&
            named.st_dev == about.st_dev) {
            return descriptor;
        }
        ::close(descriptor);  // repaired just now: another file has its name
    }
}

/// Puts the name of a new file on the disk; what a person should know if that fails, else "". An
/// empty one may be new, even if another process made it: that may have ended before this.
std::string named_on_disk(int descriptor, const std::filesystem::path& path) {
    struct stat about {};
    if (::fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size != 0) {
        return {};
    }
    const int error = sync_folder(path);
    return error == 0 ? ""
                      : fmt::format(
                            "its folder cannot be synced: {}; after a loss of power the "
                            "file may be gone",
                            system_reason(error));
}

/// What a person should know of a file that is continued; "" if all is well.
std::string told_of(const JournalTail& tail) {
    if (tail.damaged_places == 0) {
        return {};
    }
    return fmt::format(
        "{}{} bytes in {} {} no entries{}; they stay as they are, and ringback "
        "journal check tells more",
        tail.is_all ? "" : "near its end ", tail.damaged_bytes, tail.damaged_places,
        tail.damaged_places == 1 ? "place are" : "places are",
        tail.ends_within_line ? ", its last line is not complete" : "");
}

}  // namespace

Result<std::unique_ptr<JournalFile>> JournalFile::open(JournalFileSettings settings) {
    const Result<int> descriptor = opened_alone(settings.path);
    if (!descriptor) {
        return descriptor.error();
    }
    if (!settings.say) {
        settings.say = say_on_stderr;
    }
    std::unique_ptr<JournalFile> file{new JournalFile{descriptor.value(), std::move(settings)}};
    const std::filesystem::path& path = file->settings_.path;
    if (file->settings_.fsync != Fsync::none) {
        if (const std::string told = named_on_disk(file->descriptor_, path); !told.empty()) {
            file->settings_.say(fmt::format("{}: {}", path.string(), told));
        }
    }
    const JournalTail tail = journal_tail(path);
    if (const std::string told = told_of(tail); !told.empty()) {
        file->settings_.say(fmt::format("{}: {}", path.string(), told));
    }
    if (tail.ends_within_line) {
        file->buffer_ += '\n';
    }
    file->keep_room();
    return file;
}

JournalFile::JournalFile(int descriptor, JournalFileSettings settings)
    : descriptor_{descriptor}, settings_{std::move(settings)} {}

JournalFile::~JournalFile() {
    if (syncer_) {
        syncer_->finish();
        take_sync_result();
        syncer_.reset();
    }
    flush();
    if (settings_.fsync == Fsync::batch && buffer_.empty()) {
        sync_now();
    }
    ::close(descriptor_);
}

void JournalFile::append(std::string_view line) {
    ++lines_appended_;
    if (buffer_.size() - written_ + line.size() + seal_bytes > settings_.most_buffered) {
        ++lines_lost_;
        return;
    }
    append_sealed(buffer_, line);
    if (healthy() && buffer_.size() >= write_at) {
        flush();
    }
}

bool JournalFile::flush() {
    while (written_ < buffer_.size()) {
        const auto count =
            ::write(descriptor_, buffer_.data() + written_, buffer_.size() - written_);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            fail(errno);
            return false;
        }
        // Kept until all is out: after a full disk the rest of a half-written line comes first.
        written_ += static_cast<std::size_t>(count);
        room_ -= std::min(room_, static_cast<std::size_t>(count));
        unsynced_ = true;
    }
    buffer_.clear();
    written_ = 0;
    if (settings_.fsync == Fsync::always && unsynced_ && !sync_now()) {
        return false;
    }
    if (keep_room()) {
        recover();
    }
    return !sync_failed_;
}

bool JournalFile::keep_room() {
    if (room_ >= least_room) {
        return true;
    }
    if (const int error = promised_room(descriptor_); error != 0) {
        fail(error);
        return false;
    }
    room_ = asked_room;
    return true;
}

void JournalFile::sync() {
    if (syncer_) {
        take_sync_result();
    }
    flush();
    if (settings_.fsync != Fsync::batch || !unsynced_) {
        return;
    }
    const bool beside = has_syncer();
    unsynced_ = false;
    beside ? syncer_->ask() : sync_ended(synced(descriptor_));
}

bool JournalFile::has_syncer() {
    if (syncer_) {
        return true;
    }
    std::string why;
    syncer_ = JournalSyncer::begin(descriptor_, why);
    if (!syncer_ && !waits_for_disk_) {
        settings_.say(
            fmt::format("{}: no thread for fsync is to be had: {}; everything else waits for each",
                        settings_.path.string(), why));
    }
    waits_for_disk_ = !syncer_;
    return syncer_ != nullptr;
}

void JournalFile::take_sync_result() {
    if (const auto result = syncer_->take_result()) {
        sync_ended(*result);
    }
}

void JournalFile::sync_ended(int error) {
    sync_failed_ = error != 0;
    if (sync_failed_) {
        may_be_forgotten_ = true;
        fail(error);
        unsynced_ = true;  // asked for again until it succeeds
    }
}

bool JournalFile::sync_now() {
    if (const int error = synced(descriptor_); error != 0) {
        may_be_forgotten_ = true;
        fail(error);
        return false;
    }
    unsynced_ = false;
    return true;
}

void JournalFile::fail(int error) {
    if (healthy()) {
        settings_.say(
            fmt::format("{}: cannot be written: {}; new calls are refused (503) until it can",
                        settings_.path.string(), system_reason(error)));
    }
    trouble_ = system_reason(error);
}

void JournalFile::recover() {
    if (!healthy() && !sync_failed_) {
        trouble_.clear();
        settings_.say(fmt::format(
            "{}: can be written again; {} lines were lost{}", settings_.path.string(), lines_lost_,
            may_be_forgotten_ ? ", and a loss of power may take more of them" : ""));
    }
}

}  // namespace ringback
