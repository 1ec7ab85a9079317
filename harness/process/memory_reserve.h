#pragma once

namespace ringback {

/// Keeps some megabytes aside, of address space only, that operator new takes before it says that
/// there is no memory: what is half done when it runs out is then finished, and who watches the
/// memory has the time to notice. To be called again for another one, where memory is to be had;
/// without it operator new throws as ever. Of the whole process; from any thread.
void keep_memory_in_reserve() noexcept;

}  // namespace ringback
