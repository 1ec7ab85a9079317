#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "harness/load/load_meter.h"
#include "harness/locust/locust_stats.h"

namespace ringback {

/// What happens in the calls of one scenario, as rows of Locust's table: EVENT, KICK, REACT,
/// API, CALL.
class LocustMeter : public LoadMeter {
public:
    /// `stats` outlives it and may be that of several scenarios.
    LocustMeter(LocustStats& stats, std::string scenario)
        : stats_{stats}, scenario_{std::move(scenario)} {}

    void started(const Arrival& /*arrival*/, Duration /*lag*/) override {}
    void ended(const Arrival& arrival, std::string_view cause, Duration took) override;
    void callback(const Arrival& arrival, const LoadedCallback& callback) override;
    void kicked(const Arrival& arrival, const LoadedCallback& kick) override;
    void unexpected() override;
    void request(const Arrival* arrival, const ApiExchange& exchange) override;
    void reaction(const Arrival& arrival, std::string_view step, Duration after) override;
    void timer(const Arrival& arrival, std::string_view name, Duration length) override;
    void lost() override;
    void judged(std::string_view /*step*/, bool /*passed*/) override {}

private:
    void add_sent(std::string_view method, std::string_view name, const LoadedCallback& sent);

    LocustStats& stats_;
    std::string scenario_;
};

/// "POST /calls/{id}/audio" of a request to the API; one text for all that the API does not know,
/// as whoever asks chooses paths and methods.
[[nodiscard]] std::string locust_api_name(std::string_view method, std::string_view target);

}  // namespace ringback
