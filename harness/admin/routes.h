#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/admin/body.h"
#include "harness/admin/event_stream.h"
#include "harness/admin/query.h"
#include "harness/admin/waits.h"
#include "harness/record/journal.h"
#include "simulator/edge/controls.h"
#include "simulator/edge/http.h"

namespace ringback {

/// What every route may use.
struct AdminParts {
    Controls& controls;
    Journal& journal;
    EventStreams& streams;
    Waits& waits;
    std::size_t advancing{0};  // requests that move the clock and are not over
};

/// One request on its way through a route.
struct AdminVisit {
    Request request;
    QueryPairs query;
    std::string id;  // what stood for {id} in the path
    std::shared_ptr<Responder> responder;
};

/// A way to answer. It sends exactly one answer, now or later.
struct AdminRoute {
    std::string_view method;
    std::string_view path;  // below /__admin; "{id}" stands for one segment
    void (*run)(AdminParts& parts, AdminVisit& visit);
};

/// All routes, in the order of openapi.json.
[[nodiscard]] std::span<const AdminRoute> admin_routes();

/// openapi.json as it was built in.
[[nodiscard]] std::string_view openapi_text();

// state_routes.cpp
void get_live(AdminParts& parts, AdminVisit& visit);
void get_ready(AdminParts& parts, AdminVisit& visit);
void get_stats(AdminParts& parts, AdminVisit& visit);
void get_openapi(AdminParts& parts, AdminVisit& visit);
void post_reset(AdminParts& parts, AdminVisit& visit);
void post_shutdown(AdminParts& parts, AdminVisit& visit);
// journal_routes.cpp
void get_journal(AdminParts& parts, AdminVisit& visit);
void post_journal_count(AdminParts& parts, AdminVisit& visit);
void get_events(AdminParts& parts, AdminVisit& visit);
// calls_routes.cpp
void get_calls(AdminParts& parts, AdminVisit& visit);
void get_call(AdminParts& parts, AdminVisit& visit);
// phone_routes.cpp
void post_calls(AdminParts& parts, AdminVisit& visit);
void post_caller(AdminParts& parts, AdminVisit& visit);
void post_far_ends(AdminParts& parts, AdminVisit& visit);
void post_message_fates(AdminParts& parts, AdminVisit& visit);
/// callbackUrl, fallbackUrl, callbackHttpMethod, callbackTimeout.
[[nodiscard]] Route route_members(Body& body, Controls& controls);
/// userId; without it u-ringback.
[[nodiscard]] std::string user_member(Body& body);
/// Whom what comes in to that number is for: the user that was given, else the one who has the
/// number, u-ringback before others and of those who came first.
[[nodiscard]] std::string called_user(AdminParts& parts, Body& body, std::string given,
                                      std::string_view number);
/// A number or SIP address that has to be there.
[[nodiscard]] std::string address_member(Body& body, const char* name);
/// Whether nothing was wrong and the journal can be written; else it is answered.
[[nodiscard]] bool may_come_in(AdminParts& parts, AdminVisit& visit, Body& body);
/// Sends the answer to what has come in; what could not be recorded never was.
void answer_come_in(AdminParts& parts, AdminVisit& visit, Response response, std::string_view user,
                    CallId id);
// fault_routes.cpp
void get_faults(AdminParts& parts, AdminVisit& visit);
void post_faults(AdminParts& parts, AdminVisit& visit);
void delete_faults(AdminParts& parts, AdminVisit& visit);
// message_routes.cpp
void post_messages(AdminParts& parts, AdminVisit& visit);
// clock_routes.cpp
void get_clock(AdminParts& parts, AdminVisit& visit);
void post_clock(AdminParts& parts, AdminVisit& visit);
// wait_routes.cpp
void get_wait(AdminParts& parts, AdminVisit& visit);

/// A request and its answer as the journal keeps them, now. `user` "" and `call` none: about nobody
/// in particular.
[[nodiscard]] Entry exchange_entry(Controls& controls, const Request& request,
                                   const Response& response, std::string_view user = {},
                                   CallId call = CallId::none);

/// Records a request that changed something, and its answer, and writes the journal file.
/// `user` "" and `call` none: about nobody in particular.
/// False when the journal's file did not take it.
bool record_exchange(AdminParts& parts, const AdminVisit& visit, const Response& response,
                     std::string_view user = {}, CallId call = CallId::none);

/// Sends the answer to a request that changed something, after recording both.
void answer_recorded(AdminParts& parts, AdminVisit& visit, Response response,
                     std::string_view user = {}, CallId call = CallId::none);

/// The call that a text id names, of whatever user; null if there is none.
[[nodiscard]] const Call* find_call(Controls& controls, std::string_view text_id);

/// {"id","user","state","direction","from","to","pending", ...}: how the admin plane shows a call.
[[nodiscard]] nlohmann::ordered_json call_summary(Controls& controls, const Call& call);

/// "2026-01-05T09:00:00.000Z"
[[nodiscard]] std::string millisecond_text(Instant at);

/// The first query name that is not in `known`, as a problem.
[[nodiscard]] std::optional<Problem> unknown_name(const QueryPairs& query,
                                                  std::span<const std::string_view> known);

/// The value of the last pair of that name; null if there is none.
[[nodiscard]] const std::string* value_of(const QueryPairs& query, std::string_view name);

}  // namespace ringback
