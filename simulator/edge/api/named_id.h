#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/edge/http.h"
#include "simulator/wire/ids.h"

namespace ringback {

/// What may be the id of a call, recording, message, bridge, conference, domain or error.
struct NamedId {
    IdKind kind{};
    std::string text;
    std::uint64_t user_hash{0};

    /// Whether `ids` makes it, and so no other process or scenario.
    [[nodiscard]] bool is_of(const IdCodec& ids) const {
        return ids.decode(kind, text, user_hash).has_value();
    }
};

/// Of a request: the id in its path, /v1/users/{userId}/calls/{id}..., or that of the call which a
/// file of media belongs to; where the path names none, that of the first call, or of the bridge or
/// conference, which what it creates is to be with: `callIds` of POST bridges, `bridgeId` or
/// `conferenceId` of POST calls. None: it names nothing that is made.
[[nodiscard]] std::optional<NamedId> id_in(const Request& request);

/// Whether it names an id that `ids` makes.
[[nodiscard]] bool names_id_of(const Request& request, const IdCodec& ids);

/// Whether what the path leads to belongs to the account as a whole, with what calls are placed:
/// applications, numbers, domains, its own files.
[[nodiscard]] bool is_of_account(std::string_view path);

}  // namespace ringback
