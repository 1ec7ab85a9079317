#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/scenario/document.h"
#include "harness/scenario/matcher.h"
#include "simulator/core/drawn_time.h"
#include "simulator/core/faults.h"
#include "simulator/core/random.h"
#include "simulator/core/settings.h"
#include "simulator/core/time.h"

namespace ringback {

/// How long something takes, fixed or drawn, in modelled time.
///
/// "250ms" | {"uniform": ["1s", "2s"]} | {"normal": {"mean": "1s", "deviation": "200ms"}}
/// | {"lognormal": {"median": "80ms", "sigma": 0.4}} | {"exponential": {"mean": "1s"}}
/// | {"oneOf": ["1s", "2s"]} | {"speech": "text, may hold ${...}"}
struct TimeSpec : DrawnTime {
    bool is_speech{false};  // as long as it takes to say `speech`, whatever the shape
    std::string speech{};   // unexpanded
};

/// Draws one; never negative, at most 10,000 h. `time.speech` has been expanded by now, and lasts
/// as long as the call model says it when it has these delays.
[[nodiscard]] Duration draw(const TimeSpec& time, Rng& rng, const Delays& delays = {});

/// Which requests to the API are meant.
struct ApiPattern {
    std::string method;  // "POST"; "" = any
    std::string path;    // "/v1/users/${userId}/calls/*": '*' is one segment, "**" the rest
    FieldMatches match;
};

/// What the receiver must answer. The first answer to a callback counts; where `delivered_via` or
/// `attempts` ask how the delivery ended, the last one does.
struct ReplyExpectation {
    std::vector<std::pair<int, int>> status;  // ranges, both ends included; empty: any 2xx
    std::optional<Comparison> latency_ms{};
    std::optional<bool> reused_connection{};
    /// Which URL took a callback in the end; `none`: both failed, or the only one did.
    enum class Via : std::uint8_t { callback, fallback, none };
    std::optional<Via> delivered_via{};
    std::optional<std::uint64_t> attempts{};  // made in all, over both URLs
    FieldMatches match;                       // "body"
    Place place;
};

struct Step;

/// Some steps with their own rules.
struct Block {
    enum class Order : std::uint8_t {
        strict,   // nothing else may happen in between (GET requests may)
        ordered,  // in this order; other requests may come in between
        any,      // each once, in whatever order
    };
    Order order{Order::strict};
    std::vector<ApiPattern> allow;                   // may happen any time
    nlohmann::json vars = nlohmann::json::object();  // of a `use`; over the scenario's
    std::vector<Step> steps;
};

/// The fake delivers an event that the call model raises.
struct Send {
    std::string event;                // "answer", "speak.started", "speak.done", "gather", ...
    std::optional<TimeSpec> after{};  // since the step before; default: as the model has it
    nlohmann::json set =
        nlohmann::json::object();  // members over the event's own; null takes one away
    FieldMatches match;            // what the event must say (its payload)
    std::optional<std::chrono::milliseconds> within{};  // wall time; none: as the model has it
    ReplyExpectation expect;
    bool has_expect{false};
};

/// The receiver must call the API.
struct Await {
    ApiPattern api;
    std::chrono::milliseconds within{2000};   // wall time
    std::optional<Comparison> reaction_ms{};  // since the event or answer before it, wall time
    std::optional<std::vector<std::pair<int, int>>> answered{};  // what the fake must have answered
};

/// What the person on the phone does.
struct CallerAct {
    enum class What : std::uint8_t { press, say, hang_up, answer, decline, text };
    What what{};
    std::string text;  // keys, words or a message, unexpanded
    std::optional<TimeSpec> after{};
};

struct Pause {
    TimeSpec time;
};

/// Nothing may arrive for that long.
struct Quiet {
    TimeSpec time;
};

struct Branch {
    struct Case {
        std::optional<Await> await{};  // taken when this request comes first
        std::string value;             // or, of an expanded text ...
        std::optional<Matcher> is{};   // ... when this fits
        Block block;
    };
    std::vector<Case> cases;
    std::vector<Block> otherwise;  // one, or none
};

struct Repeat {
    std::string times;  // a number, may hold ${...}
    Block block;
};

struct Step {
    std::string id;  // "" = none given
    std::string file;
    Place place;
    /// A Block stands for `block` and for `use`, which is put in place when the file is read.
    std::variant<Send, Await, CallerAct, Pause, Quiet, Branch, Repeat, Block> what;
};

/// The word a step is written with: "send", "await", ...
[[nodiscard]] std::string_view word_of(const Step& step);

/// Poke the application, then wait for its POST /calls.
struct Kick {
    std::string method{"POST"};  // or GET
    std::string url;             // "${receiver}/dial"
    std::map<std::string, std::string> headers;
    nlohmann::json body;  // null: none
    ReplyExpectation expect;
};
/// ringback places the call itself: a POST /calls with these members, and a callback URL.
struct OwnCall {
    nlohmann::json members = nlohmann::json::object();  // over from, to, callbackUrl
};
/// Somebody calls the receiver.
struct InboundCall {
    nlohmann::json members = nlohmann::json::object();  // from, to, url, autoAnswer, ...
};
/// Somebody sends the receiver a message.
struct InboundMessage {
    nlohmann::json members = nlohmann::json::object();  // from, to, text, media, url, ...
};

struct Start {
    std::variant<OwnCall, InboundCall, Kick, InboundMessage> how{OwnCall{}};
    std::optional<Step> await{};  // of a kick: the POST /calls
    Place place;
};

/// Something that is called before the first step, or with it, because the file says so.
struct NamedUrl {
    std::string field;  // "start.kick.url"
    std::string text;   // may hold ${...}
    Place place;
};

// What must be true in the end.
struct OrderCheck {
    std::vector<std::string> ids;
};
struct CountCheck {
    std::variant<std::string, ApiPattern> of;  // an event's name, or requests
    bool event{false};
    std::optional<std::int64_t> exactly{}, at_least{}, at_most{};
};
struct NeverCheck {
    std::optional<ApiPattern> api{};
    std::string event;       // or this event
    std::string after_step;  // only after that step; "" = at all
};
struct ResourceCheck {
    std::string path;  // "/v1/users/${userId}/calls/${create:callId}"
    FieldMatches match;
};
struct Check {
    Place place;
    std::string file;
    std::variant<OrderCheck, CountCheck, NeverCheck, ResourceCheck> what;
};

/// The rows of `data`, each an object with the same members. Copies share them: there may be
/// thousands, and every run has a scenario of its own.
class DataRows {
public:
    DataRows() = default;
    DataRows(std::vector<nlohmann::json> rows)
        : rows_{std::make_shared<const std::vector<nlohmann::json>>(std::move(rows))} {}

    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] std::size_t size() const { return rows_ == nullptr ? 0 : rows_->size(); }
    /// From 1, as they are told; throws std::out_of_range.
    [[nodiscard]] const nlohmann::json& number(std::size_t row) const { return rows_->at(row - 1); }

private:
    std::shared_ptr<const std::vector<nlohmann::json>> rows_{};
};

/// One scenario file, read and checked.
struct Scenario {
    std::string name;
    std::string about;
    std::string file;  // as it was named; "builtin:NAME" for those in the binary
    std::uint64_t seed{42};
    bool virtual_clock{true};
    std::optional<Instant> clock_start{};
    double time_scale{1};
    nlohmann::json vars = nlohmann::json::object();
    DataRows rows;               // of `data`; empty: one run without
    std::string wait_for;        // URL, HOST:PORT or port, "" = the receiver's own port
    std::vector<NamedUrl> urls;  // that one too; not those that steps put into events
    Start start;
    Block block;
    bool has_steps{false};                        // none: any realistic call will do
    std::set<std::string, std::less<>> recalled;  // ids of steps that some ${id:...} refers to
    std::vector<Check> verify;
    std::set<std::string, std::less<>> invariants_off;
    nlohmann::json model = nlohmann::json::object();  // delays and switches over the defaults
    std::vector<FaultRule> faults;                    // what goes wrong while it is played
    nlohmann::json load;                              // kept for `ringback load`
};

}  // namespace ringback
