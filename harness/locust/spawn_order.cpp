#include "harness/locust/spawn_order.h"

#include <fmt/format.h>

#include <cmath>

#include "simulator/wire/printable.h"

namespace ringback {
namespace {

using nlohmann::json;

constexpr std::uint64_t most_users = 1'000'000;
constexpr double longest_grace = 86'400;

Error refused(std::string_view member, std::string_view expected) {
    return Error{"spawn of the Locust master", fmt::format("{}: expected {}", member, expected)};
}

/// nullptr where it is missing or null.
const json* member(const json& data, const char* name) {
    const auto found = data.find(name);
    return found == data.end() || found->is_null() ? nullptr : &*found;
}

Result<LocustUsers> users_of(const json* counts) {
    if (counts == nullptr || !counts->is_object()) {
        return refused("user_classes_count", "how many users of each class");
    }
    LocustUsers users;
    for (const auto& [name, count] : counts->items()) {
        const bool whole = count.is_number_unsigned() ||
                           (count.is_number_integer() && count.get<std::int64_t>() >= 0);
        if (!whole || count.get<std::uint64_t>() > most_users) {
            return refused("user_classes_count",
                           fmt::format("0..{} users of {}", most_users, printable(name)));
        }
        users[name] = count.get<std::uint32_t>();
    }
    return users;
}

}  // namespace

Result<SpawnOrder> read_spawn_order(const json& data) {
    if (!data.is_object()) {
        return refused("data", "an object");
    }
    SpawnOrder order;
    const json* const timestamp = member(data, "timestamp");
    if (timestamp == nullptr || !timestamp->is_number()) {
        return refused("timestamp", "seconds");
    }
    order.timestamp = timestamp->get<double>();
    auto users = users_of(member(data, "user_classes_count"));
    if (!users) {
        return users.error();
    }
    order.users = std::move(users).value();
    if (const json* const grace = member(data, "stop_timeout")) {
        const double seconds = grace->is_number() ? grace->get<double>() : -1;
        if (!(seconds >= 0 && seconds <= longest_grace)) {
            return refused("stop_timeout", "seconds, a day at most");
        }
        order.grace = std::chrono::milliseconds{std::llround(seconds * 1000)};
    }
    if (const json* const host = member(data, "host")) {
        if (!host->is_string()) {
            return refused("host", "text");
        }
        order.test.host = host->get<std::string>();
    }
    order.test.options = json::object();
    if (const json* const options = member(data, "parsed_options")) {
        if (!options->is_object()) {
            return refused("parsed_options", "an object");
        }
        order.test.options = *options;
    }
    return order;
}

}  // namespace ringback
