// What does a call cost while it waits, and do a million of them slow the others down?
//
//     calls_in_flight --calls 1000000 [--kind ringing|api|full]
//         resident bytes per call, by the difference before and after. ringing: made in the engine
//         with a shared route, one pending timer. api: made by POST /calls. full: answered, has
//         been gathered from and recorded, speaks, with tag and two timers. Watch bytes_per_call.
//     calls_in_flight --calls 1000000 --target http://127.0.0.1:PORT/cb [--requests 100000]
//         the same calls; then one of them after another, in no order, is picked up, tells its four
//         callbacks over the whole path and is replaced, 64 at a time. Watch cpu_us, and its ratio
//         between --calls 1000000 and --calls 10000.
//
// Prints one JSON object.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "bench/measure.h"
#include "bench/product.h"
#include "bench/silent_network.h"

namespace ringback::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr std::uint64_t in_flight = 64;

enum class Kind : std::uint8_t { ringing, api, full };

struct Plan {
    std::uint64_t calls{1'000'000};
    Kind kind{Kind::ringing};
    std::string target;
    std::uint64_t requests{100'000};
    std::uint64_t warm_up{20'000};
    std::uint64_t deadline_s{300};
};

constexpr Pace pace{microseconds{50}, microseconds{50}, microseconds{150}, microseconds{200}};

/// One that rings for as long as anybody may let it ring.
NewCall waiting_call(const std::string& callback_url) {
    NewCall call = talking_call(callback_url, pace);
    call.far_end->act = FarEndAct::never_answers;
    call.call_timeout_s = 300;
    return call;
}

// --- memory
// ---------------------------------------------------------------------------------------------

void make_full(Engine& engine, CallId id, Instant now) {
    StartGather gather;
    gather.gather.max_digits = 4;
    gather.gather.tag = "menu";
    Update record;
    record.recording_enabled = true;
    for (const Input& input :
         {Input{FarEndAnswers{}}, Input{record}, Input{gather}, Input{PressKeys{"1234"}},
          Input{Play{Audio{Audio::Kind::speech, "Please hold the line", "hold", true}}}}) {
        if (engine.apply(id, input, now).refusal != Refusal::none) {
            fail("calls_in_flight: an input was refused");
        }
    }
    engine.outputs().clear();
}

void fill_engine(const Plan& plan, Engine& engine) {
    const Instant now{seconds{1'767'603'600}};
    NewCall wanted = waiting_call("http://127.0.0.1:9100/cb");
    wanted.far_end->script = {};
    if (plan.kind == Kind::full) {
        wanted.tag = "order 4711, second try";  // longer than what a string keeps inside
    }
    User& user = engine.user("u-bench");
    for (std::uint64_t i = 0; i < plan.calls; ++i) {
        const Call* const made = engine.create(user, wanted, now);
        if (plan.kind == Kind::full) {
            make_full(engine, made->id, now);
        }
        engine.outputs().clear();
    }
}

void measure_memory(const Plan& plan) {
    const auto report = [&](std::uint64_t before) {
        const std::uint64_t used = resident_bytes() - before;
        const std::map<Kind, std::string> names{
            {Kind::ringing, "ringing"}, {Kind::api, "api"}, {Kind::full, "full"}};
        fmt::print("{{\"kind\":\"{}\",\"calls\":{},\"bytes_per_call\":{:.1f}}}\n",
                   names.at(plan.kind), plan.calls,
                   static_cast<double>(used) / static_cast<double>(plan.calls));
    };
    if (plan.kind == Kind::api) {
        SilentNetwork network;
        network.create_call();
        const std::uint64_t before = resident_bytes();
        for (std::uint64_t i = 0; i < plan.calls; ++i) {
            network.create_call();
        }
        report(before);
        return;
    }
    Engine engine{Seed{42}, ModelSettings{}};
    const std::uint64_t before = resident_bytes();
    fill_engine(plan, engine);
    report(before);
}

// --- CPU
// ------------------------------------------------------------------------------------------------

/// Keeps `calls` waiting and 64 of them talking.
class Crowd : public Watcher {
public:
    Crowd(Product& product, const Plan& plan)
        : product_{product}, plan_{plan}, call_{waiting_call(plan.target)} {}

    void start() {
        waiting_.reserve(plan_.calls);
        for (std::uint64_t i = 0; i < plan_.calls; ++i) {
            waiting_.push_back(product_.create(call_));
            product_.simulator().engine().outputs().clear();  // not what is measured here
        }
        for (std::uint64_t i = 0; i < in_flight; ++i) {
            pick_one_up();
        }
        product_.nudge();
    }

    void recorded(const Entry& entry) override {
        const auto* const made = std::get_if<AttemptMade>(&entry.what);
        if (made == nullptr || made->result.sent_again) {
            return;
        }
        failed_ += is_success(made->result) ? 0U : 1U;
        ++done_;
        if (done_ == plan_.warm_up) {
            cpu_ = Cpu::used();
        } else if (done_ == plan_.warm_up + plan_.requests) {
            cpu_ = Cpu::used() - cpu_;
            product_.stop();
            return;
        }
        if (made->type == EventType::hangup) {
            pick_one_up();
        }
    }

    [[nodiscard]] bool report() const {
        fmt::print(
            "{{\"calls\":{},\"requests\":{},\"failed\":{},\"cpu_us\":{:.3f},\"user_us\":{:.3f}}}\n",
            plan_.calls, plan_.requests, failed_,
            cpu_.all_us() / static_cast<double>(plan_.requests),
            cpu_.user_us / static_cast<double>(plan_.requests));
        return failed_ == 0;
    }

private:
    /// Any of them, so that no cache can know which; a new one waits in its place.
    void pick_one_up() {
        CallId& place = waiting_[chance_.below(waiting_.size())];
        Simulator& simulator = product_.simulator();
        const CallId id = place;
        place = product_.create(call_);
        // Not act(): we are inside record(); its outputs are taken with the driver's next turn.
        if (simulator.engine().apply(id, FarEndAnswers{}, simulator.now()).refusal !=
            Refusal::none) {
            fail("calls_in_flight: a waiting call cannot be answered");
        }
    }

    Product& product_;
    const Plan& plan_;
    NewCall call_;
    std::vector<CallId> waiting_;
    Rng chance_{42};
    std::uint64_t done_{0};
    std::uint64_t failed_{0};
    Cpu cpu_;
};

bool measure_cpu(const Plan& plan) {
    Product product{settings_for(pace)};
    Crowd crowd{product, plan};
    product.journal().watch(crowd);
    crowd.start();
    product.run(plan.deadline_s);
    return crowd.report();
}

}  // namespace
}  // namespace ringback::bench

int main(int argc, char** argv) {
    using ringback::bench::Kind;
    ringback::bench::Plan plan;
    CLI::App app{"What a waiting call costs"};
    app.add_option("--calls", plan.calls, "how many wait");
    app.add_option("--kind", plan.kind, "memory: ringing, api or full")
        ->transform(CLI::CheckedTransformer(std::map<std::string, Kind>{
            {"ringing", Kind::ringing}, {"api", Kind::api}, {"full", Kind::full}}));
    app.add_option("--target", plan.target, "CPU: URL of the receiver, on loopback");
    app.add_option("--requests", plan.requests, "CPU: callbacks to measure");
    app.add_option("--warm-up", plan.warm_up, "CPU: callbacks before those");
    app.add_option("--deadline", plan.deadline_s, "give up after that many seconds");
    CLI11_PARSE(app, argc, argv);

    if (plan.target.empty()) {
        ringback::bench::measure_memory(plan);
        return EXIT_SUCCESS;
    }
    return ringback::bench::measure_cpu(plan) ? EXIT_SUCCESS : EXIT_FAILURE;
}
