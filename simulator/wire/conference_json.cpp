#include "simulator/wire/conference_json.h"

#include "simulator/core/result.h"
#include "simulator/wire/json_out.h"
#include "simulator/wire/time_text.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

IdText member_id(const Conference& conference, std::uint32_t member, const ResourceText& text) {
    return text.ids->make(IdKind::conference_member, text.user_hash, number_of(conference.id),
                          member);
}

}  // namespace

void append_conference(std::string& out, const Conference& conference, const ResourceText& text) {
    JsonObject object{out};
    object.text("id", text.conference_id(conference.id).view());
    object.text("state", word(conference.state));
    object.text("from", conference.from);
    object.text("createdTime", time_text(conference.created_at));
    if (conference.completed_at != never) {
        object.text("completedTime", time_text(conference.completed_at));
    }
    object.integer("activeMembers", conference.active_members);
    object.boolean("hold", conference.hold);
    object.boolean("mute", conference.mute);
    object.text("profile", word(conference.profile));
    append_route(object, *conference.route);
    object.text_if("tag", conference.tag);
    object.end();
}

void append_member(std::string& out, const Conference& conference, std::uint32_t member,
                   const ResourceText& text) {
    if (member == 0 || member > conference.members.size()) {
        bug("a member that does not exist");
    }
    const Member& it = conference.members[member - 1];
    JsonObject object{out};
    object.text("id", member_id(conference, member, text).view());
    object.text("state", member_word(!is_active(it)));
    object.boolean("hold", it.hold);
    object.boolean("mute", it.mute);
    object.boolean("joinTone", it.join_tone);
    object.boolean("leavingTone", it.leaving_tone);
    object.text("addedTime", time_text(it.added_at));
    if (!is_active(it)) {
        object.text("removedTime", time_text(it.removed_at));
    }
    std::string& url = object.member("call");
    url += '"';
    append_item_url(url, "calls",
                    text.ids->make(IdKind::call, text.user_hash, number_of(it.call)).view(), text);
    url += '"';
    object.end();
}

void append_member_url(std::string& out, const Conference& conference, std::uint32_t member,
                       const ResourceText& text) {
    append_conference_url(out, conference.id, text);
    out += "/members/";
    out += member_id(conference, member, text).view();
}

}  // namespace ringback
