#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/tape/tape.h"
#include "simulator/core/result.h"

namespace ringback {

struct ProxySettings {
    std::uint16_t port{0};
    std::string receiver;  // scheme, host and port
    std::string upstream;  // the same; "": requests to the API have nowhere to go
    bool verify_tls{true};
    std::string ca_file;               // PEM; "" = the system's
    std::string certificate_file;      // PEM, shown to a receiver that asks for one; "" = none
    std::string key_file;              // PEM, its key; "" = in the same file
    std::vector<std::string> headers;  // extra "Name: value" lines for every callback
    std::chrono::milliseconds receiver_patience{15'000};  // more than a provider has
    std::chrono::milliseconds upstream_patience{30'000};
};

/// Stands between a provider and a receiver and keeps what passes. One port for both legs: paths
/// under /v1/ are requests to the API, all others callbacks to the receiver. Listens on 127.0.0.1,
/// with the front of the fake itself (simulator/edge): its limits and deadlines hold here, too.
///
/// Bounds   requests of 1 MB and answers of 16 MB pass; larger ones are 413 and 502. Of each leg 64
///          are under way at once, the others wait their turn; with 1,024 or 64 MB of them waiting
///          more are 503. After 64 MB or 20,000 passages no more are kept, which overflowed()
///          tells; they still pass.
/// Threads  one, which does it all on an event loop; and one that names are asked about.
class TapeProxy {
public:
    explicit TapeProxy(ProxySettings settings);
    TapeProxy(const TapeProxy&) = delete;
    TapeProxy& operator=(const TapeProxy&) = delete;
    /// Cuts whatever is under way.
    ~TapeProxy();

    /// Begins to listen; its base URL. The error names address and port, and the system's reason.
    [[nodiscard]] Result<std::string> start();
    /// From now on no more is passed on, and what waits is answered 503. It is over when what is
    /// under way has been answered, at the latest 5 s after the patience with an upstream.
    void begin_to_end();
    /// It is over now; what is under way gets no answer.
    void cut();
    /// A descriptor that is readable when it is over.
    [[nodiscard]] int over() const;
    /// begin_to_end(), and waits for the end.
    void stop();

    /// Told of each passage when its answer is known, on the loop's thread, before the answer is
    /// given back. Set before start().
    void on_passage(std::function<void(const Passage&)> told);

    /// What has passed so far, in the order in which the requests came.
    [[nodiscard]] std::vector<Passage> passages() const;
    [[nodiscard]] bool overflowed() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace ringback
