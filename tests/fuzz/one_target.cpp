// The entry of libFuzzer: $RINGBACK_FUZZ_TARGET says which target is fuzzed. tests/fuzz/run sets
// it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/fuzz/targets.h"

namespace {

const ringback::fuzz::Taker* chosen() {
    const char* const name = std::getenv("RINGBACK_FUZZ_TARGET");
    const auto* const found =
        std::ranges::find(ringback::fuzz::targets, std::string_view{name == nullptr ? "" : name},
                          &ringback::fuzz::Taker::name);
    if (found == ringback::fuzz::targets.end()) {
        std::fputs("RINGBACK_FUZZ_TARGET: expected one of tests/fuzz/corpus\n", stderr);
        std::exit(2);
    }
    return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const ringback::fuzz::Taker* const target = chosen();
    target->take({reinterpret_cast<const char*>(bytes), size});  // NOLINT(*reinterpret-cast)
    return 0;
}
