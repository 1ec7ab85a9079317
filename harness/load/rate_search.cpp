#include "harness/load/rate_search.h"

#include <algorithm>
#include <cmath>

#include "simulator/core/result.h"

namespace ringback {
namespace {

/// To three digits.
double rounded(double rate) {
    constexpr double digits{3};
    const double unit = std::pow(10.0, std::floor(std::log10(rate)) + 1 - digits);
    // Of units below 1 the inverse is the whole number, and the quotient of two whole numbers is
    // the double that the digits stand for.
    return unit < 1 ? std::round(rate * std::round(1 / unit)) / std::round(1 / unit)
                    : std::round(rate / unit) * unit;
}

}  // namespace

RateSearch::RateSearch(RateSearchSettings settings)
    : settings_{settings},
      next_{WantedProbe{
          std::clamp(settings.first, settings.lowest, std::max(highest(), settings.lowest)),
          ProbeRole::ramp}} {}

double RateSearch::highest() const {
    return std::min(settings_.highest, settings_.allowed.value_or(settings_.highest));
}

void RateSearch::limited(double rate, bool by_order) {
    if (limited_ && (*limited_ < rate || (*limited_ == rate && !by_order_))) {
        return;
    }
    limited_ = rate;
    by_order_ = by_order;
}

void RateSearch::held(double rate) {
    if (next_->role == ProbeRole::confirm) {
        ++confirmed_;
    } else {
        held_.push_back(rate);
    }
}

void RateSearch::failed(double rate) {
    failed_ = rate;
    confirmed_ = 0;
    std::erase_if(held_, [rate](double other) { return other >= rate; });
    if (limited_ && *limited_ >= rate) {
        limited_.reset();  // what ringback could not do above that is of no matter any more
    }
}

void RateSearch::tell(ProbeOutcome outcome, bool at_ceiling) {
    if (!next_) {
        bug("a probe that nobody has asked for");
    }
    ++probes_;
    const double rate = next_->rate;
    const bool in_vain = outcome == ProbeOutcome::invalid && !at_ceiling;
    tries_ = in_vain ? tries_ + 1 : 0;
    if (in_vain && tries_ < settings_.tries && probes_ < settings_.most_probes) {
        return;
    }
    tries_ = 0;
    if (outcome == ProbeOutcome::held) {
        held(rate);
    }
    if (outcome == ProbeOutcome::failed && !at_ceiling) {
        failed(rate);
    }
    if (outcome == ProbeOutcome::invalid || at_ceiling) {
        limited(rate, false);
        if (next_->role == ProbeRole::confirm && outcome != ProbeOutcome::held) {
            next_ = over(SearchEnd::at_least);
            return;
        }
    } else if (outcome == ProbeOutcome::held && rate >= highest()) {
        limited(rate, settings_.allowed.has_value());
    }
    next_ = decide();
}

std::optional<WantedProbe> RateSearch::over(SearchEnd end) {
    end_ = end;
    return std::nullopt;
}

std::optional<WantedProbe> RateSearch::decide_upwards() const {
    if (limited_) {
        return std::nullopt;
    }
    const double best = held_.back();
    if (!failed_) {
        return WantedProbe{std::min(rounded(2 * best), highest()), ProbeRole::ramp};
    }
    const double middle = rounded((best + *failed_) / 2);
    const bool near = *failed_ <= best * (1 + settings_.precision);
    if (near || middle <= best || middle >= *failed_) {
        return std::nullopt;
    }
    return WantedProbe{middle, ProbeRole::bisect};
}

std::optional<WantedProbe> RateSearch::decide() {
    if (held_.empty()) {
        if (limited_) {
            return over(SearchEnd::at_least);
        }
        const double lower = rounded(*failed_ / 2);
        if (lower < settings_.lowest) {
            return over(SearchEnd::none_held);
        }
        return probes_ < settings_.most_probes ? std::optional{WantedProbe{lower, ProbeRole::ramp}}
                                               : over(SearchEnd::unconfirmed);
    }
    const auto up = decide_upwards();
    if (!up && confirmed_ == SearchResult::confirmations_wanted) {
        return over(limited_ ? SearchEnd::at_least : SearchEnd::found);
    }
    if (probes_ >= settings_.most_probes) {
        return over(SearchEnd::unconfirmed);
    }
    return up ? up : WantedProbe{held_.back(), ProbeRole::confirm};
}

SearchResult RateSearch::result() const {
    SearchResult result;
    result.end = end_;
    result.held = held_.empty() ? std::nullopt : std::optional{held_.back()};
    result.failed = failed_;
    (by_order_ ? result.allowed : result.limited) = limited_;
    result.confirmed = confirmed_;
    return result;
}

}  // namespace ringback
