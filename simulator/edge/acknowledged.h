#pragma once

#include <cstdint>
#include <optional>

namespace ringback {

/// How many bytes the peer's TCP has acknowledged on that connection so far, its SYN counted as
/// one; nullopt where the system does not say. Also answers for a connection that was reset. Source
/// Linux TCP_INFO, tcpi_bytes_acked (RFC 4898 ThruOctetsAcked).
[[nodiscard]] std::optional<std::uint64_t> bytes_acknowledged(int socket);

}  // namespace ringback
