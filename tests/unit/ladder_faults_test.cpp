// What faults have done, where there is little room for it.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/ladder/ladder.h"
#include "simulator/wire/utf8.h"

using namespace ringback;
using nlohmann::json;

namespace {

json faulty_entry(const char* kind, const json& more) {
    json made{{"kind", kind}, {"time", "2026-01-05T09:00:00.000Z"}, {"call", "c-1"}};
    made.update(more);
    return made;
}

std::string faulty_ladder(const std::vector<json>& entries, std::size_t width = 80) {
    return ladder(entries, {width, true, false});
}

}  // namespace

TEST_CASE("ladder: a fault is told to its end, in as many lines as that takes",
          "[ladder][faults]") {
    const std::vector<json> entries{faulty_entry(
        "fault", {{"fault", "half_body"},
                  {"delivery", 1},
                  {"event", "dtmf"},
                  {"text", "sent badly: closed after half the body; then as it should be"}})};
    CHECK(faulty_ladder(entries) ==
          " seconds your app                                ringback                  phone\n"
          "   0.000 │  fault half_body: sent badly: closed after│                         │\n"
          "         │    half the body; then as it should be    │                         │\n");
}

TEST_CASE("ladder: what is wrong with an event is what is cut last", "[ladder][faults]") {
    const json copy = faulty_entry("fault", {{"fault", "impossible"},
                                             {"delivery", 2},
                                             {"extra", true},
                                             {"event", "conference-member"},
                                             {"payload", {{"tag", "a tag that is long"}}}});
    const auto attempt = [](int delivery, const char* event, int number) {
        return faulty_entry("attempt", {{"delivery", delivery},
                                        {"event", event},
                                        {"attempt", number},
                                        {"end", "broken"},
                                        {"wall", {{"sent_us", 0}, {"ended_us", 7000}}}});
    };
    const json bad = attempt(3, "transferComplete", 0);
    for (const std::size_t width : {80U, 100U, 120U}) {
        const std::string shown =
            faulty_ladder({copy, attempt(2, "conference-member", 1), bad}, width);
        CAPTURE(width, shown);
        CHECK(shown.find("(impossible)") != std::string::npos);
        CHECK(shown.find(", sent badly") != std::string::npos);
        CHECK(shown.find("connection lost") != std::string::npos);
        std::size_t begin = shown.find('\n') + 1;
        for (std::size_t end = shown.find('\n', begin); end != std::string::npos;
             end = shown.find('\n', begin)) {
            CHECK(utf8_length(shown.substr(begin, end - begin)) == width);
            begin = end + 1;
        }
    }
    const std::string roomy = faulty_ladder({bad}, 120);  // nothing is left out
    CHECK(roomy.find("transferComplete, sent badly ─") != std::string::npos);
    CHECK(roomy.find("7 ms") != std::string::npos);
}
