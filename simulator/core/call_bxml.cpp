// Calls under control of BXML: documents as they come, and what leads from one verb to the next
// (spec v1 6.1, 6.4, 6.6). The verbs themselves are in call_bxml_verbs.cpp.

#include <algorithm>

#include "simulator/core/call_step.h"

namespace ringback {
namespace {

std::string notice_text(const bxml::Notice& notice) {
    switch (notice.kind) {
        case bxml::Notice::Kind::unknown_verb:
            return notice.name;
        case bxml::Notice::Kind::unknown_attribute:
            return "attribute " + notice.name + " of " + notice.in;
        case bxml::Notice::Kind::idle_attribute:
            return "attribute " + notice.name + " of " + notice.in + ", which means nothing there";
        case bxml::Notice::Kind::stray_text:
            return "text in " + notice.in;
    }
    return {};
}

}  // namespace

/// Whether the answer to its answer event may put the call under control of BXML. Source: spec v1
/// 6.1; leg B of a transfer belongs to leg A's story.
bool CallStep::may_become_document() const {
    return call_.route->method == Method::get &&
           (call_.direction == Direction::out || call_.auto_answer) && !is_leg_b();
}

/// Whether the call still waits for what the answer to such an event brings.
bool CallStep::asked_for_document(EventType asked_by) const {
    if (!under_document()) {
        const bool on_its_own = !call_.details || call_.details->peer.role == Peer::Role::none;
        return asked_by == EventType::answer && call_.state == CallState::active && on_its_own &&
               may_become_document();
    }
    const bxml::Run& at = *call_.details->document.get();
    return at.waits == bxml::Waits::document && at.asked_by == asked_by && is_up(call_.state);
}

/// By REST, which has the call then, if no document comes. Conferences and bridges that take it in
/// say so too.
void CallStep::commanded() {
    if (!is_over(call_.state) && may_become_document()) {
        details().by_rest = true;
    }
}

Outcome CallStep::operator()(const DocumentCame& came) {
    if (!asked_for_document(came.asked_by)) {
        return {};
    }
    if (!under_document()) {
        take_over();
    }
    bxml::Run& at = details().document.open();
    at.document = came.document;
    at.url = came.url;
    at.next = 0;
    at.notices_told = 0;
    ++at.documents;
    ++at.documents_at_once;
    wait_for(bxml::Waits::nothing);
    tell(BxmlNews::What::document, {}, {}, came.url);
    other_news<BxmlNews>(effects_.outputs.back().what)->verbs =
        static_cast<std::uint32_t>(at.document->steps.size());
    const bool in_circles = at.documents_at_once > bxml::most_documents_at_once;
    if (in_circles || at.documents > bxml::most_documents) {
        const std::uint32_t most = in_circles ? bxml::most_documents_at_once : bxml::most_documents;
        tell(BxmlNews::What::invalid_verb,
             "expected at most " + std::to_string(most) + " documents " +
                 (in_circles ? "that lead to one another at once" : "in one call") +
                 ", found one more",
             at.document->steps.empty() ? bxml::Place{} : at.document->steps.front().place,
             came.url);
        end(Cause::normal_clearing, CallState::completed);
        return {};
    }
    go_on();
    return {};
}

Outcome CallStep::operator()(const NoDocument& told) {
    using Why = NoDocument::Why;
    const bool first = told.asked_by == EventType::answer;
    if (!asked_for_document(told.asked_by) || (first && told.why == Why::none_in_answer)) {
        return {};  // or the call stays under control of REST
    }
    switch (told.why) {
        case Why::none_in_answer:
            tell(BxmlNews::What::no_document, {}, {}, told.url);
            wait_for(bxml::Waits::the_end);
            arm_document(turn_.now + bxml::before_hanging_up);
            return {};
        case Why::invalid:
            tell(BxmlNews::What::invalid, told.reason, told.place, told.url);
            break;
        case Why::invalid_verb:
            tell(BxmlNews::What::invalid_verb, told.reason, told.place, told.url);
            break;
        case Why::not_delivered:
            if (first && call_.details && call_.details->by_rest) {
                return {};  // who has commanded it does without documents
            }
            tell(BxmlNews::What::not_delivered, {}, {}, told.url);
            break;
    }
    end(Cause::normal_clearing, CallState::completed);
    return {};
}

/// Ends what REST has begun: the docs forbid mixing, and a document has the call to itself.
void CallStep::take_over() {
    cut_audio();
    if (running_gather() != nullptr) {
        end_gather(GatherReason::cancelled);
    }
    if (call_.details) {
        disarm(TimerKind::tone);
        call_.details->tones.clear();
    }
}

/// Carries out verbs until one takes time, or the call ends by one.
void CallStep::go_on() {
    bxml::Run& at = run();
    while (at.waits == bxml::Waits::nothing) {
        tell_notices();
        const Shared<bxml::Document> document = at.document;  // a verb may end the call, and that
        const auto& steps = document->steps;                  // lets go of it
        if (at.next == steps.size()) {
            document_is_done();
            return;
        }
        if (++at.verbs > bxml::most_verbs) {
            hang_up("more verbs than one call may have");
            return;
        }
        const bxml::Step& step = steps[at.next++];
        tell(BxmlNews::What::verb, bxml::name_of(step.verb), step.place);
        std::visit([this](const auto& verb) { begin(verb); }, step.verb);
    }
}

/// From here on only that leads on; what was armed before is stale.
void CallStep::wait_for(bxml::Waits what) {
    bxml::Run& at = run();
    at.waits = what;
    ++at.timer;
    if (what != bxml::Waits::nothing && what != bxml::Waits::document) {
        at.documents_at_once = 0;
    }
}

/// What a verb takes time for is over; nothing if that is not what the call waits for.
void CallStep::verb_is_over(bxml::Waits what) {
    if (under_document() && run().waits == what) {
        wait_for(bxml::Waits::nothing);
        go_on();
    }
}

void CallStep::arm_document(Instant at) {
    effects_.timers.push_back({Timer{TimerKind::document, ++run().timer, 0}, at});
}

void CallStep::document_timer() {
    switch (run().waits) {
        case bxml::Waits::record:  // silence
            disarm(TimerKind::recording_max);
            stop_recording(never);
            verb_is_over(bxml::Waits::record);
            break;
        case bxml::Waits::the_end:
            hang_up("30 s without anything more to do");
            break;
        default:
            verb_is_over(run().waits);
            break;
    }
}

/// Nothing more to carry out (spec v1 6.4, the last column).
void CallStep::document_is_done() {
    const auto& steps = run().document->steps;
    if (!steps.empty() && std::holds_alternative<bxml::Gather>(steps.back().verb)) {
        hang_up("nothing follows the last Gather");
        return;
    }
    wait_for(bxml::Waits::the_end);
    arm_document(turn_.now + bxml::before_hanging_up);
}

void CallStep::hang_up(std::string_view why, bxml::Place place) {
    tell(BxmlNews::What::hangs_up, why, place);
    end(Cause::normal_clearing, CallState::completed);
}

/// The call ends: no verb follows, whatever ends by it.
void CallStep::stop_document() {
    if (!under_document() || run().waits == bxml::Waits::no_more) {
        return;
    }
    if (run().waits == bxml::Waits::transfer && run().leg_answered) {
        raise_transfer_complete();
    }
    wait_for(bxml::Waits::no_more);
}

/// What stands before or within the verb that comes next and is not obeyed.
void CallStep::tell_notices() {
    bxml::Run& at = run();
    const auto& notices = at.document->notices;
    const std::size_t most = std::min(notices.size(), bxml::most_notices_told);
    for (; at.notices_told < most && notices[at.notices_told].step <= at.next; ++at.notices_told) {
        const bxml::Notice& notice = notices[at.notices_told];
        const bool is_verb = notice.kind == bxml::Notice::Kind::unknown_verb;
        tell(is_verb ? BxmlNews::What::unknown_verb : BxmlNews::What::ignored, notice_text(notice),
             notice.place, at.url);
    }
}

void CallStep::tell(BxmlNews::What what, std::string_view text, bxml::Place place,
                    std::string_view url) {
    auto& news = effects_.put<BxmlNews>(turn_.now, call_.id);
    news.what = what;
    news.place = place;
    news.text = text;
    news.url = url;
}

}  // namespace ringback
