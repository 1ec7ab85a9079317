#include "harness/locust/locust_link.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <fstream>
#include <random>
#include <utility>
#include <variant>

#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr milliseconds shortest_pause{100};
constexpr milliseconds longest_pause{2'000};
constexpr milliseconds longest_connecting{10'000};
constexpr milliseconds last_words{500};

/// As Locust's own: the host's name, then 32 digits. It sorts workers by what is before the "_".
std::string new_node_id() {
    std::array<char, 256> buffer{};
    const bool named = ::gethostname(buffer.data(), buffer.size() - 1) == 0;
    std::string id{named ? buffer.data() : "ringback"};
    std::ranges::replace(id, '_', '-');
    id.resize(std::min<std::size_t>(id.size(), 200));  // ZeroMQ takes 255 in all
    id += '_';
    std::random_device device;
    for (int i = 0; i < 4; ++i) {
        id += fmt::format("{:08x}", device());
    }
    return id;
}

nanoseconds cpu_time() {
    rusage used{};
    if (::getrusage(RUSAGE_SELF, &used) != 0) {
        return {};
    }
    const auto of = [](const timeval& time) {
        return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
    };
    return of(used.ru_utime) + of(used.ru_stime);
}

std::uint64_t resident_bytes() {
    std::ifstream in{"/proc/self/statm"};
    std::uint64_t all{0};
    std::uint64_t resident{0};
    in >> all >> resident;
    return in ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

/// Also of IPv6 with a scope, which inet_pton does not take.
bool is_ip_literal(const std::string& host) {
    in_addr four{};
    return host.find(':') != std::string::npos || ::inet_pton(AF_INET, host.c_str(), &four) == 1;
}

}  // namespace

LocustLink::LocustLink(boost::asio::io_context& loop, LocustHost& host, LocustLinkSettings settings,
                       Say say, Done done)
    : loop_{loop},
      host_{host},
      settings_{std::move(settings)},
      say_{std::move(say)},
      done_{std::move(done)},
      session_{{.master = settings_.master.text(),
                .user_classes = host.user_classes(),
                .patience = settings_.patience},
               wall_now()},
      context_{1},
      lookup_{settings_.master.host},
      due_{loop},
      connecting_{loop},
      pause_{shortest_pause},
      cpu_before_{cpu_time()},
      cpu_at_{wall_now()} {}

LocustLink::~LocustLink() {
    if (socket_) {
        socket_->close();
    }
}

void LocustLink::start() {
    connect();
    act();
}

void LocustLink::leave() {
    session_.leave(wall_now());
    act();
}

void LocustLink::connect() {
    if (is_ip_literal(settings_.master.host)) {
        connect_to(settings_.master);
    } else if (const auto address = found_master()) {
        connect_to(*address);
    }
}

/// A name leads to its addresses in turn. None, and another try will come, while they are looked
/// up: that waits for nobody.
std::optional<LocustAddress> LocustLink::found_master() {
    const HostLookup::Found found = lookup_.find({});
    if (found.ips.empty()) {
        lost(found.failure);
        return std::nullopt;
    }
    return LocustAddress{found.ips[tried_++ % found.ips.size()], settings_.master.port};
}

void LocustLink::connect_to(const LocustAddress& address) {
    const std::string id = new_node_id();
    auto opened = LocustSocket::open(loop_, context_, address.endpoint(), id,
                                     {.up =
                                          [this, id] {
                                              stop_waiting();
                                              pause_ = shortest_pause;
                                              session_.connected(id, wall_now());
                                              act();
                                          },
                                      .down = [this](std::string_view why) { lost(why); },
                                      .frame =
                                          [this](std::string_view frame) {
                                              session_.received(frame, wall_now());
                                              act();
                                          }});
    if (!opened) {
        lost(opened.error().what);
        return;
    }
    socket_ = std::move(opened).value();
    // Not everything that keeps a connection from coming about is an event of ZeroMQ's.
    wait_to_connect(longest_connecting, [this] { lost("no connection yet"); });
}

void LocustLink::stop_waiting() {
    ++waiting_;
    connecting_.cancel();
}

void LocustLink::lost(std::string_view why) {
    session_.disconnected(why, wall_now());
    connect_later();
    act();
}

/// The pause also keeps a new connection from overtaking the end of the one before it.
void LocustLink::connect_later() {
    if (socket_) {
        std::exchange(socket_, nullptr)->close();
    }
    broken_ = false;
    wait_to_connect(pause_, [this] { connect(); });
    pause_ = std::min(2 * pause_, longest_pause);
}

/// Instead of what was waited for. A timer that has gone off cannot be called back any more: what
/// it does is to be looked at.
template <class Then>
void LocustLink::wait_to_connect(milliseconds time, Then then) {
    connecting_.expires_after(time);
    connecting_.async_wait(
        [this, then, waiting = ++waiting_, alive = std::weak_ptr{alive_}](const auto& error) {
            if (!error && !alive.expired() && waiting == waiting_) {
                then();
            }
        });
}

/// Carries out what the session wants, also what it wants on account of that, and sets the timer.
void LocustLink::act() {
    if (acting_ || finished_) {
        return;
    }
    acting_ = true;
    for (auto effects = session_.take_effects(); !effects.empty();
         effects = session_.take_effects()) {
        for (LocustEffect& effect : effects) {
            std::visit([this](auto& what) { carry_out(what); }, effect);
        }
    }
    acting_ = false;
    if (std::exchange(broken_, false)) {
        lost("the master takes no more messages");
        return;
    }
    arm();
}

void LocustLink::arm() {
    const auto due = finished_ ? std::nullopt : session_.next_due();
    if (!due) {
        due_.cancel();
        return;
    }
    due_.expires_after(std::max(*due - wall_now(), nanoseconds{0}));
    due_.async_wait([this, alive = std::weak_ptr{alive_}](const auto& error) {
        if (!error && !alive.expired()) {
            session_.advance(wall_now());
            act();
        }
    });
}

void LocustLink::send(std::string_view frame) {
    if (!socket_ || broken_ || !socket_->send(frame)) {
        broken_ = socket_ != nullptr;
    }
}

void LocustLink::carry_out(LocustBeat& /*effect*/) { send(session_.heartbeat(usage())); }

void LocustLink::carry_out(LocustReport& /*effect*/) {
    for (const std::string& frame : session_.report(host_.take_stats())) {
        send(frame);
    }
}

void LocustLink::carry_out(LocustForget& /*effect*/) {
    static_cast<void>(host_.take_stats());  // whoever wanted them is gone
}

void LocustLink::carry_out(LocustBegin& effect) { host_.begin(effect.test); }

void LocustLink::carry_out(LocustSetUsers& effect) {
    host_.set_users(effect.users, effect.grace,
                    [this, turn = effect.turn, alive = std::weak_ptr{alive_}] {
                        if (!alive.expired()) {
                            session_.users_set(turn, wall_now());
                            act();
                        }
                    });
}

void LocustLink::carry_out(LocustStopUsers& effect) {
    host_.stop(effect.grace, [this, turn = effect.turn, alive = std::weak_ptr{alive_}] {
        if (!alive.expired()) {
            session_.users_stopped(turn, wall_now());
            act();
        }
    });
}

void LocustLink::carry_out(LocustReconnect& /*effect*/) { connect_later(); }

void LocustLink::carry_out(LocustNote& effect) { say_(effect.text); }

void LocustLink::carry_out(LocustFinish& effect) {
    finished_ = true;
    broken_ = false;
    stop_waiting();
    due_.cancel();
    if (socket_) {
        std::exchange(socket_, nullptr)->close(last_words);
    }
    // Not from here: what is told may end this object.
    boost::asio::post(loop_,
                      [this, alive = std::weak_ptr{alive_}, error = std::move(effect.error)] {
                          if (!alive.expired()) {
                              done_(error);
                          }
                      });
}

LocustUsage LocustLink::usage() {
    const nanoseconds cpu = cpu_time();
    const WallInstant now = wall_now();
    const double wall = std::chrono::duration<double>{now - cpu_at_}.count();
    const double busy = std::chrono::duration<double>{cpu - cpu_before_}.count();
    cpu_before_ = cpu;
    cpu_at_ = now;
    const double percent = wall > 0 ? 100 * busy / wall / std::max(settings_.loops, 1.0) : 0;
    return {.cpu_percent = percent, .memory_bytes = resident_bytes()};
}

}  // namespace ringback
