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

Result<std::unique_ptr<LoadHall>> LoadHall::build(boost::asio::io_context& loop,
                                                  const Scenario& scenario,
                                                  const ArrivalSchedule& schedule,
                                                  const TargetPolicy& targets,
                                                  LoadHallSettings settings) {
    std::unique_ptr<LoadHall> hall{new LoadHall{loop, schedule, settings}};
    settings.ids = settings.share.index;
    auto made = CallHall::build(loop, scenario, targets, hall->ledger_, std::move(settings));
    if (!made) {
        return made.error();
    }
    hall->calls_ = std::move(made).value();
    hall->calls_->when_ended([&hall = *hall](const Arrival&, bool) { hall.check_over(); });
    return hall;
}

LoadHall::LoadHall(boost::asio::io_context& loop, const ArrivalSchedule& schedule,
                   const LoadHallSettings& settings)
    : loop_{loop},
      schedule_{schedule},
      most_in_flight_{settings.most_in_flight},
      ledger_{schedule.plan()},
      cursor_{schedule, settings.share},
      pacer_{loop} {}

LoadHall::~LoadHall() = default;

void LoadHall::begin(WallInstant start, std::function<void()> when_over) {
    start_ = start;
    when_over_ = std::move(when_over);
    next_ = cursor_.next();
    pace();
    check_over();
}

void LoadHall::replanned() {
    ledger_.replan(schedule_.plan());
    if (next_) {
        next_ = cursor_.again();
        pace();
        check_over();
    }
}

void LoadHall::stop_starting() {
    next_.reset();
    check_over();
}

void LoadHall::cut_short(const std::string& why) {
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
        boost::asio::post(loop_, std::exchange(when_over_, nullptr));
    }
}

}  // namespace ringback
