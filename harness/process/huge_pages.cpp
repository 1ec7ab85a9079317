#include "harness/process/huge_pages.h"

#include <sys/prctl.h>

#include <atomic>

namespace ringback {
namespace {

std::atomic<bool> refused_by_us{false};

// NOLINTBEGIN(*-vararg): the system's interface

bool are_refused() noexcept { return ::prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) == 1; }

void set_refused(unsigned long refused) noexcept {
    // A kernel without the switch answers EINVAL, and there is nothing to switch.
    static_cast<void>(::prctl(PR_SET_THP_DISABLE, refused, 0, 0, 0));
}

// NOLINTEND(*-vararg)

}  // namespace

void refuse_huge_pages() noexcept {
    if (!are_refused()) {
        set_refused(1);
        refused_by_us = true;
    }
}

void restore_huge_pages() noexcept {
    if (refused_by_us) {
        set_refused(0);
    }
}

}  // namespace ringback
