#include "harness/locust/locust_session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "harness/locust/spawn_order.h"
#include "simulator/wire/printable.h"

namespace ringback {

LocustSession::LocustSession(LocustSettings settings, WallInstant now)
    : settings_{std::move(settings)}, missing_since_{now} {
    for (const std::string& name : settings_.user_classes) {
        users_[name] = 0;
    }
}

void LocustSession::connected(std::string id, WallInstant now) {
    if (state_ == LocustState::finished) {
        return;
    }
    linked_ = true;
    id_ = std::move(id);
    if (state_ == LocustState::missing) {
        introduce(now);
    }
}

/// The old id is reported as stopped after the new one is ready, so that a master that was there
/// all the time never finds itself without workers, which it takes for the end of the test.
void LocustSession::introduce(WallInstant now) {
    next_ready_ = now + ready_interval;
    say(LocustSend{locust_client_ready(id_)});
    if (!former_.empty()) {
        say(LocustSend{locust_message("client_stopped", std::exchange(former_, {}))});
    }
}

void LocustSession::disconnected(std::string_view why, WallInstant now) {
    if (state_ == LocustState::finished) {
        return;
    }
    last_failure_ = why;
    if (linked_) {
        lose(why, now);
    }
}

void LocustSession::lose(std::string_view why, WallInstant now) {
    const bool listed = acknowledged();
    linked_ = false;
    heard_.reset();
    last_spawn_ = 0;  // the next master's clock may be another
    if (!listed) {
        return;
    }
    note(fmt::format("lost the Locust master at {}: {}", settings_.master, printable(why)));
    former_ = id_;
    missing_since_ = now;
    if (state_ == LocustState::spawning || state_ == LocustState::running) {
        stop_users(AfterStop::anew);
    } else if (state_ == LocustState::ready) {
        state_ = LocustState::missing;
    } else if (after_stop_ == AfterStop::ready) {
        after_stop_ = AfterStop::anew;
    }
}

bool LocustSession::acknowledged() const {
    return linked_ && (state_ == LocustState::ready || state_ == LocustState::spawning ||
                       state_ == LocustState::running ||
                       (state_ == LocustState::stopping && after_stop_ != AfterStop::anew));
}

void LocustSession::received(std::string_view frame, WallInstant now) {
    if (state_ == LocustState::finished || !linked_) {
        return;
    }
    auto read = read_locust_message(frame);
    if (!read) {
        note(to_text(read.error()));
        return;
    }
    const LocustMessage message = std::move(read).value();
    if (message.type == "ack") {
        on_ack(message.data, now);
    } else if (message.type == "spawn") {
        on_spawn(message.data, now);
    } else if (message.type == "stop") {
        on_stop();
    } else if (message.type == "quit") {
        on_quit();
    } else if (message.type == "reconnect") {
        lose("it asked for a new connection", now);
        say(LocustReconnect{});
    } else if (message.type == "heartbeat") {
        heard_ = now;
    } else {
        note_unknown(message.type);
    }
}

/// Messages of locustfiles, and what newer masters tell that is of no use here:
/// harness/locust/README.md.
void LocustSession::note_unknown(const std::string& type) {
    constexpr std::size_t most_noted = 16;
    const bool of_no_use = type == "spawning_complete" || type == "update_user_class";
    if (!of_no_use && noted_types_.size() < most_noted && noted_types_.insert(type).second) {
        note(fmt::format("left alone: messages \"{}\" of the Locust master", printable(type)));
    }
}

void LocustSession::on_ack(const nlohmann::json& data, WallInstant now) {
    if (state_ != LocustState::missing) {
        return;
    }
    known(now);
    const bool numbered =
        data.is_object() && data.contains("index") && data["index"].is_number_integer();
    note(numbered ? fmt::format("worker {} of the Locust master at {}",
                                data["index"].get<std::int64_t>(), settings_.master)
                  : fmt::format("a worker of the Locust master at {}", settings_.master));
}

void LocustSession::known(WallInstant now) {
    state_ = LocustState::ready;
    next_beat_ = now;
    next_report_ = now + report_interval;
}

void LocustSession::on_spawn(const nlohmann::json& data, WallInstant now) {
    auto read = read_spawn_order(data);
    if (!read) {
        note(to_text(read.error()));
        return;
    }
    SpawnOrder order = std::move(read).value();
    if (state_ == LocustState::stopping) {
        return;  // about to tell the master that there are none; it orders again, knowing that
    }
    if (state_ == LocustState::missing) {
        known(now);
    }
    if (!(order.timestamp > last_spawn_)) {
        note("left alone: an order of the Locust master that is no newer than the one before it");
        return;
    }
    say(LocustSend{locust_message("spawning", id_)});
    last_spawn_ = order.timestamp;
    grace_ = order.grace;
    if (state_ == LocustState::ready) {
        missed_classes_.clear();
        say(LocustBegin{std::move(order.test)});
    }
    state_ = LocustState::spawning;
    take_users(order.users);
}

void LocustSession::take_users(const LocustUsers& users) {
    wanted_.clear();
    for (const std::string& name : settings_.user_classes) {
        wanted_[name] = 0;
    }
    for (const auto& [name, count] : users) {
        if (wanted_.contains(name)) {
            wanted_[name] = count;
            continue;
        }
        users_[name] = 0;  // the master looks for all its classes in what is reported
        if (count > 0 && missed_classes_.insert(name).second) {
            const std::string what =
                fmt::format("no scenario here for the user class {}; there is {}", printable(name),
                            fmt::join(settings_.user_classes, ", "));
            note(what);
            say(LocustSend{locust_exception(
                LocustException{what, "the master's locustfile, or the worker's scenarios"}, id_)});
        }
    }
    say(LocustSetUsers{wanted_, grace_, ++turn_});
}

void LocustSession::users_set(std::uint64_t turn, WallInstant /*now*/) {
    if (turn != turn_ || state_ != LocustState::spawning) {
        return;
    }
    for (const auto& [name, count] : wanted_) {
        users_[name] = count;
    }
    state_ = LocustState::running;
    say(LocustSend{locust_spawning_complete(users_, id_)});
}

void LocustSession::on_stop() {
    if (state_ != LocustState::stopping && state_ != LocustState::missing) {
        stop_users(AfterStop::ready);
    }
}

/// The master listens for half a second more: what is known is told before the users have ended. It
/// is not told quit itself: where a worker is missing, a master takes one of the others for the
/// last that quits, and hears no more reports.
void LocustSession::on_quit() {
    dismissed_ = true;
    note(fmt::format("the Locust master at {} says quit", settings_.master));
    if (acknowledged()) {
        say(LocustReport{});
    }
    stop_users(AfterStop::leave);
}

void LocustSession::leave(WallInstant /*now*/) {
    if (state_ != LocustState::finished) {
        stop_users(AfterStop::leave);
    }
}

void LocustSession::stop_users(AfterStop after) {
    const bool already = state_ == LocustState::stopping;
    state_ = LocustState::stopping;
    after_stop_ = after;
    if (!already) {
        say(LocustStopUsers{grace_, ++turn_});
    }
}

void LocustSession::users_stopped(std::uint64_t turn, WallInstant now) {
    if (turn != turn_ || state_ != LocustState::stopping) {
        return;
    }
    const bool told = acknowledged();
    for (auto& [name, count] : users_) {
        count = 0;
    }
    if (told) {
        say(LocustReport{});
    }
    switch (after_stop_) {
        case AfterStop::ready:
            state_ = LocustState::missing;  // until the master has acknowledged it again
            missing_since_ = now;
            say(LocustSend{locust_message("client_stopped", id_)});
            introduce(now);
            break;
        case AfterStop::anew:
            state_ = LocustState::missing;
            say(LocustForget{});
            if (linked_) {
                introduce(now);
            }
            break;
        case AfterStop::leave:
            if (told && !dismissed_) {
                say(LocustSend{locust_message("quit", id_)});
            }
            finish({});
            break;
    }
}

void LocustSession::finish(std::optional<Error> error) {
    state_ = LocustState::finished;
    say(LocustFinish{std::move(error)});
}

void LocustSession::advance(WallInstant now) {
    if (state_ == LocustState::missing) {
        if (now - missing_since_ >= settings_.patience) {
            finish(Error{settings_.master,
                         fmt::format("no Locust master has answered for {} s{}{}",
                                     settings_.patience.count(), last_failure_.empty() ? "" : ": ",
                                     printable(last_failure_))});
        } else if (linked_ && now >= next_ready_) {
            introduce(now);
        }
        return;
    }
    if (!acknowledged()) {
        return;
    }
    if (heard_ && now - *heard_ >= heartbeat_patience) {
        lose(fmt::format("no heartbeat for {} s", heartbeat_patience.count()), now);
        say(LocustReconnect{});
        return;
    }
    if (now >= next_beat_) {
        next_beat_ = now + beat_interval;
        say(LocustBeat{});
    }
    if (now >= next_report_) {
        next_report_ = now + report_interval;
        say(LocustReport{});
    }
}

std::optional<WallInstant> LocustSession::next_due() const {
    if (state_ == LocustState::missing) {
        const WallInstant end = missing_since_ + settings_.patience;
        return linked_ ? std::min(end, next_ready_) : end;
    }
    if (!acknowledged()) {
        return {};
    }
    const WallInstant due = std::min(next_beat_, next_report_);
    return heard_ ? std::min(due, *heard_ + heartbeat_patience) : due;
}

std::vector<LocustEffect> LocustSession::take_effects() { return std::exchange(effects_, {}); }

/// The master knows ready, spawning and running; any other word would count as a lost worker.
std::string LocustSession::heartbeat(const LocustUsage& usage) const {
    const bool busy = state_ == LocustState::running || state_ == LocustState::stopping;
    return locust_heartbeat(busy ? "running" : word(state_), usage, id_);
}

std::vector<std::string> LocustSession::report(const LocustStats& stats) const {
    std::vector<std::string> frames;
    for (const LocustException& exception : stats.exceptions()) {
        frames.push_back(locust_exception(exception, id_));
    }
    frames.push_back(locust_report(stats, users_, id_));
    return frames;
}

std::string_view word(LocustState state) {
    switch (state) {
        case LocustState::missing:
            return "missing";
        case LocustState::ready:
            return "ready";
        case LocustState::spawning:
            return "spawning";
        case LocustState::running:
            return "running";
        case LocustState::stopping:
            return "stopping";
        case LocustState::finished:
            return "finished";
    }
    return "missing";
}

}  // namespace ringback
