#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/document.h"
#include "simulator/edge/settings.h"

namespace ringback {

/// What `--fixture` files say: who has what when the fake starts.
struct Fixtures {
    std::vector<Seeded> seeded;
    std::vector<Account> accounts;  // of those with a token
    std::vector<Mistake> mistakes;  // all of them, in the order of files and places
};

/// Reads fixture files, each adding to those before. fixtures/README.md has the format,
/// fixtures/fixture.schema.json the schema.
///
/// Needs     at most 1 MiB each; media lie beside their fixture or below it.
/// Errors    file:line:column, field, expected, found. One mistake keeps nothing from being read.
/// `refuse_url`  why callbacks may not go to a URL, or none.
[[nodiscard]] Fixtures load_fixtures(
    const std::vector<std::string>& files,
    const std::function<std::optional<std::string>(std::string_view url)>& refuse_url);

}  // namespace ringback
