#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "harness/admin/admin_api.h"
#include "harness/record/journal.h"
#include "harness/run/kicker.h"
#include "harness/run/stage_settings.h"
#include "harness/scenario/scenario.h"
#include "harness/script/happening.h"
#include "harness/script/script.h"
#include "harness/script/verdict.h"
#include "simulator/edge/api/named_id.h"
#include "simulator/edge/http_transport.h"
#include "simulator/edge/simulator.h"

namespace ringback {

/// One scenario being run: a fake of its own (clock, calls, journal) with a script that watches it.
/// On the loop; stays alive until the loop has ended, because answers may still be on their way.
class Stage : private JournalListener, private EventEditor {
public:
    using WhenOver = std::function<void(Stage&)>;

    /// `scenario` and `targets` outlive the stage. Errors: TLS files that cannot be read.
    [[nodiscard]] static Result<std::unique_ptr<Stage>> build(boost::asio::io_context& loop,
                                                              const Scenario& scenario,
                                                              const TargetPolicy& targets,
                                                              StageSettings settings);
    ~Stage() override;

    /// The curtain: makes the call, or kicks the application. `when_over` is called once, later.
    void begin(WhenOver when_over);
    /// Ends it as it is: the time is over, or somebody pressed Ctrl-C.
    void cut_short(const std::string& why);
    /// What a run expects of the receiver under test, whatever else.
    static constexpr const char* receiver_stays{"the receiver stays up"};
    /// From the loop: it is no longer there; `why`: "the receiver ended with exit code 3".
    void receiver_is_gone(const std::string& why);

    /// A request of the receiver's to the API.
    void handle(const Request& request, const std::shared_ptr<Responder>& responder);

    /// The admin plane of this run; made when somebody asks for it.
    [[nodiscard]] AdminApi& admin();

    [[nodiscard]] Simulator& simulator() { return *simulator_; }
    [[nodiscard]] const std::string& user() const { return settings_.user; }
    [[nodiscard]] bool over() const { return over_; }
    /// The application places the call, as whoever it was told to be.
    [[nodiscard]] bool kicks() const { return std::holds_alternative<Kick>(scenario_.start.how); }
    /// Whether a request to the API names a call or recording of this stage.
    [[nodiscard]] bool made(const NamedId& named) const { return named.is_of(ids_); }
    /// Once it is over: all of it, once. Of what the stage knew, only the call is kept behind it.
    [[nodiscard]] RunRecord take_record() { return std::move(record_); }

private:
    Stage(boost::asio::io_context& loop, const Scenario& scenario, const TargetPolicy& targets,
          StageSettings settings);

    void recorded(const RecordedEntry& entry) override;
    void edit(const Callback& callback, std::string& payload) override;

    [[nodiscard]] Seed model_seed(std::size_t take) const;
    void begin_call(const OwnCall& call);
    void begin_inbound(const InboundCall& call);
    [[nodiscard]] std::string send_in(const InboundMessage& message);
    void kick(const Kick& kick);
    [[nodiscard]] Response ask(const std::string& method, const std::string& path,
                               std::string body);

    void tell_script();
    void turn_soon();
    void turn();
    void obey(const Wish& wish);
    void obey(const WishAct& act);
    void send_text(const WishAct& act);
    void watch_clock();
    void watch_quiet();
    void lower_curtain();
    void set_linger(std::chrono::milliseconds time);
    void curtain_is_down();
    [[nodiscard]] bool callers_hang_up();
    [[nodiscard]] bool is_anybody_on_the_phone() const;
    void finish();
    void forget_play();
    void look_for_gap(const Happening& happening);
    void await_rest();
    void open_gap();
    void stand_still();
    void go_on();
    void close_gap();
    [[nodiscard]] const Call* find_call(const std::string& id);

    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          boost::asio::io_context::executor_type>;

    boost::asio::io_context& loop_;
    Scenario scenario_;  // with what the kick waits for as its first step
    StageSettings settings_;
    IdCodec ids_;
    Journal journal_;
    std::unique_ptr<HttpTransport> transport_;
    std::unique_ptr<Simulator> simulator_;
    std::unique_ptr<AdminApi> admin_;
    std::unique_ptr<Script> script_;  // null: not begun, or over
    Kicker kicker_;
    Timer deadline_;
    Timer end_;
    WhenOver when_over_;

    std::vector<Happening> happenings_;  // all of them
    std::size_t told_{0};                // to the script
    WallInstant began_{};
    Instant began_at_{};
    std::optional<Instant> alarm_set_{};
    const Request* answering_{nullptr};  // for its headers, which the journal does not keep
    bool asking_{false};                 // an API request of our own is being handled
    bool turning_{false};
    bool clock_held_{false};
    bool awaiting_quiet_{false};
    bool curtain_{false};         // the steps are over; the rest is let come in
    bool hung_up_{false};         // by callers_hang_up()
    bool waits_for_end_{false};   // of calls, once nothing moves, in a lenient run
    bool waits_for_kick_{false};  // for the answer to it, when all else is over
    bool over_{false};
    enum class GapState : std::uint8_t {
        ahead,    // or there is none
        resting,  // what came of the event may still come in
        down,     // the receiver, until the next event has missed it
        coming,   // it is to be there again
        over,
    };
    GapState gap_state_{GapState::ahead};
    std::size_t events_answered_{0};
    std::size_t seen_at_rest_{0};
    Timer rest_;
    RunRecord record_;
};

}  // namespace ringback
