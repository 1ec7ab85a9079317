#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "simulator/edge/simulator.h"
#include "tests/simulation/crowd.h"
#include "tests/simulation/judge.h"
#include "tests/simulation/own_time.h"
#include "tests/simulation/receivers.h"
#include "tests/simulation/simulated_network.h"

namespace ringback::test {

/// What a run came to.
struct Course {
    std::uint64_t events{0};
    std::uint64_t tries{0};
    std::uint64_t lost_sendings{0};
    std::uint64_t entries{0};  // of the journal
    std::uint64_t delivered{0};
    std::uint64_t by_fallback{0};
    std::uint64_t failed{0};
    std::uint64_t most_tries{0};  // of one event
    std::uint64_t digest{0};      // of the whole journal

    friend bool operator==(const Course&, const Course&) = default;
};

/// The whole fake network with everything around it, all of it drawn from one seed: settings,
/// clients, people on phones, receivers, the network, resets, its end. The real Simulator with its
/// engine, driver and dispatcher; nothing of it knows.
class World {
public:
    explicit World(Seed seed);

    /// A storm of `acts`, then an end: either everybody hangs up and all comes to rest, or it is
    /// told to shut down in the middle. Throws BrokenPromise.
    Course run(std::uint64_t acts);
    [[nodiscard]] std::string last_lines() const { return judge_.last_lines(); }

    Receivers& receivers() { return receivers_; }

private:
    [[nodiscard]] static SimulatorSettings settings_of(Seed seed);
    [[nodiscard]] bool chance(std::uint64_t of) { return dice_.below(of) == 0; }
    void act();
    void tick();
    void ask(const Asked& asked);
    void react(const Judge::Happened& event);
    void move_clock();
    void reset();
    void come_to_rest();
    void hang_up_all();
    void shut_down();
    void until(const std::function<bool()>& done, std::chrono::hours limit);

    OwnTime time_;  // before the loop
    boost::asio::io_context loop_;
    Rng dice_;
    SimulatorSettings settings_;
    Judge judge_;
    Receivers receivers_;
    SimulatedNetwork network_;
    TargetPolicy targets_;
    Simulator simulator_;
    Crowd crowd_;
    boost::asio::steady_timer ticks_;
    std::uint64_t acts_left_{0};
    std::uint64_t advances_under_way_{0};
    bool storm_{true};
};

}  // namespace ringback::test
