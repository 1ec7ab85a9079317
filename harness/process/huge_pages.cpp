#include "harness/process/huge_pages.h"

#include <sys/prctl.h>

#include <atomic>

namespace ringback {
namespace {

std::atomic<bool> refused_by_us{false};

// NOLINTBEGIN(*-vararg): the system's interface

/// Not where they are refused already, in whatever degree the kernel knows, or it has no switch.
bool are_given() noexcept { return ::prctl(PR_GET_THP_DISABLE, 0UL, 0UL, 0UL, 0UL) == 0; }

bool set_refused(unsigned long refused) noexcept {
    return ::prctl(PR_SET_THP_DISABLE, refused, 0UL, 0UL, 0UL) == 0;
}

// NOLINTEND(*-vararg)

}  // namespace

void refuse_huge_pages() noexcept {
    if (are_given() && set_refused(1)) {
        refused_by_us = true;
    }
}

void restore_huge_pages() noexcept {
    if (refused_by_us) {
        static_cast<void>(set_refused(0));  // it could be set, so it can be taken back
    }
}

}  // namespace ringback
