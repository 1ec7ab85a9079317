#include "harness/load/load_loops.h"

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <utility>

namespace ringback {
namespace {

/// A connected socket between two loops, of neither.
class HandedOn {
public:
    explicit HandedOn(int descriptor) : descriptor_{descriptor} {}
    HandedOn(HandedOn&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
    HandedOn& operator=(HandedOn&&) = delete;
    HandedOn(const HandedOn&) = delete;
    HandedOn& operator=(const HandedOn&) = delete;
    ~HandedOn() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }
    [[nodiscard]] int descriptor() const { return descriptor_; }
    void taken() { descriptor_ = -1; }

private:
    int descriptor_;
};

}  // namespace

LoadLoops::LoadLoops(std::size_t count) {
    for (std::size_t made = 0; made < count; ++made) {
        loops_.push_back(std::make_unique<LoadLoop>());
    }
}

LoadLoops::~LoadLoops() {
    end();
    if (listener_) {
        listener_->stop();
    }
    for (const auto& loop : loops_) {
        loop->close_door();
    }
}

Result<std::uint16_t> LoadLoops::listen(std::uint16_t port) {
    for (const auto& loop : loops_) {
        const bool leads = loop.get() == &first();  // and is told of signals
        if (auto error = loop->hear(leads ? Hearing::timers_and_signals : Hearing::timers)) {
            return *error;
        }
    }
    listener_ = std::make_shared<Listener>(
        first().context(), [this](TcpSocket client) { hand_on(std::move(client)); });
    auto bound = listener_->open({boost::asio::ip::address_v4::loopback(), port});
    if (bound) {
        listener_->start();
    }
    return bound;
}

/// By turns, and not as they come: a client's connections are few and of equal use.
void LoadLoops::hand_on(TcpSocket client) {
    LoadLoop& taker = *loops_[turn_];
    turn_ = (turn_ + 1) % loops_.size();
    if (&taker == &first()) {
        taker.take(std::move(client));
        return;
    }
    boost::system::error_code error;
    HandedOn handed{client.release(error)};
    boost::asio::post(taker.context(), [&taker, handed = std::move(handed)]() mutable {
        TcpSocket socket{taker.context()};
        boost::system::error_code no_room;
        socket.assign(boost::asio::ip::tcp::v4(), handed.descriptor(), no_room);
        if (!no_room) {
            handed.taken();
            taker.take(std::move(socket));
        }
    });
}

std::optional<Error> LoadLoops::build(const Scenario& scenario, const SharedSchedule& schedule,
                                      const TargetPolicy& targets, const LoadHallSettings& all) {
    for (std::size_t index = 0; index < loops_.size(); ++index) {
        if (auto error = loops_[index]->build(scenario, schedule, targets,
                                              settings_of_loop(all, index, loops_.size()))) {
            return error;
        }
    }
    for (const auto& loop : loops_) {
        for (const auto& other : loops_) {
            if (loop != other) {
                loop->know(*other);
            }
        }
        if (loop.get() != &first()) {
            loop->keep_account_at(first());
        }
    }
    return std::nullopt;
}

void LoadLoops::show(LiveMetrics& metrics) {
    for (const auto& loop : loops_) {
        loop->show(metrics, first());
    }
}

void LoadLoops::start(const std::function<void()>& when_short) {
    for (std::size_t index = 1; index < loops_.size(); ++index) {
        loops_[index]->start(when_short);
    }
}

void LoadLoops::end() {
    for (const auto& loop : loops_) {
        loop->end();
    }
}

}  // namespace ringback
