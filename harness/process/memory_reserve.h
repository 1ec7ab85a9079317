#pragma once

namespace ringback {

/// Keeps some megabytes aside, of address space only, that operator new takes before it says that
/// there is no memory: what is half done when it runs out is then finished, and who watches the
/// memory has the time to notice. To be called again for another one, where memory is to be had;
/// without it operator new throws as ever. Of the whole process; from any thread.
void keep_memory_in_reserve() noexcept;

/// For a process whose address space is limited: the C library, which takes 64 MB of it for every
/// thread that allocates, takes it twice.
void keep_heaps_few() noexcept;

}  // namespace ringback
