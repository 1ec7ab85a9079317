#include "simulator/wire/conference_request.h"

#include "simulator/wire/sound_request.h"

namespace ringback {

Intake<NewConference> read_conference(const RequestBody& body, const RefuseUrl& refuse_url,
                                      const RouteRef& last) {
    FirstProblem problems;
    const Members in{body, "conference", problems};
    NewConference conference;
    conference.from = required_address(in, "from");
    conference.route = read_route(in, refuse_url, last);
    const auto profile = one_of(in, "profile", {"interpret_digits", "passthru_digits"});
    conference.profile =
        profile.value_or(0) == 0 ? KeyProfile::interpret_digits : KeyProfile::passthru_digits;
    conference.tag = std::string{in.text("tag").value_or("")};
    return verdict(problems, std::move(conference));
}

Intake<UpdateConference> read_conference_update(const RequestBody& body,
                                                const Conference& conference,
                                                const RefuseUrl& refuse_url) {
    FirstProblem problems;
    const Members in{body, "conference", problems};
    UpdateConference update;
    update.completes = one_of(in, "state", {"completed"}).has_value();
    update.hold = in.boolean("hold");
    update.mute = in.boolean("mute");
    update.route = read_route_change(in, refuse_url, *conference.route);
    update.tag = in.text("tag");
    return verdict(problems, std::move(update));
}

Intake<MemberRequest> read_member(const RequestBody& body) {
    FirstProblem problems;
    const Members in{body, "conference-member", problems};
    MemberRequest request;
    const auto call = in.text("callId");
    if (!call) {
        in.note(missing_property(in.resource(), "callId"));
    } else if (is_blank(*call)) {
        in.note(blank_property(in.resource(), "callId"));
    }
    request.call_id = std::string{call.value_or("")};
    request.member.join_tone = in.boolean("joinTone").value_or(false);
    request.member.leaving_tone = in.boolean("leavingTone").value_or(false);
    request.member.mute = in.boolean("mute").value_or(false);
    request.member.hold = in.boolean("hold").value_or(false);
    return verdict(problems, std::move(request));
}

Intake<UpdateMember> read_member_update(const RequestBody& body, std::uint32_t member) {
    FirstProblem problems;
    const Members in{body, "conference-member", problems};
    UpdateMember update;
    update.member = member;
    update.leaves = one_of(in, "state", {"completed"}).has_value();
    update.join_tone = in.boolean("joinTone");
    update.leaving_tone = in.boolean("leavingTone");
    update.mute = in.boolean("mute");
    update.hold = in.boolean("hold");
    return verdict(problems, update);
}

}  // namespace ringback
