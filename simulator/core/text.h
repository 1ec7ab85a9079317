#pragma once

#include <algorithm>
#include <cstddef>
#include <memory_resource>
#include <new>
#include <string_view>
#include <utility>

namespace ringback {

/// Text that is written once and then shared by all who hold it; null until then. One piece of
/// memory and a plain count: everything that holds one lives on the same loop.
class Text {
public:
    using Memory = std::pmr::memory_resource;

    Text() = default;
    /// `memory` outlives all who hold the text.
    explicit Text(std::string_view text, Memory& memory = *std::pmr::new_delete_resource())
        : held_{new (memory.allocate(sizeof(Head) + text.size(), alignof(Head)))
                    Head{1, text.size(), &memory}} {
        std::copy(text.begin(), text.end(), chars());
    }
    Text(const Text& other) : held_{other.held_} {
        if (held_ != nullptr) {
            ++held_->holders;
        }
    }
    Text(Text&& other) noexcept : held_{std::exchange(other.held_, nullptr)} {}
    Text& operator=(Text other) noexcept {
        std::swap(held_, other.held_);
        return *this;
    }
    ~Text() {
        if (held_ != nullptr) {
            reset();
        }
    }

    void reset() {
        if (Head* const held = std::exchange(held_, nullptr);
            held != nullptr && --held->holders == 0) {
            held->memory->deallocate(held, sizeof(Head) + held->size, alignof(Head));
        }
    }

    explicit operator bool() const { return held_ != nullptr; }
    /// Empty when null.
    [[nodiscard]] std::string_view view() const {
        return held_ == nullptr ? std::string_view{} : std::string_view{chars(), held_->size};
    }
    operator std::string_view() const { return view(); }  // NOLINT(*explicit*): it is one
    [[nodiscard]] std::size_t size() const { return held_ == nullptr ? 0 : held_->size; }
    [[nodiscard]] bool empty() const { return size() == 0; }

    friend bool operator==(const Text& a, std::string_view b) { return a.view() == b; }

private:
    struct Head {  // the characters follow
        std::size_t holders;
        std::size_t size;
        Memory* memory;
    };
    [[nodiscard]] char* chars() const { return static_cast<char*>(static_cast<void*>(held_ + 1)); }

    Head* held_{nullptr};
};

}  // namespace ringback
