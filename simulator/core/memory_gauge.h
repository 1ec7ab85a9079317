#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace ringback {

/// Whether memory is short: pure, told what is in use. It is from 85 % of the limit on until less
/// than 80 % are in use, so that it is not said with every call that comes and goes. From 90 % on
/// it is nearly out.
class MemoryGauge {
public:
    explicit MemoryGauge(std::size_t limit) : limit_{limit} {}

    enum class News : std::uint8_t { none, begins, ends };
    News measured(std::size_t used) {
        used_ = used;
        asked_ = 0;
        const bool was_short = short_;
        short_ = used >= (was_short ? ends_at() : begins_at());
        return short_ == was_short ? News::none : short_ ? News::begins : News::ends;
    }

    /// A request that creates something, of so many bytes. True: with what was asked for since the
    /// last measurement there may be less left than that said, so measure again.
    [[nodiscard]] bool asked(std::size_t bytes) {
        // What a request leaves in memory is a few times its size: the thing itself, its events,
        // requests to the receiver. Nearer to the limit it is looked at more often, but never with
        // every request.
        constexpr std::size_t of_any = 1024;
        constexpr std::size_t times = 8;
        constexpr std::size_t least = std::size_t{2} << 20U;
        asked_ += bytes + of_any;
        const std::size_t left = used_ < begins_at() ? begins_at() - used_ : 0;
        return asked_ * times >= std::max(left, least);
    }

    [[nodiscard]] bool is_short() const { return short_; }
    [[nodiscard]] bool is_nearly_out() const { return used_ >= limit_ / 100 * 90; }
    [[nodiscard]] std::size_t limit() const { return limit_; }
    /// As measured last.
    [[nodiscard]] std::size_t used() const { return used_; }
    [[nodiscard]] std::size_t begins_at() const { return limit_ / 100 * 85; }

private:
    [[nodiscard]] std::size_t ends_at() const { return limit_ / 100 * 80; }

    std::size_t limit_;
    std::size_t used_{0};
    std::size_t asked_{0};  // bytes, since then
    bool short_{false};
};

}  // namespace ringback
