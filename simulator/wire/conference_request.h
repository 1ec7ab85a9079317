#pragma once

#include <string>

#include "simulator/core/conference_machine.h"
#include "simulator/wire/call_request.h"

namespace ringback {

// Each reads one request body against its parameters in spec v1 2.3 and reports the first thing
// that is wrong, in their order.

/// POST conferences. `last`: the route of one made before, as for calls.
[[nodiscard]] Intake<NewConference> read_conference(const RequestBody& body,
                                                    const RefuseUrl& refuse_url,
                                                    const RouteRef& last = {});

/// POST conferences/{id}. `conference` as it is now: what is not given of its route stays.
[[nodiscard]] Intake<UpdateConference> read_conference_update(const RequestBody& body,
                                                              const Conference& conference,
                                                              const RefuseUrl& refuse_url);

/// POST conferences/{id}/members: what is asked for, and the call by its text id.
struct MemberRequest {
    std::string call_id;
    AddMember member;
};
[[nodiscard]] Intake<MemberRequest> read_member(const RequestBody& body);

/// POST conferences/{id}/members/{memberId}, of which `member` is the number.
[[nodiscard]] Intake<UpdateMember> read_member_update(const RequestBody& body,
                                                      std::uint32_t member);

}  // namespace ringback
