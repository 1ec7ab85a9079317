#pragma once

// Inside of load_scenario(): what its readers share. Not for use elsewhere.

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/scenario/cursor.h"
#include "harness/scenario/limits.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/sources.h"
#include "simulator/core/faults.h"

namespace ringback {

/// The variables that can be seen at some place, with what they begin as.
using VarScope = std::map<std::string, nlohmann::json, std::less<>>;

/// A text that may hold references, and what is known where it stands.
struct TextSite {
    std::string file;
    Place place;
    std::string text;
    std::size_t moment;  // steps that were defined before it can be referred to
    std::shared_ptr<const VarScope> scope;
};

/// A step that has an id.
struct KnownStep {
    std::size_t moment{0};
    std::string file;
    Place place;
    std::optional<ApiPattern> api{};            // of an await
    std::set<std::string, std::less<>> sees{};  // what ${id:...} may begin with
};

/// The id of a step, named outside of ${...}.
struct IdSite {
    std::string file;
    Place place;
    std::string id;
    bool may_be_kick{false};  // "start" stands for that
};

/// One scenario being read. Moments count up as texts and steps come by, in the order of a run.
struct Reading {
    Sources& sources;
    std::vector<Mistake>& mistakes;
    std::vector<Source*> chain;  // the file being read is the last, the scenario itself the first
    std::shared_ptr<const VarScope> scope{std::make_shared<VarScope>()};
    std::size_t moment{0};
    std::optional<std::size_t> any_since{};  // within a block of any order: the moment it began at
    bool collects{true};  // false: this part of a used file is looked at and not used
    std::size_t steps{0};
    std::int64_t times{1};  // how often a step is gone through here, as far as numbers say
    std::vector<TextSite> sites{};
    std::map<std::string, KnownStep, std::less<>> ids{};
    std::vector<IdSite> id_sites{};
    bool kicks{false};  // the application, in the beginning
    bool has_data{false};
    std::set<std::string, std::less<>> columns{};
};

/// Notes every text in a value, for the check of references.
void note_texts(Reading& reading, const Cursor& at);
/// The same for the matchers of a request, an answer or an event.
void note_matches(Reading& reading, const Cursor& at, const FieldMatches& matches);
/// A step's own id, when it is one and nobody else's. `known`: without its moment and place.
[[nodiscard]] std::string read_id(Reading& reading, const Cursor& at, const Place& step,
                                  KnownStep known = {});
/// An await, and what it sees.
[[nodiscard]] KnownStep known_await(const ApiPattern& api);
/// A name of a variable, a step or a timer: letters, digits, '_' and '-', a letter or '_' first.
[[nodiscard]] bool is_name(std::string_view text);
/// One of `known`, or noted with the nearest; none then.
[[nodiscard]] std::optional<std::string> known_word(const Cursor& at, std::string_view kind,
                                                    const std::vector<std::string_view>& known);
/// Notes `what` where the name of a member stands.
void note_at_name(const Cursor& member, std::string what);
[[nodiscard]] bool has_reference(std::string_view text);

// read_values.cpp: small things that stand in many places.
[[nodiscard]] std::optional<Duration> read_duration(const Cursor& at);
[[nodiscard]] std::optional<TimeSpec> read_time(Reading& reading, const Cursor& at);
/// The same where nobody speaks.
[[nodiscard]] std::optional<DrawnTime> read_drawn_time(const Cursor& at);
/// "<250ms": milliseconds.
[[nodiscard]] std::optional<Comparison> read_latency(const Cursor& at);
/// 200, "2xx", "200-204" or a list of them.
[[nodiscard]] std::vector<std::pair<int, int>> read_status(const Cursor& at);
/// {"body", "headers", "query"}; nothing else.
[[nodiscard]] FieldMatches read_match(Reading& reading, const Cursor& at);
/// {"digits": matcher, "a.b": matcher}: of one body.
[[nodiscard]] FieldMatches read_body_match(Reading& reading, const Cursor& at);
/// {"status", "latency", "reusedConnection", "deliveredVia", "attempts", "body"}.
[[nodiscard]] ReplyExpectation read_expect(Reading& reading, const Cursor& at);
/// The members method, path, command and match of an object that may have others. `anything`: the
/// path may be left out, and then every path is meant.
[[nodiscard]] ApiPattern read_api(Reading& reading, const Cursor& at, bool anything);

// read_steps.cpp, read_compound.cpp
[[nodiscard]] Await read_await(Reading& reading, const Cursor& at);
/// The members order, allow and steps of an object that may have others.
void read_block(Reading& reading, const Cursor& at, Block& block);
/// A list of steps.
void read_steps_of(Reading& reading, const Cursor& at, Block& block);
void read_branch(Reading& reading, const Cursor& at, Step& step);
void read_repeat(Reading& reading, const Cursor& at, Step& step);
void read_use(Reading& reading, const Cursor& at, Step& step);

// read_scenario.cpp, read_start.cpp
/// A whole file. False: it is written for a newer ringback, and nothing else was looked at.
bool read_file(Reading& reading, const Cursor& at, Scenario& scenario);
void read_start(Reading& reading, const Cursor& at, Scenario& scenario);
/// Whether the first call may be answered with BXML: its events come by GET, or nobody knows.
[[nodiscard]] bool may_answer_with_documents(const Start& start);

// read_checks.cpp, read_load.cpp
void read_verify(Reading& reading, const Cursor& at, Scenario& scenario);
void read_load(Reading& reading, const Cursor& at);

// read_faults.cpp
/// `faults`: a list of rules and of names of built-in faults, or one such name.
[[nodiscard]] std::vector<FaultRule> read_faults(const Cursor& at);
/// They are the built-in ones of that name.
void are_of_set(std::string_view name, std::vector<FaultRule>& rules);

// data_rows.cpp
/// `data`: the rows, each an object with the same members.
[[nodiscard]] std::vector<nlohmann::json> read_data(Reading& reading, const Cursor& at);

// check_references.cpp, check_events.cpp
void check_references(const Reading& reading);
/// The ids of the steps that references refer to.
[[nodiscard]] std::set<std::string, std::less<>> recalled_steps(const Reading& reading);
/// Events in an order that the call model cannot bring about.
void check_events(const Scenario& scenario, std::vector<Mistake>& mistakes);

// hints.cpp
/// What a file without mistakes says to no purpose.
[[nodiscard]] std::vector<Mistake> hints_of(const Reading& reading, const Document& document);

// schema_check.cpp
/// What the published schema says against a file, or none.
[[nodiscard]] std::optional<Mistake> refused_by_schema(const Document& document);

}  // namespace ringback
