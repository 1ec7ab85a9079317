#pragma once

#include <array>
#include <cstddef>
#include <new>

namespace ringback {

/// Room for one asynchronous operation at a time, so that the steady state of a connection
/// allocates nothing. A second or larger operation gets memory of its own.
class OperationMemory {
public:
    OperationMemory() = default;
    OperationMemory(const OperationMemory&) = delete;
    OperationMemory& operator=(const OperationMemory&) = delete;

    void* allocate(std::size_t size) {
        if (taken_ || size > room_.size()) {
            return ::operator new(size);
        }
        taken_ = true;
        return room_.data();
    }
    void deallocate(void* memory) {
        if (memory == room_.data()) {
            taken_ = false;
        } else {
            ::operator delete(memory);
        }
    }

private:
    // Asio 1.81's receive operation with our handler takes 136 bytes; inside TLS 280.
    alignas(std::max_align_t) std::array<std::byte, 320> room_;  // NOLINT(*member-init*)
    bool taken_{false};
};

/// What Asio asks a handler for.
template <class T>
class OperationAllocator {
public:
    using value_type = T;

    explicit OperationAllocator(OperationMemory& memory) : memory_{&memory} {}
    template <class U>
    OperationAllocator(
        const OperationAllocator<U>& other)  // NOLINT(*explicit*): allocators convert
        : memory_{other.memory()} {}

    [[nodiscard]] T* allocate(std::size_t n) {
        return static_cast<T*>(memory_->allocate(n * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t /*n*/) { memory_->deallocate(memory); }
    [[nodiscard]] OperationMemory* memory() const { return memory_; }

    template <class U>
    friend bool operator==(const OperationAllocator& a, const OperationAllocator<U>& b) {
        return a.memory() == b.memory();
    }

private:
    OperationMemory* memory_;
};

}  // namespace ringback
