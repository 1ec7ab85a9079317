#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "simulator/core/engine.h"
#include "simulator/core/fault_dice.h"
#include "simulator/core/held_back.h"
#include "simulator/core/history.h"
#include "simulator/edge/api/account_of.h"
#include "simulator/edge/api/media_store.h"
#include "simulator/edge/api/router.h"
#include "simulator/edge/api/user_errors.h"
#include "simulator/edge/callback_faults.h"
#include "simulator/edge/controls.h"
#include "simulator/edge/dispatcher.h"
#include "simulator/edge/driver.h"
#include "simulator/edge/early_answers.h"
#include "simulator/edge/http.h"
#include "simulator/edge/memory_watch.h"
#include "simulator/edge/settings.h"
#include "simulator/edge/target.h"
#include "simulator/wire/callback_json.h"
#include "simulator/wire/ids.h"

namespace ringback {

/// Has the last word on what an event says.
class EventEditor {
public:
    EventEditor() = default;
    EventEditor(const EventEditor&) = delete;
    EventEditor& operator=(const EventEditor&) = delete;
    virtual ~EventEditor() = default;
    /// `payload`: the JSON body (POST) or the query text (GET) as the call model has it.
    virtual void edit(const Callback& callback, std::string& payload) = 0;
};

/// The fake network: an engine, its clock, its outbox and the API in front of them, on one loop.
///
/// The path of a request: catch up with the clock, let the route act on the engine, record the
/// exchange, record and queue what the engine put out with its strands held, send the answer, and
/// release the strands when the answer is on the wire.
class Simulator : public Controls, private DriverHost, private DispatchHost {
public:
    /// Everything given by reference outlives the simulator. `shut_down` is called when the admin
    /// plane asks for the end.
    Simulator(boost::asio::io_context& loop, SimulatorSettings settings, Transport& transport,
              const TargetPolicy& targets, History& history, std::function<void()> shut_down);

    // What stands behind the API's part of a server; see HttpHandler.
    [[nodiscard]] std::optional<Response> admit(const Request& head);
    void handle(const Request& request, const std::shared_ptr<Responder>& responder);
    /// Whether the body may be larger than others, and up to what.
    [[nodiscard]] static std::optional<std::size_t> most_body(const Request& head);
    void request_begins();
    void request_ends();

    /// Changes what events say before they are owed; null: nobody does. Outlives the simulator.
    void edit_events(EventEditor* editor) { editor_ = editor; }

    /// Whether the receiver is about to do something, for whoever can see it (a process of ours):
    /// the modelled clock does not jump before it rests. Called on the loop.
    void watch_receiver(std::function<bool()> is_busy) { receiver_busy_ = std::move(is_busy); }

    /// While that one says that memory is short, whatever creates something is answered 503, and
    /// what is over is forgotten; while it is nearly out, the modelled clock is paused as long as
    /// something is owed. Null: nobody watches. Outlives the simulator.
    void watch_memory(MemoryWatch* watch) { memory_ = watch; }
    /// For the owner's timer: not only requests fill it, and it says when it is over. Needs a
    /// watch.
    void look_at_memory();
    [[nodiscard]] const MemoryWatch* memory() const override { return memory_; }

    /// As act(), for a conference.
    Outcome confer(CallId conference, const ConferenceInput& input);

    /// What is to go wrong from now on; without rules: nothing any more. What has met a fault by
    /// then is not changed.
    void set_faults(FaultPlan plan) override;
    /// Null: nothing is to go wrong.
    [[nodiscard]] const FaultPlan* faults() const override {
        return dice_ == nullptr || dice_->plan().rules.empty() ? nullptr : &dice_->plan();
    }
    [[nodiscard]] FaultTally fault_tally() const override;

    /// From here on calls are accepted. What users have from the start, they have now.
    void ready();
    /// Accepts no more calls, raises no more events, and calls back when nothing is owed any more.
    void drain(std::function<void()> when_done);

    // Controls
    Engine& engine() override { return engine_; }
    const IdCodec& ids() const override { return ids_; }
    Instant now() override { return driver_.now(); }
    WallInstant wall() const override;
    /// When that modelled instant comes, or came, by a clock that flows; else now. What is due then
    /// is due then, however late the loop is.
    [[nodiscard]] WallInstant due(Instant modelled) const;
    bool clock_paused() const override { return driver_.paused(); }
    void pause(bool paused) override;
    ClockSettings clock_settings() const override { return settings_.clock; }
    void advance(Duration by, std::function<void()> when_delivered) override;
    Result<CallId> ring_in(std::string_view user, NewCall call) override;
    Result<CallId> text_in(std::string_view user, NewMessage message) override;
    void forget(CallId call) override;
    Outcome act(CallId call, Input input) override;
    /// What is done to a user's applications and phone numbers, or to its domains.
    DirectoryOutcome change(std::string_view user, const DirectoryCommand& command);
    DomainOutcome change(std::string_view user, const DomainCommand& command);
    /// What stands under a name of a user's media; put_back makes it so again.
    [[nodiscard]] MediaStore::Place medium(std::string_view user, std::string_view name) const {
        return media_.look(user, name);
    }
    void put_back(std::string_view user, const std::string& name, MediaStore::Place before) {
        media_.put_back(user, name, std::move(before));
    }
    bool set_far_end(std::string number, std::optional<FarEnd> far_end) override;
    std::optional<std::string> refuse_url(std::string_view url) override;
    void reset(std::optional<std::string> user) override;
    bool quiet() const override;
    void when_quiet(std::function<void()> then) override { driver_.when_quiet(std::move(then)); }
    std::size_t deliveries_pending() const override { return dispatcher_.pending() + held_.held(); }
    std::optional<std::string> not_ready() const override;
    void when_ready(std::function<void()> then) override;
    void after(std::chrono::milliseconds wall_time, std::function<void()> then) override;
    void at(Instant instant, std::function<void()> then) override;
    void hold_clock() override;
    void release_clock() override;
    /// No event begins its way to a receiver until they are released; those on it go on.
    void hold_events() { dispatcher_.pause(); }
    void release_events();
    /// Events on their way to a receiver now.
    [[nodiscard]] std::size_t deliveries_under_way() const { return dispatcher_.under_way(); }
    void shut_down() override { shut_down_(); }

private:
    // DriverHost
    void take_outputs() override;
    bool nothing_under_way() const override;
    /// What faults hold back leaves at a modelled time, like what the model is to tell later.
    bool nothing_owed() const override { return dispatcher_.pending() == 0; }
    bool receiver_is_busy() override { return receiver_busy_ && receiver_busy_(); }
    // DispatchHost
    void attempt_made(const Owed& owed, bool fallback, AttemptResult&& result) override;
    void told(const Owed& owed, bool failed) override;
    void on_the_wire(const Owed& owed) override;
    void activity_changed(WallInstant now) override;

    // Requests that may meet a fault: simulator_answer_faults.cpp
    struct AnswerFaults;
    void handle_faulty(const Request& request, const std::shared_ptr<Responder>& responder,
                       ApiContext& asked, Instant at);
    [[nodiscard]] AnswerFaults faults_of(const Request& request, const std::string& user,
                                         Instant at);
    [[nodiscard]] ApiReply act_or_fail(const Request& request, ApiContext& asked,
                                       AnswerFaults& faults, const std::string& user);
    void answer_early(fault::Early::When when, const std::shared_ptr<Responder>& responder,
                      ApiReply&& reply, std::vector<CallId> strands, DeliveryId since);
    /// What they have made of the answer, and by which rule; null: it may not meet any.
    [[nodiscard]] static std::pair<AnswerFate, std::string> fate_under(const AnswerFaults* faults);
    void note_faults(const AnswerFaults& faults, const ApiReply& reply, Instant at,
                     WallInstant wall);
    [[nodiscard]] CallId concern_of(const Request& request, const std::string& user);
    void happen_now();
    void stand_still(bool paused);
    void save_memory();

    [[nodiscard]] std::vector<CallId> take_reply(const Request& request, ApiReply& reply,
                                                 Instant at, const AnswerFaults* faults);
    void give_reply(ApiReply&& reply, const std::shared_ptr<Responder>& responder, bool only_looked,
                    std::vector<CallId> held);
    void send_reply(ApiReply&& reply, const std::shared_ptr<Responder>& responder);
    void release(const std::vector<CallId>& strands);
    [[nodiscard]] Text text_of_user(const std::string& user);
    void take(Output& output, const User& user, WallInstant wall);
    void raise(const Output& output, const Callback& callback, const User& user, WallInstant wall);
    void raise_among_faults(const Output& output, const Callback& callback, const User& user,
                            WallInstant wall);
    [[nodiscard]] Parcel parcel_of(Fate::Echo echo, const Parcel& original, const User& user);
    void send_what_leaves(Instant now);
    void never_comes(const Callback& callback, Instant now);
    void hold(CallId strand);
    [[nodiscard]] std::optional<Error> refuse_inbound() const;
    void seed(const Seeded& wanted);
    struct Called {
        const PhoneNumber* number{nullptr};       // null: nobody's
        const Application* application{nullptr};  // null: it has none
    };
    [[nodiscard]] Called who_is_called(const User& user, const std::string& number,
                                       const std::string& application_id) const;
    [[nodiscard]] RouteRef inbound_route(const RouteRef& given) const;
    void note_unreachable(const Output& output, const User& user, WallInstant wall);
    void take(const MessageBecame& change, const Output& output, const User& user,
              WallInstant wall);
    void take_account(Output& output, const User& user, WallInstant wall);
    void take(const BxmlNews& news, const Output& output, const User& user, WallInstant wall);
    void answer_came(const Owed& owed, std::string_view url, std::string_view body);
    void document_attempt_made(const Owed& owed, bool fallback, AttemptResult&& result);
    void note_attempt(const Owed& owed, bool fallback, AttemptResult&& result);
    void note_failure(const Owed& owed, bool fallback, const AttemptFigures& figures, Instant at);
    void note_error(const Text& user, CallId call, WallInstant wall, UserError error);
    WallInstant record_exchange(const Request& request, ApiReply& reply, Instant at,
                                const AnswerFaults* faults);
    void take_outputs(WallInstant wall);
    [[nodiscard]] ApiContext context(Instant now);
    [[nodiscard]] bool cannot_accept() const;
    void ring_alarms();
    void check_drained();

    boost::asio::io_context& loop_;
    SimulatorSettings settings_;
    const TargetPolicy& targets_;
    Familiar familiar_;  // the policy does not change while we run
    History& history_;
    std::function<void()> shut_down_;
    IdCodec ids_;
    CallbackText callback_text_;
    Engine engine_;
    UserErrors errors_;
    RateLimits rate_limits_;
    TokenUsers token_users_;
    MediaStore media_;
    Dispatcher dispatcher_;
    Driver driver_;

    Outputs spare_outputs_;
    std::string payload_;  // the one being written; keeps its storage
    bool taking_outputs_{false};
    std::vector<CallId>* held_for_answer_{nullptr};  // strands held for the request being handled
    std::size_t requests_under_way_{0};
    std::size_t clock_holds_{0};
    std::multimap<Instant, std::function<void()>> alarms_;
    EventEditor* editor_{nullptr};
    MemoryWatch* memory_{nullptr};
    bool stands_for_memory_{false};    // the clock, which nobody asked to pause
    std::unique_ptr<FaultDice> dice_;  // null: nothing is to go wrong, and nothing is held back
    Instant faults_since_{};           // when dice_ was set
    Instant began_;
    FaultTally losses_;  // without rules
    HeldBack held_;
    Instant held_alarm_{Instant::max()};  // when it is told the time next
    EarlyAnswers early_;
    bool early_await_quiet_{false};
    std::function<bool()> receiver_busy_;
    std::optional<std::string> not_ready_{"starting"};
    std::vector<std::function<void()>> waiting_for_ready_;
    std::function<void()> drained_;
    bool draining_{false};
};

}  // namespace ringback
