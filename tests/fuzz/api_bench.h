#pragma once

#include <map>
#include <string>
#include <utility>

#include "tests/support/api_parts.h"

namespace ringback::fuzz {

/// The API's routes on an engine of their own, with one of everything there is, without sockets.
class ApiBench {
public:
    ApiBench();

    /// As the server does: the head is judged, then the routes answer. What holds of every answer
    /// is required here.
    Response ask(const Request& request);
    [[nodiscard]] Request request(std::string method, const std::string& target,
                                  std::string body) const {
        return api_.request(std::move(method), target, std::move(body));
    }

    /// "@call" and so on in a path stands for the id of what there is.
    [[nodiscard]] std::string with_ids(std::string path) const;
    void pass(Duration time);

private:
    void have(const std::string& name, const std::string& path, const std::string& body);

    test::ApiParts api_;
    std::map<std::string, std::string> ids_of_;
};

}  // namespace ringback::fuzz
