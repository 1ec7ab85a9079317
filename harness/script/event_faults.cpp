#include "harness/script/event_faults.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringback {

std::optional<WallInstant> EventFaults::take(const Happening& happening) {
    switch (happening.kind) {
        case Happening::Kind::event:
            raised_ = {happening.delivery, happening.event};
            return std::nullopt;
        case Happening::Kind::lost:
            on_its_way_.erase(happening.delivery);
            note(happening);
            return std::nullopt;
        case Happening::Kind::answer:
            // A try that was sent badly, and is made again, has told the receiver nothing.
            return !happening.spoilt && on_its_way_.erase(happening.delivery) > 0
                       ? std::optional{happening.sent()}
                       : std::nullopt;
        case Happening::Kind::other:
            if (happening.is_fault_of_event()) {
                note(happening);
            }
            return std::nullopt;
        case Happening::Kind::request:
        case Happening::Kind::extra:
            return std::nullopt;
    }
    return std::nullopt;
}

void EventFaults::note(const Happening& fault) {
    What what{What::took};
    if (fault.kind != Happening::Kind::lost) {
        what = fault.altered ? What::altered : What::held_up;
    }
    if (what != What::took) {
        bool& held_up = on_its_way_[fault.delivery];
        held_up = held_up || what == What::held_up;
    }
    const bool is_of_last = raised_.first == fault.delivery;
    met_.push_back({fault.fault(), is_of_last ? raised_.second : fault.event, what});
}

bool EventFaults::is_held_up() const {
    return std::ranges::any_of(on_its_way_, [](const auto& one) { return one.second; });
}

void EventFaults::forget_what_came() {
    std::erase_if(met_, [](const Met& met) { return met.what != What::took; });
}

std::string EventFaults::with_last(std::string got) const {
    if (met_.empty()) {
        return got;
    }
    const Met& last = met_.back();
    const std::string_view did = last.what == What::took      ? "took"
                                 : last.what == What::altered ? "altered"
                                                              : "held up";
    return fmt::format("{}, after the fault {} {} {}", got, last.fault, did, last.event);
}

}  // namespace ringback
