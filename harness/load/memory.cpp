#include "harness/load/memory.h"

#include <cstdlib>  // says whose library it is

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace ringback {

void keep_freed_memory() {
#ifdef __GLIBC__
    constexpr int kept_at_most = 1 << 30;
    constexpr int taken_at_once = 1 << 26;
    // NOLINTBEGIN(concurrency-mt-unsafe): said before there is a second thread
    ::mallopt(M_TRIM_THRESHOLD, kept_at_most);
    ::mallopt(M_TOP_PAD, taken_at_once);
    // NOLINTEND(concurrency-mt-unsafe)
#endif
}

}  // namespace ringback
