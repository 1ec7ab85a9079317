#include "harness/process/patient_loop.h"

#include <unistd.h>

#include <new>
#include <string_view>

#include "harness/process/memory_reserve.h"

namespace ringback {

void say_something_was_not_done() noexcept {
    constexpr std::string_view line{"ringback: out of memory: something was not done\n"};
    const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
    static_cast<void>(written);  // there is nobody else to tell
}

void run_patiently(boost::asio::io_context& loop, const std::function<void()>& when_short) {
    keep_memory_in_reserve();
    while (true) {
        try {
            loop.run();
            return;
        } catch (const std::bad_alloc&) {
            when_short();
        }
    }
}

}  // namespace ringback
