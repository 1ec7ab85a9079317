#include "harness/cli/accounts.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace ringback {
namespace {

using nlohmann::json;

constexpr std::size_t largest_file = 1U << 20U;

void take_member(const json& from, const char* name, const std::string& where, std::string& into,
                 std::vector<Error>& problems) {
    const auto member = from.find(name);
    if (member == from.end()) {
        problems.push_back({where, fmt::format("expected \"{}\", found no such member", name)});
    } else if (!member->is_string() || member->get_ref<const std::string&>().empty()) {
        problems.push_back(
            {fmt::format("{}/{}", where, name),
             fmt::format("expected a non-empty string, found {}",
                         member->is_string() ? "an empty one" : member->type_name())});
    } else {
        into = member->get<std::string>();
    }
}

/// A longer one could never be right, however it is asked for.
void take_credential(const json& from, const char* name, const std::string& where,
                     std::string& into, std::vector<Error>& problems) {
    take_member(from, name, where, into, problems);
    if (into.size() > longest_credential) {
        problems.push_back(
            {fmt::format("{}/{}", where, name),
             fmt::format("expected at most {} bytes, found {}", longest_credential, into.size())});
    }
}

Account account_from(const json& item, const std::string& where, std::vector<Error>& problems) {
    Account account;
    if (!item.is_object()) {
        problems.push_back({where, fmt::format("expected an object, found {}", item.type_name())});
        return account;
    }
    take_member(item, "userId", where, account.user_id, problems);
    take_credential(item, "token", where, account.token, problems);
    take_credential(item, "secret", where, account.secret, problems);
    for (const auto& [name, value] : item.items()) {
        if (name != "userId" && name != "token" && name != "secret") {
            problems.push_back(
                {where, "expected userId, token and secret only, found another member"});
            break;
        }
    }
    return account;
}

}  // namespace

AccountsFile load_accounts(const std::filesystem::path& path) {
    AccountsFile file;
    std::ifstream in{path, std::ios::binary};
    std::string text(largest_file + 1, '\0');
    if (!in || (in.read(text.data(), static_cast<std::streamsize>(text.size())), in.bad())) {
        file.problems.push_back({path.string(), "cannot be opened for reading"});
        return file;
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > largest_file) {
        file.problems.push_back({path.string(), "expected at most 1 MB, found more"});
        return file;
    }
    const json list =
        json::parse(text, nullptr, /*allow_exceptions=*/false, /*ignore_comments=*/true);
    if (!list.is_array()) {
        file.problems.push_back(
            {path.string(),
             fmt::format("expected a JSON array of accounts, found {}",
                         list.is_discarded() ? "text that is no JSON" : list.type_name())});
        return file;
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string where = fmt::format("{}:/{}", path.string(), i);
        file.accounts.push_back(account_from(list[i], where, file.problems));
    }
    if (list.empty()) {
        file.problems.push_back({path.string(), "expected at least one account, found none"});
    }
    return file;
}

}  // namespace ringback
