#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "simulator/core/faults.h"
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
    bool faulty{false};  // meets `fault`, which an earlier one may have left behind
    std::unique_ptr<WireFault> fault;
    AttemptResult result;
};

}  // namespace ringback
