#include "simulator/wire/query_object.h"

#include <fmt/format.h>

#include <algorithm>

#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

using nlohmann::json;

std::string decoded(std::string_view raw) {
    std::string spaced{raw};
    std::ranges::replace(spaced, '+', ' ');
    return percent_decoded(spaced).value_or(spaced);
}

/// Calls `take` with the name and the value of each, as they are written.
template <class Take>
void for_each_pair(std::string_view query, const Take& take) {
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        if (!pair.empty()) {
            take(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
        }
    }
}

}  // namespace

json query_object(std::string_view query) {
    json object = json::object();
    for_each_pair(query, [&](std::string_view name, std::string_view value) {
        object[decoded(name)] = decoded(value);
    });
    return object;
}

std::string edited_query(std::string_view query, const json& changes) {
    std::string edited;
    json left = changes;
    const auto add = [&](std::string_view name, std::string_view value) {
        edited += edited.empty() ? "" : "&";
        edited += fmt::format("{}={}", name, value);
    };
    const auto encoded = [](const json& value) {
        return percent_encoded(value.is_string()
                                   ? value.get_ref<const std::string&>()
                                   : value.dump(-1, ' ', false, json::error_handler_t::replace));
    };
    for_each_pair(query, [&](std::string_view name, std::string_view value) {
        const auto change = changes.find(decoded(name));
        if (change == changes.end()) {
            add(name, value);
            return;
        }
        left.erase(change.key());
        if (!change->is_null()) {
            add(name, encoded(*change));
        }
    });
    for (const auto& [name, value] : left.items()) {
        if (!value.is_null()) {
            add(percent_encoded(name), encoded(value));
        }
    }
    return edited;
}

}  // namespace ringback
