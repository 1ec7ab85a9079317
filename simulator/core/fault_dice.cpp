#include "simulator/core/fault_dice.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

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

RuleNames names_of(const FaultPlan& plan) {
    auto names = std::make_shared<std::vector<std::string>>();
    for (const FaultRule& rule : plan.rules) {
        names->push_back(rule.name);
    }
    return names;
}

// Whoever adds a fault says below whether there is only one of it.
static_assert(std::variant_size_v<FaultRule::CallbackFault> == 9 &&
              std::variant_size_v<FaultRule::AnswerFault> == 3);

/// Is there only one of its kind to one event or request, whatever the plan says?
bool is_only_once(const FaultRule& rule) {
    return std::visit(
        []<class Side>(const Side& side) {
            return std::visit(
                []<class Fault>(const Fault& /*any*/) {
                    return std::is_same_v<Fault, fault::Reorder> ||
                           std::is_same_v<Fault, fault::Shuffle> ||
                           std::is_same_v<Fault, fault::BadSend> ||
                           std::is_same_v<Fault, fault::BadSignature> ||
                           std::is_same_v<Fault, fault::Fail> ||
                           std::is_same_v<Fault, fault::Early>;
                },
                side.what);
        },
        rule.what);
}

bool are_alike(const FaultRule& one, const FaultRule& other) {
    const auto kind = [](const FaultRule& rule) {
        return std::pair{rule.what.index(),
                         std::visit([](const auto& side) { return side.what.index(); }, rule.what)};
    };
    return kind(one) == kind(other);
}

/// What one rule has come to so far, where it is asked for the `nth` time.
struct Standing {
    std::uint32_t nth{};
    std::uint32_t met{};
    Duration since{};
};

/// None: it strikes.
std::optional<DrawMissed::Why> why_missed(const FaultRule& rule, std::uint64_t draw,
                                          const Standing& now) {
    using enum DrawMissed::Why;
    if (rule.nth != 0 && rule.nth != now.nth) {
        return nth;
    }
    if (now.since < rule.from || (rule.until && now.since >= *rule.until)) {
        return window;
    }
    if (draw >= rule.toxicity) {
        return chance;
    }
    return rule.times != 0 && now.met >= rule.times ? std::optional{times} : std::nullopt;
}

/// Takes out of what would be met what another has decided already: of what is lost nothing but the
/// loss is to be seen, and of some things there is only one.
void let_some_decide(FaultDice::Roll& roll) {
    using Met = FaultDice::Met;
    const auto loss = std::ranges::find_if(roll.met, loses);
    const bool is_lost = loss != roll.met.end();
    const std::uint32_t lost_by = is_lost ? loss->number : 0;
    std::vector<Met> deciding;
    for (const Met& one : roll.met) {
        const bool decided =
            is_lost ? one.number != lost_by
                    : is_only_once(*one.rule) && std::ranges::any_of(deciding, [&](const Met& by) {
                          return are_alike(*by.rule, *one.rule);
                      });
        if (decided) {
            roll.missed.push_back({one.number, static_cast<std::uint32_t>(one.draw),
                                   is_lost ? DrawMissed::Why::lost : DrawMissed::Why::another});
        } else {
            deciding.push_back(one);
        }
    }
    if (deciding.size() < roll.met.size()) {
        roll.met = std::move(deciding);
        std::ranges::sort(roll.missed, {}, &DrawMissed::rule);
    }
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
      names_{names_of(plan_)},
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
FaultDice::Roll FaultDice::roll(Tally& tally, std::uint64_t stream, Duration since, Means means) {
    constexpr std::uint64_t draws_each = 16;  // the first says whether, the others are the fault's
    const std::uint64_t place = tally.told++ * draws_each;
    Roll roll;
    for (std::size_t at = 0; at < plan_.rules.size(); ++at) {
        const FaultRule& rule = plan_.rules[at];
        if (!means(rule)) {
            continue;
        }
        ++totals_[at].matched;
        const std::uint32_t nth = ++tally.meant[at];
        Rng rng{mix(stream ^ mix(at + 1)), place};
        const std::uint64_t draw = rng.below(million);
        const auto number = static_cast<std::uint32_t>(at + 1);
        if (const auto why = why_missed(rule, draw, {nth, tally.met[at], since})) {
            roll.missed.push_back({number, static_cast<std::uint32_t>(draw), *why});
            continue;
        }
        roll.met.push_back({&rule, number, draw, rng});
    }
    let_some_decide(roll);
    for (const Met& one : roll.met) {
        ++tally.met[one.number - 1];
        ++totals_[one.number - 1].struck;
    }
    return roll;
}

FaultDice::Roll FaultDice::on_event(const Event& event, std::uint64_t user_hash, Duration since) {
    const std::uint64_t stream = mix(mix(seed_ ^ user_hash) ^ place_of(event.call));
    return roll(tally_of(stream), stream, since, [&](const FaultRule& rule) {
        const auto* const mine = std::get_if<FaultRule::OfCallbacks>(&rule.what);
        return mine != nullptr && mine->on.means(event) &&
               can_meet(mine->what, event, events_are_signed_);
    });
}

FaultDice::Roll FaultDice::on_request(std::string_view method, std::string_view path,
                                      std::uint64_t user_hash, Duration since) {
    const std::uint64_t stream = mix(mix(seed_ ^ user_hash));
    return roll(tally_of(stream), stream, since, [&](const FaultRule& rule) {
        const auto* const mine = std::get_if<FaultRule::OfAnswers>(&rule.what);
        return mine != nullptr && mine->on.means(method, path);
    });
}

}  // namespace ringback
