// Asio takes the memory of its operations from aligned_alloc, which knows nothing of operator new's
// handler. In this program the linker has what is below called in its place (--wrap), so that the
// reserve of harness/process/memory_reserve.h is there for operations too: a wait for a signal or a
// timer that was not begun would never be missed.

#include <cstdlib>
#include <new>

// NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): the linker's names
extern "C" {

void* __real_aligned_alloc(std::size_t alignment, std::size_t size);

/// Null like the real one, when the handler has nothing more to give.
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t size) {
    while (true) {
        void* const memory = __real_aligned_alloc(alignment, size);
        const std::new_handler make_room = std::get_new_handler();
        if (memory != nullptr || make_room == nullptr) {
            return memory;
        }
        try {
            make_room();
        } catch (const std::bad_alloc&) {
            return nullptr;
        }
    }
}
}
// NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming)
