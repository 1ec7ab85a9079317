#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/record/journal.h"
#include "simulator/edge/controls.h"
#include "simulator/edge/http.h"

namespace ringback {

struct AdminSettings {
    std::string token{};                    // "" = none is asked for
    std::vector<std::string> host_names{};  // besides 127.0.0.1, localhost and [::1] (--host-name)
    bool loopback{true};  // false: others can reach it, so without a token nothing is served
};

/// Everything under /__admin: what tests and people use to look into a running simulator and to act
/// as the telephone network. openapi.json describes the routes; README.md says who may call them.
///
/// Works on the simulator's loop. Answers its own refusals in its own shape: {"error", ...}.
class AdminApi {
public:
    /// `controls` and `journal` outlive this.
    AdminApi(Controls& controls, Journal& journal, AdminSettings settings);
    AdminApi(const AdminApi&) = delete;
    AdminApi& operator=(const AdminApi&) = delete;
    /// Ends open event streams; requests still waiting are dropped.
    ~AdminApi();

    [[nodiscard]] static bool serves(const Request& request);

    /// Who may ask (Host, Origin, token) and with what type of body; judged before the body is
    /// read.
    [[nodiscard]] std::optional<Response> admit(const Request& head) const;

    /// Judges again, then answers: at once, or when what was waited for has happened.
    void handle(Request request, std::shared_ptr<Responder> responder);

private:
    struct Parts;
    AdminSettings settings_;
    std::unique_ptr<Parts> parts_;
};

}  // namespace ringback
