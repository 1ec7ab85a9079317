#include "simulator/wire/header_object.h"

#include <algorithm>
#include <string>

namespace ringback {

nlohmann::ordered_json header_object(std::string_view lines) {
    nlohmann::ordered_json headers = nlohmann::ordered_json::object();
    // A last line that does not end, ends with the text.
    const auto take_line = [&lines] {
        const std::size_t end = std::min(lines.find('\n'), lines.size());
        const std::string_view line = lines.substr(0, end);
        lines.remove_prefix(std::min(end + 1, lines.size()));
        return line;
    };
    while (!lines.empty()) {
        std::string name{take_line()};
        std::ranges::transform(name, name.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        const std::string_view value = take_line();
        const auto known = headers.find(name);
        if (known == headers.end()) {
            headers[name] = value;
        } else {
            known->get_ref<std::string&>().append(", ").append(value);
        }
    }
    return headers;
}

}  // namespace ringback
