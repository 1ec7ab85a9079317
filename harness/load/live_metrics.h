#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/load/result.h"
#include "simulator/edge/http.h"

namespace ringback {

/// GET /metrics of a load run, while it goes on: what load_prometheus() makes of it so far. On the
/// loop of the API's port, which is the run's own: a text is made once for all who wait for it, and
/// stands for a quarter of a second, so that however often it is asked for the run is not
/// disturbed. Who may ask is judged as for the admin plane; what is asked for here is no request of
/// the receiver's and is counted nowhere.
class LiveMetrics {
public:
    using Told = std::function<void(const LoadResult&)>;
    /// Hands over the run so far, once, on this loop: at once, or when other loops have told
    /// theirs.
    using Gather = std::function<void(Told)>;

    explicit LiveMetrics(Gather gather) : gather_{std::move(gather)} {}

    /// "/metrics" and, as that is where the admin plane is, "/__admin/metrics".
    [[nodiscard]] static bool serves(const Request& request);
    /// The answer to whoever may not ask.
    [[nodiscard]] static std::optional<Response> admit(const Request& head);
    void handle(const Request& request, std::shared_ptr<Responder> responder);

private:
    void take(const LoadResult& so_far);

    Gather gather_;
    std::string text_;
    std::optional<WallInstant> made_{};
    std::vector<std::shared_ptr<Responder>> waiting_;  // for the text that is being made
};

}  // namespace ringback
