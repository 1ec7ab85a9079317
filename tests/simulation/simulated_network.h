#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "simulator/edge/transport.h"
#include "tests/simulation/judge.h"
#include "tests/simulation/receivers.h"

namespace ringback::test {

/// A network without sockets: what becomes of each try, the receivers say; when, its own timer.
class SimulatedNetwork : public Transport {
public:
    SimulatedNetwork(boost::asio::io_context& loop, Receivers& receivers, Judge& judge)
        : receivers_{receivers}, judge_{judge}, timer_{loop} {}

    /// A receiver has an event; called on the loop before it answers.
    std::function<void(const Judge::Happened&)> arrived = [](const Judge::Happened&) {};

    void listen(AttemptListener& listener) override { listener_ = &listener; }
    void start(const AttemptRequest& request) override;
    void abandon_all() override;
    [[nodiscard]] std::size_t under_way() const override { return tries_.size(); }

private:
    struct Try {
        std::uint64_t order{};  // of its start; a later one of the same id is another
        std::uint64_t number{};
        AttemptResult result;
    };
    enum class What : std::uint8_t { sent, lost, ends };  // in this order at one instant
    struct Due {
        WallInstant at;
        std::uint64_t order;
        AttemptId id;
        What what;
        friend bool operator<(const Due& a, const Due& b) {  // for a heap: the earliest on top
            return a.at != b.at         ? a.at > b.at
                   : a.order != b.order ? a.order > b.order
                                        : a.what > b.what;
        }
    };
    void arm();
    void on_timer();
    void happens(const Due& due);
    void is_sent(AttemptId id, std::uint64_t number, WallInstant now);
    void is_lost(AttemptId id, std::uint64_t number, WallInstant now);

    Receivers& receivers_;
    Judge& judge_;
    boost::asio::steady_timer timer_;
    WallInstant armed_{WallInstant::max()};
    AttemptListener* listener_{nullptr};
    std::unordered_map<AttemptId, Try> tries_;
    std::unordered_map<AttemptId, std::uint64_t> numbers_;  // of the event an id was last used for
    std::priority_queue<Due> due_;
    std::uint64_t started_{0};
};

}  // namespace ringback::test
