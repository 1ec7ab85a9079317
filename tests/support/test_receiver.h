#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ringback::test {

/// A receiver's end of one connection: blocking, every wait bounded by five seconds.
class ReceiverEnd {
public:
    explicit ReceiverEnd(int socket) : socket_{socket} {}

    /// The next request, head and body as they came; "" when the sender has closed.
    std::string read_request();
    /// Whatever comes next; "" at the end.
    std::string read_some();
    /// False when the sender is gone.
    bool send(std::string_view bytes) const;
    /// The same in pieces of one byte.
    bool dribble(std::string_view bytes) const;
    /// Ends the connection with RST instead of FIN.
    void reset();
    void half_close() const;
    void close();
    /// Returns when the sender has closed its end.
    void wait_for_close();
    [[nodiscard]] int socket() const { return socket_; }

private:
    int socket_;
    std::string ahead_;
};

/// A server for tests that can misbehave: one thread per connection runs the script, and every byte
/// is the script's own. Port 0 on 127.0.0.1 or ::1; ends by itself.
class TestReceiver {
public:
    using Script = std::function<void(ReceiverEnd&)>;

    explicit TestReceiver(Script script, bool ipv6 = false);
    TestReceiver(const TestReceiver&) = delete;
    TestReceiver& operator=(const TestReceiver&) = delete;
    ~TestReceiver();

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string url(std::string_view rest = "/cb") const;
    [[nodiscard]] int connections() const { return connections_; }

private:
    void accept_loop();

    Script script_;
    bool ipv6_;
    int listener_{-1};
    std::uint16_t port_{0};
    std::atomic<int> connections_{0};
    std::mutex mutex_;
    std::vector<int> open_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

/// A port nobody listens on at the moment.
[[nodiscard]] std::uint16_t closed_port();

}  // namespace ringback::test
