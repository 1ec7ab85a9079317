#include "harness/load/known_name.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <utility>

#include "simulator/edge/name_lookup.h"

namespace ringback {

Result<KnownName> resolve_once(const Target& target, const TargetPolicy& policy,
                               std::chrono::milliseconds patience) {
    KnownName known{target.host, {}};
    std::string problem = fmt::format("no answer within {} ms", patience.count());
    boost::asio::io_context loop{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
    NameLookup names{loop};
    const auto refused =
        names.start(target.host, [&](std::vector<IpAddress> addresses, std::string why) {
            known.addresses = std::move(addresses);
            problem = std::move(why);
        });
    if (refused) {
        problem = *refused;
    }
    loop.run_for(patience);
    if (known.addresses.empty()) {
        return Error{"", fmt::format("the name {} was not resolved: {}", target.host, problem)};
    }
    for (const IpAddress& address : known.addresses) {
        if (!policy.allows_address(address, target.port, target.host)) {
            return Error{"--callback-url", fmt::format("callbacks to {} are refused: it resolves "
                                                       "to {}",
                                                       target.host, to_text(address))};
        }
    }
    return known;
}

}  // namespace ringback
