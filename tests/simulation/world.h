#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "harness/admin/admin_api.h"
#include "harness/cli/gateway.h"
#include "harness/record/journal.h"
#include "simulator/edge/simulator.h"
#include "tests/simulation/crowd.h"
#include "tests/simulation/judge.h"
#include "tests/simulation/lives.h"
#include "tests/simulation/own_time.h"
#include "tests/simulation/receivers.h"
#include "tests/simulation/simulated_disk.h"
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
/// clients, people on phones, receivers, the network, the disk, resets, its end. The real gateway,
/// journal, and Simulator with its engine, driver and dispatcher; nothing of it knows.
class World {
public:
    /// On a disk there is a journal file; it may be one that is there already.
    explicit World(Seed seed, SimulatedDisk* disk = nullptr);
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    ~World();

    /// A storm of `acts`, then an end: everybody hangs up and all comes to rest, or it is told to
    /// shut down in the middle, or the process dies with its disk. Throws BrokenPromise.
    Course run(std::uint64_t acts);
    [[nodiscard]] std::string last_lines() const { return judge_.last_lines(); }
    [[nodiscard]] const Promised& promised() const { return promised_; }
    /// Whether its journal is one that a loss of power takes nothing of (--fsync always).
    [[nodiscard]] bool survives_loss_of_power() const { return fsync_ == Fsync::always; }

    Receivers& receivers() { return receivers_; }

private:
    /// Keeps of every line what it must be in the file.
    class Scribe;
    [[nodiscard]] static SimulatorSettings settings_of(Seed seed);
    void open_journal();
    void sync_later();
    [[nodiscard]] bool dead() const { return disk_ != nullptr && disk_->dead(); }
    void note_acknowledged();
    [[nodiscard]] std::uint64_t created_so_far();
    void check_not_there(const Asked& asked);
    [[nodiscard]] bool chance(std::uint64_t of) { return dice_.below(of) == 0; }
    [[nodiscard]] Course course() const;
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
    SimulatedDisk* disk_;
    Fsync fsync_{Fsync::none};
    Promised promised_;
    IdCodec ids_;
    std::unique_ptr<JournalFile> file_;  // null: no disk
    Journal journal_;
    std::unique_ptr<Scribe> scribe_;
    Judge judge_;
    Receivers receivers_;
    SimulatedNetwork network_;
    TargetPolicy targets_;
    Simulator simulator_;
    AdminApi admin_;
    Gateway gateway_;
    Crowd crowd_;
    boost::asio::steady_timer ticks_;
    boost::asio::steady_timer syncs_;
    std::uint64_t acts_left_{0};
    std::uint64_t advances_under_way_{0};
    bool storm_{true};
};

}  // namespace ringback::test
