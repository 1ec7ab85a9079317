#include "harness/load/load_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "simulator/wire/words.h"

namespace ringback {
namespace {

bool is_refusal(int status) { return status >= 400 && status < 500; }

bool is_command(const Happening& happening) {
    return happening.kind == Happening::Kind::request && !happening.own &&
           happening.method() != "GET" && happening.method() != "HEAD";
}

}  // namespace

std::string cause_of(const AttemptFigures& figures) {
    return figures.end == AttemptEnd::answered ? fmt::format("answered {}", figures.status)
                                               : std::string{word(figures.end)};
}

LoadCall::LoadCall(const Arrival& arrival, WallInstant due, const Scenario& scenario,
                   Bindings bindings, std::uint64_t seed, const Shared<Delays>& delays)
    : arrival_{arrival}, due_{due}, script_{scenario, std::move(bindings), seed, delays} {
    // No more than that ahead of time: most calls of a load wait, and what they occupy meanwhile is
    // what their events cost.
    sent_.reserve(scenario.block.steps.size());
}

void LoadCall::happened(Happening happening, WallInstant due, LoadMeter& meter) {
    switch (happening.kind) {
        case Happening::Kind::event:
            ++owed_;
            sent_.push_back(
                {happening.delivery, happening.seq, due, WallInstant::min(), {}, happening.event});
            break;
        case Happening::Kind::answer:
            tell_script();  // which step the event was for
            answer_came(happening, meter);
            break;
        case Happening::Kind::request:
            if (const ApiExchange* const api = happening.exchange();
                api != nullptr && !happening.own) {
                meter.request(&arrival_, *api);
                if (is_command(happening)) {
                    commands_.push_back({happening.seq, happening.wall - api->handled_in});
                }
            }
            break;
        case Happening::Kind::lost:
            --owed_;
            meter.lost();
            break;
        case Happening::Kind::extra:
            ++owed_;
            sent_.push_back({happening.delivery,
                             happening.seq,
                             due,
                             WallInstant::min(),
                             {},
                             happening.event + ", by a fault",
                             happening.altered});
            break;
        case Happening::Kind::other:
            if (const auto of = std::ranges::find(sent_, happening.delivery, &Sent::delivery);
                happening.altered && of != sent_.end()) {
                of->altered = true;
            }
            break;
    }
    happenings_.push_back(std::move(happening));
}

void LoadCall::answer_came(const Happening& happening, LoadMeter& meter) {
    const AttemptMade& made = *happening.attempt();
    if (happening.spoilt) {
        return;
    }
    owed_ -= made.after == DeliveryState::owed ? 0 : 1;
    const auto of = std::ranges::find(sent_, happening.delivery, &Sent::delivery);
    if (of == sent_.end()) {
        return;
    }
    if (const Step* const step = script_.step_awaiting(happening.delivery)) {
        of->step = name_of(*step);
    }
    of->sent = made.is_first_try() ? made.result.sent : of->sent;
    const bool refused = made.result.end == AttemptEnd::answered && is_refusal(made.result.status);
    const bool delivered = is_success(made.result) || (of->altered && refused);
    const std::string cause = delivered ? std::string{} : cause_of(made.result);
    // Only the first try was due when the event was; a later one is due when the policy says so.
    meter.callback(arrival_, {of->label(), made.is_first_try() ? of->due : made.result.due,
                              made.result, delivered, cause, of->event});
}

void LoadCall::tell_script() {
    while (told_ < happenings_.size()) {
        script_.happened(happenings_[told_++]);
    }
}

/// When a step was done: an event's when it was sent, a request's when it was received.
std::optional<WallInstant> LoadCall::moment_of(const std::string& step) const {
    const auto mark = script_.marks().find(step);
    if (mark == script_.marks().end()) {
        return std::nullopt;
    }
    const std::uint64_t seq = mark->second.seq;
    if (const auto event = std::ranges::find(sent_, seq, &Sent::seq); event != sent_.end()) {
        return event->sent == WallInstant::min() ? std::nullopt : std::optional{event->sent};
    }
    if (const auto asked = std::ranges::find(commands_, seq, &Command::seq);
        asked != commands_.end()) {
        return asked->received;
    }
    const auto any = std::ranges::find(happenings_, seq, &Happening::seq);
    return any == happenings_.end() ? std::nullopt : std::optional{any->wall};
}

void LoadCall::measure(const std::vector<LoadTimer>& timers, LoadMeter& meter) const {
    std::uint64_t reacted_to{0};
    for (const Command& command : commands_) {
        const Sent* cause{nullptr};
        for (const Sent& one : sent_) {
            if (one.sent != WallInstant::min() && one.sent <= command.received &&
                (cause == nullptr || one.sent >= cause->sent)) {
                cause = &one;
            }
        }
        if (cause != nullptr && cause->delivery != std::exchange(reacted_to, cause->delivery)) {
            meter.reaction(arrival_, cause->label(), command.received - cause->sent);
        }
    }
    for (const LoadTimer& timer : timers) {
        const auto from = moment_of(timer.from);
        const auto to = moment_of(timer.to);
        if (from && to) {
            meter.timer(arrival_, timer.name, *to - *from);
        }
    }
}

}  // namespace ringback
