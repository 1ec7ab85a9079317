#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/load/call_hall.h"
#include "simulator/edge/api/named_id.h"
#include "simulator/edge/http.h"

namespace ringback {

/// The API's port under load: a request goes to the hall that made the call or recording it names,
/// one that names none to the hall where a kicked call awaits just that, else to the first where
/// one waits, else to the first. Without a hall yet it is answered 503.
///
/// All halls are on the loop of the port. A scenario that kicks is played by one loop alone: over
/// several, awaits() would have to be asked of all of them, each on its loop.
class HallDoor : public HttpHandler {
public:
    /// It outlives the door's server.
    void open_to(CallHall& hall) { halls_.push_back(&hall); }

    [[nodiscard]] bool has_made(const NamedId& named) const;

    std::optional<Response> admit(const Request& head) override;
    std::optional<std::size_t> most_body(const Request& head) const override;
    Response too_large(const Request& head) override;
    void handle(Request&& request, std::shared_ptr<Responder> responder) override;
    Response refuse(int status, std::string_view what, std::string_view remote_ip) override;
    void request_begins() override {}
    void request_ends() override {}

private:
    [[nodiscard]] CallHall* hall_of(const Request& request) const;

    std::vector<CallHall*> halls_;
};

}  // namespace ringback
