// On its own because <linux/tcp.h>, which knows tcpi_bytes_acked, and <netinet/tcp.h> exclude each
// other.
#include "simulator/edge/acknowledged.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>

namespace ringback {

std::optional<std::uint64_t> bytes_acknowledged(int socket) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
        size < offsetof(tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked) {
        return std::nullopt;
    }
    return info.tcpi_bytes_acked;
}

}  // namespace ringback
