#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "harness/load/search_result.h"

namespace ringback {

struct RateSearchSettings {
    double first{10};                 // calls per second
    double lowest{0.1};               // below it nothing is tried
    double highest{1e6};              // nor above it
    std::optional<double> allowed{};  // nor above this, as somebody has said
    double precision{
        0.05};          // how far apart the highest that held and the lowest that failed may be
    unsigned tries{3};  // of a rate at which ringback was the limit: a machine has hiccups
    std::size_t most_probes{40};
};

/// The rate that is to be played next, and what for.
struct WantedProbe {
    double rate{0};
    ProbeRole role{ProbeRole::ramp};

    friend bool operator==(const WantedProbe&, const WantedProbe&) = default;
};

/// Searches the highest rate that a receiver sustains: doubles until one fails (or halves until one
/// holds), bisects until the two are near, then plays the one that held three times more. A rate
/// that fails a confirmation counts as failed, and the search goes on below it, so what is found
/// has held four times and never failed. Pure: told each probe's outcome, says the next rate.
///
/// Where ringback was the limit nothing above is tried: what held is then a lower bound.
/// Rates are of three digits, so that a person can read them and type them again.
class RateSearch {
public:
    explicit RateSearch(RateSearchSettings settings);

    /// None: the search is over.
    [[nodiscard]] std::optional<WantedProbe> next() const { return next_; }
    /// What came of next(). `at_ceiling`: the rate is all that this machine can do, whatever came
    /// of it. Needs a next().
    void tell(ProbeOutcome outcome, bool at_ceiling = false);

    /// How it stands: rates, confirmations and end; `ended_early` while there is a next().
    [[nodiscard]] SearchResult result() const;

private:
    void held(double rate);
    void failed(double rate);
    void limited(double rate, bool by_order);
    [[nodiscard]] double highest() const;
    [[nodiscard]] std::optional<WantedProbe> decide();
    [[nodiscard]] std::optional<WantedProbe> decide_upwards() const;
    [[nodiscard]] std::optional<WantedProbe> over(SearchEnd end);

    RateSearchSettings settings_;
    std::optional<WantedProbe> next_{};
    std::vector<double> held_;  // ascending; all below failed_
    std::optional<double> failed_{};
    std::optional<double> limited_{};
    bool by_order_{false};  // limited_: not by what ringback can do, but by what it may
    unsigned confirmed_{0};
    unsigned tries_{0};  // of next_, in vain
    std::size_t probes_{0};
    SearchEnd end_{SearchEnd::ended_early};
};

}  // namespace ringback
