#include "harness/locust/line_host.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "harness/locust/locust_names.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

/// So many starts a turn of the loop, so that its sockets get their time in a burst.
constexpr std::size_t starts_a_turn = 256;
/// What cannot even be placed now would be tried again and again at once.
constexpr std::chrono::seconds pause_of_refused{1};

LocustTime now_of_locust() { return std::chrono::system_clock::now(); }

std::chrono::steady_clock::time_point steady(WallInstant at) {
    return std::chrono::steady_clock::time_point{
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(at.time_since_epoch())};
}

}  // namespace

Result<std::unique_ptr<LineHost>> LineHost::build(boost::asio::io_context& loop,
                                                  const std::vector<Scenario>& scenarios,
                                                  const TargetPolicy& targets,
                                                  const CallHallSettings& settings,
                                                  TellFailure tell) {
    std::unique_ptr<LineHost> host{new LineHost{loop, scenarios.size(), std::move(tell)}};
    for (const Scenario& scenario : scenarios) {
        const std::string name = locust_class_name(scenario.name);
        const auto taken = host->user_classes();
        if (std::ranges::find(taken, name) != taken.end()) {
            return Error{scenario.file,
                         fmt::format("expected a scenario whose user class is not there yet, found "
                                     "{} again",
                                     name)};
        }
        auto stage = std::make_unique<Stage>();
        stage->name = name;
        stage->meter = std::make_unique<LocustMeter>(host->stats_, scenario.name);
        CallHallSettings own = settings;
        own.ids += host->stages_.size();
        auto hall = CallHall::build(loop, scenario, targets, *stage->meter, std::move(own));
        if (!hall) {
            return hall.error();
        }
        stage->hall = std::move(hall).value();
        stage->hall->when_ended(
            [&host = *host, &stage = *stage](const Arrival& arrival, bool placed) {
                host.ended(stage, arrival, placed);
            });
        host->stages_.push_back(std::move(stage));
    }
    return host;
}

LineHost::LineHost(boost::asio::io_context& loop, std::size_t scenarios, TellFailure tell)
    : loop_{loop},
      tell_{std::move(tell)},
      stats_{now_of_locust()},
      lines_{scenarios + 1},
      pacer_{loop},
      grace_{loop} {}

std::vector<CallHall*> LineHost::halls() {
    std::vector<CallHall*> halls;
    for (const auto& stage : stages_) {
        halls.push_back(stage->hall.get());
    }
    return halls;
}

std::vector<std::string> LineHost::user_classes() const {
    std::vector<std::string> names;
    for (const auto& stage : stages_) {
        names.push_back(stage->name);
    }
    names.emplace_back(locust_any_class);
    return names;
}

void LineHost::begin(const LocustTest& /*test*/) {
    stats_ = LocustStats{now_of_locust()};
    began_ = wall_now();
}

void LineHost::set_users(const LocustUsers& users, std::chrono::milliseconds grace,
                         std::function<void()> then) {
    std::vector<std::uint32_t> counts;
    for (const std::string& name : user_classes()) {
        const auto wanted = users.find(name);
        counts.push_back(wanted == users.end() ? 0 : wanted->second);
    }
    want(counts, grace, std::move(then));
}

void LineHost::stop(std::chrono::milliseconds grace, std::function<void()> then) {
    want(std::vector<std::uint32_t>(stages_.size() + 1, 0), grace, std::move(then));
}

void LineHost::want(const std::vector<std::uint32_t>& counts, std::chrono::milliseconds grace,
                    std::function<void()> then) {
    then_ = std::move(then);
    lines_.want(counts, wall_now());
    grace_.expires_after(grace);
    grace_.async_wait([this, order = ++order_](const boost::system::error_code& cancelled) {
        if (!cancelled && order == order_) {
            hang_up_surplus();
        }
    });
    place_due();
    check_settled();
}

LocustStats LineHost::take_stats() { return std::exchange(stats_, LocustStats{now_of_locust()}); }

void LineHost::place_due() {
    const WallInstant now = wall_now();
    for (std::size_t started = 0; started < starts_a_turn; ++started) {
        const auto turn = lines_.take(now);
        if (!turn) {
            break;
        }
        place(*turn);
    }
    pace();
}

void LineHost::place(const Lines::Turn& turn) {
    const bool of_all = turn.of == stages_.size();
    Stage& stage = *stages_[of_all ? in_turn_++ % stages_.size() : turn.of];
    const std::uint64_t n = stage.placed++;
    stage.calls.emplace(n, turn.of);
    stage.hall->start({n, turn.due - began_, 0, false}, turn.due);
}

/// From within a turn of the hall: what is next has a turn of its own.
void LineHost::ended(Stage& stage, const Arrival& arrival, bool placed) {
    const auto call = stage.calls.find(arrival.n);
    const std::size_t of = call->second;
    stage.calls.erase(call);
    const auto& kept = stage.hall->kept();
    for (; stage.told < kept.size(); ++stage.told) {
        tell_(kept[stage.told]);
    }
    lines_.over(of, wall_now() + (placed ? Duration{0} : Duration{pause_of_refused}));
    pace();
    check_settled();
}

void LineHost::hang_up_surplus() {
    std::vector<std::uint32_t> surplus;
    for (std::size_t of = 0; of <= stages_.size(); ++of) {
        surplus.push_back(lines_.too_many(of));
    }
    for (const auto& stage : stages_) {
        // Those that were hung up before are among the oldest, and among the surplus.
        for (const auto& [n, of] : stage->calls) {
            if (surplus[of] > 0) {
                --surplus[of];
                stage->hall->hang_up(n);
            }
        }
    }
}

void LineHost::pace() {
    const auto due = lines_.next_due();
    if (!due) {
        pacer_.cancel();
        return;
    }
    pacer_.expires_at(steady(*due));
    pacer_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            place_due();
        }
    });
}

/// Not from here: whoever asked may give the next order at once, and this may be a turn of a hall.
void LineHost::check_settled() {
    if (then_ && lines_.settled()) {
        boost::asio::post(loop_, std::exchange(then_, nullptr));
    }
}

}  // namespace ringback
