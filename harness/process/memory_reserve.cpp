#include "harness/process/memory_reserve.h"

#include <malloc.h>
#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <new>

namespace ringback {
namespace {

constexpr std::size_t bytes = std::size_t{8} << 20U;

std::atomic<void*> reserve{nullptr};

/// operator new tries again when this returns.
void give_reserve() {
    void* const kept = reserve.exchange(nullptr);
    if (kept == nullptr) {
        throw std::bad_alloc{};
    }
    ::munmap(kept, bytes);
}

}  // namespace

void keep_memory_in_reserve() noexcept {
    if (reserve.load() != nullptr) {
        return;
    }
    void* const kept =
        ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (kept == MAP_FAILED) {  // NOLINT(*cstyle-cast*, *int-to-ptr*): the system's word
        return;
    }
    void* none = nullptr;
    if (!reserve.compare_exchange_strong(none, kept)) {
        ::munmap(kept, bytes);
    }
    std::set_new_handler(give_reserve);
}

void keep_heaps_few() noexcept {
#ifdef __GLIBC__
    constexpr int most{2};
    ::mallopt(M_ARENA_MAX, most);  // NOLINT(*mt-unsafe): the C library locks it
#endif
}

}  // namespace ringback
