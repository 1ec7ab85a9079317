#pragma once

#include <chrono>
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

/// Passes requests on to one server, a connection for each. What answers may be anything: heads of
/// 16 kB, bodies of 16 MB and 8 interim answers are read, and everything is over within `patience`.
///
/// Threads  any number at once.
class OnwardClient {
public:
    explicit OnwardClient(OnwardSettings settings);
    OnwardClient(const OnwardClient&) = delete;
    OnwardClient& operator=(const OnwardClient&) = delete;
    ~OnwardClient();

    /// Blocks. The error says who did not answer, and why.
    [[nodiscard]] Result<OnwardAnswer> send(const OnwardRequest& request) const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace ringback
