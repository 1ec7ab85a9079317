#include "harness/load/load_hall.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

/// So many starts a turn of the loop, so that its sockets get their time in a burst.
constexpr std::size_t starts_a_turn = 256;

}  // namespace

LoadHallSettings settings_of_loop(const LoadHallSettings& all, std::size_t index,
                                  std::size_t loops) {
    const auto part = [=](std::size_t whole) { return (whole + loops - 1 - index) / loops; };
    LoadHallSettings own = all;
    own.share = share_of(all.share, index, loops);
    own.most_in_flight = part(all.most_in_flight);
    DeliverySettings& delivery = own.simulator.delivery;
    delivery.attempts_at_once = part(delivery.attempts_at_once);
    delivery.attempts_per_target = part(delivery.attempts_per_target);
    delivery.pending_limit = part(delivery.pending_limit);
    return own;
}

Result<std::unique_ptr<LoadHall>> LoadHall::build(boost::asio::io_context& loop,
                                                  const Scenario& scenario, SharedSchedule schedule,
                                                  const TargetPolicy& targets,
                                                  LoadHallSettings settings) {
    std::unique_ptr<LoadHall> hall{new LoadHall{loop, std::move(schedule), settings}};
    settings.ids = settings.share.index;
    auto made = CallHall::build(loop, scenario, targets, hall->ledger_, std::move(settings));
    if (!made) {
        return made.error();
    }
    hall->calls_ = std::move(made).value();
    hall->calls_->when_ended([&hall = *hall](const Arrival&, bool) { hall.check_over(); });
    return hall;
}

LoadHall::LoadHall(boost::asio::io_context& loop, SharedSchedule schedule,
                   const LoadHallSettings& settings)
    : loop_{loop},
      schedule_{std::move(schedule)},
      most_in_flight_{settings.most_in_flight},
      ledger_{schedule_->plan()},
      cursor_{*schedule_, settings.share},
      pacer_{loop} {}

LoadHall::~LoadHall() = default;

void LoadHall::begin(WallInstant start, std::function<void()> when_over) {
    start_ = start;
    when_over_ = std::move(when_over);
    next_ = cursor_.next();
    pace();
    check_over();
}

void LoadHall::replan(SharedSchedule schedule) {
    ledger_.replan(schedule->plan());
    if (!stopped_) {
        next_ = cursor_.again(*schedule);
    }
    schedule_ = std::move(schedule);
    over_ = false;
    pace();
    check_over();
}

void LoadHall::stop_starting() {
    stopped_ = true;
    next_.reset();
    check_over();
}

void LoadHall::cut_short(const std::string& why) {
    stopped_ = true;
    next_.reset();
    calls_->cut_short(why);
    check_over();
}

void LoadHall::pace() {
    if (!next_ || over_) {
        return;
    }
    pacer_.expires_at(std::chrono::steady_clock::time_point{
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(
            (start_ + next_->at).time_since_epoch())});
    pacer_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled && !over_) {
            start_due(wall_now());
            pace();
            check_over();
        }
    });
}

void LoadHall::start_due(WallInstant now) {
    for (std::size_t started = 0; next_ && start_ + next_->at <= now; ++started) {
        if (started == starts_a_turn) {
            return;  // the timer is armed anew, and has long been due
        }
        if (calls_->in_flight() >= most_in_flight_) {
            ledger_.dropped(*next_);
        } else {
            calls_->start(*next_, start_ + next_->at);
        }
        next_ = cursor_.next();
    }
}

void LoadHall::check_over() {
    if (!over_ && !next_ && calls_->in_flight() == 0 && when_over_) {
        over_ = true;
        pacer_.cancel();
        boost::asio::post(loop_, [this] {
            if (over_) {  // and the schedule was not changed meanwhile
                when_over_();
            }
        });
    }
}

}  // namespace ringback
