#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/load/call_hall.h"
#include "harness/locust/lines.h"
#include "harness/locust/locust_host.h"
#include "harness/locust/locust_meter.h"
#include "harness/scenario/scenario.h"

namespace ringback {

/// A worker's calls: Locust's users as lines, each scenario in a hall of its own. On the loop.
class LineHost : public LocustHost {
public:
    /// The first failures of each scenario, as stories.
    using TellFailure = std::function<void(const KeptFailure& failure)>;

    /// `scenarios` and `targets` outlive it; `settings.ids` is the first hall's, each further one
    /// has the next. Errors: two scenarios of one class, and as of CallHall::build().
    [[nodiscard]] static Result<std::unique_ptr<LineHost>> build(
        boost::asio::io_context& loop, const std::vector<Scenario>& scenarios,
        const TargetPolicy& targets, const CallHallSettings& settings, TellFailure tell);

    [[nodiscard]] std::vector<CallHall*> halls();

    // LocustHost
    [[nodiscard]] std::vector<std::string> user_classes() const override;
    void begin(const LocustTest& test) override;
    void set_users(const LocustUsers& users, std::chrono::milliseconds grace,
                   std::function<void()> then) override;
    void stop(std::chrono::milliseconds grace, std::function<void()> then) override;
    [[nodiscard]] LocustStats take_stats() override;

private:
    /// One scenario, and the calls of it that are in flight: whose line they are on, by their n.
    struct Stage {
        std::string name;  // its class
        std::unique_ptr<LocustMeter> meter;
        std::unique_ptr<CallHall> hall;
        std::map<std::uint64_t, std::size_t> calls{};
        std::uint64_t placed{0};
        std::size_t told{0};  // of its kept failures
    };

    LineHost(boost::asio::io_context& loop, std::size_t scenarios, TellFailure tell);
    void ended(Stage& stage, const Arrival& arrival, bool placed);
    void want(const std::vector<std::uint32_t>& counts, std::chrono::milliseconds grace,
              std::function<void()> then);
    void place_due();
    void place(const Lines::Turn& turn);
    void hang_up_surplus();
    void pace();
    void check_settled();

    boost::asio::io_context& loop_;
    TellFailure tell_;
    LocustStats stats_;
    std::vector<std::unique_ptr<Stage>> stages_;
    Lines lines_;  // of class n: of stage n; the last class: of all stages in turn
    std::size_t in_turn_{0};
    std::function<void()> then_;
    std::uint64_t order_{0};  // which of the master's the grace is of
    WallInstant began_{};
    boost::asio::steady_timer pacer_;
    boost::asio::steady_timer grace_;
};

}  // namespace ringback
