#include "harness/run/acts.h"

#include <fmt/format.h>

#include "simulator/core/result.h"
#include "simulator/wire/words.h"

namespace ringback {

Input input_of(const WishAct& act) {
    switch (act.what) {
        case CallerAct::What::press:
            return PressKeys{act.text};
        case CallerAct::What::say:
            return Say{act.text};
        case CallerAct::What::hang_up:
            return FarEndHangsUp{};
        case CallerAct::What::answer:
            return FarEndAnswers{};
        case CallerAct::What::decline:
            return FarEndDeclines{};
        case CallerAct::What::text:
            bug("a message is nothing that happens to a call");
    }
    return FarEndHangsUp{};
}

bool is_a_wrong(Refusal refusal, const WishAct& act) {
    return refusal != Refusal::none &&
           !(refusal == Refusal::already_ended && act.what == CallerAct::What::hang_up);
}

std::string cannot_act_text(CallState state) {
    return fmt::format("the person on the phone cannot do that now: the call is \"{}\"",
                       word(state));
}

}  // namespace ringback
