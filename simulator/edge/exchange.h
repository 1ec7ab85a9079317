#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "simulator/edge/transport.h"

namespace ringback {

struct PreparedUrl;

/// One HTTP try on its way: the request as bytes and what has become of it. Recycled with its
/// buffers.
struct Exchange {
    AttemptId id{};
    PreparedUrl* url{nullptr};  // kept in the address book while in_use counts us
    std::string request;        // head and body in one piece
    std::chrono::milliseconds timeout{};
    WallInstant deadline{};  // counts from when the try left the queue
    bool told_sent{false};
    bool asks_document{false};
    bool resent{false};  // has been moved to a fresh connection once
    AttemptResult result;
};

}  // namespace ringback
