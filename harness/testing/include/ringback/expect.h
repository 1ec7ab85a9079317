#pragma once

#include <ringback/journal.h>

#include <cstddef>
#include <iosfwd>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace ringback::testing {

/// A question about a value, as scenario files write it: {"numeric": "<=10"}. A bare text, number
/// or boolean must be that. "${" in a text is written "$${".
using Matcher = nlohmann::json;

[[nodiscard]] Matcher equal_to(nlohmann::json value);
/// Any JSON; an object or array may be written as a text.
[[nodiscard]] Matcher equal_to_json(nlohmann::json value);
/// "<=10", "==1", "1..300", of numbers and of texts that are one.
[[nodiscard]] Matcher numeric(std::string comparison);
/// An RE2 expression, found anywhere in the value.
[[nodiscard]] Matcher matches(std::string expression);
[[nodiscard]] Matcher does_not_match(std::string expression);
[[nodiscard]] Matcher contains(std::string part);
[[nodiscard]] Matcher does_not_contain(std::string part);
[[nodiscard]] Matcher absent();
[[nodiscard]] Matcher present();
[[nodiscard]] Matcher one_of(std::vector<Matcher> matchers);
[[nodiscard]] Matcher all_of(std::vector<Matcher> matchers);
[[nodiscard]] Matcher negated(Matcher matcher);

/// Which requests of the receiver, or which events, are meant; made by request() and event(). Each
/// with_...() gives a pattern that asks for more.
class Pattern {
public:
    /// A value in the body of a request, or of an event: "maxDigits", "prompt.sentence", "a[0].b".
    [[nodiscard]] Pattern with_body(const std::string& path, Matcher matcher) const;
    /// The whole body.
    [[nodiscard]] Pattern with_body(Matcher matcher) const;
    /// Of requests only.
    [[nodiscard]] Pattern with_query(const std::string& name, Matcher matcher) const;
    [[nodiscard]] Pattern with_header(const std::string& name, Matcher matcher) const;
    /// What was answered: by the fake to a request, by the receiver to an event (then the event is
    /// only meant once it was answered).
    [[nodiscard]] Pattern answered(Matcher status) const;

    /// "POST /v1/users/*/calls/*/gather with body.maxDigits numeric ==1". Throws what is wrong
    /// with it.
    [[nodiscard]] std::string text() const;

private:
    friend Pattern request(std::string method, std::string path);
    friend Pattern event(std::string name);
    friend class CompiledPattern;
    [[nodiscard]] Pattern with(const char* part, const std::string& path, Matcher matcher) const;
    void refuse_two_bodies(bool whole) const;

    std::string method_;  // "" = any
    std::string path_;
    std::string event_;  // "" = a request is meant
    nlohmann::json match_ = nlohmann::json::object();
    bool whole_body_{false};
    std::optional<Matcher> answered_{};
};

/// A request to the API that the test did not make itself. `method` "" is any; in `path` '*' is one
/// segment and a final "**" the rest. Without the query.
[[nodiscard]] Pattern request(std::string method, std::string path);
/// An event by its name: "answer", "gather", "speak" (both phases), "speak.done", "hangup".
[[nodiscard]] Pattern event(std::string name);

/// How often.
struct Count {
    std::size_t least{1};
    std::optional<std::size_t> most{};
};
[[nodiscard]] inline Count exactly(std::size_t n) { return {n, n}; }
[[nodiscard]] inline Count at_least(std::size_t n) { return {n, {}}; }
[[nodiscard]] inline Count at_most(std::size_t n) { return {0, n}; }
[[nodiscard]] inline Count never() { return {0, 0}; }

/// Whether something holds, and in words why not.
// NOLINTNEXTLINE(bugprone-exception-escape): json says it moves without one
struct Judgement {
    bool holds{false};
    std::string text;      // what was expected; when it does not hold, what there was instead
    nlohmann::json entry;  // the first journal entry that fits; null if there is none

    explicit operator bool() const { return holds; }
    friend std::ostream& operator<<(std::ostream& out, const Judgement& judgement);
};

// Throw std::runtime_error for a pattern that cannot be asked ("numeric": "many").

/// Is that in the journal, that often? The near misses are told as `ringback run` tells them: the
/// three closest, every field ticked or crossed.
[[nodiscard]] Judgement received(const Journal& journal, const Pattern& pattern, Count count = {});

/// Did each come after the one before it? Others may come in between.
[[nodiscard]] Judgement in_order(const Journal& journal, const std::vector<Pattern>& patterns);

}  // namespace ringback::testing
