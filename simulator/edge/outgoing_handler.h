#pragma once

#include "simulator/edge/outgoing_connection.h"

namespace ringback {

/// Keeps the connection alive while the operation is pending, and lends it the connection's memory.
template <void (OutgoingConnection::*then)(const boost::system::error_code&, std::size_t)>
struct OutgoingConnection::Handler {
    using allocator_type = OperationAllocator<void>;

    ConnectionPtr connection;
    OperationMemory* memory;

    [[nodiscard]] allocator_type get_allocator() const { return allocator_type{*memory}; }
    void operator()(const boost::system::error_code& error, std::size_t bytes = 0) {
        ((*connection).*then)(error, bytes);
    }
};

}  // namespace ringback
