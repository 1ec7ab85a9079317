#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace ringback {

/// A string literal whose length the compiler knows, so that copying it is a store or two.
template <std::size_t n>
using Literal = const char (&)[n];  // NOLINT(*-avoid-c-arrays): that is what a literal is

/// Appends many small pieces to a string at a fraction of the cost of as many `append`s: it
/// collects them on the stack and hands them on when that is full and at its own end. Until then
/// the string lacks the last ones.
class Appender {
public:
    explicit Appender(std::string& out) : out_{out} {}
    ~Appender() { hand_on(); }
    Appender(const Appender&) = delete;
    Appender& operator=(const Appender&) = delete;
    Appender(Appender&&) = delete;
    Appender& operator=(Appender&&) = delete;

    /// Appends literals, string views, character arrays and single characters, left to right.
    template <class... Parts>
    void put(const Parts&... parts) {
        const std::size_t size = (view(parts).size() + ...);
        if (size > static_cast<std::size_t>(end_ - at_)) {
            make_room(size);
        }
        char* at = at_;
        ((at = copied(at, parts)), ...);
        at_ = at;
    }

    /// The string with all so far, to append to before the next `put`.
    [[nodiscard]] std::string& complete() {
        hand_on();
        return out_;
    }

private:
    template <std::size_t n>
    static std::string_view view(Literal<n> text) {
        return {text, n - 1};
    }
    template <std::size_t n>
    static std::string_view view(const std::array<char, n>& text) {
        return {text.data(), n};
    }
    static std::string_view view(std::string_view text) { return text; }
    static std::string_view view(const char& c) { return {&c, 1}; }

    /// Copies and returns where the copy ends.
    template <class Part>
    static char* copied(char* to, const Part& from) {
        std::memcpy(to, view(from).data(), view(from).size());
        return to + view(from).size();
    }
    /// Calls memcpy only for more than 64 bytes. The halves overlap where they have to.
    static char* copied(char* to, std::string_view from) {
        const std::size_t size = from.size();
        const auto halves = [&](std::size_t half) {
            std::memcpy(to, from.data(), half);
            std::memcpy(to + size - half, from.data() + size - half, half);
        };
        if (size <= 16) {
            if (size >= 8) {
                halves(8);
            } else if (size >= 4) {
                halves(4);
            } else {
                for (std::size_t i = 0; i < size; ++i) {
                    to[i] = from[i];
                }
            }
        } else if (size <= 32) {
            halves(16);
        } else if (size <= 64) {
            halves(32);
        } else {
            std::memcpy(to, from.data(), size);
        }
        return to + size;
    }

    void make_room(std::size_t size);
    void hand_on();

    std::string& out_;
    std::array<char, 1024> usual_;  // holds most callbacks; its characters mean nothing at first
    std::string large_{};           // instead of it from the first `put` on that it cannot hold
    char* begin_{usual_.data()};
    char* at_{begin_};  // where the next piece goes
    char* end_{begin_ + usual_.size()};
};

}  // namespace ringback
