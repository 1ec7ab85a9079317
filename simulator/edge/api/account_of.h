#pragma once

#include <map>
#include <string>
#include <string_view>

#include "simulator/edge/api/context.h"

namespace ringback {

/// Where no accounts are given, whose a token is: the user's in whose path it was first used. Only
/// paths without a user ask for it (spec v1 1.1).
class TokenUsers {
public:
    static constexpr std::size_t most_kept = 10'000;  // further tokens are not remembered, nor
                                                      // any of more than 128 bytes

    void note(std::string_view token, std::string_view user);
    /// Of a token that was not used yet: the user of the same name, u-me for t-me.
    [[nodiscard]] std::string user_of(std::string_view token) const;
    void reset() { users_.clear(); }

private:
    std::map<std::string, std::string, std::less<>> users_;
};

/// The account that a request to a path without a user is for: the first that its token opens, else
/// ApiSettings::sole_user, else what TokenUsers says. Needs: admit_api let the request pass.
[[nodiscard]] std::string account_of(const Request& request, const ApiContext& context);

}  // namespace ringback
