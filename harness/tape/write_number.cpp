// What a recorded call's number has to be, so that a fake does what the network did:
// write_start.cpp puts it into the scenario.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/tape/scenario_writer.h"
#include "simulator/core/far_end.h"

namespace ringback {
namespace {

struct Ending {
    std::string_view cause;   // of a hangup without an answer before it
    std::string_view number;  // the last digits of one that a fake ends so
};
constexpr std::array endings{
    Ending{"USER_BUSY", "9901"},
    Ending{"NO_ANSWER", "9902"},
    Ending{"CALL_REJECTED", "9903"},
    Ending{"UNALLOCATED_NUMBER", "9904"},
    Ending{"NORMAL_TEMPORARY_FAILURE", "9905"},
};
constexpr std::string_view fails_in_platform{"9917"};
constexpr std::string_view recordings_fail{"9911"};
constexpr std::string_view transcriptions_fail{"9912"};
constexpr std::string_view plain{"0100"};  // answers, and does nothing by itself

/// Would a fake's person at this number press keys or hang up beside the one of the steps?
bool acts_by_itself(const std::string& number) {
    const FarEnd far_end = far_end_for(number);
    const FarEndScript& script = *far_end.script;
    return script.hangs_up_after_talk || !script.keys_after_answer.empty() ||
           !script.keys_on_gather.empty();
}

}  // namespace

/// By what the events of its first leg say: the digits that bring it about; "" = none are needed.
std::string_view ScenarioWriter::ending_of_far_end() const {
    const Moment* const first = first_event();
    std::string_view ending;
    bool answered{false};
    for (const Moment& moment : call_.moments) {
        if (moment.kind != Moment::Kind::event || moment.call != first->call) {
            continue;
        }
        answered = answered || moment.event == "answer";
        if (moment.event == "error") {
            return fails_in_platform;
        }
        if (moment.event == "recording.error") {
            ending = recordings_fail;
        } else if (moment.event == "transcription.error") {
            ending = transcriptions_fail;
        }
        const auto known = std::ranges::find(endings, moment.text("cause"), &Ending::cause);
        if (moment.event == "hangup" && !answered && known != endings.end()) {
            return known->number;
        }
    }
    return ending;
}

/// A busy number is busy again only when its digits say so, and one whose digits say that somebody
/// presses a key must not, because the steps do.
std::string ScenarioWriter::number_that_plays(const std::string& to) {
    const Moment* const first = first_event();
    if (first == nullptr || first->event == "incomingcall") {
        return to;
    }
    const std::string_view ending = ending_of_far_end();
    const bool needs_other =
        ending.empty() ? settings_.has_upstream && acts_by_itself(to) : !to.ends_with(ending);
    constexpr std::size_t digits{4};
    if (!needs_other) {
        return to;
    }
    // A receiver that chose the number by itself will choose it again.
    const bool was_told =
        call_.poke && (call_.poke->passage->request.body + call_.poke->passage->request.target)
                              .find(to.substr(1)) != std::string::npos;
    const bool can_be_other =
        to.starts_with('+') && to.size() > digits + 1 && (was_told || !receiver_made_it());
    if (!can_be_other) {
        notes_.push_back(
            ending.empty()
                ? fmt::format("vars.to: a fake's person at {} acts beside the steps", to)
                : fmt::format(
                      "vars.to: a fake does what was recorded with a number that ends in {}",
                      ending));
        return to;
    }
    std::string other =
        to.substr(0, to.size() - digits) + std::string{ending.empty() ? plain : ending};
    notes_.push_back(
        fmt::format("vars.to: {} stands for {}, so that a fake does what was recorded{}", other, to,
                    ending.empty() ? ", and no more" : ""));
    return other;
}

}  // namespace ringback
