#pragma once

namespace ringback {

/// From here on this process's memory comes in pages of the usual size. With huge ones, which many
/// systems give unasked, the kernel fills 2 MB with zeros whenever the heap has grown by that much:
/// 5 ms on a small machine, in which no call starts and no callback is sent. Nothing changes where
/// the system has no such switch.
///
/// Inherited by what is forked and even by exec; launch() takes it back for the programs it starts.
///
/// Threads any, before others ask for memory in earnest.
void refuse_huge_pages() noexcept;

/// As this process found it. Async-signal-safe, for use between fork and exec.
void restore_huge_pages() noexcept;

}  // namespace ringback
