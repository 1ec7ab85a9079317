#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/http.h"
#include "simulator/edge/simulator.h"

namespace ringback {

/// The API's port under load: everything is the hall's.
class LoadDoor : public HttpHandler {
public:
    void open_to(Simulator& simulator) { simulator_ = &simulator; }

    std::optional<Response> admit(const Request& head) override {
        return simulator_ == nullptr ? std::nullopt : simulator_->admit(head);
    }
    void handle(Request&& request, std::shared_ptr<Responder> responder) override {
        if (simulator_ == nullptr) {
            responder->send(provider_error(503, "unavailable", "call-unavailable", "starting"));
        } else {
            simulator_->handle(request, responder);
        }
    }
    Response refuse(int status, std::string_view what, std::string_view /*remote_ip*/) override {
        if (status == 413) {
            status = 400;  // spec v1 7.2
        }
        return provider_error(status, status == 503 ? "unavailable" : "bad-request",
                              "validation-error", what);
    }
    void request_begins() override {}
    void request_ends() override {}

private:
    Simulator* simulator_{nullptr};
};

}  // namespace ringback
