#include "simulator/core/far_end.h"

#include <array>

namespace ringback {
namespace {

using Act = FarEndAct;
using Refuse = CreateRefusal;

// The README carries this table; tests/unit/readme_test.cpp holds the two together.
constexpr std::array table{
    MagicNumber{"9900", "answers at once", Act::answers, Refuse::none},
    MagicNumber{"9901", "is busy", Act::busy, Refuse::none},
    MagicNumber{"9902", "never answers", Act::never_answers, Refuse::none},
    MagicNumber{"9903", "declines", Act::declines, Refuse::none},
    MagicNumber{"9904", "is not in service", Act::unallocated, Refuse::none},
    MagicNumber{"9905", "cannot be reached: the network fails", Act::network_failure, Refuse::none},
    MagicNumber{"9906", "answers slowly, after 20 s", Act::answers, Refuse::none},
    MagicNumber{"9907", "answers, then hangs up after 5 s", Act::answers, Refuse::none},
    MagicNumber{"9908", "answers, presses 5 after 2 s", Act::answers, Refuse::none},
    MagicNumber{"9909", "answers, presses 1 at every gather", Act::answers, Refuse::none},
    MagicNumber{"9910", "answers, presses 1234# at every gather", Act::answers, Refuse::none},
    MagicNumber{"9911", "answers; recordings of the call fail", Act::answers, Refuse::none},
    MagicNumber{"9912", "answers; transcriptions of the call fail", Act::answers, Refuse::none},
    MagicNumber{"9913", "cannot be called: 403 invalid-call-to-number", Act::answers,
                Refuse::invalid_call_to_number},
    MagicNumber{"9914", "is in a forbidden country: 403 invalid-destination-number", Act::answers,
                Refuse::invalid_destination_number},
    MagicNumber{"9915", "costs too much: 403 insufficient-available-balance", Act::answers,
                Refuse::insufficient_available_balance},
    MagicNumber{"9916", "breaks the platform: 503 call-creation-failure", Act::answers,
                Refuse::call_creation_failure},
    MagicNumber{"9917", "fails inside the platform: error event", Act::platform_error,
                Refuse::none},
};

}  // namespace

std::pair<const MagicNumber*, const MagicNumber*> magic_numbers() {
    return {table.data(), table.data() + table.size()};
}

const MagicNumber* magic_number(std::string_view number) {
    for (const MagicNumber& entry : table) {
        if (number.starts_with('+') && number.ends_with(entry.suffix)) {
            return &entry;
        }
    }
    return nullptr;
}

FarEnd far_end_for(std::string_view number) {
    FarEnd far_end;
    const MagicNumber* magic = magic_number(number);
    if (magic == nullptr) {
        return far_end;
    }
    far_end.act = magic->act;
    const std::string_view suffix = magic->suffix;
    if (suffix == "9900") {
        far_end.after = Duration::zero();
    } else if (suffix == "9906") {
        far_end.slow = true;
    } else if (suffix == "9907") {
        far_end.script.open().hangs_up_after_talk = true;
    } else if (suffix == "9908") {
        far_end.script.open().keys_after_answer = "5";
    } else if (suffix == "9909") {
        far_end.script.open().keys_on_gather = "1";
    } else if (suffix == "9910") {
        far_end.script.open().keys_on_gather = "1234#";
    } else if (suffix == "9911") {
        far_end.script.open().recording_fails = true;
    } else if (suffix == "9912") {
        far_end.script.open().transcription_fails = true;
    }
    return far_end;
}

}  // namespace ringback
