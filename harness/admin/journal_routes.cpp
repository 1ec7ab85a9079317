#include <fmt/format.h>

#include <utility>

#include "harness/admin/answers.h"
#include "harness/admin/body.h"
#include "harness/admin/routes.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

constexpr std::size_t longest_answer = 32U << 20U;  // bytes; then the rest is behind the Link

/// The filter a query asks for; problems are appended.
JournalFilter filter_from(const QueryPairs& query, std::vector<Problem>& problems) {
    JournalFilter filter;
    for (const auto& [name, value] : query) {
        if (auto problem = set_filter(filter, name, value)) {
            problems.push_back(std::move(*problem));
        }
    }
    return filter;
}

/// The same request for what comes after `since`.
std::string next_page(const QueryPairs& query, std::uint64_t since) {
    std::string target = fmt::format("/__admin/journal?since={}", since);
    for (const auto& [name, value] : query) {
        if (name != "since") {
            target += fmt::format("&{}={}", name, percent_encoded(value));
        }
    }
    return target;
}

/// A JSON member as the text that set_filter reads: "status": 404 and "status": "404" are the same.
std::string filter_text(const nlohmann::json& value) {
    if (value.is_string()) {
        return value.get<std::string>();
    }
    if (!value.is_array()) {
        return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
    std::string list;
    for (const auto& item : value) {
        list += (list.empty() ? "" : ",") + filter_text(item);
    }
    return list;
}

}  // namespace

void get_journal(AdminParts& parts, AdminVisit& visit) {
    std::vector<Problem> problems;
    const JournalFilter filter = filter_from(visit.query, problems);
    if (!problems.empty()) {
        visit.responder->send(problem_answer(problems));
        return;
    }
    const bool lines =
        visit.request.header("Accept").find("application/x-ndjson") != std::string_view::npos;
    std::string text = lines ? "" : "[";
    std::size_t count = 0;
    std::uint64_t last = 0;
    bool more = false;
    parts.journal.each(filter, [&](const Entry& entry) {
        more = count == filter.limit || text.size() > longest_answer;
        if (more) {
            return false;
        }
        if (!lines && count > 0) {
            text += ",\n";
        }
        text += parts.journal.line(entry);
        if (lines) {
            text += '\n';
        }
        last = entry.seq;
        ++count;
        return true;
    });
    if (!lines) {
        text += "]\n";
    }
    Response response = text_answer(
        200, std::move(text), lines ? "application/x-ndjson" : "application/json; charset=utf-8");
    if (more) {
        response.headers.push_back(
            {"Link", fmt::format("<{}>; rel=\"next\"", next_page(visit.query, last))});
    }
    visit.responder->send(std::move(response));
}

void post_journal_count(AdminParts& parts, AdminVisit& visit) {
    Body body = Body::parse(visit.request.body);
    JournalFilter filter;
    for (const std::string_view name : filter_names()) {
        if (name == "limit" || !body.has(name.data())) {
            continue;
        }
        if (auto problem = set_filter(filter, name, filter_text(body.object().at(name)))) {
            body.note(std::move(*problem));
        }
    }
    if (const auto problems = body.finish(); !problems.empty()) {
        visit.responder->send(problem_answer(problems));
        return;
    }
    visit.responder->send(json_answer(200, {{"count", parts.journal.count(filter)}}));
}

void get_events(AdminParts& parts, AdminVisit& visit) {
    std::vector<Problem> problems;
    QueryPairs query = visit.query;
    const auto last_seen = visit.request.header("Last-Event-ID");
    if (!last_seen.empty()) {
        // A browser that connects again repeats its query; what it has seen counts more.
        query.emplace_back("since", last_seen);
    }
    JournalFilter filter = filter_from(query, problems);
    if (value_of(query, "limit") != nullptr) {
        problems.push_back({"limit", "no limit: the stream ends when the client does", "one"});
    }
    if (!problems.empty()) {
        visit.responder->send(problem_answer(problems));
        return;
    }
    if (parts.streams.full()) {
        visit.responder->send(error_answer(503, "too many event streams are open"));
        return;
    }
    if (value_of(query, "since") == nullptr) {
        filter.since = parts.journal.last_seq();
    }
    parts.streams.add(visit.responder->stream(text_answer(200, "", "text/event-stream")), filter);
}

}  // namespace ringback
