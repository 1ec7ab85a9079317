#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/process/child.h"
#include "simulator/core/result.h"

namespace ringback {

/// Where a receiver shows that it is there.
struct ReceiverAddress {
    std::string text;                // as people are told: "http://127.0.0.1:3000/"
    std::string name{};              // a host to look up, or ...
    std::vector<std::string> hosts;  // ... IP literals, tried in turn; localhost is both
    std::uint16_t port{};
    std::string host_header;     // "127.0.0.1:3000"; of a URL
    std::string request_target;  // "/healthz?deep=1"; "": a connection is enough
};

/// Reads "3000" (on localhost), "127.0.0.1:3000", "[::1]:3000", "receiver:3000",
/// "http://HOST[:PORT][/PATH]" or "https://HOST[:PORT]", of which a connection is enough: whose
/// certificate is to be trusted is the callbacks' affair. The error says what was expected and
/// found.
[[nodiscard]] Result<ReceiverAddress> parse_receiver_address(std::string_view text);

/// Waits until the receiver is there: it accepts a connection or, of a URL, answers a GET with any
/// status. Whatever else comes is tried again, also a name that nobody knows yet. None when it is
/// there.
///
/// `child`  the command that is to become it, or null; when that ends, so does the wait.
/// `enough` a descriptor, or -1: the wait ends, too, once it can be read; with an error that nobody
///          is told.
/// Errors   "the receiver's command ended with exit code 1 before it answered at http://...", or at
///          the deadline what was expected, what came last, for how long it was tried.
[[nodiscard]] std::optional<Error> await_receiver(const ReceiverAddress& address,
                                                  SteadyTime deadline, Child* child,
                                                  int enough = -1);

}  // namespace ringback
