#pragma once

#include <map>
#include <string>

#include "simulator/edge/api/account_of.h"
#include "simulator/edge/api/router.h"

namespace ringback::fuzz {

/// The API's routes on an engine of their own, with one of everything there is, without sockets.
class ApiBench {
public:
    ApiBench();

    /// As the server does: the head is judged, then the routes answer. What holds of every answer
    /// is required here.
    Response ask(const Request& request);
    [[nodiscard]] Request request(std::string method, const std::string& target,
                                  std::string body) const;

    /// "@call" and so on in a path stands for the id of what there is.
    [[nodiscard]] std::string with_ids(std::string path) const;
    void pass(Duration time);

private:
    [[nodiscard]] ApiContext context();
    void have(const std::string& name, const std::string& path, const std::string& body);

    Engine engine_{Seed{7}, {}};
    IdCodec ids_{Seed{7}};
    ApiSettings settings_;
    std::vector<Account> accounts_;
    UserErrors errors_;
    RateLimits limits_;
    MediaStore media_{std::size_t{1} << 20U};
    Familiar familiar_;
    TokenUsers token_users_;
    Instant now_{std::chrono::seconds{1'511'496'041}};  // 2017-11-24T04:00:41Z
    std::map<std::string, std::string> ids_of_;
};

}  // namespace ringback::fuzz
