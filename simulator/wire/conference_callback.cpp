#include "simulator/wire/conference_callback.h"

#include "simulator/core/result.h"
#include "simulator/wire/event_forms.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

const ConferenceNotice& notice_of(const Event& event) {
    const auto* const detail = std::get_if<ConferenceDetail>(&event.detail);
    if (detail == nullptr || !detail->notice) {
        bug("an event of a conference without what became of it");
    }
    return *detail->notice.get();
}

/// One event on its way into one form, in the fixtures' order.
template <class Form>
class ConferenceEventText {
public:
    ConferenceEventText(std::string& out, const Event& event, const ConferenceEventIds& ids,
                        std::string_view base)
        : form_{out, base, ids.user}, event_{event}, ids_{ids} {}

    void write() {
        if (event_.type == EventType::conference) {
            conference();
        } else if (event_.type == EventType::conference_member) {
            member();
        } else {
            audio();
        }
        if (!event_.tag.empty()) {
            form_.text("tag", event_.tag);
        }
        form_.end();
    }

private:
    void names_conference() {
        form_.word("conferenceId", ids_.conference);
        form_.uri("conferenceUri", "conferences", ids_.conference);
        form_.word("eventType", word(event_.type));
    }

    void conference() {
        const ConferenceNotice& notice = notice_of(event_);
        const bool over = notice.completed_at != never;
        names_conference();
        form_.word("status", word(over ? ConferenceState::completed : ConferenceState::created));
        form_.time("createdTime", notice.created_at);
        if (over) {
            form_.time("completedTime", notice.completed_at);
        }
    }

    void member() {
        const ConferenceNotice& notice = notice_of(event_);
        form_.number("activeMembers", notice.active_members);
        form_.word("callId", ids_.call);
        form_.word("conferenceId", ids_.conference);
        form_.word("eventType", word(event_.type));
        form_.boolean("hold", notice.hold);
        form_.word("memberId", ids_.member);
        form_.uri("memberUri", "conferences", ids_.conference, "members", ids_.member);
        form_.boolean("mute", notice.mute);
        form_.word("state", member_word(notice.left));
        form_.time("time", event_.time);
    }

    void audio() {
        const auto* const detail = std::get_if<AudioDetail>(&event_.detail);
        if (detail == nullptr) {
            bug("a conference's audio event without its detail");
        }
        names_conference();
        form_.word("status", std::string_view{detail->done ? "done" : "started"});
        form_.time("time", event_.time);
    }

    Form form_;
    const Event& event_;
    const ConferenceEventIds& ids_;
};

}  // namespace

void append_conference_callback(std::string& out, const Event& event, Method method,
                                const ConferenceEventIds& ids, std::string_view public_base) {
    if (method == Method::get) {
        ConferenceEventText<QueryForm>{out, event, ids, public_base}.write();
    } else {
        ConferenceEventText<JsonForm>{out, event, ids, public_base}.write();
    }
}

void append_conference_callback(std::string& out, const Event& event, Method method,
                                std::string_view user_name, std::uint64_t user_hash,
                                const IdCodec& ids, std::string_view public_base) {
    const std::uint64_t number = number_of(event.call);
    const std::string user = percent_encoded(user_name);
    const IdText conference = ids.make(IdKind::conference, user_hash, number);
    ConferenceEventIds named{user, conference.view(), {}, {}};
    IdText member;
    IdText call;
    if (event.type == EventType::conference_member) {
        const ConferenceNotice& notice = notice_of(event);
        member = ids.make(IdKind::conference_member, user_hash, number, notice.member);
        call = ids.make(IdKind::call, user_hash, number_of(notice.call));
        named.member = member.view();
        named.call = call.view();
    }
    append_conference_callback(out, event, method, named, public_base);
}

}  // namespace ringback
