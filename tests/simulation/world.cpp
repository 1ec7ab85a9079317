#include "tests/simulation/world.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "simulator/edge/wall_clock.h"

namespace ringback::test {
namespace {

using namespace std::chrono_literals;

/// Streams of dice of one seed, so that what one draws shifts nobody else's.
enum class Dice : std::uint64_t { settings = 1, world, receivers, crowd, disk };
std::uint64_t stream(Seed seed, Dice of) {
    return mix(mix(static_cast<std::uint64_t>(seed)) ^ static_cast<std::uint64_t>(of));
}

template <class Choices>
auto one_of(Rng& dice, const Choices& choices) {
    return choices[dice.below(std::size(choices))];
}

/// More than anybody looks back, and no more than is quickly made.
constexpr JournalLimits journal_limits{.entries = 2000};

}  // namespace

SimulatorSettings World::settings_of(Seed seed) {
    Rng dice{stream(seed, Dice::settings)};
    SimulatorSettings settings;
    settings.seed = seed;
    constexpr double scales[] = {1.0, 20.0, 200.0};
    settings.clock.mode =
        dice.below(3) == 0 ? ClockSettings::Mode::real : ClockSettings::Mode::jumping;
    settings.clock.scale = one_of(dice, scales);
    constexpr std::chrono::milliseconds settles[] = {0ms, 2ms, 20ms};
    settings.clock.settle = one_of(dice, settles);
    // Of the real clock too: the same seed begins at the same moment.
    settings.clock.start = Instant{std::chrono::seconds{1'767'603'600}};

    constexpr std::chrono::milliseconds patiences[] = {0ms, 5ms, 250ms, 2000ms};
    settings.delivery.reply_patience = one_of(dice, patiences);
    constexpr Ordering orderings[] = {Ordering::patient, Ordering::patient, Ordering::patient,
                                      Ordering::strict, Ordering::concurrent};
    settings.delivery.ordering = one_of(dice, orderings);
    constexpr std::uint32_t retries[] = {0, 0, 0, 1, 2, 5, 30};
    settings.delivery.policy.retries = one_of(dice, retries);
    settings.delivery.policy.fallback = dice.below(8) != 0;
    settings.delivery.policy.follow_redirects = dice.below(3) == 0;
    settings.delivery.pending_limit = dice.below(6) == 0 ? 40 : 100'000;
    settings.limits.live_calls = dice.below(8) == 0 ? 20 : 2'000'000;
    settings.limits.ended_calls = dice.below(6) == 0 ? 10 : 100'000;

    settings.model.delays.answer = {0s, 8s};
    settings.model.delays.hangup = {0ms, 3s};
    settings.model.delays.save = {0ms, 3s};
    settings.model.delays.audio_start = {0ms, 600ms};
    settings.model.delays.stop = {0ms, 300ms};
    settings.model.switches.hangup_after_timeout = dice.below(4) != 0;
    settings.model.switches.prompt_events = dice.below(4) == 0;
    settings.api.rate_limits = dice.below(10) == 0;
    settings.api.creation_limits = dice.below(10) == 0;
    return settings;
}

World::World(Seed seed, SimulatedDisk* disk)
    : dice_{stream(seed, Dice::world)},
      settings_{settings_of(seed)},
      disk_{disk},
      fsync_{Rng{stream(seed, Dice::disk)}.below(2) == 0 ? Fsync::always : Fsync::none},
      ids_{seed},
      journal_{ids_, journal_limits},
      judge_{settings_},
      receivers_{stream(seed, Dice::receivers)},
      network_{loop_, receivers_, judge_},
      simulator_{loop_, settings_, network_, targets_, journal_, [] {}},
      admin_{simulator_, journal_, AdminSettings{}},
      gateway_{Gateway::Serves::both, simulator_, admin_, journal_},
      crowd_{stream(seed, Dice::crowd), simulator_, receivers_},
      ticks_{loop_},
      syncs_{loop_} {
    journal_.listen(judge_);
    if (disk_ != nullptr) {
        open_journal();
    }
    simulator_.edit_events(&judge_);
    network_.arrived = [this](const Judge::Happened& event) { react(event); };
    simulator_.ready();
}

Course World::run(std::uint64_t acts) {
    acts_left_ = acts;
    tick();
    until([this] { return !storm_; }, 1000h);
    if (dead()) {
        return course();
    }
    receivers_.recover();
    if (disk_ != nullptr) {
        disk_->recover();
    }
    if (chance(4)) {
        shut_down();
    } else {
        come_to_rest();
    }
    if (dead()) {
        return course();
    }
    judge_.all_is_over();
    if (simulator_.deliveries_pending() != 0) {
        throw BrokenPromise{"the dispatcher still owes what the journal says is over"};
    }
    if (!journal_.flush()) {
        throw BrokenPromise{"the journal is not written at the end, and the disk is well"};
    }
    return course();
}

Course World::course() const {
    return {judge_.events(),
            judge_.tries(),
            judge_.lost_sendings(),
            judge_.entries(),
            judge_.count(DeliveryState::delivered),
            judge_.count(DeliveryState::delivered_by_fallback),
            judge_.count(DeliveryState::failed),
            judge_.most_tried(),
            judge_.digest()};
}

void World::until(const std::function<bool()>& done, std::chrono::hours limit) {
    constexpr std::uint64_t most_at_once = 5'000'000;
    const WallInstant deadline = time_.now() + limit;
    WallInstant last = time_.now();
    for (std::uint64_t at_once = 0; !done() && !dead(); ++at_once) {
        loop_.restart();
        if (loop_.run_one() == 0) {
            throw BrokenPromise{"nothing is to come any more, and it is not at rest"};
        }
        if (std::exchange(last, time_.now()) != time_.now()) {
            at_once = 0;
        }
        if (time_.now() > deadline || at_once > most_at_once) {
            throw BrokenPromise{fmt::format("it does not come to rest within {} h, {} events owed",
                                            limit.count(), simulator_.deliveries_pending())};
        }
    }
}

// --- the storm

void World::tick() {
    if (acts_left_-- == 0 || dead()) {
        storm_ = false;
        return;
    }
    act();
    if (disk_ != nullptr && chance(60)) {
        disk_->change();
    }
    constexpr std::uint64_t most = 30;
    ticks_.expires_after(std::chrono::milliseconds{dice_.below(most)});
    ticks_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            tick();
        }
    });
}

void World::act() {
    switch (dice_.below(20)) {
        case 0:
        case 1:
            static_cast<void>(simulator_.ring_in(crowd_.some_user(), crowd_.inbound_call()));
            break;
        case 2:
            static_cast<void>(simulator_.text_in(crowd_.some_user(), crowd_.inbound_message()));
            break;
        case 3:
        case 4:
        case 5:
            static_cast<void>(simulator_.act(crowd_.some_call(), crowd_.on_the_phone()));
            break;
        case 6:
            move_clock();
            break;
        case 7:
            if (chance(30)) {
                reset();
            }
            break;
        default:
            ask(crowd_.some_request());
            break;
    }
}

/// What receivers do when they learn of something, before they answer or a moment later.
void World::react(const Judge::Happened& event) {
    if (!storm_ || resource_of(event.call) != Resource::call || !chance(3)) {
        return;
    }
    if (chance(2)) {
        ask(crowd_.about(event.call));
        return;
    }
    simulator_.after(std::chrono::milliseconds{dice_.below(10)}, [this, call = event.call] {
        if (storm_) {
            ask(crowd_.about(call));
        }
    });
}

void World::move_clock() {
    switch (dice_.below(4)) {
        case 0:
            simulator_.pause(true);
            break;
        case 1:
            ++advances_under_way_;
            simulator_.advance(std::chrono::milliseconds{dice_.below(20'000)},
                               [this] { --advances_under_way_; });
            break;
        default:
            simulator_.pause(false);
            break;
    }
}

void World::reset() {
    if (chance(5)) {
        simulator_.reset(std::nullopt);
        judge_.forgotten([](CallId) { return true; });
        return;
    }
    const std::string name = crowd_.some_user();
    const User* const user = simulator_.engine().find_user(name);
    if (user == nullptr) {
        return;
    }
    const UserSlot slot = user->slot;
    simulator_.reset(name);
    judge_.forgotten([slot](CallId call) { return user_of(call) == slot; });
}

// --- its end

void World::hang_up_all() {
    std::vector<CallId> calls;
    for (const User* const user : simulator_.engine().users()) {
        for (std::uint64_t n = 1; n < user->calls.next_number(); ++n) {
            const Call* const call = simulator_.engine().find(call_id(user->slot, n));
            if (call != nullptr && !is_over(call->state)) {
                calls.push_back(call->id);
            }
        }
    }
    Update completed;
    completed.state = WantedState::completed;
    for (const CallId call : calls) {  // not through the API, which may have limits of its own
        static_cast<void>(simulator_.act(call, completed));
    }
}

void World::come_to_rest() {
    simulator_.pause(false);
    constexpr int rounds = 3;  // legs of transfers, calls that could not yet be hung up
    for (int round = 0; round < rounds; ++round) {
        hang_up_all();
        bool quiet = false;
        simulator_.when_quiet([&quiet] { quiet = true; });
        until([&quiet] { return quiet; }, 1000h);
    }
    if (dead()) {
        return;
    }
    if (advances_under_way_ != 0) {
        throw BrokenPromise{"the clock was moved by hand, and that never came to an end"};
    }
    for (const User* const user : simulator_.engine().users()) {
        for (std::uint64_t n = 1; n < user->calls.next_number(); ++n) {
            if (const Call* const call = simulator_.engine().find(call_id(user->slot, n))) {
                judge_.check_call(*call);
            }
        }
    }
    if (simulator_.engine().live_calls() != 0 || simulator_.engine().next_due()) {
        throw BrokenPromise{"a call is still alive, or due, when all is quiet"};
    }
}

/// As SIGTERM does: what is under way has ten seconds, then it is abandoned.
void World::shut_down() {
    bool drained = false;
    simulator_.drain([&drained] { drained = true; });
    constexpr int most_rounds = 2000;  // a try that is to be repeated is abandoned in its turn
    for (int round = 0; round < most_rounds && !drained; ++round) {
        const WallInstant patience = time_.now() + 10s;
        ticks_.expires_at(std::chrono::steady_clock::time_point{
            std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                patience.time_since_epoch())});
        ticks_.async_wait([](const boost::system::error_code&) {});
        until([&] { return drained || time_.now() >= patience; }, 1000h);
        network_.abandon_all();
    }
    ticks_.cancel();
    until([&] { return drained; }, 1h);
}

}  // namespace ringback::test
