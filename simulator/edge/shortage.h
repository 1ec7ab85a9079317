#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "simulator/core/time.h"
#include "simulator/edge/tcp.h"

namespace ringback {

/// Something that fails again and again for want of room, told to a person: one line when it
/// begins, and one when it is over, which is once it has not failed for a while and nothing says
/// that it still would. On the loop, whose timer runs only in between.
class Shortage {
public:
    struct Settings {
        /// The first line, but for the reason that came with the failure.
        std::function<std::string(std::string_view reason)> begins;
        /// The second one; how often it failed.
        std::function<std::string(std::size_t failures)> ends;
        std::function<bool()> still{};  // would fail, though nobody tries; none: nobody knows
        std::function<void(std::string_view)> say{};  // default: stderr
        std::chrono::milliseconds relief{1'000};      // without a failure: then it is over
    };
    Shortage(boost::asio::io_context& loop, Settings settings);

    void fails(std::string_view reason) noexcept;
    /// Who has failed before tries again, in vain: it goes on, and counts no further.
    void fails_again(std::string_view reason) noexcept;
    /// Nothing more is said: whoever failed ends.
    void forget();

private:
    void failed(std::string_view reason, std::size_t more) noexcept;
    void look_after(Duration wait);
    void look();

    Settings settings_;
    LoopTimer timer_;
    WallInstant last_{};
    std::size_t failures_{0};  // of this time; 0: there is room
    bool looking_{false};
    std::shared_ptr<bool> alive_{std::make_shared<bool>(true)};  // handlers hold it weakly
};

}  // namespace ringback
