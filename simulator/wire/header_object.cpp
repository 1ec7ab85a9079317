#include "simulator/wire/header_object.h"

#include <algorithm>
#include <string>

namespace ringback {

nlohmann::ordered_json header_object(std::string_view lines) {
    nlohmann::ordered_json headers = nlohmann::ordered_json::object();
    while (!lines.empty()) {
        const std::size_t name_end = lines.find('\n');
        const std::size_t value_end = lines.find('\n', name_end + 1);
        std::string name{lines.substr(0, name_end)};
        std::ranges::transform(name, name.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        const std::string_view value = lines.substr(name_end + 1, value_end - name_end - 1);
        const auto known = headers.find(name);
        if (known == headers.end()) {
            headers[name] = value;
        } else {
            known->get_ref<std::string&>().append(", ").append(value);
        }
        lines.remove_prefix(value_end + 1);
    }
    return headers;
}

}  // namespace ringback
