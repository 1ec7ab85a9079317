#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/auth.h"
#include "simulator/edge/api/context.h"

namespace ringback {

/// A raw path in its decoded segments; one trailing slash does not count.
///
/// Refuses (none): bad percent codes, control bytes and invalid UTF-8 after decoding (400 for the
/// caller). Dot segments, empty ones and encoded slashes stay as they are and match no route.
[[nodiscard]] std::optional<std::vector<std::string>> split_path(std::string_view path);

/// The {userId} of /v1/users/{userId}/..., decoded; none if the path has none.
[[nodiscard]] std::optional<std::string> user_in(std::string_view path);

/// A target that begins with /v1/users/{userId}/, with another user in its place; any other as it
/// is.
[[nodiscard]] std::string with_user(std::string_view target, std::string_view user);

/// What may be the id of a call, recording, message, bridge or conference.
struct NamedId {
    IdKind kind{};
    std::string text;
    std::uint64_t user_hash{0};

    /// Whether `ids` makes it, and so no other process or scenario.
    [[nodiscard]] bool is_of(const IdCodec& ids) const {
        return ids.decode(kind, text, user_hash).has_value();
    }
};
/// That of /v1/users/{userId}/calls/{id}..., of .../recordings, errors, messages, bridges,
/// conferences or
/// media; none if the path
/// has none.
[[nodiscard]] std::optional<NamedId> id_in(std::string_view path);

/// The same; of a request whose path names none, that of the first call or of the bridge which what
/// it creates is to be with: `callIds` of POST bridges, `bridgeId` of POST calls.
[[nodiscard]] std::optional<NamedId> id_in(const Request& request);

/// Whether a path, or a request, names an id that `ids` makes.
[[nodiscard]] bool names_id_of(std::string_view path, const IdCodec& ids);
[[nodiscard]] bool names_id_of(const Request& request, const IdCodec& ids);

/// Answers everything under /v1. Needs: admit_api let the request pass.
[[nodiscard]] ApiReply answer_api(const Request& request, ApiContext& context);

/// A route as it is written down: "GET", "/v1/users/{}/calls/{}".
struct RouteName {
    std::string_view method;
    std::string path;
};
/// All that answer_api knows.
[[nodiscard]] std::vector<RouteName> all_routes();

}  // namespace ringback
