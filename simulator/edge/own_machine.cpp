#include "simulator/edge/own_machine.h"

#include <ifaddrs.h>

#include <memory>

namespace ringback {

std::optional<std::vector<IpAddress>> addresses_of_this_machine() {
    ifaddrs* found = nullptr;
    if (::getifaddrs(&found) != 0) {
        return std::nullopt;
    }
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all{found, &::freeifaddrs};
    std::vector<IpAddress> addresses;
    for (const ifaddrs* one = all.get(); one != nullptr; one = one->ifa_next) {
        if (const auto address = ip_of(one->ifa_addr)) {
            addresses.push_back(*address);
        }
    }
    return addresses;
}

}  // namespace ringback
