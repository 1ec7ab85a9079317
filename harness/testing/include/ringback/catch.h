#pragma once

// Matchers for Catch2, version 2 and 3; the library itself knows no test framework.

#if __has_include(<catch2/matchers/catch_matchers.hpp>)
#include <catch2/matchers/catch_matchers.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <ringback/expect.h>
#include <ringback/fake.h>
#include <ringback/journal.h>

#include <string>
#include <utility>
#include <vector>

namespace ringback::testing {

#if __has_include(<catch2/matchers/catch_matchers.hpp>)
template <class T>
using CatchMatcher = Catch::Matchers::MatcherBase<T>;
#else
template <class T>
using CatchMatcher = Catch::MatcherBase<T>;
#endif

/// CHECK_THAT(fake.journal(), Received(request("POST", "/v1/users/*/calls/*/gather")));
/// CHECK_THAT(fake, Received(event("hangup"), exactly(1)));
///
/// A failure prints the ladder and the closest candidates, every field ticked or crossed.
class Received : public CatchMatcher<Journal> {
public:
    explicit Received(Pattern pattern, Count count = {})
        : pattern_{std::move(pattern)}, count_{count} {}

    bool match(const Journal& journal) const override {
        judgement_ = received(journal, pattern_, count_);
        return judgement_.holds;
    }
    /// Alone only: `&&`, `||` and `!` are for journals.
    bool match(const Fake& fake) const { return match(fake.journal()); }

protected:
    std::string describe() const override { return judgement_.text; }

private:
    Pattern pattern_;
    Count count_;
    // Catch asks for the description only after match().
    mutable Judgement judgement_{};
};

/// CHECK_THAT(fake, ReceivedInOrder({event("answer"), request("POST", "/v1/users/*/calls/*")}));
class ReceivedInOrder : public CatchMatcher<Journal> {
public:
    explicit ReceivedInOrder(std::vector<Pattern> patterns) : patterns_{std::move(patterns)} {}

    bool match(const Journal& journal) const override {
        judgement_ = in_order(journal, patterns_);
        return judgement_.holds;
    }
    bool match(const Fake& fake) const { return match(fake.journal()); }

protected:
    std::string describe() const override { return judgement_.text; }

private:
    std::vector<Pattern> patterns_;
    mutable Judgement judgement_{};
};

/// CHECK_THAT(fake.run_scenario("ivr.json"), Passed());
class Passed : public CatchMatcher<ScenarioOutcome> {
public:
    bool match(const ScenarioOutcome& outcome) const override { return bool{outcome}; }

protected:
    std::string describe() const override { return "passed"; }
};

}  // namespace ringback::testing
