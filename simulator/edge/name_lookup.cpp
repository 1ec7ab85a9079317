#include "simulator/edge/name_lookup.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/system_error.hpp>

namespace ringback {
namespace {

using Resolver = boost::asio::ip::basic_resolver<boost::asio::ip::tcp, LoopExecutor>;

constexpr std::size_t lookups_at_once = 32;

IpAddress plain(const boost::asio::ip::address& address) {
    IpAddress result;
    if (address.is_v6()) {
        result.bytes = address.to_v6().to_bytes();
        result.v6 = true;
    } else {
        std::ranges::copy(address.to_v4().to_bytes(), result.bytes.begin());
    }
    return result;
}

}  // namespace

std::optional<std::string> NameLookup::start(const std::string& name, Then then) try {
    if (under_way_ >= lookups_at_once) {
        return "too many names are being resolved";
    }
    resolver_.async_resolve(
        name, "0", Resolver::numeric_service,
        [this, alive = std::weak_ptr<bool>{alive_}, then = std::move(then)](
            const boost::system::error_code& error, const Resolver::results_type& results) {
            if (alive.expired()) {
                return;
            }
            --under_way_;
            std::vector<IpAddress> addresses;
            for (const auto& entry : results) {
                const IpAddress address = plain(entry.endpoint().address());
                if (std::ranges::find(addresses, address) == addresses.end()) {
                    addresses.push_back(address);
                }
            }
            then(std::move(addresses), error ? error.message() : std::string{});
        });
    ++under_way_;
    return std::nullopt;
} catch (const boost::system::system_error& error) {
    return error.code().message();  // of the thread that asks, which is made when there is a name
}

}  // namespace ringback
