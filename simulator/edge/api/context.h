#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/core/engine.h"
#include "simulator/edge/api/media_store.h"
#include "simulator/edge/api/rate_limits.h"
#include "simulator/edge/api/user_errors.h"
#include "simulator/edge/http.h"
#include "simulator/edge/memory_watch.h"
#include "simulator/edge/settings.h"
#include "simulator/wire/ids.h"

namespace ringback {

/// What earlier requests had in them and was found good: a client's requests are much alike, and
/// equal bytes need no second judgement. Nothing in it guards a secret.
struct Familiar {
    /// The text is what was found good; nothing is before the first.
    [[nodiscard]] static bool is(const std::string& good, std::string_view text) {
        return !good.empty() && good == text;
    }

    std::string authorization;  // a well-formed one; looked at only where every such one is taken
    std::string host;
    RouteRef route;  // of the call created last
};

class TokenUsers;

/// All that the API's routes may see and touch; the same object serves every request of a loop.
struct ApiContext {
    Engine& engine;
    const IdCodec& ids;
    const ApiSettings& api;
    const std::vector<Account>& accounts;  // empty: every well-formed Basic header is accepted
    UserErrors& errors;
    RateLimits& limits;
    MediaStore& media;
    Instant now{};           // modelled; set before every request
    bool overloaded{false};  // new calls are answered 503
    /// Why callbacks may not go to a URL (names the flag that would allow it), none if they may.
    std::function<std::optional<std::string>(std::string_view url)> refuse_url{};
    Familiar* familiar{nullptr};         // null: every request is new
    TokenUsers* token_users{nullptr};    // null: no token is remembered
    const MemoryWatch* memory{nullptr};  // null: it has no limit
};

/// What the journal keeps of a request's body.
enum class KeepBody : std::uint8_t { whole, without_passwords, size_only };

/// The answer to one request and what the dispatcher and the journal want to know of it.
struct ApiReply {
    Response response;
    std::string user;             // the path's user id, "" if it has none
    CallId call{};                // concerned or created; none if none
    std::vector<CallId> touched;  // strands whose callbacks wait until the answer is written; once
    std::string location;         // of what was created
    MediaBytes file;              // the body in place of the response's, shared
    KeepBody keeps{KeepBody::whole};
};

}  // namespace ringback
