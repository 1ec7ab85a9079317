// The part of Script that judges what the receiver answers: to callbacks, and to a kick.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/script/reply.h"
#include "harness/script/script.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

bool is_refusal(int status) { return status >= 400 && status < 500; }

}  // namespace

/// The first answer counts; a try that is to be repeated is not one yet, where nothing is expected
/// of it or where it is asked how the delivery ends.
void Script::take_answer(const Happening& answer) {
    const auto found = unanswered_.find(answer.delivery);
    cause_ = std::max(cause_, answer.wall);
    if (found == unanswered_.end() || answer.spoilt) {
        return;
    }
    const Step& step = *found->second;
    const Send& send = std::get<Send>(step.what);
    const bool more_to_come = answer.outcome() == "owed";
    const bool of_the_end = send.expect.delivered_via || send.expect.attempts;
    if (more_to_come && (!send.has_expect || of_the_end)) {
        return;
    }
    unanswered_.erase(found);
    answered_.insert(answer.delivery);
    note_reply(step, send, answer);
}

/// Nobody can say how the receiver would have taken it: that is no failure of its, and the verdict
/// says so.
void Script::take_loss(const Happening& loss) {
    const auto found = unanswered_.find(loss.delivery);
    if (found == unanswered_.end()) {
        return;
    }
    const Step& step = *found->second;
    unanswered_.erase(found);
    passed(step,
           answer_text(std::get<Send>(step.what)) +
               ": could not be judged, a fault has dropped the event",
           loss.seq);
}

void Script::note_reply(const Step& step, const Send& send, const Happening& answer) {
    if (scenario_.recalled.contains(step.id)) {
        bindings_.steps[step.id].add("reply", [answer] { return reply_json(seen_reply(answer)); });
    }
    const SeenReply seen = seen_reply(answer, !send.expect.match.fields.empty());
    ReplyJudgement judgement = judge_reply(send.expect, seen, bindings_);
    if (judgement.fits() || lenient_) {
        passed(step, {}, answer.seq);
        return;
    }
    if (!send.has_expect && altered_.contains(answer.delivery) && is_refusal(seen.status)) {
        passed(step, send.event + " refused, as it may be: a fault has altered it", answer.seq);
        return;
    }
    Judged& told =
        failed(step, Judged::Result::failed, answer_text(send), std::move(judgement.got));
    told.seq = answer.seq;
    if (!judgement.findings.empty()) {
        told.candidates = {Candidate{
            "the answer to " + send.event, answer.seq, {}, std::move(judgement.findings)}};
    }
}

/// No step of the list, but judged like one: by whoever is at `start`.
Judged& Script::judged_start(std::string expected) {
    Judged told;
    told.name = "start";
    told.file = scenario_.file;
    told.place = scenario_.start.place;
    told.expected = std::move(expected);
    kick_owed_ = false;
    judged_.push_back(std::move(told));
    return judged_.back();
}

void Script::kick_answered(const SeenReply& seen) {
    if (!kick_owed_) {
        return;
    }
    const Kick& kick = std::get<Kick>(scenario_.start.how);
    const auto url = expanded_text(kick.url, bindings_);
    Judged& told = judged_start(fmt::format("{} {} {}", kick.method,
                                            redacted_url(url ? url.value() : kick.url),
                                            reply_text(kick.expect)));
    ReplyJudgement judgement = judge_reply(kick.expect, seen, bindings_);
    if (judgement.fits() || lenient_) {
        return;
    }
    told.result = Judged::Result::failed;
    told.got = with_faults(nullptr, std::move(judgement.got));
    if (!judgement.findings.empty()) {
        told.candidates = {
            Candidate{"the answer to the kick", 0, {}, std::move(judgement.findings)}};
    }
    const Step* const step = over_ ? nullptr : current();
    if (step != nullptr && !thwarted_for(*step).empty()) {
        failed(*step, Judged::Result::failed, expected_text(*step),
               "the application answered its kick as one that gives up");
    }
    over_ = true;
}

void Script::start_failed(std::string expected, std::string got) {
    Judged& told = judged_start(std::move(expected));
    told.result = Judged::Result::failed;
    told.got = std::move(got);
    over_ = true;
}

}  // namespace ringback
