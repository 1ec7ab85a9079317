#include "tests/simulation/simulated_disk.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace ringback::test {
namespace {

SimulatedDisk* disk_in_force{nullptr};  // functions of the C library have no argument to find it by

}  // namespace

SimulatedDisk::SimulatedDisk(std::filesystem::path file, std::uint64_t stream)
    : file_{std::move(file)}, dice_{stream} {
    disk_in_force = this;
}

SimulatedDisk::~SimulatedDisk() { disk_in_force = nullptr; }

void SimulatedDisk::change() {
    constexpr Mood moods[] = {Mood::well, Mood::well, Mood::full, Mood::full_unwarned,
                              Mood::cannot_be_synced};
    constexpr std::uint64_t most_room = 5000;
    mood_ = moods[dice_.below(std::size(moods))];
    room_ = dice_.below(most_room);
}

void SimulatedDisk::live_again(bool power_was_lost) {
    const std::uintmax_t size = std::filesystem::file_size(file_);
    if (power_was_lost && size > synced_) {
        std::filesystem::resize_file(file_, synced_ + dice_.below(size - synced_ + 1));
    }
    synced_ = std::filesystem::file_size(file_);
    mood_ = Mood::well;
    writes_left_ = std::numeric_limits<std::uint64_t>::max();
    dead_ = false;
}

bool SimulatedDisk::is_file(int descriptor) const {
    struct stat open {};
    struct stat named {};
    return ::fstat(descriptor, &open) == 0 && ::stat(file_.c_str(), &named) == 0 &&
           open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

int SimulatedDisk::fail(int error) {
    ++troubles_;
    errno = error;
    return -1;
}

/// How many of so many bytes get onto the disk now.
std::size_t SimulatedDisk::taken(std::size_t count) {
    if (mood_ == Mood::full || mood_ == Mood::full_unwarned) {
        count = std::min(count, std::exchange(room_, room_ - std::min(room_, count)));
    } else if (chance(20)) {
        ++troubles_;
        count = 1 + dice_.below(count);
    }
    return count;
}

ssize_t SimulatedDisk::write(int descriptor, const char* bytes, std::size_t count) {
    if (dead_ || count == 0) {
        return static_cast<ssize_t>(count);  // nobody is there to learn otherwise
    }
    if (chance(50)) {
        return fail(EINTR);
    }
    std::size_t now = taken(count);
    if (now == 0) {
        return fail(ENOSPC);
    }
    if (--writes_left_ == 0) {
        dead_ = true;
        now = dice_.below(now + 1);
    }
    const auto written = ::syscall(SYS_write, descriptor, bytes, now);
    return dead_ ? static_cast<ssize_t>(count) : written;
}

int SimulatedDisk::promise_room(off_t bytes) {
    if (!dead_ && mood_ == Mood::full && std::cmp_greater(bytes, room_)) {
        return fail(ENOSPC);
    }
    return 0;
}

int SimulatedDisk::sync(int descriptor) {
    if (dead_) {
        return 0;
    }
    if (mood_ == Mood::cannot_be_synced) {
        return fail(EIO);
    }
    struct stat about {};
    if (::fstat(descriptor, &about) == 0) {
        synced_ = static_cast<std::uintmax_t>(about.st_size);
    }
    return 0;
}

}  // namespace ringback::test

using ringback::test::disk_in_force;

extern "C" ssize_t write(int descriptor, const void* bytes, std::size_t count) {
    if (disk_in_force != nullptr && disk_in_force->is_file(descriptor)) {
        return disk_in_force->write(descriptor, static_cast<const char*>(bytes), count);
    }
    return ::syscall(SYS_write, descriptor, bytes, count);
}

extern "C" int fallocate(int descriptor, int mode, off_t offset, off_t length) {
    if (disk_in_force != nullptr && disk_in_force->is_file(descriptor)) {
        return disk_in_force->promise_room(length);
    }
    return static_cast<int>(::syscall(SYS_fallocate, descriptor, mode, offset, length));
}

extern "C" int fdatasync(int descriptor) {
    if (disk_in_force != nullptr && disk_in_force->is_file(descriptor)) {
        return disk_in_force->sync(descriptor);
    }
    return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}
