#pragma once

#include <memory>
#include <optional>

#include "harness/admin/admin_api.h"
#include "harness/record/journal.h"
#include "simulator/edge/http.h"
#include "simulator/edge/simulator.h"

namespace ringback {

/// What stands behind one port of a fake: the API, the admin plane, or both, told apart by the
/// path. With a journal file, answers of the API leave when that has what they rest on, and
/// whatever would change something is refused while it cannot be written. What the admin plane is
/// asked for is never waited for by the virtual clock: it may itself wait for that clock.
class Gateway : public HttpHandler {
public:
    enum class Serves : std::uint8_t { api, admin, both };

    /// All outlive the gateway.
    Gateway(Serves serves, Simulator& simulator, AdminApi& admin, Journal& journal);

    std::optional<Response> admit(const Request& head) override;
    std::optional<std::size_t> most_body(const Request& head) const override;
    Response too_large(const Request& head) override;
    Response out_of_memory(const Request& head) override;
    void handle(Request&& request, std::shared_ptr<Responder> responder) override;
    Response refuse(int status, std::string_view what, std::string_view remote_ip) override;
    void request_begins() override { simulator_.request_begins(); }
    void request_ends() override { simulator_.request_ends(); }

private:
    [[nodiscard]] bool is_for_admin(const Request& request) const;
    /// With a journal file: nothing is said to have happened before the file has it.
    void handle_recorded(Request request, std::shared_ptr<Responder> responder);
    /// Asked of a port that does not serve it.
    [[nodiscard]] std::optional<Response> misdirected(const Request& request) const;

    Serves serves_;
    Simulator& simulator_;
    AdminApi& admin_;
    Journal& journal_;
};

}  // namespace ringback
