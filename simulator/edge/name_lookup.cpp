#include "simulator/edge/name_lookup.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <exception>
#include <map>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "simulator/edge/side_thread.h"

namespace ringback {
namespace {

namespace asio = boost::asio;

constexpr std::size_t lookups_at_once = 32;
constexpr std::size_t most_for_one_name = 1024;

struct Answers {
    std::vector<IpAddress> addresses{};
    std::string problem{};
};

Answers asked_of_the_system(const std::string& name) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* first = nullptr;
    if (const int error = ::getaddrinfo(name.c_str(), nullptr, &wanted, &first); error != 0) {
        return {{},
                error == EAI_SYSTEM ? std::generic_category().message(errno)
                                    : std::string{::gai_strerror(error)}};
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned{first, ::freeaddrinfo};
    Answers found;
    for (const addrinfo* entry = first; entry != nullptr; entry = entry->ai_next) {
        const auto address = ip_of(entry->ai_addr);
        if (address && std::ranges::find(found.addresses, *address) == found.addresses.end()) {
            found.addresses.push_back(*address);
        }
    }
    return found;
}

/// What threads and loop share. A thread may come back when there is no loop any more.
class Desk : public std::enable_shared_from_this<Desk> {
public:
    explicit Desk(asio::io_context& loop) : loop_{&loop} {}

    /// Why nobody more can wait for that name. All but answer() is for the loop's thread.
    [[nodiscard]] std::optional<std::string> refusal(const std::string& name) const {
        const auto known = waiting_.find(name);
        if (known == waiting_.end()) {
            return waiting_.size() < lookups_at_once
                       ? std::nullopt
                       : std::optional<std::string>{"too many names are being resolved"};
        }
        return known->second.thens.size() < most_for_one_name
                   ? std::nullopt
                   : std::optional<std::string>{"too many wait for it"};
    }
    /// Joins whoever waits for that name; false: nobody does.
    [[nodiscard]] bool join(const std::string& name, NameLookedUp& then) {
        const auto known = waiting_.find(name);
        if (known == waiting_.end()) {
            return false;
        }
        known->second.thens.push_back(std::move(then));
        return true;
    }
    void expect(const std::string& name, NameLookedUp then) {
        Waiting waiting{{}, asio::make_work_guard(*loop_)};
        waiting.thens.push_back(std::move(then));
        waiting_.emplace(name, std::move(waiting));
    }
    void forget(const std::string& name) { waiting_.erase(name); }
    void close() {
        const std::lock_guard lock{guard_};
        loop_ = nullptr;
        waiting_.clear();
    }

    /// On a thread of its own. Without memory it tries again: somebody waits for the answer.
    void answer(const std::string& name) {
        constexpr std::chrono::milliseconds pause{10};
        while (!has_answered(name)) {
            std::this_thread::sleep_for(pause);
        }
    }

private:
    struct Waiting {
        std::vector<NameLookedUp> thens;
        asio::executor_work_guard<asio::io_context::executor_type> work;
    };

    bool has_answered(const std::string& name) try {
        Answers found = asked_of_the_system(name);
        const std::lock_guard lock{guard_};
        if (loop_ != nullptr) {
            asio::post(*loop_, [desk = shared_from_this(), name, found = std::move(found)] {
                desk->hand_out(name, found);
            });
        }
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }

    void hand_out(const std::string& name, const Answers& found) {
        const auto at = waiting_.find(name);
        if (at == waiting_.end()) {
            return;
        }
        const Waiting waiting = std::move(at->second);
        waiting_.erase(at);
        std::exception_ptr without_memory;
        for (const NameLookedUp& then : waiting.thens) {
            try {
                then(found.addresses, found.problem);
            } catch (const std::bad_alloc&) {  // the others are told all the same
                without_memory = std::current_exception();
            }
        }
        if (without_memory) {
            std::rethrow_exception(without_memory);
        }
    }

    std::mutex guard_;
    asio::io_context* loop_;  // under the guard; null: it has ended
    std::map<std::string, Waiting> waiting_;
};

/// A loop's desk, closed when the loop is destroyed.
class Lookups : public asio::execution_context::service {
public:
    static asio::execution_context::id id;

    explicit Lookups(asio::io_context& loop)
        : asio::execution_context::service{loop}, desk_{std::make_shared<Desk>(loop)} {}

    [[nodiscard]] Desk& desk() { return *desk_; }

private:
    void shutdown() override { desk_->close(); }

    std::shared_ptr<Desk> desk_;
};

asio::execution_context::id Lookups::id;

struct Task : SideWork {
    Task(std::shared_ptr<Desk> at, std::string wanted)
        : desk{std::move(at)}, name{std::move(wanted)} {}
    void carry_out() override { desk->answer(name); }

    std::shared_ptr<Desk> desk;
    std::string name;
};

}  // namespace

std::optional<std::string> look_up_name(asio::io_context& loop, const std::string& name,
                                        NameLookedUp then) {
    Desk& desk = asio::use_service<Lookups>(loop).desk();
    if (auto refusal = desk.refusal(name)) {
        return refusal;
    }
    if (desk.join(name, then)) {
        return std::nullopt;
    }
    auto task = std::make_unique<Task>(desk.shared_from_this(), name);
    desk.expect(name, std::move(then));
    if (const int error = begin_side_thread(std::move(task)); error != 0) {
        desk.forget(name);
        return std::generic_category().message(error);
    }
    return std::nullopt;
}

std::optional<std::string> NameLookup::start(const std::string& name, NameLookedUp then) {
    return look_up_name(loop_, name,
                        [alive = std::weak_ptr<bool>{alive_}, then = std::move(then)](
                            const std::vector<IpAddress>& addresses, const std::string& problem) {
                            if (!alive.expired()) {
                                then(addresses, problem);
                            }
                        });
}

}  // namespace ringback
