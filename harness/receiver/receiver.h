#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "simulator/core/result.h"

namespace ringback {

/// A callback as its receiver sees it.
struct SeenCallback {
    std::string method;  // "POST" or "GET"
    std::string path;    // without query
    nlohmann::json
        event;  // the body's object; of a GET an object of texts; null when it was neither
};

/// What the receiver says to it.
struct ReceiverReply {
    int status{200};
    std::string body;
};

/// An HTTP server for callbacks whose behaviour is a function: the bundled receiver, and what tests
/// in C++ receive with. Listens on 127.0.0.1, any port, every path
/// of at most 256 bytes; longer ones are answered 414.
///
/// Threads  one that accepts and a pool of `threads` that call the handler, several at once: it
/// must
///          stand that. A kept connection holds a thread, so there can be as many as threads.
class Receiver {
public:
    using Handler = std::function<ReceiverReply(const SeenCallback&)>;

    explicit Receiver(Handler handler, std::size_t threads = 16);
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;
    /// Stops.
    ~Receiver();

    /// Begins to listen; the port. Every request from then on is answered.
    [[nodiscard]] Result<std::uint16_t> start();
    /// Ends when the handlers under way have; at most a second after the last kept connection's
    /// request.
    void stop();

    /// "http://127.0.0.1:49213/callback"; after start().
    [[nodiscard]] std::string url() const;

private:
    struct Server;
    std::unique_ptr<Server> server_;
};

}  // namespace ringback
