#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/run/stage.h"
#include "simulator/edge/http.h"

namespace ringback {

/// One port for many stages: every request goes to the stage that made the call its path names, so
/// that a receiver that is late with one scenario does no harm to the next; else to the newest of
/// that user id. What names none is refused and counted, because a receiver that asks for the wrong
/// user waits for nothing.
class StageDoor : public HttpHandler {
public:
    /// From now on that user's requests are the stage's; it outlives the door.
    void open_to(Stage& stage);
    [[nodiscard]] const std::vector<std::string>& strays() const { return strays_; }

    std::optional<Response> admit(const Request& head) override;
    void handle(Request request, std::shared_ptr<Responder> responder) override;
    Response refuse(int status, std::string_view what, std::string_view remote_ip) override;
    void request_begins() override;
    void request_ends() override;

private:
    [[nodiscard]] Stage* stage_of(const Request& request) const;
    [[nodiscard]] Response nobody(const Request& request);

    std::vector<Stage*> stages_;  // the newest last
    std::size_t under_way_{0};
    std::vector<std::string> strays_;  // "POST /v1/users/u-other/calls", the first few
};

}  // namespace ringback
