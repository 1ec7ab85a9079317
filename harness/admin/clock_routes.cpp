#include <fmt/format.h>

#include <utility>

#include "harness/admin/answers.h"
#include "harness/admin/body.h"
#include "harness/admin/routes.h"

namespace ringback {
namespace {

constexpr Duration longest_advance = std::chrono::hours{24 * 366};
constexpr std::size_t most_advances = 1'000;  // that are not over yet

Response clock_answer(Controls& controls) {
    const ClockSettings settings = controls.clock_settings();
    return json_answer(
        200, {{"now", millisecond_text(controls.now())},
              {"mode", settings.mode == ClockSettings::Mode::jumping ? "virtual" : "real"},
              {"paused", controls.clock_paused()},
              {"scale", settings.scale}});
}

}  // namespace

void get_clock(AdminParts& parts, AdminVisit& visit) {
    visit.responder->send(clock_answer(parts.controls));
}

void post_clock(AdminParts& parts, AdminVisit& visit) {
    Body body = Body::parse(visit.request.body);
    const auto pause = body.boolean("pause");
    const auto resume = body.boolean("resume");
    const auto by = body.duration("advance");
    // false is not the opposite here: "resume": false could mean either
    for (const auto& [name, value] : {std::pair{"pause", pause}, std::pair{"resume", resume}}) {
        if (value && !*value) {
            body.note({name, "true, or leave it out", "false"});
        }
    }
    if (pause && resume) {
        body.note({"resume", "pause or resume, not both", "both"});
    }
    if (by && *by > longest_advance) {
        body.note({"advance", "at most 8784h", "more"});
    }
    if (!body.has("pause") && !body.has("resume") && !body.has("advance")) {
        body.missing("advance", R"(one of "pause": true, "resume": true, "advance": "30s")");
    }
    if (const auto problems = body.finish(); !problems.empty()) {
        visit.responder->send(problem_answer(problems));
        return;
    }
    // Who goes away without its answer leaves its step of the clock behind.
    if (by && parts.advancing >= most_advances) {
        Response busy = error_answer(503, "the clock is being advanced by too many already");
        busy.headers.push_back({"Retry-After", "1"});
        visit.responder->send(std::move(busy));
        return;
    }
    if (pause || resume) {
        parts.controls.pause(pause.has_value());
    }
    if (!by) {
        parts.journal.flush();
        visit.responder->send(clock_answer(parts.controls));
        return;
    }
    ++parts.advancing;
    parts.controls.advance(*by, [&advancing = parts.advancing, &controls = parts.controls,
                                 &journal = parts.journal, responder = visit.responder] {
        --advancing;
        journal.flush();
        responder->send(clock_answer(controls));
    });
}

}  // namespace ringback
