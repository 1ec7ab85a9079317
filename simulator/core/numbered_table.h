#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace ringback {

/// One user's calls, messages or anything else of a kind, by number (from 1, in order of creation).
/// Pages keep references stable, finding an item is arithmetic, and a page is freed when its last
/// item is forgotten.
template <class Item>
class NumberedTable {
public:
    /// The number the next item will get.
    [[nodiscard]] std::uint64_t next_number() const { return next_; }
    [[nodiscard]] std::size_t size() const { return size_; }

    Item& add(Item&& item) {
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
        return page->items[number % page_items].emplace(std::move(item));
    }

    [[nodiscard]] Item* find(std::uint64_t number) {
        if (number == 0 || number >= next_ || page_of(number) < first_page_) {
            return nullptr;
        }
        const auto& page = pages_[page_of(number) - first_page_];
        if (!page || !page->items[number % page_items]) {
            return nullptr;
        }
        return &*page->items[number % page_items];
    }
    [[nodiscard]] const Item* find(std::uint64_t number) const {
        return const_cast<NumberedTable*>(this)->find(
            number);  // NOLINT(*const-cast): one lookup, two views
    }

    void forget(std::uint64_t number) {
        if (find(number) == nullptr) {
            return;
        }
        auto& page = pages_[page_of(number) - first_page_];
        page->items[number % page_items].reset();
        --size_;
        if (--page->held == 0) {
            page.reset();
            drop_free_pages();
        }
    }

    /// Calls `visit(const Item&)` for every item, newest first, until it returns false.
    template <class Visit>
    void newest_first(Visit visit) const {
        for (std::uint64_t number = next_ - 1; number > 0; --number) {
            if (page_of(number) < first_page_) {
                return;
            }
            const auto& page = pages_[page_of(number) - first_page_];
            if (!page) {
                number -=
                    number % page_items;  // to the page's first number; the loop steps below it
                if (number == 0) {
                    return;
                }
                continue;
            }
            if (const auto& item = page->items[number % page_items]; item && !visit(*item)) {
                return;
            }
        }
    }

private:
    static constexpr std::uint64_t page_items = 16;  // small: a test suite has one user per test
    struct Page {
        std::array<std::optional<Item>, page_items> items;
        std::uint32_t held{0};
    };
    [[nodiscard]] static constexpr std::uint64_t page_of(std::uint64_t number) {
        return number / page_items;
    }

    /// Takes free pages off the front once they are the most; the last page stays, it takes the
    /// next item.
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
