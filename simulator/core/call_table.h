#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "simulator/core/call.h"

namespace ringback {

/// One user's calls by number (from 1, in order of creation). Pages keep references stable, finding
/// a call is arithmetic, and a page is freed when its last call is forgotten.
class CallTable {
public:
    /// The number the next call will get.
    [[nodiscard]] std::uint64_t next_number() const { return next_; }
    [[nodiscard]] std::size_t size() const { return size_; }

    Call& add(Call&& call) {
        const std::uint64_t number = next_++;
        while (page_of(number) >= first_page_ + pages_.size()) {
            pages_.push_back(nullptr);
        }
        auto& page = pages_[page_of(number) - first_page_];
        if (!page) {
            page = std::make_unique_for_overwrite<Page>();
        }
        ++page->held;
        ++size_;
        return page->calls[number % page_calls].emplace(std::move(call));
    }

    [[nodiscard]] Call* find(std::uint64_t number) {
        if (number == 0 || number >= next_ || page_of(number) < first_page_) {
            return nullptr;
        }
        const auto& page = pages_[page_of(number) - first_page_];
        if (!page || !page->calls[number % page_calls]) {
            return nullptr;
        }
        return &*page->calls[number % page_calls];
    }
    [[nodiscard]] const Call* find(std::uint64_t number) const {
        return const_cast<CallTable*>(this)->find(
            number);  // NOLINT(*const-cast): one lookup, two views
    }

    void forget(std::uint64_t number) {
        if (find(number) == nullptr) {
            return;
        }
        auto& page = pages_[page_of(number) - first_page_];
        page->calls[number % page_calls].reset();
        --size_;
        if (--page->held == 0) {
            page.reset();
            drop_free_pages();
        }
    }

    /// Calls `visit(const Call&)` for every call, newest first, until it returns false.
    template <class Visit>
    void newest_first(Visit visit) const {
        for (std::uint64_t number = next_ - 1; number > 0; --number) {
            if (page_of(number) < first_page_) {
                return;
            }
            const auto& page = pages_[page_of(number) - first_page_];
            if (!page) {
                number -=
                    number % page_calls;  // to the page's first number; the loop steps below it
                if (number == 0) {
                    return;
                }
                continue;
            }
            if (const auto& call = page->calls[number % page_calls]; call && !visit(*call)) {
                return;
            }
        }
    }

private:
    static constexpr std::uint64_t page_calls = 16;  // small: a test suite has one user per test
    struct Page {
        std::array<std::optional<Call>, page_calls> calls;
        std::uint32_t held{0};
    };
    [[nodiscard]] static constexpr std::uint64_t page_of(std::uint64_t number) {
        return number / page_calls;
    }

    /// Takes free pages off the front once they are the most; the last page stays, it takes the
    /// next call.
    void drop_free_pages() {
        while (free_in_front_ + 1 < pages_.size() && !pages_[free_in_front_]) {
            ++free_in_front_;
        }
        if (free_in_front_ > pages_.size() / 2) {
            pages_.erase(pages_.begin(),
                         pages_.begin() + static_cast<std::ptrdiff_t>(free_in_front_));
            first_page_ += free_in_front_;
            free_in_front_ = 0;
        }
    }

    // A vector: every user has one, and an empty deque is 600 bytes.
    std::vector<std::unique_ptr<Page>> pages_;
    std::size_t free_in_front_{0};
    std::uint64_t first_page_{0};
    std::uint64_t next_{1};
    std::size_t size_{0};
};

}  // namespace ringback
