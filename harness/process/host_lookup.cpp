#include "harness/process/host_lookup.h"

#include <netdb.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include "harness/process/signals.h"

namespace ringback {
namespace {

constexpr std::chrono::seconds good_for{1};

HostLookup::Found look_up(const std::string& name) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* first = nullptr;
    const int error = ::getaddrinfo(name.c_str(), nullptr, &wanted, &first);
    HostLookup::Found found;
    if (error != 0) {
        found.failure = name + ": " +
                        (error == EAI_SYSTEM ? std::generic_category().message(errno)
                                             : std::string{::gai_strerror(error)});
        return found;
    }
    for (const addrinfo* one = first; one != nullptr; one = one->ai_next) {
        std::array<char, NI_MAXHOST> text{};
        if (::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0,
                          NI_NUMERICHOST) == 0) {
            found.ips.emplace_back(text.data());
        }
    }
    ::freeaddrinfo(first);
    return found;
}

}  // namespace

struct HostLookup::Running {
    Descriptor over{::eventfd(0, EFD_CLOEXEC)};  // readable, to end a wait
    std::atomic<bool> is_over{false};            // then `found` is ours, until then the thread's
    Found found{};
};

HostLookup::Found HostLookup::find(SteadyTime deadline, std::array<int, 2> others) {
    if (found_ && std::chrono::steady_clock::now() - found_at_ < good_for) {
        return *found_;
    }
    if (!running_) {
        running_ = std::make_shared<Running>();
        if (!running_->over.is_open()) {
            running_.reset();
            return {{}, name_ + ": " + std::generic_category().message(errno)};
        }
        const SignalsBlocked blocked;  // they are for the loop of the command
        std::thread{[running = running_, name = name_] {
            running->found = look_up(name);
            running->is_over = true;
            ::eventfd_write(running->over.get(), 1);
        }}.detach();
    }
    std::array<pollfd, 3> watched{{{.fd = running_->over.get(), .events = POLLIN, .revents = 0},
                                   {.fd = others[0], .events = POLLIN, .revents = 0},
                                   {.fd = others[1], .events = POLLIN, .revents = 0}}};
    if (!poll_until(watched, deadline) || !running_->is_over) {
        return {{}, name_ + ": its address was not found in time"};
    }
    found_ = std::move(running_->found);
    found_at_ = std::chrono::steady_clock::now();
    running_.reset();
    return *found_;
}

}  // namespace ringback
