#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "simulator/core/result.h"

namespace ringback {

/// A receiver that answers every request with an empty 200 and does nothing else, on a thread of
/// its own: what a load run is measured against to know its own ceiling. Listens on 127.0.0.1, any
/// port.
class NullReceiver {
public:
    [[nodiscard]] static Result<std::unique_ptr<NullReceiver>> start();
    NullReceiver(const NullReceiver&) = delete;
    NullReceiver& operator=(const NullReceiver&) = delete;
    /// Cuts its connections.
    ~NullReceiver();

    [[nodiscard]] std::string url() const;

private:
    struct Parts;
    explicit NullReceiver(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace ringback
