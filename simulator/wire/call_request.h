#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "simulator/core/input.h"
#include "simulator/wire/error_json.h"
#include "simulator/wire/request_body.h"

namespace ringback {

/// What was asked for, or how the provider refuses it. Asking for the wrong half is a bug of ours.
template <class T>
using Intake = std::variant<T, ApiError>;

/// Why a URL may not be called, in words for the caller, or none if it may. Empty: all may.
using RefuseUrl = std::function<std::optional<std::string>(std::string_view url)>;

/// E.164 or sip:user@host[:port]. Source: spec v1 1.10.
[[nodiscard]] bool is_number_or_sip(std::string_view text);

/// "" and "none" (any case) mean "no callback". Source: spec v1 1.3.
[[nodiscard]] bool means_no_url(std::string_view url);

struct CallRequest {
    NewCall call;
    std::string bridge_id;
    std::string conference_id;
};

// Each reads one request body against its table in spec v1 and reports
// the first thing that is wrong, in the table's order.

/// POST calls, 2.1.3. `last`: the route of a call made before. One that asks for the same shares
/// it, and its URLs are not judged again: what may be called does not change while we run.
[[nodiscard]] Intake<CallRequest> read_call_request(const RequestBody& body,
                                                    const RefuseUrl& refuse_url,
                                                    const RouteRef& last = {});

/// POST calls/{id}, 2.1.5. `call` as it is now: a new callbackUrl keeps its other route settings.
/// own_numbers: who may be transferCallerId in strict-ownership mode; null: anybody.
[[nodiscard]] Intake<Update> read_update(const RequestBody& body, const Call& call,
                                         const RefuseUrl& refuse_url,
                                         const std::set<std::string>* own_numbers);

/// POST calls/{id}/audio, 2.1.6.
[[nodiscard]] Intake<std::variant<Play, StopPlaying>> read_audio(const RequestBody& body);

/// The same for a bridge, which knows no volume.
[[nodiscard]] Intake<std::variant<Play, StopPlaying>> read_group_audio(const RequestBody& body);

/// POST calls/{id}/dtmf, 2.1.7.
[[nodiscard]] Intake<SendTones> read_dtmf(const RequestBody& body);

/// POST calls/{id}/gather, 2.1.8.
[[nodiscard]] Intake<StartGather> read_gather(const RequestBody& body);

/// POST calls/{id}/gather/{gatherId}, 2.1.8: none if it asks for what is allowed.
[[nodiscard]] std::optional<ApiError> refuse_gather_update(const RequestBody& body);

// What requests of other resources have in common with these.

/// `from` or `to`: a number or SIP URI that has to be there.
[[nodiscard]] std::string required_address(const Members& in, std::string_view name);
/// A URL that events may go to; "" for none (see means_no_url), none where the member is not.
[[nodiscard]] std::optional<std::string_view> read_url(const Members& in, std::string_view name,
                                                       const RefuseUrl& refuse_url);
/// callbackUrl, callbackTimeout, callbackHttpMethod, fallbackUrl. `last`: as read_call_request.
[[nodiscard]] RouteRef read_route(const Members& in, const RefuseUrl& refuse_url,
                                  const RouteRef& last);
/// `present` with what is given of these changed; none if nothing is.
[[nodiscard]] std::optional<RouteRef> read_route_change(const Members& in,
                                                        const RefuseUrl& refuse_url,
                                                        const Route& present);

}  // namespace ringback
