#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "simulator/core/ids.h"
#include "simulator/core/time.h"
#include "simulator/edge/tcp.h"

namespace ringback {

/// API answers that are held back until an event has come (fault::Early): each until one of its
/// strands' events that came to be owed after `since` is on the wire, or has been answered; and
/// no longer than ten seconds of wall time. Each goes exactly once, unless this ends first.
class EarlyAnswers {
public:
    enum class Until : std::uint8_t { on_the_wire, answered };
    struct Held {
        std::vector<CallId> strands;
        DeliveryId since{};
        Until until{};
        std::function<void()> let_go;  // may add others
    };
    static constexpr std::chrono::seconds longest{10};

    explicit EarlyAnswers(boost::asio::io_context& loop) : loop_{loop} {}

    void add(Held held);
    [[nodiscard]] bool empty() const { return waiting_.empty(); }
    void on_the_wire(CallId strand, DeliveryId event);
    /// It was answered, or waited for long enough, or has failed for good.
    void told(CallId strand, DeliveryId event);
    /// Nothing is coming any more.
    void let_all_go();

private:
    struct Waiting {
        Held held;
        LoopTimer limit;
    };

    template <class Which>
    void let_go_if(Which which);

    boost::asio::io_context& loop_;
    std::vector<std::shared_ptr<Waiting>> waiting_;  // in the order they came
};

}  // namespace ringback
