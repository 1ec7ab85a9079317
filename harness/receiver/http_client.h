#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "simulator/core/result.h"

namespace ringback {

/// Where a server of our own listens.
struct HttpPeer {
    std::string host;  // without brackets
    std::uint16_t port{};

    friend bool operator==(const HttpPeer&, const HttpPeer&) = default;
};

/// Reads "http://HOST[:PORT]"; a slash or "/__admin" at the end may be there. The error says what
/// was expected and found.
[[nodiscard]] Result<HttpPeer> http_peer_of(std::string_view url);

/// "127.0.0.1:12180", "[::1]:12180".
[[nodiscard]] std::string authority_of(const HttpPeer& peer);

struct HttpReply {
    int status{};
    std::string body;
    std::string location;
};

/// Blocking requests to the fake, each on a connection of its own. For commands, receivers and
/// tests: the peer must be one of ours (cpp-httplib trusts what it reads); callbacks never travel
/// this way. Copy one for every thread.
class HttpClient {
public:
    /// `patience` is for the answer; connecting gets 2 s.
    HttpClient(HttpPeer peer, std::chrono::milliseconds patience)
        : peer_{std::move(peer)}, patience_{patience} {}

    /// The whole value of Authorization, from now on.
    void authorize(std::string authorization) { authorization_ = std::move(authorization); }
    void authorize_basic(std::string_view user, std::string_view password);

    [[nodiscard]] Result<HttpReply> get(const std::string& target) const;
    [[nodiscard]] Result<HttpReply> post(const std::string& target,
                                         const nlohmann::json& body) const;

    [[nodiscard]] std::string peer() const { return authority_of(peer_); }

private:
    HttpPeer peer_;
    std::chrono::milliseconds patience_;
    std::string authorization_;
};

}  // namespace ringback
