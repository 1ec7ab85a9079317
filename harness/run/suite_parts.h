#pragma once

// The inside of Suite, for its own sources: suite.cpp plays the runs, suite_receiver.cpp has the
// receiver's comings and goings.

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/run/child_watch.h"
#include "harness/run/stage.h"
#include "harness/run/stage_door.h"
#include "harness/run/suite.h"
#include "simulator/edge/http_server.h"
#include "simulator/edge/loop_hearing.h"
#include "simulator/edge/target.h"

namespace ringback {

/// One scenario with one row of its data.
struct SuiteJob {
    const Scenario* scenario{nullptr};
    std::size_t row{0};
    std::size_t take{0};  // of the same name and row
    std::string user;
    std::optional<Encore> encore{};
};

struct Suite::Parts {
    explicit Parts(SuiteSettings wanted)
        : settings{std::move(wanted)},
          door{std::set<std::string>{settings.user,
                                     settings.told.empty() ? settings.user : settings.told}},
          signals{loop},
          child{loop},
          obituary{loop} {
        plan();
    }

    SuiteSettings settings;
    boost::asio::io_context loop{1};
    TargetPolicy targets;
    std::vector<std::unique_ptr<Stage>> stages;  // all of them, until the end
    StageDoor door;
    std::unique_ptr<HttpServer> server;  // goes first: its requests end at a stage
    std::string api;
    boost::asio::signal_set signals;
    ChildWatch child;
    boost::asio::steady_timer obituary;
    std::optional<LoopPulse> pulse{};  // for what `waiter` tells

    std::vector<SuiteJob> jobs;
    std::vector<bool> started;
    std::vector<std::pair<std::size_t, Stage*>> playing;
    std::vector<std::optional<RunRecord>> records;
    std::size_t planned{0};
    SuiteReceiver under_test;
    std::thread waiter;  // for the receiver to be there
    std::function<void(const RunRecord&)> on_done;
    std::function<std::optional<Encore>()> next_encore;
    /// Of an encore: kept until it is known whether the receiver has lived through it.
    struct Pending {
        RunRecord record;
        bool knows_end{false};
    };
    std::optional<Pending> pending{};
    std::optional<Error> problem{};
    std::optional<Error> gave_up{};  // encores
    bool interrupted{false};
    bool unreachable{false};
    bool receiver_gone{false};  // by itself
    bool in_doubt{false};       // whether it is still there
    bool receiver_down{false};  // on purpose
    bool receiver_coming{false};

    void plan();
    [[nodiscard]] StageSettings settings_of(const SuiteJob& job, const std::string& base) const;
    void start_more();
    [[nodiscard]] bool has_to_wait(const SuiteJob& job) const;
    bool start(std::size_t at);
    void ended(std::size_t at, Stage& stage);
    void cut_all(const std::string& why);
    void watch_child(int descriptor);
    void await_obituary();
    void watch_signals();
    void await_receiver(int child_then, std::function<void()> then);
    void tell_pending();
    [[nodiscard]] std::string end_of_receiver() const;
    void end_all_plays(const std::string& why);
    void end_receiver();
    void did_not_come(const Error& error);
    void start_receiver(std::function<void()> then);
    bool ask_for_encore();
    [[nodiscard]] bool wants_receiver_back() const;
    [[nodiscard]] std::optional<Gap> gap_of(const SuiteJob& job);
    [[nodiscard]] std::string user_of(const SuiteJob& job, std::size_t number) const;
};

}  // namespace ringback
