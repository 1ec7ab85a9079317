#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "simulator/edge/memory_watch.h"

namespace ringback {

/// Looks after the memory of a load run where it has a limit (ulimit -v, a control group): calls in
/// flight take some each, and a receiver that keeps them waiting takes all there is.
class LoadMemory {
public:
    enum class Wants : std::uint8_t {
        no_more_calls,  // it is short: those in flight may come to their end
        end_at_once     // it is nearly out
    };
    /// `tell` is called on the loop at every look, for as long as there is something wanted; `why`
    /// is for people.
    using Tell = std::function<void(Wants wants, const std::string& why)>;

    LoadMemory(boost::asio::io_context& loop, Tell tell);

    /// Before there are threads.
    void watch();

private:
    void look_later();
    void look();

    boost::asio::steady_timer timer_;
    Tell tell_;
    std::unique_ptr<MemoryWatch> watch_;  // null: there is no limit
};

}  // namespace ringback
