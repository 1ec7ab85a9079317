#include "simulator/core/fault_dice.h"

#include <algorithm>
#include <utility>

#include "simulator/core/path_pattern.h"

namespace ringback {
namespace {

constexpr std::uint64_t million = 1'000'000;
/// So many calls are remembered; who comes again later begins anew.
constexpr std::size_t most_tallies = 100'000;

using Phase = EventFilter::Phase;

Phase phase_of(const Event& event) {
    if (const auto* const audio = std::get_if<AudioDetail>(&event.detail)) {
        return audio->done ? Phase::done : Phase::started;
    }
    if (const auto* const recording = std::get_if<RecordingDetail>(&event.detail)) {
        return recording->failed ? Phase::error : Phase::done;
    }
    if (const auto* const transcription = std::get_if<TranscriptionDetail>(&event.detail)) {
        return transcription->failed ? Phase::error : Phase::done;
    }
    return Phase::any;
}

/// What is impossible is so behind the end of a call, and nowhere else.
bool can_meet(const FaultRule::CallbackFault& fault, const Event& event, bool is_signed) {
    return (event.type == EventType::hangup || !std::holds_alternative<fault::Impossible>(fault)) &&
           (is_signed || !std::holds_alternative<fault::BadSignature>(fault));
}

bool loses(const FaultDice::Met& met) {
    const auto* const callback = std::get_if<FaultRule::OfCallbacks>(&met.rule->what);
    return callback != nullptr && std::holds_alternative<fault::Drop>(callback->what);
}

bool is_its_time(const FaultRule& rule, Duration since) {
    return since >= rule.from && (!rule.until || since < *rule.until);
}

}  // namespace

bool EventFilter::means(const Event& event) const {
    return (!type || *type == event.type) && (phase == Phase::any || phase == phase_of(event));
}

bool RequestFilter::means(std::string_view asked, std::string_view where) const {
    return (method.empty() || method == asked) && (path.empty() || means_path(path, where));
}

FaultDice::FaultDice(FaultPlan plan, Seed seed, bool events_are_signed)
    : plan_{std::move(plan)},
      totals_(plan_.rules.size()),
      seed_{mix(static_cast<std::uint64_t>(plan_.seed.value_or(seed)))},
      events_are_signed_{events_are_signed} {}

FaultDice::Tally& FaultDice::tally_of(std::uint64_t key) {
    const auto [place, is_new] = tallies_.try_emplace(key);
    Tally& tally = place->second;
    if (is_new) {
        tally.meant.resize(plan_.rules.size());
        tally.met.resize(plan_.rules.size());
        keys_.push_back(key);
        if (keys_.size() > most_tallies) {
            tallies_.erase(keys_.front());
            keys_.pop_front();
        }
    }
    return tally;
}

/// Each rule has a stream of its own, and a place in it for each thing told, met or not: a rule
/// more, or one that did not apply, shifts nobody's draws.
template <class Means>
std::vector<FaultDice::Met> FaultDice::roll(Tally& tally, std::uint64_t stream, Duration since,
                                            Means means) {
    constexpr std::uint64_t draws_each = 16;  // the first says whether, the others are the fault's
    const std::uint64_t place = tally.told++ * draws_each;
    std::vector<Met> all;
    for (std::size_t at = 0; at < plan_.rules.size(); ++at) {
        const FaultRule& rule = plan_.rules[at];
        if (!means(rule)) {
            continue;
        }
        ++totals_[at].matched;
        const std::uint32_t nth = ++tally.meant[at];
        Rng rng{mix(stream ^ mix(at + 1)), place};
        const std::uint64_t draw = rng.below(million);
        if ((rule.nth != 0 && rule.nth != nth) || !is_its_time(rule, since) ||
            draw >= rule.toxicity || (rule.times != 0 && tally.met[at] >= rule.times)) {
            continue;
        }
        ++tally.met[at];
        all.push_back({&rule, static_cast<std::uint32_t>(at + 1), draw, rng});
    }
    return all;
}

/// Of what is lost nothing but the loss is to be seen.
void FaultDice::count(const std::vector<Met>& met) {
    const auto loss = std::ranges::find_if(met, loses);
    if (loss != met.end()) {
        ++totals_[loss->number - 1].struck;
        return;
    }
    for (const Met& one : met) {
        ++totals_[one.number - 1].struck;
    }
}

std::vector<FaultDice::Met> FaultDice::on_event(const Event& event, std::uint64_t user_hash,
                                                Duration since) {
    const std::uint64_t stream = mix(mix(seed_ ^ user_hash) ^ place_of(event.call));
    std::vector<Met> met = roll(tally_of(stream), stream, since, [&](const FaultRule& rule) {
        const auto* const mine = std::get_if<FaultRule::OfCallbacks>(&rule.what);
        return mine != nullptr && mine->on.means(event) &&
               can_meet(mine->what, event, events_are_signed_);
    });
    count(met);
    return met;
}

std::vector<FaultDice::Met> FaultDice::on_request(std::string_view method, std::string_view path,
                                                  std::uint64_t user_hash, Duration since) {
    const std::uint64_t stream = mix(mix(seed_ ^ user_hash));
    std::vector<Met> met = roll(tally_of(stream), stream, since, [&](const FaultRule& rule) {
        const auto* const mine = std::get_if<FaultRule::OfAnswers>(&rule.what);
        return mine != nullptr && mine->on.means(method, path);
    });
    count(met);
    return met;
}

}  // namespace ringback
