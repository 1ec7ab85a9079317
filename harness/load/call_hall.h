#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "harness/load/kick_sender.h"
#include "harness/load/load_call.h"
#include "harness/load/load_meter.h"
#include "harness/load/result.h"
#include "harness/load/waiting_calls.h"
#include "harness/scenario/scenario.h"
#include "harness/script/checks.h"
#include "simulator/core/history.h"
#include "simulator/edge/http_transport.h"
#include "simulator/edge/simulator.h"

namespace ringback {

struct CallHallSettings {
    std::string user{"u-ringback"};
    std::string token{"t-ringback"};
    std::string secret{"s-ringback"};
    std::string receiver;  // base URL, without a slash at the end
    std::string api;       // base URL of the fake
    std::string run_id;
    std::uint64_t seed{42};
    std::uint64_t ids{0};  // halls that play against one receiver differ by it: so do their calls
    std::chrono::milliseconds call_timeout{60'000};  // wall time of one call
    std::chrono::milliseconds linger{2'000};         // behind its last step, at most
    std::size_t kept_failures{20};
    std::string behind;  // what else the command needs that plays one call by itself
    SimulatorSettings simulator;
};

/// Many calls of one scenario on one loop: one simulator with a real clock, a script for each call.
/// Knows how a call goes, not when the next one starts. On the loop.
class CallHall : private History, private EventEditor {
public:
    /// `placed`: it came to be a call at all. May be called from within a turn of the hall.
    using WhenEnded = std::function<void(const Arrival& arrival, bool placed)>;

    /// `targets` and `meter` outlive it. Errors: TLS files that cannot be read, a variable that
    /// names what there is not, a kick at somebody who may not be called.
    [[nodiscard]] static Result<std::unique_ptr<CallHall>> build(boost::asio::io_context& loop,
                                                                 const Scenario& scenario,
                                                                 const TargetPolicy& targets,
                                                                 LoadMeter& meter,
                                                                 CallHallSettings settings);
    ~CallHall() override;

    void when_ended(WhenEnded then) { when_ended_ = std::move(then); }

    /// A request to the API that is for this hall. On the loop of the hall: where several loops
    /// share a port, one that names no id may be for a call of another loop's (see HallDoor).
    void handle(const Request& request, const std::shared_ptr<Responder>& responder);
    /// The next step of a call awaits that request, which names nothing of it.
    [[nodiscard]] bool awaits(const Request& request) const;
    /// The application was kicked, and has still to place a call.
    [[nodiscard]] bool awaits_placing() const { return !kicked_.empty(); }

    /// A call starts now that was to start at `due`; no other that is in flight has its `n`.
    void start(const Arrival& arrival, WallInstant due);
    /// Every call ends as it is, and has failed.
    void cut_short(const std::string& why);
    /// The person on the phone hangs up. What the receiver is told of it is still measured; the
    /// call is judged by nobody, and ends when it is told.
    void hang_up(std::uint64_t n);

    [[nodiscard]] Simulator& simulator() { return *simulator_; }
    [[nodiscard]] std::size_t in_flight() const { return calls_.size(); }
    [[nodiscard]] const std::vector<KeptFailure>& kept() const { return kept_; }
    /// Callbacks and kicks that waited for this machine, not for their receiver.
    [[nodiscard]] std::uint64_t waited_for_room() const {
        return transport_->waited_for_room() + (kicks_ ? kicks_->waited_for_room() : 0);
    }
    /// Whether a request names what is of this hall. From any thread, as is
    /// ids(): they never change.
    [[nodiscard]] bool made_id_in(const Request& request) const;
    [[nodiscard]] const IdCodec& ids() const { return ids_; }

private:
    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          boost::asio::io_context::executor_type>;
    /// Somebody is to be looked at then.
    struct Look {
        WallInstant at{};
        std::uint64_t call{0};  // its arrival's n
        friend bool operator>(const Look& a, const Look& b) { return a.at > b.at; }
    };

    CallHall(boost::asio::io_context& loop, const Scenario& scenario, const TargetPolicy& targets,
             LoadMeter& meter, CallHallSettings settings);
    [[nodiscard]] std::optional<Error> prepare();

    // History
    Entry& open() override;
    void close(Entry& entry) override;
    // EventEditor
    void edit(const Callback& callback, std::string& payload) override;

    void place(LoadCall& call);
    [[nodiscard]] std::string place_own(const LoadCall& call, const OwnCall& own);
    [[nodiscard]] std::string place_inbound(const LoadCall& call, const InboundCall& inbound);
    [[nodiscard]] std::optional<Error> prepare_kicks();
    void kick(LoadCall& call);
    void kick_answered(std::uint64_t n, const AttemptResult& answer);
    [[nodiscard]] bool fits_a_row(const Happening& creation) const;
    [[nodiscard]] LoadCall* taken(const Entry& entry, const ApiExchange& exchange);
    void await_unnamed(LoadCall& call);
    [[nodiscard]] std::shared_ptr<const Delays> delays_of(const LoadCall& call) const;
    void hang_up_legs(const LoadCall& call);
    [[nodiscard]] std::shared_ptr<const Delays> first_delays(LoadCall& call);
    [[nodiscard]] LoadCall* call_of(CallId id);
    [[nodiscard]] LoadCall* call_beside(CallId id) const;
    void line_up(LoadCall& call);
    void turn();
    void turn_of(LoadCall& call);
    void obey(LoadCall& call, const Wish& wish);
    void watch(LoadCall& call);
    void look_at(WallInstant at, const LoadCall& call);
    void looks_due(WallInstant now);
    [[nodiscard]] bool is_all_told(const LoadCall& call);
    void end_if_through(LoadCall& call, WallInstant now);
    void end(LoadCall& call, WallInstant now);
    [[nodiscard]] std::string tell_outcome(LoadCall& call, const Snapshot& all, WallInstant now);
    void let_go(LoadCall& call, bool forget);
    void keep(const LoadCall& call, const Verdict& verdict, const std::string& cause,
              WallInstant now);
    void wake();

    boost::asio::io_context& loop_;
    const Scenario scenario_;  // with what the kick waits for as its first step
    CallHallSettings settings_;
    Shared<Delays> delays_;  // the same for every script
    IdCodec ids_;
    std::unique_ptr<HttpTransport> transport_;
    std::unique_ptr<Simulator> simulator_;
    const TargetPolicy& targets_;
    LoadMeter& meter_;
    std::vector<LoadTimer> timers_;
    std::vector<Bindings> bindings_;   // one for each row of data, or one
    std::vector<std::string> bodies_;  // of the POST /calls, likewise; "" = not written yet
    WhenEnded when_ended_;

    std::unordered_map<std::uint64_t, std::unique_ptr<LoadCall>> calls_;  // by n
    std::unordered_map<CallId, LoadCall*> by_leg_;
    LoadCall* placing_{nullptr};         // its first entries do not name it yet
    std::unique_ptr<KickSender> kicks_;  // null: the calls are placed by ringback
    WaitingCalls kicked_;                // and not placed yet
    WaitingCalls expecting_;             // for what else their applications may create
    bool expects_{false};                // one of the steps does
    const Request* unnamed_{nullptr};    // being handled, and names nothing of ours
    LoadCall* taker_{nullptr};           // whose it is
    std::vector<LoadCall*> line_;
    std::vector<LoadCall*> turning_;
    std::priority_queue<Look, std::vector<Look>, std::greater<>> looks_;
    Entry entry_;
    std::uint64_t seq_{0};
    std::vector<KeptFailure> kept_;
    Timer waker_;
    std::optional<WallInstant> wakes_at_{};
    bool turn_posted_{false};
    bool asking_{false};
};

/// The timers of a scenario's load block.
[[nodiscard]] std::vector<LoadTimer> timers_of(const Scenario& scenario);

}  // namespace ringback
