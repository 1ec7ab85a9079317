#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "harness/admin/admin_api.h"
#include "harness/run/stage.h"
#include "simulator/edge/http.h"
#include "simulator/edge/simulator.h"

namespace ringback::testing {

/// What stands behind the port of a fake: whoever made the call that a request names; else the
/// scenario being played, for the requests of its user; else the fake's own API and admin plane. On
/// the loop.
class Doorway : public HttpHandler {
public:
    /// Told of the request that is being handled, for what a journal does not keep of it.
    using Watch = std::function<void(const Request*)>;

    Doorway(Simulator& own, AdminApi& admin, Watch watch)
        : own_{own}, admin_{admin}, watch_{std::move(watch)} {}

    /// Requests of its user go to the stage until it is over, those about its calls for good; it
    /// outlives the door.
    void open_to(Stage& stage);

    std::optional<Response> admit(const Request& head) override;
    std::optional<std::size_t> most_body(const Request& head) const override;
    Response too_large(const Request& head) override;
    void handle(Request&& request, std::shared_ptr<Responder> responder) override;
    Response refuse(int status, std::string_view what, std::string_view remote_ip) override;
    void request_begins() override;
    void request_ends() override;

private:
    /// Null: the request is for the fake itself.
    [[nodiscard]] Stage* stage_of(const Request& request) const;

    Simulator& own_;
    AdminApi& admin_;
    Watch watch_;
    std::vector<Stage*> stages_;  // the newest last; those before it are over
    std::size_t under_way_{0};
};

}  // namespace ringback::testing
