#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace ringback {

/// Bytes received and not yet used. Memory comes with the first byte wanted, is not zeroed, and
/// goes back when the connection has nothing to keep: ten thousand idle connections must stay
/// small.
class InputBuffer {
public:
    struct Room {
        char* data;
        std::size_t size;
    };

    [[nodiscard]] std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
    [[nodiscard]] std::size_t size() const { return end_ - begin_; }
    [[nodiscard]] bool empty() const { return begin_ == end_; }

    /// Room for the next read; grows fourfold up to `limit` once less than a quarter is free. Size
    /// 0 when full.
    [[nodiscard]] Room prepare(std::size_t limit) {
        if (begin_ == end_) {
            begin_ = end_ = 0;
        }
        if (capacity_ - end_ < capacity_ / 4 + 1 && begin_ > 0) {
            std::memmove(bytes_.get(), bytes_.get() + begin_, size());
            end_ -= begin_;
            begin_ = 0;
        }
        if (capacity_ - end_ < capacity_ / 4 + 1 && capacity_ < limit) {
            grow(std::min(limit, std::max(first_capacity, capacity_ * 4)));
        }
        return {bytes_.get() + end_, capacity_ - end_};
    }
    void commit(std::size_t count) { end_ += count; }
    void consume(std::size_t count) { begin_ += count; }

    /// Gives back what a large request made it grow to. Not while a read is under way into it.
    void relax() {
        if (begin_ == end_ && capacity_ > first_capacity) {
            release();
        }
    }
    void release() {
        bytes_.reset();
        capacity_ = begin_ = end_ = 0;
    }

private:
    static constexpr std::size_t first_capacity = 2048;  // an ordinary request with room to spare

    void grow(std::size_t capacity) {
        std::unique_ptr<char[]> larger{new char[capacity]};  // NOLINT(modernize-*): not zeroed
        if (!empty()) {
            std::memcpy(larger.get(), bytes_.get() + begin_, size());
        }
        bytes_ = std::move(larger);
        end_ -= begin_;
        begin_ = 0;
        capacity_ = capacity;
    }

    std::unique_ptr<char[]> bytes_;  // NOLINT(modernize-avoid-c-arrays,*avoid-c-arrays): raw bytes
    std::size_t capacity_{0};
    std::size_t begin_{0};
    std::size_t end_{0};
};

}  // namespace ringback
