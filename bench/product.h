#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "bench/measure.h"
#include "harness/record/journal.h"
#include "simulator/edge/http_transport.h"
#include "simulator/edge/simulator.h"

namespace ringback::bench {

/// Sees every entry when it has been recorded. Not a JournalListener: `ringback serve` has none
/// unless somebody looks on, and what is measured here is what it does.
class Watcher {
public:
    Watcher() = default;
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;
    virtual ~Watcher() = default;
    virtual void recorded(const Entry& entry) = 0;
};

class WatchedJournal : public Journal {
public:
    using Journal::Journal;
    void watch(Watcher& watcher) { watcher_ = &watcher; }

protected:
    void close(Entry& entry) override {
        Journal::close(entry);
        if (watcher_ != nullptr) {
            watcher_->recorded(entry);
        }
    }

private:
    Watcher* watcher_{nullptr};
};

/// The whole fake but its API server, as `ringback serve` puts it together: calls are put into the
/// engine directly, everything after that is the product's own path.
class Product {
public:
    explicit Product(SimulatorSettings settings, JournalLimits kept = {})
        : settings_{std::move(settings)},
          ids_{settings_.seed},
          journal_{ids_, kept},
          transport_{open_transport()},
          simulator_{loop_, settings_, *transport_, targets_, journal_, [] {}} {
        simulator_.ready();
    }

    [[nodiscard]] Simulator& simulator() { return simulator_; }
    [[nodiscard]] WatchedJournal& journal() { return journal_; }

    /// Its timers are armed at the next nudge, or with whatever the loop is doing now.
    CallId create(const NewCall& call) {
        Engine& engine = simulator_.engine();
        const Call* const made =
            engine.create(engine.user("u-bench"), NewCall{call}, simulator_.now());
        if (made == nullptr) {
            fail("bench: the engine takes no more calls");
        }
        return made->id;
    }

    /// The driver looks at what is due whenever a request has come or gone.
    void nudge() {
        simulator_.request_begins();
        simulator_.request_ends();
    }

    /// Runs the loop until stop(), and gives up on a receiver that stalls.
    void run(std::uint64_t deadline_s) {
        boost::asio::steady_timer deadline{loop_, std::chrono::seconds{deadline_s}};
        deadline.async_wait([](const boost::system::error_code& cancelled) {
            if (!cancelled) {
                fail("bench: not done within --deadline");
            }
        });
        loop_.run();
    }
    void stop() { loop_.stop(); }

private:
    std::unique_ptr<HttpTransport> open_transport() {
        auto opened = HttpTransport::open(loop_, settings_.delivery, targets_);
        if (!opened) {
            fail(to_text(opened.error()).c_str());
        }
        return std::move(opened).value();
    }

    SimulatorSettings settings_;
    boost::asio::io_context loop_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};  // as the product's
    IdCodec ids_;
    WatchedJournal journal_;
    TargetPolicy targets_;  // loopback only
    std::unique_ptr<HttpTransport> transport_;
    Simulator simulator_;
};

/// When things happen in a benchmark's call, counted from its answer.
struct Pace {
    Duration first_key;
    Duration between_keys;
    Duration far_hangup;  // the person puts the receiver down
    Duration hangup;      // the event that tells of it
};

inline constexpr std::uint64_t callbacks_of_a_call = 4;  // answer, two keys, hangup

/// A call that is answered at once, hears two keys and is hung up on by the far end.
[[nodiscard]] inline NewCall talking_call(const std::string& callback_url, const Pace& pace) {
    NewCall call;
    call.from = "+19195550123";
    call.to = "+19195550187";
    Route route;
    route.url = callback_url;
    call.route = RouteRef{std::move(route)};
    FarEnd& far_end = call.far_end.emplace();
    far_end.after = Duration::zero();
    FarEndScript& script = far_end.script.open();
    script.keys_after_answer = "57";
    script.keys_delay = pace.first_key;
    script.hangs_up_after = pace.far_hangup;
    return call;
}

[[nodiscard]] inline SimulatorSettings settings_for(const Pace& pace) {
    SimulatorSettings settings;
    settings.model.delays.key_gap = pace.between_keys;
    settings.model.delays.hangup = pace.hangup - pace.far_hangup;
    return settings;
}

}  // namespace ringback::bench
