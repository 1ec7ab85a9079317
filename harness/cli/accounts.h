#pragma once

#include <filesystem>
#include <vector>

#include "simulator/core/result.h"
#include "simulator/edge/settings.h"

namespace ringback {

/// Reads the accounts of strict mode.
///
/// Shape   a JSON array of {"userId": "u-1", "token": "t-1", "secret": "s-1"}, all three non-empty,
///         token and secret of at most 512 bytes.
/// Errors  every problem of the file at once, each naming its place: "accounts.json:/1/secret:
/// expected ...".
///         A secret is never shown.
struct AccountsFile {
    std::vector<Account> accounts;
    std::vector<Error> problems;
};
[[nodiscard]] AccountsFile load_accounts(const std::filesystem::path& path);

}  // namespace ringback
