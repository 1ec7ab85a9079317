#pragma once

#include <boost/container/flat_map.hpp>
#include <boost/container/flat_set.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/scenario/scenario.h"
#include "harness/script/done_unheard.h"
#include "harness/script/event_faults.h"
#include "harness/script/happening.h"
#include "harness/script/reply.h"
#include "harness/script/verdict.h"
#include "simulator/core/random.h"
#include "simulator/core/result.h"
#include "simulator/core/settings.h"
#include "simulator/core/shared.h"

namespace ringback {

/// The person on the phone is to do something now.
struct WishAct {
    CallerAct::What what{};
    std::string text;  // keys, words or a message
    std::string call;  // the call's text id; "" = there is none yet
    const Step* step{nullptr};
};
/// From now on the model is to take that long until that event; none: as long as it does by itself.
struct WishDelay {
    std::string event;
    std::optional<Duration> delay{};
};
using Wish = std::variant<WishAct, WishDelay>;

/// A run that is disturbed on purpose is played for what it puts in, not for what it expects: what
/// does not come is passed over when nothing more can come, what comes unasked is let be.
struct Leniency {
    /// Wall time for which the modelled clock waits for a request that is awaited.
    std::chrono::milliseconds patience{100};
    bool calls_end{true};  // a receiver is given time to end those that nothing else would end
};

/// A scenario being played: told what happens and what time it is, it says what is to be done next,
/// and in the end how it went. Pure: reads no clock and does no I/O.
class Script {
public:
    /// What a step did: in which place of all that was done, and the last journal entry by then.
    struct Mark {
        std::uint64_t seq{0};
        std::size_t nth{0};
    };

    /// `scenario` outlives the script. `bindings` holds the variables; results of steps are added.
    /// `delays`: the model's, by which {"speech": ...} is as long as the fake says it.
    Script(const Scenario& scenario, Bindings bindings, std::uint64_t seed,
           Shared<Delays> delays = {}, std::optional<Leniency> lenient = {});

    /// All modelled waits of its steps together, at most; before begin(). Else as long as they say.
    void may_wait(Duration most) { may_wait_ = most; }
    /// The first step begins now.
    void begin(Instant now, WallInstant wall);
    /// The next journal entry; in order, each once.
    void happened(Happening happening);
    /// Alarms and deadlines up to now ring.
    void time_is(Instant now, WallInstant wall);
    /// Nothing is under way, and the model has nothing left that would happen by itself.
    void nothing_to_come(Instant now, WallInstant wall);
    /// Something kept it from going on ("the fake answered ..."): inconclusive.
    void cannot_go_on(std::string why);
    /// The same, at that step.
    void cannot_do(const Step& step, std::string why);
    /// The run has come to more than one may have: inconclusive, at the present step.
    void is_too_much(std::string why);
    /// What the application answered to its kick.
    void kick_answered(const SeenReply& seen);
    /// The application cannot be tested: its process has ended.
    void start_failed(std::string expected, std::string got);
    /// Nobody could answer until now: whatever is awaited has all its time again.
    void wait_anew(WallInstant wall);
    /// The wall time is over for the whole run.
    void out_of_time(WallInstant wall);

    /// When time_is() is to be called next.
    [[nodiscard]] std::optional<Instant> alarm() const { return alarm_; }
    [[nodiscard]] std::optional<WallInstant> deadline() const;
    /// The modelled clock must not jump now: the receiver has the word.
    [[nodiscard]] bool holds_clock() const;
    /// Through with its steps, or stopped at one; answers may still be owed.
    [[nodiscard]] bool over() const { return over_; }
    /// Callbacks of its steps, or the kick, were not answered yet.
    [[nodiscard]] bool awaits_answers() const { return !unanswered_.empty() || kick_owed_; }
    /// The kick was not answered yet.
    [[nodiscard]] bool awaits_kick() const { return kick_owed_; }
    /// What is to be done now; empties the list.
    [[nodiscard]] std::vector<Wish> take_wishes() { return std::exchange(wishes_, {}); }

    [[nodiscard]] bool is_lenient() const { return lenient_.has_value(); }

    [[nodiscard]] const Bindings& bindings() const { return bindings_; }
    [[nodiscard]] Bindings& bindings() { return bindings_; }
    /// Where each step with an id was done, the last time.
    [[nodiscard]] const boost::container::flat_map<std::string, Mark>& marks() const {
        return marks_;
    }
    /// The send whose answer that delivery will be; null: none waits for it.
    [[nodiscard]] const Step* step_awaiting(std::uint64_t delivery) const {
        const auto found = unanswered_.find(delivery);
        return found == unanswered_.end() ? nullptr : found->second;
    }
    /// What was judged so far, in order; of what passed only by which step. verdict_of() in
    /// checks.h puts it into words and adds the rest.
    [[nodiscard]] const std::vector<Judged>& judged() const { return judged_; }
    /// The same, to keep: when nothing more is to be told it.
    [[nodiscard]] std::vector<Judged> give_judged() { return std::exchange(judged_, {}); }
    [[nodiscard]] const std::vector<std::string>& reached() const { return reached_; }
    [[nodiscard]] std::string stuck() const;
    /// Where it stopped at a request that did not come: of all requests of the run those that came
    /// closest to it, three at most; else nothing.
    [[nodiscard]] std::vector<Candidate> closest(const std::vector<Happening>& all) const;
    /// A step that may be next awaits a request like that one, whatever was answered to it.
    [[nodiscard]] bool awaits(const Happening& request) const;
    /// A step that may be next awaits a request, one of these.
    [[nodiscard]] bool awaits(const std::function<bool(const Await&)>& which) const;
    /// Requests that a step was waiting for, and deliveries whose answer a step has judged.
    [[nodiscard]] const boost::container::flat_map<std::uint64_t, const Step*>& awaited_requests()
        const {
        return awaited_;
    }
    [[nodiscard]] const boost::container::flat_set<std::uint64_t>& judged_deliveries() const {
        return answered_;
    }
    /// The send by whose `set` the event about to be owed, which says `message`, is to say
    /// something else; null: none.
    [[nodiscard]] const Step* editor_of(const std::string& event,
                                        const nlohmann::json& message) const;
    /// The last step that was done when the journal had come to `seq`; null: none was.
    [[nodiscard]] const Step* done_before(std::uint64_t seq) const;
    /// Whether any of the sends that may be next has a `set`: a look, before somebody reads the
    /// event.
    [[nodiscard]] bool edits_events() const;

private:
    struct Frame {
        const Block* block{nullptr};
        std::size_t next{0};
        std::int64_t again{0};  // how often more it is to be gone through
        boost::container::flat_set<std::size_t>
            left;  // of an `any` block: the steps that are not done yet
        std::optional<Shared<nlohmann::json>> vars_before{};  // none: the block has none of its own
        boost::container::flat_set<const Step*> timed{};      // sends whose time the model knows
        Duration longest{};  // of an `any` block: what its sends wait, all at the same time
    };
    /// `again`: another step is current now, which the same happening may be for.
    enum class Taken : std::uint8_t { yes, passed_over, not_yet, again };

    void go_on();
    bool one_more_step();
    void alarm_rings();
    bool enter();
    bool enter_repeat(const Step& step, const Repeat& repeat);
    bool enter_branch(const Step& step, const Branch& branch);
    bool take_otherwise();
    void leave();
    void push(const Block& block, std::int64_t times);
    void done_with(const Step& step, const Happening* by);
    void pass_over(const Step& step);
    void set_deadline();
    void wait_from(WallInstant left);
    void came_as_awaited(const Await& await);
    [[nodiscard]] bool waits_for_receiver() const;
    [[nodiscard]] const Step* current() const;
    [[nodiscard]] std::vector<const Step*> candidates() const;
    [[nodiscard]] const Step& late() const;
    [[nodiscard]] bool may_be_asked_for() const;
    [[nodiscard]] bool awaits_document() const;

    Taken take(const Happening& happening);
    Taken take_request(const Happening& happening);
    Taken take_event(const Happening& happening);
    void event_comes(const Step& step, const Happening& event);
    void take_answer(const Happening& happening);
    void take_loss(const Happening& loss);
    [[nodiscard]] static std::vector<Candidate> nearest(std::vector<Candidate> found);
    bool fits(const Step& step, const Await& await, const Happening& request);
    [[nodiscard]] Candidate near_miss(const Await& await, const Happening& request) const;
    [[nodiscard]] bool is_allowed(const Happening& request) const;
    [[nodiscard]] std::vector<std::string> accepting(const Step& step,
                                                     const Happening& request) const;
    [[nodiscard]] std::vector<AlignedStep> out_of_order(const Happening& happening) const;
    [[nodiscard]] bool is_for(const Step& step, const Happening& happening) const;
    bool try_branch(const Step& step, const Happening& request);
    Taken hold_against_steps(const Happening& request);
    [[nodiscard]] static std::vector<const Await*> awaited_by(const Step& step);
    [[nodiscard]] bool is_thwarted(const Happening& request) const;
    void note_fate(const Happening& request);
    bool asks_once_more(const Happening& request);
    [[nodiscard]] bool comes_once_more(const Happening& event) const;
    [[nodiscard]] std::vector<const Happening*> thwarted_for(const Step& step) const;
    [[nodiscard]] std::string with_faults(const Step* step, std::string got) const;
    Judged& judged_start(std::string expected);
    void remember(const Step& step, Sight::Look look);
    void note_reply(const Step& step, const Send& send, const Happening& answer);

    /// `expected`: "" = the answer that the step says.
    void passed(const Step& step, std::string expected, std::uint64_t seq);
    Judged& failed(const Step& step, Judged::Result result, std::string expected, std::string got);
    void set_alarm(const Step& step, Instant since, const std::optional<TimeSpec>& time);
    [[nodiscard]] bool waits_too_long();
    void look_ahead();
    bool tell_delay(const Step& step, const Send& send);
    [[nodiscard]] Result<Duration> drawn(const TimeSpec& time);
    [[nodiscard]] std::string expected_text(const Step& step) const;
    [[nodiscard]] Block::Order order() const;

    const Scenario& scenario_;
    Bindings bindings_;
    Rng rng_;
    Shared<Delays> delays_;
    std::optional<Leniency> lenient_;
    boost::container::flat_set<std::string>
        slowed_;  // events that come at a time of the scenario's, not the model's
    std::vector<Frame> frames_;
    bool entered_{false};
    std::list<Happening> inbox_;  // mostly empty or one: a deque would take its block for that
    Instant now_{};
    WallInstant wall_{};
    Instant step_at_{};         // when the step before was done
    WallInstant wait_began_{};  // wall time since when the present step waits
    WallInstant cause_{};       // the last thing that could set the receiver off
    std::optional<Instant> alarm_{};
    std::optional<WallInstant> deadline_{};
    std::vector<Candidate> seen_;  // while the present step waits
    boost::container::flat_map<std::uint64_t, const Step*> unanswered_;  // by delivery
    boost::container::flat_map<std::uint64_t, const Step*>
        awaited_;                                         // by journal number of the request
    boost::container::flat_set<std::uint64_t> answered_;  // deliveries
    boost::container::flat_set<std::uint64_t> altered_;   // deliveries, by faults
    EventFaults event_faults_;
    std::vector<Happening> thwarted_;  // requests that faults have refused, not done since
    std::optional<Happening> spoilt_;  // the last request, where a fault has met its answer
    DoneUnheard unheard_;
    bool done_again_{false};  // what is in there, because the receiver asked once more
    std::string call_;
    std::vector<Wish> wishes_;
    boost::container::flat_map<std::string, Mark> marks_;
    std::vector<std::pair<std::uint64_t, const Step*>> trail_;  // what was done, and by which entry
    Duration may_wait_{Duration::max()};
    Duration waited_{};  // or told to, by all steps so far
    std::size_t steps_begun_{0};
    std::size_t steps_done_{0};
    std::size_t events_{0};
    std::uint64_t last_seq_{0};  // of what the script has looked at
    std::vector<Judged> judged_;
    Judged passed_over_;  // of a lenient script: the last step that did not hold
    std::vector<std::string> reached_;
    const Await* missed_{nullptr};  // what never came, when that is what ended it
    bool kick_owed_{false};
    bool over_{false};
    bool going_on_{false};
};

/// How long, by the wall clock, a step waits for what is to come from outside; none: as long as the
/// call model has something to tell.
[[nodiscard]] std::optional<std::chrono::milliseconds> within_of(const Step& step);

/// How a step is called in reports: its id, or "step 3 (await)".
[[nodiscard]] std::string name_of(const Step& step);

}  // namespace ringback
