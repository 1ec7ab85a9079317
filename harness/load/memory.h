#pragma once

namespace ringback {

/// For the whole process: what calls gave back stays for the next ones. Otherwise glibc hands it to
/// the kernel and gets it again, page by page, at every wave of calls; that halves what a core can
/// do. Nothing where the library has no such switch.
void keep_freed_memory();

}  // namespace ringback
