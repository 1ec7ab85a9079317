#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "harness/load/load_hall.h"
#include "harness/load/loop_door.h"
#include "harness/load/measured_second.h"
#include "simulator/edge/http_server.h"
#include "simulator/edge/loop_hearing.h"

namespace ringback {

/// One loop of a load run, with all that is touched on it alone: its share of the calls, what it
/// counts of them, and the API's connections that it serves.
class LoadLoop {
public:
    /// Every arrival of that version of the schedule has been dealt with, and the last call has
    /// ended.
    struct Over {
        std::uint64_t version{0};
        WallInstant at{};
    };

    LoadLoop() = default;
    LoadLoop(const LoadLoop&) = delete;
    LoadLoop& operator=(const LoadLoop&) = delete;
    ~LoadLoop();

    [[nodiscard]] boost::asio::io_context& context() { return context_; }

    // While it does not run.
    /// First of all. Errors: it would never hear of some things.
    [[nodiscard]] std::optional<Error> hear(Hearing wanted);
    /// `scenario` and `targets` outlive it. Errors: as of LoadHall::build().
    [[nodiscard]] std::optional<Error> build(const Scenario& scenario, SharedSchedule schedule,
                                             const TargetPolicy& targets,
                                             LoadHallSettings settings);
    /// Requests about calls of `other` are answered there.
    void know(LoadLoop& other);
    /// Requests about the account's own things are answered there.
    void keep_account_at(LoadLoop& first);
    /// Who asks for the metrics is answered on that loop.
    void show(LiveMetrics& metrics, LoadLoop& home);
    /// On a thread of its own, until end(). Without it, whoever made the loop runs its context.
    /// `when_short`: as of run_patiently(), on that thread.
    void start(std::function<void()> when_short);
    void end();
    /// Connections and requests go, before any other loop that they name does.
    void close_door();

    // On the loop.
    void take(TcpSocket client) { server_->take(std::move(client)); }
    /// As of LoadHall::begin(); `when_over` may be told of the same version twice.
    void begin(WallInstant start, std::function<void(Over)> when_over);
    /// As of LoadHall::replan(); versions ascend from 1.
    void replan(std::uint64_t version, SharedSchedule schedule);
    /// What was measured since the last time; `planned_rate`: calls a second, of its share.
    [[nodiscard]] MeasuredSecond close_second(double planned_rate, bool warmup);
    [[nodiscard]] LoadHall& hall() { return *hall_; }

private:
    boost::asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
    std::optional<LoopPulse> pulse_{};
    std::unique_ptr<LoadHall> hall_;
    std::unique_ptr<LoopDoor> door_{std::make_unique<LoopDoor>(context_)};
    // Goes first: its requests end in the hall. Its clients are given to it.
    std::unique_ptr<HttpServer> server_{
        std::make_unique<HttpServer>(context_, ServerSettings{}, *door_)};
    std::uint64_t version_{0};  // of the schedule
    Duration cpu_before_{};
    std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_{};
    std::thread thread_;
};

}  // namespace ringback
