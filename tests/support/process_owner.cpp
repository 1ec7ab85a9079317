// Starts a command as ringback does and waits for its end; the test kills it with SIGKILL.
#include <tuple>

#include "harness/process/child.h"

int main(int count, char** arguments) {
    const auto child = ringback::Child::start({.argv = {arguments + 1, arguments + count}});
    if (!child) {
        return 1;
    }
    std::ignore = child.value()->wait_until(ringback::SteadyTime::max());
    return 0;
}
