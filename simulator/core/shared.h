#pragma once

#include <memory>
#include <utility>

namespace ringback {

/// A value that many own and few ever change: copies share it, open() gives its caller a copy of
/// their own first. Compares by content; where there is none it reads as a T with its defaults.
template <class T>
class Shared {
public:
    Shared() = default;
    explicit Shared(T value) : held_{std::make_shared<T>(std::move(value))} {}

    const T& operator*() const { return held_ ? *held_ : none(); }
    const T* operator->() const { return &**this; }
    explicit operator bool() const { return held_ != nullptr; }

    /// The value for writing; the reference is good until this is copied.
    T& open() {
        if (!held_) {
            held_ = std::make_shared<T>();
        } else if (held_.use_count() > 1) {
            held_ = std::make_shared<T>(*held_);
        }
        return *held_;
    }

    friend bool operator==(const Shared& a, const Shared& b) {
        return a.held_ == b.held_ || *a == *b;
    }

private:
    static const T& none() {
        static const T defaults{};
        return defaults;
    }
    std::shared_ptr<T> held_;
};

}  // namespace ringback
