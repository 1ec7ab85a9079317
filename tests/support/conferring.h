#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/story.h"

namespace ringback::test {

/// Conferences told as actions and what they cause, in modelled time from `dawn`.
struct Conferring : Story {
    using Story::Story;

    static NewConference conference(KeyProfile profile = KeyProfile::interpret_digits) {
        NewConference wanted;
        wanted.from = "+19195550123";
        wanted.profile = profile;
        Route route;
        route.url = "http://127.0.0.1:9000/conf";
        wanted.route = RouteRef{route};
        return wanted;
    }

    CallId host(const NewConference& wanted = conference()) {
        return engine.create(engine.user("u-1"), wanted, now)->id;
    }
    /// Whose created event has been told; what was told until then is forgotten.
    CallId hosted(const NewConference& wanted = conference()) {
        const CallId id = host(wanted);
        wait(1s);
        engine.outputs().clear();
        return id;
    }
    Outcome confer(CallId id, const ConferenceInput& input) { return engine.apply(id, input, now); }
    Outcome joins(CallId conference, CallId call) {
        AddMember wanted;
        wanted.call = call;
        return confer(conference, wanted);
    }
    /// An answered call that has joined and whose event was told.
    CallId joined(CallId conference) {
        const CallId call = answered();
        REQUIRE(joins(conference, call).refusal == Refusal::none);
        wait(1s);
        engine.outputs().clear();
        return call;
    }
    const Conference& meeting(CallId id) const { return *engine.find_conference(id); }

    /// What the outputs say became of conferences and members since the last look, with what was
    /// told, in their order: "5.000 = active", "5.000 = 1 active of 1", "5.100 conference created".
    std::vector<std::string> all() {
        std::vector<std::string> lines;
        for (const Output& output : engine.outputs()) {
            const std::string at = seconds_text(output.at - dawn) + " ";
            if (const auto* callback = std::get_if<Callback>(&output.what)) {
                lines.push_back(at + event_text(callback->event));
            } else if (const auto* change = other_news<ConferenceBecame>(output.what)) {
                lines.push_back(at + "= " + became_text(*change));
            }
        }
        engine.outputs().clear();
        return lines;
    }
    /// What was told only: "5.100 conference-member 1 active of 1".
    std::vector<std::string> events() {
        std::vector<std::string> lines;
        for (std::string& line : all()) {
            if (line.find(" = ") == std::string::npos) {
                lines.push_back(std::move(line));
            }
        }
        return lines;
    }

    static std::string became_text(const ConferenceBecame& change) {
        constexpr const char* states[] = {"created", "active", "completed"};
        const std::string flags =
            std::string{change.mute ? " muted" : ""} + (change.hold ? " held" : "");
        if (change.member == 0) {
            return states[static_cast<int>(change.after)] + flags;
        }
        return std::to_string(change.member) + (change.left ? " completed" : " active") + " of " +
               std::to_string(change.active_members) + flags;
    }
};

inline UpdateMember to_member(std::uint32_t number) {
    UpdateMember update;
    update.member = number;
    return update;
}
inline UpdateMember leaving(std::uint32_t number) {
    UpdateMember update = to_member(number);
    update.leaves = true;
    return update;
}
inline UpdateMember muting(std::uint32_t number, bool mute) {
    UpdateMember update = to_member(number);
    update.mute = mute;
    return update;
}
inline UpdateMember holding(std::uint32_t number, bool hold) {
    UpdateMember update = to_member(number);
    update.hold = hold;
    return update;
}
inline UpdateConference completing() {
    UpdateConference update;
    update.completes = true;
    return update;
}

}  // namespace ringback::test
