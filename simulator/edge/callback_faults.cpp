#include "simulator/edge/callback_faults.h"

#include <fmt/format.h>

#include <utility>

#include "simulator/core/wire_fault.h"
#include "simulator/wire/duration_text.h"
#include "simulator/wire/odd_payload.h"

namespace ringback {
namespace {

using Impossible = fault::Impossible;

/// No call has so many gathers.
constexpr std::uint32_t gather_of_nobody = 9'999'999;

/// `hangup`: the end of the call.
Event impossible_after(const Event& hangup, Impossible::What what) {
    Event made = hangup;
    switch (what) {
        case Impossible::What::unknown_gather:
            made.type = EventType::gather;
            made.detail = GatherDetail{gather_of_nobody, GatherReason::max_digits, "1"};
            break;
        case Impossible::What::speak_done:
            made.type = EventType::speak;
            made.detail = AudioDetail{true};
            break;
        case Impossible::What::second_hangup:
            break;
    }
    return made;
}

std::string_view impossible_text(Impossible::What what) {
    return what == Impossible::What::speak_done      ? "a speak is done"
           : what == Impossible::What::second_hangup ? "a second hangup"
                                                     : "a gather that was never made";
}

std::string_view signing_text(SigningFault what) {
    switch (what) {
        case SigningFault::wrong_key:
            return "signed with another key";
        case SigningFault::stale_timestamp:
            return "signed long ago";
        case SigningFault::changed_body:
            return "changed after it was signed";
        case SigningFault::missing:
            return "not signed";
        case SigningFault::none:
            break;
    }
    return "signed as it should be";
}

/// Adds what one fault after the other does. Needs: of what can be only once, only one.
class FateMaker {
public:
    FateMaker(const Event& event, Method method, std::string_view payload, DeliveryId delivery)
        : event_{event}, method_{method}, payload_{payload}, delivery_{delivery} {}

    void meet(FaultDice::Met& met) {
        met_ = &met;
        const auto& what = std::get<FaultRule::OfCallbacks>(met.rule->what).what;
        std::visit([this](const auto& one) { act(one); }, what);
    }
    [[nodiscard]] Fate take() { return std::move(fate_); }

private:
    [[nodiscard]] FaultMet told(std::string text) const {
        FaultMet told;
        told.name = met_->rule->name;
        told.text = std::move(text);
        told.rule = met_->number;
        told.draw = met_->draw;
        told.delivery = delivery_;
        told.event = event_.type;
        return told;
    }
    void tell(std::string text) { fate_.news.push_back(told(std::move(text))); }
    void tell_altered(std::string text) {
        tell(std::move(text));
        fate_.news.back().altered = true;
    }

    void act(const fault::Drop& /*all that there is to it*/) {
        fate_.lost = told("lost for good");
        fate_.lost->lost = true;
    }
    void act(const fault::Duplicate& duplicate) {
        Rng gaps{met_->rng.next()};  // any number of draws
        Duration after{};
        for (std::uint32_t copy = 1; copy <= duplicate.copies; ++copy) {
            after += duplicate.together ? Duration{} : draw(duplicate.gap, gaps);
            const std::string when =
                duplicate.together ? "together with it" : duration_text(after) + " later";
            Fate::Echo echo{after,
                            told(fmt::format("copy {} of {}, {}", copy, duplicate.copies, when))};
            echo.beside = duplicate.together;
            fate_.echoes.push_back(std::move(echo));
        }
    }
    void act(const fault::Delay& delay) {
        const Duration by = draw(delay.by, met_->rng);
        fate_.stay.late += by;
        tell(duration_text(by) + " late");
    }
    void act(const fault::Reorder& reorder) {
        fate_.stay.behind = reorder.behind;
        fate_.stay.behind_within = reorder.within;
        tell(fmt::format("behind the next {}, if they come within {}", reorder.behind,
                         duration_text(reorder.within)));
    }
    void act(const fault::Shuffle& shuffle) {
        fate_.stay.shuffled_for = shuffle.window;
        fate_.stay.order = Rng{met_->rng.next()};
        fate_.stay.shuffle = told({});
        tell(fmt::format("shuffled with what comes within {}", duration_text(shuffle.window)));
    }
    void act(const Impossible& impossible) {
        Event made = impossible_after(event_, impossible.what);
        const Duration after = draw(impossible.after, met_->rng);
        made.time += after;
        FaultMet met = told(
            fmt::format("{}, {} later", impossible_text(impossible.what), duration_text(after)));
        met.event = made.type;
        met.altered = true;
        fate_.echoes.push_back({after, std::move(met), std::move(made)});
    }
    void act(const fault::Odd& odd) {
        fate_.payload = odd_payload(fate_.payload ? std::string_view{*fate_.payload} : payload_,
                                    method_, odd.what);
        tell_altered(std::string{odd_text(odd.what)});
        if (odd.what != fault::Odd::What::large_tag) {  // the text says it all
            fate_.news.back().payload = *fate_.payload;
        }
    }
    void act(const fault::BadSend& bad) {
        SentBadly& badly = fate_.badly.open();
        badly.send = bad;
        badly.send->wire = settled(bad.wire, met_->rng);
        // Which connection it gets is not known yet.
        const std::string how =
            (badly.send->wire.only_kept ? "sent badly, if it meets one: " : "sent badly: ") +
            to_text(badly.send->wire);
        if (bad.again && arrives_whole(badly.send->wire)) {
            tell("sent slowly: " + to_text(badly.send->wire));
        } else if (bad.again) {
            tell(how + "; then as it should be");
        } else {
            tell_altered(how);
        }
    }
    void act(const fault::BadSignature& bad) {
        fate_.badly.open().signing = bad.what;
        tell_altered(std::string{signing_text(bad.what)});
    }

    const Event& event_;
    Method method_;
    std::string_view payload_;
    DeliveryId delivery_;
    FaultDice::Met* met_{nullptr};
    Fate fate_;
};

}  // namespace

Fate fate_of(std::vector<FaultDice::Met> met, const Event& event, Method method,
             std::string_view payload, DeliveryId delivery) {
    FateMaker maker{event, method, payload, delivery};
    for (FaultDice::Met& one : met) {
        maker.meet(one);
    }
    return maker.take();
}

}  // namespace ringback
