#include <fmt/format.h>

#include "harness/admin/answers.h"
#include "harness/admin/body.h"
#include "harness/admin/routes.h"

namespace ringback {

using nlohmann::ordered_json;

void get_live(AdminParts& /*parts*/, AdminVisit& visit) {
    visit.responder->send(json_answer(200, {{"live", true}}));
}

void get_ready(AdminParts& parts, AdminVisit& visit) {
    const auto reason = parts.controls.not_ready();
    if (!reason) {
        visit.responder->send(json_answer(200, {{"ready", true}}));
        return;
    }
    Response response =
        json_answer(503, {{"error", *reason}, {"ready", false}, {"reason", *reason}});
    response.headers.push_back({"Retry-After", "1"});
    visit.responder->send(std::move(response));
}

void get_stats(AdminParts& parts, AdminVisit& visit) {
    const JournalCounters& counters = parts.journal.counters();
    ordered_json by_kind = ordered_json::object();
    for (std::size_t i = 0; i < entry_kinds.size(); ++i) {
        by_kind[std::string{entry_kinds.at(i)}] = counters.by_kind.at(i);
    }
    ordered_json journal{{"recorded", counters.recorded},
                         {"kept", parts.journal.kept()},
                         {"dropped", counters.dropped},
                         {"by_kind", std::move(by_kind)}};
    if (const JournalFile* const file = parts.journal.file()) {
        journal["file"] = {{"path", file->path().string()},
                           {"healthy", file->healthy()},
                           {"trouble", file->trouble()},
                           {"lines_lost", file->lines_lost()}};
    }
    ordered_json memory = nullptr;
    if (const MemoryWatch* const watch = parts.controls.memory()) {
        memory = {{"limit", watch->gauge().limit()},
                  {"of", std::string{name_of(watch->of())}},
                  {"used", watch->gauge().used()},
                  {"short", watch->is_short()}};
    }
    Engine& engine = parts.controls.engine();
    visit.responder->send(json_answer(
        200, {{"seed", static_cast<std::uint64_t>(engine.seed())},
              {"users", engine.users().size()},
              {"calls", {{"live", engine.live_calls()}, {"known", engine.known_calls()}}},
              {"messages", {{"live", engine.live_messages()}, {"known", engine.known_messages()}}},
              {"bridges", {{"live", engine.live_bridges()}, {"known", engine.known_bridges()}}},
              {"conferences",
               {{"live", engine.live_conferences()}, {"known", engine.known_conferences()}}},
              {"deliveries", {{"pending", parts.controls.deliveries_pending()}}},
              {"quiet", parts.controls.quiet()},
              {"event_streams", parts.streams.open()},
              {"waits", parts.waits.waiting()},
              {"memory", std::move(memory)},
              {"journal", std::move(journal)}}));
}

void get_openapi(AdminParts& /*parts*/, AdminVisit& visit) {
    visit.responder->send(text_answer(200, std::string{openapi_text()}));
}

void post_reset(AdminParts& parts, AdminVisit& visit) {
    Body body = Body::parse(visit.request.body);
    const auto user = body.text("userId", 256);
    if (user && user->empty()) {
        body.note({"userId", "the name of a user, or no userId for all", ""});
    }
    if (const auto problems = body.finish(); !problems.empty()) {
        visit.responder->send(problem_answer(problems));
        return;
    }
    Response response = json_answer(200, {{"reset", user.value_or("all")}});
    // Recorded for the file and for those who listen; the ring forgets it with the rest. What a
    // fixture seeds anew comes behind that.
    record_exchange(parts, visit, response, user.value_or(""));
    parts.journal.reset(user);
    parts.controls.reset(user);
    visit.responder->send(std::move(response));
}

void post_shutdown(AdminParts& parts, AdminVisit& visit) {
    Body body = Body::parse(visit.request.body);
    if (const auto problems = body.finish(); !problems.empty()) {
        visit.responder->send(problem_answer(problems));
        return;
    }
    Response response = json_answer(202, {{"stopping", true}});
    response.close = true;
    response.after_sent = [&controls = parts.controls] { controls.shut_down(); };
    visit.responder->send(std::move(response));
}

}  // namespace ringback
