#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulator/edge/ip_address.h"

namespace ringback {

/// The answers, or none and why.
using NameLookedUp =
    std::function<void(const std::vector<IpAddress>& addresses, const std::string& problem)>;

/// Asks the system's resolver, which blocks for as long as it likes and cannot be stopped: on a
/// thread for each name, so that none waits for another. For each loop there are at most 32 of
/// them, and 1,024 who wait for one name; they are left alone when the loop ends.
///
/// Calls `then` once, from a later turn of the loop, which does not run out of work before; not if
/// the loop ends first. Otherwise why nobody can be asked, and `then` is dropped.
[[nodiscard]] std::optional<std::string> look_up_name(boost::asio::io_context& loop,
                                                      const std::string& name, NameLookedUp then);

/// The same for somebody who may end before the loop does.
class NameLookup {
public:
    explicit NameLookup(boost::asio::io_context& loop) : loop_{loop} {}

    /// As look_up_name(); nothing is called after this object's end.
    [[nodiscard]] std::optional<std::string> start(const std::string& name, NameLookedUp then);

private:
    boost::asio::io_context& loop_;
    std::shared_ptr<bool> alive_{std::make_shared<bool>(true)};  // handlers hold it weakly
};

}  // namespace ringback
