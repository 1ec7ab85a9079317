#pragma once

#include <poll.h>
#include <sys/types.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <span>
#include <utility>

namespace ringback {

/// A point in time to wait until; of the clock that nobody sets.
using SteadyTime = std::chrono::steady_clock::time_point;

/// A KILL takes effect at once, disks permitting.
constexpr std::chrono::seconds killed_patience{5};

/// Owns a file descriptor; -1 is none.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_{number} {}
    Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) {
            close();
            number_ = std::exchange(other.number_, -1);
        }
        return *this;
    }
    ~Descriptor() { close(); }

    [[nodiscard]] int get() const { return number_; }
    [[nodiscard]] bool is_open() const { return number_ >= 0; }
    void close() {
        if (number_ >= 0) {
            ::close(std::exchange(number_, -1));
        }
    }

private:
    int number_{-1};
};

/// Both ends of a pipe, close-on-exec; both none when there are no descriptors left (see errno).
struct Pipe {
    Descriptor reader;
    Descriptor writer;
};
[[nodiscard]] Pipe make_pipe();

/// How many more this process may open, as far as `most`.
[[nodiscard]] std::size_t free_descriptors(std::size_t most);

/// What somebody on another thread waits for: a descriptor that is readable from ring() on. Where
/// there are no descriptors left it is -1, which polls as never.
class Bell {
public:
    Bell();
    void ring() const;
    [[nodiscard]] int get() const { return event_.get(); }

private:
    Descriptor event_;
};

/// A descriptor that is readable once that process has ended; none when there is no such process,
/// or no way (see errno).
[[nodiscard]] Descriptor open_process(pid_t process);

/// Waits until something is ready (see revents) or the deadline has passed: false then. It looks
/// once even if the deadline has passed before. Signals do not end it.
[[nodiscard]] bool poll_until(std::span<pollfd> watched, SteadyTime deadline);
[[nodiscard]] bool readable_by(int descriptor, SteadyTime deadline);

}  // namespace ringback
