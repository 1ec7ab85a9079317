#include "simulator/edge/own_machine.h"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <cstring>
#include <memory>
#include <optional>

namespace ringback {
namespace {

std::optional<IpAddress> address_of(const sockaddr* address) {
    if (address == nullptr) {
        return std::nullopt;
    }
    IpAddress read;
    if (address->sa_family == AF_INET) {
        sockaddr_in four{};
        std::memcpy(&four, address, sizeof four);
        std::memcpy(read.bytes.data(), &four.sin_addr, sizeof four.sin_addr);
        return read;
    }
    if (address->sa_family == AF_INET6) {
        sockaddr_in6 six{};
        std::memcpy(&six, address, sizeof six);
        std::memcpy(read.bytes.data(), &six.sin6_addr, sizeof six.sin6_addr);
        read.v6 = true;
        return read;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::vector<IpAddress>> addresses_of_this_machine() {
    ifaddrs* found = nullptr;
    if (::getifaddrs(&found) != 0) {
        return std::nullopt;
    }
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all{found, &::freeifaddrs};
    std::vector<IpAddress> addresses;
    for (const ifaddrs* one = all.get(); one != nullptr; one = one->ifa_next) {
        if (const auto address = address_of(one->ifa_addr)) {
            addresses.push_back(*address);
        }
    }
    return addresses;
}

}  // namespace ringback
