#include "harness/run/request_headers.h"

#include <algorithm>
#include <utility>

#include "simulator/wire/ascii.h"

namespace ringback {

nlohmann::json headers_of(const Request& request) {
    nlohmann::json headers = nlohmann::json::object();
    for (const Header& field : request.headers) {
        std::string name = field.name;
        std::ranges::transform(name, name.begin(), ascii_lower);
        headers[name] = field.value;
    }
    return headers;
}

}  // namespace ringback
