#pragma once

#include <boost/asio/ip/basic_resolver.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulator/edge/ip_address.h"
#include "simulator/edge/tcp.h"

namespace ringback {

/// Asks the system's resolver, which blocks, on Asio's helper thread. A bounded number at once;
/// nobody waits longer than their own deadline for the answer.
class NameLookup {
public:
    /// The answers, or none and why.
    using Then = std::function<void(std::vector<IpAddress> addresses, std::string problem)>;

    explicit NameLookup(boost::asio::io_context& loop) : resolver_{loop} {}

    /// Calls `then` once, from a later turn of the loop; never after this object's end. Otherwise
    /// why nobody can be asked, and `then` is dropped.
    [[nodiscard]] std::optional<std::string> start(const std::string& name, Then then);

private:
    boost::asio::ip::basic_resolver<boost::asio::ip::tcp, LoopExecutor> resolver_;
    std::size_t under_way_{0};
    std::shared_ptr<bool> alive_{std::make_shared<bool>(true)};  // handlers hold it weakly
};

}  // namespace ringback
