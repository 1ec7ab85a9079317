#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "simulator/core/result.h"

namespace ringback {

/// Whom requests are passed on to, and how.
struct OnwardSettings {
    std::string base;  // scheme, host and port
    bool verify_tls{true};
    std::string ca_file;           // PEM; "" = the system's
    std::string certificate_file;  // PEM, shown to whoever asks for one; "" = none
    std::string key_file;          // PEM; "" = it stands in the same file
    std::chrono::milliseconds patience{15'000};
    std::uint64_t most_body{std::uint64_t{16} << 20U};  // bytes of an answer
};

using HeaderLines = std::vector<std::pair<std::string, std::string>>;

struct OnwardRequest {
    std::string method;
    std::string target;  // path and query, as it came
    HeaderLines headers;
    std::string body;
};
struct OnwardAnswer {
    int status{0};
    HeaderLines headers;
    std::string body;  // taken out of its chunks
};

/// Passes requests on to one server, a connection for each, on the caller's loop. What answers may
/// be anything: heads of 16 kB, bodies of `most_body` and 8 interim answers are read. Connecting
/// gets 2 s, shaking hands included.
class OnwardClient {
public:
    /// The answer, or who did not give one and why.
    using Then = std::function<void(Result<OnwardAnswer> came)>;

    explicit OnwardClient(OnwardSettings settings);
    OnwardClient(const OnwardClient&) = delete;
    OnwardClient& operator=(const OnwardClient&) = delete;
    ~OnwardClient();

    /// Calls `then` once, from a later turn of the loop, within `patience` whatever the network and
    /// its names do; never if the loop ends before. This object outlives the loop.
    void send(boost::asio::io_context& loop, OnwardRequest request, Then then) const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace ringback
