#include "harness/admin/admin_api.h"

#include <algorithm>
#include <array>
#include <utility>

#include "harness/admin/answers.h"
#include "harness/admin/gate.h"
#include "harness/admin/routes.h"
#include "simulator/wire/time_text.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

constexpr std::string_view prefix{"/__admin"};

constexpr std::array routes{AdminRoute{"GET", "/live", get_live},
                            AdminRoute{"GET", "/ready", get_ready},
                            AdminRoute{"GET", "/wait", get_wait},
                            AdminRoute{"GET", "/journal", get_journal},
                            AdminRoute{"POST", "/journal/count", post_journal_count},
                            AdminRoute{"GET", "/events", get_events},
                            AdminRoute{"GET", "/calls", get_calls},
                            AdminRoute{"POST", "/calls", post_calls},
                            AdminRoute{"GET", "/calls/{id}", get_call},
                            AdminRoute{"POST", "/calls/{id}/caller", post_caller},
                            AdminRoute{"POST", "/messages", post_messages},
                            AdminRoute{"POST", "/message-fates", post_message_fates},
                            AdminRoute{"GET", "/faults", get_faults},
                            AdminRoute{"POST", "/faults", post_faults},
                            AdminRoute{"DELETE", "/faults", delete_faults},
                            AdminRoute{"POST", "/far-ends", post_far_ends},
                            AdminRoute{"GET", "/clock", get_clock},
                            AdminRoute{"POST", "/clock", post_clock},
                            AdminRoute{"POST", "/reset", post_reset},
                            AdminRoute{"GET", "/stats", get_stats},
                            AdminRoute{"POST", "/shutdown", post_shutdown},
                            AdminRoute{"GET", "/openapi.json", get_openapi}};

/// Whether `path` is what `pattern` describes; what stands for {id} goes to `id`.
bool fits(std::string_view pattern, std::string_view path, std::string_view& id) {
    constexpr std::string_view variable{"{id}"};
    const auto at = pattern.find(variable);
    if (at == std::string_view::npos) {
        return pattern == path;
    }
    const auto before = pattern.substr(0, at);
    const auto after = pattern.substr(at + variable.size());
    if (!path.starts_with(before) || !path.ends_with(after) ||
        path.size() <= before.size() + after.size()) {
        return false;
    }
    id = path.substr(at, path.size() - before.size() - after.size());
    return id.find('/') == std::string_view::npos;
}

Response not_found() {
    return json_answer(404, {{"error", "there is no such route; /__admin/openapi.json lists all"}});
}

Response wrong_method(const std::string& allowed) {
    Response response = json_answer(405, {{"error", "expected the method " + allowed}});
    response.headers.push_back({"Allow", allowed});
    return response;
}

}  // namespace

std::span<const AdminRoute> admin_routes() { return routes; }

Entry exchange_entry(Controls& controls, const Request& request, const Response& response,
                     std::string_view user, CallId call) {
    ApiExchange exchange;
    exchange.method = request.method;
    exchange.target = request.target;
    exchange.request_body = request.body.substr(0, kept_of_a_body);
    exchange.status = response.status;
    exchange.response_body = response.body.substr(0, kept_of_a_body);
    exchange.remote = request.remote;
    for (const Header& header : response.headers) {
        if (header.name == "Location") {
            exchange.location = header.value;
        }
    }
    Entry entry;
    entry.at = controls.now();
    entry.wall = controls.wall();
    exchange.handled_in = entry.wall - request.received;
    if (!user.empty()) {
        entry.user = Text{user};
        entry.call = call;
    }
    entry.what = std::move(exchange);
    return entry;
}

bool record_exchange(AdminParts& parts, const AdminVisit& visit, const Response& response,
                     std::string_view user, CallId call) {
    parts.journal.record(exchange_entry(parts.controls, visit.request, response, user, call));
    return parts.journal.flush();
}

void answer_recorded(AdminParts& parts, AdminVisit& visit, Response response, std::string_view user,
                     CallId call) {
    static_cast<void>(record_exchange(parts, visit, response, user, call));
    visit.responder->send(std::move(response));
}

std::string millisecond_text(Instant at) {
    std::string text;
    append_time_ms(text, at);
    return text;
}

std::optional<Problem> unknown_name(const QueryPairs& query,
                                    std::span<const std::string_view> known) {
    for (const auto& [name, value] : query) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            std::string names;
            for (const std::string_view one : known) {
                names += (names.empty() ? "one of " : ", ") + std::string{one};
            }
            return Problem{name, names, name};
        }
    }
    return std::nullopt;
}

const std::string* value_of(const QueryPairs& query, std::string_view name) {
    const auto found = std::find_if(query.rbegin(), query.rend(),
                                    [&](const auto& pair) { return pair.first == name; });
    return found == query.rend() ? nullptr : &found->second;
}

struct AdminApi::Parts {
    Parts(Controls& controls, Journal& journal)
        : streams{controls, journal},
          waits{controls, journal},
          all{controls, journal, streams, waits} {}

    EventStreams streams;
    Waits waits;
    AdminParts all;
};

AdminApi::AdminApi(Controls& controls, Journal& journal, AdminSettings settings)
    : settings_{std::move(settings)}, parts_{std::make_unique<Parts>(controls, journal)} {}

AdminApi::~AdminApi() = default;

bool AdminApi::serves(const Request& request) {
    return request.path.starts_with(prefix) &&
           (request.path.size() == prefix.size() || request.path[prefix.size()] == '/');
}

std::optional<Response> AdminApi::admit(const Request& head) const {
    return refuse_visitor(head, settings_);
}

void AdminApi::handle(Request request, std::shared_ptr<Responder> responder) {
    if (auto refusal = admit(request)) {
        responder->send(std::move(*refusal));
        return;
    }
    const std::string path = request.path.substr(std::min(prefix.size(), request.path.size()));
    auto query = query_pairs(request.query);
    if (!query) {
        responder->send(problem_answer({{"query",
                                         "names and values, % followed by two hexadecimal "
                                         "digits",
                                         "a bad percent sequence"}}));
        return;
    }
    std::string allowed;
    for (const AdminRoute& route : routes) {
        std::string_view id;
        if (!fits(route.path, path, id)) {
            continue;
        }
        if (route.method == request.method) {
            AdminVisit visit{std::move(request), std::move(*query),
                             percent_decoded(id).value_or(""), std::move(responder)};
            route.run(parts_->all, visit);
            return;
        }
        allowed += (allowed.empty() ? "" : ", ") + std::string{route.method};
    }
    responder->send(allowed.empty() ? not_found() : wrong_method(allowed));
}

}  // namespace ringback
