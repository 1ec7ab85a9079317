#pragma once

#include <memory>
#include <utility>

namespace ringback {

/// A value kept on the heap and only when it is there: eight bytes for what few calls have.
/// Copies deeply and compares by content, so that its owner stays a value.
template <class T>
class Boxed {
public:
    Boxed() = default;
    Boxed(const Boxed& other) : held_{other.held_ ? std::make_unique<T>(*other.held_) : nullptr} {}
    Boxed(Boxed&&) noexcept = default;
    Boxed& operator=(const Boxed& other) {
        if (this != &other) {
            held_ = other.held_ ? std::make_unique<T>(*other.held_) : nullptr;
        }
        return *this;
    }
    Boxed& operator=(Boxed&&) noexcept = default;
    ~Boxed() = default;

    [[nodiscard]] const T* get() const { return held_.get(); }
    [[nodiscard]] T* get() { return held_.get(); }
    explicit operator bool() const { return held_ != nullptr; }
    const T* operator->() const { return held_.get(); }
    T* operator->() { return held_.get(); }

    /// The value, made with its defaults if it was not there.
    T& open() {
        if (!held_) {
            held_ = std::make_unique<T>();
        }
        return *held_;
    }

    friend bool operator==(const Boxed& a, const Boxed& b) {
        return (!a.held_ || !b.held_) ? a.held_ == b.held_ : *a.held_ == *b.held_;
    }

private:
    std::unique_ptr<T> held_;
};

}  // namespace ringback
