#include "harness/run/suite.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <csignal>
#include <map>
#include <utility>

#include "harness/run/receiver_wait.h"
#include "harness/run/suite_parts.h"
#include "harness/run/targets.h"

namespace ringback {
namespace {

bool lost_a_connection(const RunRecord& run) {
    return std::ranges::any_of(run.entries, [](const nlohmann::json& entry) {
        const auto end = entry.find("end");
        return end != entry.end() && (*end == "broken" || *end == "could_not_connect");
    });
}

}  // namespace

/// A scenario's own user id, else one for all; with several at once, one for each.
std::string Suite::Parts::user_of(const SuiteJob& job, std::size_t number) const {
    if (job.scenario->vars.contains("userId")) {
        const auto bound = bindings_of(*job.scenario, settings_of(job, {}));
        const auto own = bound ? bound.value().vars->value("userId", nlohmann::json())
                               : job.scenario->vars.at("userId");
        if (own.is_string()) {
            return own.get<std::string>();
        }
    }
    const bool kicked = std::holds_alternative<Kick>(job.scenario->start.how);
    return settings.jobs > 1 && !kicked ? fmt::format("{}-{}", settings.user, number)
                                        : settings.user;
}

void Suite::Parts::plan() {
    std::map<std::pair<std::string, std::size_t>, std::size_t> takes;
    for (const Scenario& scenario : settings.scenarios) {
        const std::size_t rows = scenario.rows.size();
        for (std::size_t row = rows == 0 ? 0 : 1; row <= rows; ++row) {
            SuiteJob job{&scenario, row, takes[{scenario.name, row}]++, {}};
            job.user = user_of(job, jobs.size() + 1);
            jobs.push_back(std::move(job));
        }
    }
    planned = jobs.size();
    started.assign(planned, false);
    records.resize(planned);
}

void Suite::Parts::start_more() {
    if (in_doubt || receiver_coming) {
        return;
    }
    tell_pending();
    if (playing.empty() && !problem && !interrupted &&
        std::ranges::find(started, false) == started.end() && !ask_for_encore()) {
        loop.stop();
        return;
    }
    if (receiver_down) {  // its run was over before it was to come again
        start_receiver([] {});
        return;
    }
    if (wants_receiver_back()) {
        end_receiver();  // what it has left behind
        start_receiver([] {});
        return;
    }
    for (std::size_t at = 0; at < jobs.size(); ++at) {
        if (playing.size() >= settings.jobs || problem || interrupted || receiver_gone) {
            break;
        }
        if (!started[at] && !has_to_wait(jobs[at]) && !start(at)) {
            return;
        }
    }
    if (playing.empty()) {
        loop.stop();
    }
}

/// Plans one more run; false: there is none.
bool Suite::Parts::ask_for_encore() {
    auto wanted = next_encore ? next_encore() : std::nullopt;
    if (!wanted) {
        return false;
    }
    SuiteJob job = jobs.at(wanted->of);
    const auto is_same = [&job](const SuiteJob& other) {
        return other.scenario->name == job.scenario->name && other.row == job.row;
    };
    job.take = static_cast<std::size_t>(std::ranges::count_if(jobs, is_same));
    job.encore = std::move(wanted);
    jobs.push_back(std::move(job));
    started.push_back(false);
    records.emplace_back();
    return true;
}

/// It has ended in an encore, and there is another.
bool Suite::Parts::wants_receiver_back() const {
    return receiver_gone && playing.empty() && !problem && !interrupted && under_test.start &&
           !started.back() && jobs.back().encore;
}

std::optional<Gap> Suite::Parts::gap_of(const SuiteJob& job) {
    if (!job.encore || !job.encore->restart) {
        return std::nullopt;
    }
    Gap gap;
    gap.after = job.encore->restart->after;
    gap.misses_next = job.encore->restart->misses_next;
    gap.end_receiver = [this] { end_receiver(); };
    gap.start_receiver = [this](std::function<void()> go_on) { start_receiver(std::move(go_on)); };
    return gap;
}

/// Runs of one user take turns. So do those that kick, and those of the user id that the receiver
/// was started with: an application that places the call itself knows only that one.
bool Suite::Parts::has_to_wait(const SuiteJob& job) const {
    const bool kicks = std::holds_alternative<Kick>(job.scenario->start.how);
    const std::string& told = settings.told.empty() ? settings.user : settings.told;
    const bool asks_as_told = kicks || job.user == told;
    return std::ranges::any_of(playing, [&](const auto& one) {
        const Stage& other = *one.second;
        return other.user() == job.user ||
               (asks_as_told && (other.kicks() || (kicks && other.user() == told)));
    });
}

StageSettings Suite::Parts::settings_of(const SuiteJob& job, const std::string& base) const {
    StageSettings wanted;
    wanted.row = job.row;
    wanted.take = job.take;
    wanted.seed = settings.seed.value_or(job.scenario->seed);
    wanted.user = job.user;
    wanted.token = settings.token;
    wanted.secret = settings.secret;
    wanted.receiver = base;
    wanted.api = api;
    wanted.receiver_is_busy = under_test.is_busy;
    wanted.run_id = settings.run_id;
    wanted.timeout = settings.timeout;
    wanted.linger = settings.linger;
    wanted.simulator = settings.simulator;
    if (job.encore) {
        wanted.drawn_as =
            jobs.at(job.encore->of).take;  // else faults by chance would tell them apart
        constexpr std::chrono::seconds disturbed_linger{10};  // what is slow on purpose may come in
        auto& rules = wanted.simulator.faults.rules;          // those asked for in every run stay
        rules.insert(rules.end(), job.encore->faults.rules.begin(), job.encore->faults.rules.end());
        wanted.lenient = job.encore->lenient;
        wanted.linger = std::max<std::chrono::milliseconds>(wanted.linger, disturbed_linger);
    }
    return wanted;
}

bool Suite::Parts::start(std::size_t at) {
    started[at] = true;
    const SuiteJob& job = jobs[at];
    StageSettings wanted = settings_of(job, under_test.url);
    wanted.gap = gap_of(job);
    auto built = Stage::build(loop, *job.scenario, targets, std::move(wanted));
    if (!built) {
        problem = built.error();
        cut_all("another scenario could not be begun");
        loop.stop();
        return false;
    }
    Stage& stage = *stages.emplace_back(std::move(built).value());
    door.open_to(stage);
    playing.emplace_back(at, &stage);
    stage.begin([this, at](Stage& over) { ended(at, over); });
    return true;
}

void Suite::Parts::ended(std::size_t at, Stage& stage) {
    std::erase_if(playing, [&](const auto& one) { return one.second == &stage; });
    RunRecord record = stage.take_record();
    const bool lost = lost_a_connection(record);
    if (!jobs[at].encore) {
        on_done(record);
        records[at] = std::move(record);
    } else if (!interrupted) {
        pending = Pending{std::move(record), receiver_gone};
    }
    if (child.is_watching() && !receiver_gone && lost) {
        await_obituary();
    } else {
        boost::asio::post(loop, [this] { start_more(); });
    }
}

/// A process that was still there when its run was over may have ended of it.
void Suite::Parts::tell_pending() {
    if (!pending) {
        return;
    }
    auto [record, knows_end] = *std::exchange(pending, std::nullopt);
    if (receiver_gone && !knows_end) {
        Judged told;
        told.result = Judged::Result::failed;
        told.expected = Stage::receiver_stays;
        told.got = end_of_receiver();
        record.verdict.result = told.result;
        record.verdict.judged.push_back(std::move(told));
    }
    on_done(record);
}

void Suite::Parts::cut_all(const std::string& why) {
    for (const auto& [at, stage] : std::vector{playing}) {
        stage->cut_short(why);
    }
}

void Suite::Parts::watch_signals() {
    signals.add(SIGINT);
    signals.add(SIGTERM);
    signals.async_wait([this](const boost::system::error_code& cancelled, int /*which*/) {
        if (!cancelled) {
            interrupted = true;
            cut_all("interrupted");
            loop.stop();
        }
    });
}

Suite::Suite(SuiteSettings settings) : parts_{std::make_unique<Parts>(std::move(settings))} {}

Suite::~Suite() = default;

Result<std::string> Suite::listen() {
    Parts& parts = *parts_;
    if (auto error = deafness_of(parts.loop)) {
        return *error;
    }
    parts.pulse.emplace(parts.loop);
    auto policy = TargetPolicy::from(parts.settings.simulator.targets);
    if (!policy) {
        return policy.error();
    }
    parts.targets = std::move(policy).value();
    ServerSettings wanted;
    wanted.port = parts.settings.port;
    parts.server = std::make_unique<HttpServer>(parts.loop, wanted, parts.door);
    const Result<std::uint16_t> port = parts.server->listen();
    if (!port) {
        return port.error();
    }
    parts.targets.add_own_port(port.value());
    parts.watch_signals();  // before there is a receiver that would have to be stopped
    parts.api = fmt::format("http://127.0.0.1:{}", port.value());
    return parts.api;
}

std::vector<Mistake> Suite::refused_targets(const std::string& receiver) const {
    std::vector<Mistake> refused;
    for (const SuiteJob& job : parts_->jobs) {
        const auto bound = job.scenario->urls.empty()
                               ? Result<Bindings>{Error{}}
                               : bindings_of(*job.scenario, parts_->settings_of(job, receiver));
        if (!bound) {
            continue;  // the run will say so
        }
        for (Mistake& one :
             ringback::refused_targets(*job.scenario, bound.value(), parts_->targets)) {
            const bool is_known = std::ranges::any_of(refused, [&](const Mistake& known) {
                return known.file == one.file && known.place == one.place;
            });
            if (!is_known) {
                refused.push_back(std::move(one));
            }
        }
    }
    return refused;
}

Result<std::string> Suite::wait_for(const std::string& receiver) const {
    for (const SuiteJob& job : parts_->jobs) {
        if (!job.scenario->wait_for.empty()) {
            const auto bound = bindings_of(*job.scenario, parts_->settings_of(job, receiver));
            return bound ? expanded_text(job.scenario->wait_for, bound.value())
                         : Result<std::string>{bound.error()};
        }
    }
    return std::string{};
}

Result<std::vector<RunRecord>> Suite::run(const SuiteReceiver& receiver,
                                          const std::function<void(const RunRecord&)>& on_done,
                                          const std::function<std::optional<Encore>()>& encore) {
    Parts& parts = *parts_;
    parts.under_test = receiver;
    parts.on_done = on_done;
    parts.next_encore = encore;
    const auto work = boost::asio::make_work_guard(parts.loop);
    parts.await_receiver(receiver.child, [] {});
    WaiterJoined waiter{parts.waiter, receiver};
    parts.loop.run();
    if (parts.interrupted) {
        waiter.give_up();
    }
    waiter.join();
    parts.child.forget();
    if (parts.problem) {
        return *parts.problem;
    }
    std::vector<RunRecord> records;
    for (auto& record : parts.records) {
        if (record) {
            records.push_back(std::move(*record));
        }
    }
    return records;
}

std::size_t Suite::planned() const { return parts_->planned; }

bool Suite::unreachable() const { return parts_->unreachable; }

const std::optional<Error>& Suite::gave_up() const { return parts_->gave_up; }

bool Suite::interrupted() const { return parts_->interrupted; }

const std::vector<std::string>& Suite::strays() const { return parts_->door.strays(); }

}  // namespace ringback
