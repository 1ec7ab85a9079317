#include "harness/process/output_tail.h"

#include <fcntl.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "harness/process/signals.h"

namespace ringback {

Result<std::unique_ptr<OutputTail>> OutputTail::open() {
    Pipe pipe = make_pipe();
    Descriptor wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!pipe.reader.is_open() || !wake.is_open() ||
        ::fcntl(pipe.reader.get(), F_SETFL, O_NONBLOCK) != 0) {
        return Error{"the receiver's output",
                     "expected a pipe, found: " + std::generic_category().message(errno)};
    }
    return std::unique_ptr<OutputTail>{new OutputTail{std::move(pipe), std::move(wake)}};
}

OutputTail::~OutputTail() { finish(); }

void OutputTail::start() {
    pipe_.writer.close();
    const SignalsBlocked blocked;
    thread_ = std::jthread{[this] { read_on(); }};
}

void OutputTail::finish() {
    if (thread_.joinable()) {
        ::eventfd_write(wake_.get(), 1);
        thread_.join();
        pipe_.reader.close();
    }
}

CollectedOutput OutputTail::collected() const {
    const std::lock_guard lock{mutex_};
    const std::size_t over = kept_.size() > most ? kept_.size() - most : 0;
    return {.text = kept_.substr(over), .dropped = dropped_ + over};
}

void OutputTail::read_on() {
    std::array<pollfd, 2> watched{{{.fd = pipe_.reader.get(), .events = POLLIN, .revents = 0},
                                   {.fd = wake_.get(), .events = POLLIN, .revents = 0}}};
    bool more = true;
    while (more) {
        static_cast<void>(poll_until(watched, SteadyTime::max()));
        more = watched[1].revents == 0;
        // Told to finish, it takes what one full pipe can hold: a writer that never stops and that
        // nobody could end must not keep us.
        constexpr int pipe_full = 64;
        for (int i = 0; i < pipe_full && take(); ++i) {
        }
        if ((watched[0].revents & POLLHUP) != 0) {
            more = false;  // nobody writes any more; a pipe is read to its end by the loop above
        }
    }
}

bool OutputTail::take() {
    std::array<char, 16384> chunk{};
    ssize_t length = 0;
    do {
        length = ::read(pipe_.reader.get(), chunk.data(), chunk.size());
    } while (length < 0 && errno == EINTR);
    if (length <= 0) {
        return false;
    }
    keep({chunk.data(), static_cast<std::size_t>(length)});
    return true;
}

void OutputTail::keep(std::string_view more) {
    const std::lock_guard lock{mutex_};
    kept_.append(more);
    if (kept_.size() > 2 * most) {
        const std::size_t over = kept_.size() - most;
        kept_.erase(0, over);
        dropped_ += over;
    }
}

}  // namespace ringback
