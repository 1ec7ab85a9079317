#pragma once

#include <string>
#include <utility>
#include <vector>

#include "simulator/core/directory.h"

namespace ringback::test {

/// An application whose calls, messages or both go somewhere.
[[nodiscard]] inline Application application(std::string calls = "http://127.0.0.1:9/calls",
                                             std::string messages = "") {
    Application made;
    made.name = "Menu";
    Route route;
    route.url = std::move(calls);
    made.calls = RouteRef{route};
    route.url = std::move(messages);
    made.messages = RouteRef{route};
    return made;
}

[[nodiscard]] inline PhoneNumber phone_number(std::string number = "+19195550123",
                                              std::uint64_t application = 0) {
    PhoneNumber made;
    made.number = std::move(number);
    made.application = application;
    return made;
}

/// A directory with commands at a fixed time: what each answers and what changed.
struct Owning {
    Directory directory;
    std::vector<DirectoryChange> changes;
    Instant now{std::chrono::seconds{100}};

    DirectoryOutcome does(const DirectoryCommand& command) {
        return step(directory, command, now, changes);
    }
    /// "created application 1", "changed number 2 of 1".
    [[nodiscard]] std::vector<std::string> told() const {
        constexpr const char* words[] = {"created", "changed", "removed"};
        std::vector<std::string> lines;
        for (const DirectoryChange& change : changes) {
            if (const auto* const a = std::get_if<ApplicationChanged>(&change)) {
                lines.push_back(std::string{words[static_cast<int>(a->news)]} + " application " +
                                std::to_string(a->application->id));
            } else {
                const auto& n = std::get<NumberChanged>(change);
                lines.push_back(std::string{words[static_cast<int>(n.news)]} + " number " +
                                std::to_string(n.number->id) + " of " +
                                std::to_string(n.number->application));
            }
        }
        return lines;
    }
};

}  // namespace ringback::test
