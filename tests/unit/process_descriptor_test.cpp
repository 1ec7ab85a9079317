#include <fcntl.h>
#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "harness/process/descriptor.h"

using namespace ringback;

TEST_CASE("descriptors: those that may still be opened are counted, as far as asked", "[process]") {
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const Descriptor any{::open("/dev/null", O_RDONLY | O_CLOEXEC)};    // NOLINT(*vararg): POSIX
    const Descriptor opened{::fcntl(any.get(), F_DUPFD_CLOEXEC, 200)};  // NOLINT(*vararg): POSIX
    REQUIRE(opened.get() == 200);
    const auto free_below = [&before](rlim_t limit, std::size_t most) {
        const rlimit low{.rlim_cur = limit, .rlim_max = before.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
        const std::size_t free = free_descriptors(most);
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
        return free;
    };

    const std::size_t below_it = free_below(200, 1'000);
    CHECK(free_below(201, 1'000) == below_it);
    CHECK(free_below(204, 1'000) == below_it + 3);
    CHECK(free_below(204, 2) == 2);
    CHECK(free_below(0, 1'000) == 0);
}
