#include "tests/property/random_scenario.h"

#include <algorithm>
#include <iterator>

#include "harness/scenario/delay_before.h"

namespace ringback::test {
namespace {

const char* const event_names[] = {"speak",    "speak.started",    "speak.done",        "gather",
                                   "dtmf",     "playback.started", "playback.done",     "hangup",
                                   "transfer", "recording",        "recording.complete"};
const char* const command_names[] = {"update", "audio",       "dtmf",
                                     "gather", "stop-gather", "transcribe"};
const char* const orders[] = {"strict", "ordered", "any"};
const char* const odd_texts[] = {"",        "${",    "${digit}", "${nobody:at.all}",
                                 "\\",      "(?i)[", "1s",       "\u00e9\u4e2d",
                                 "999999h", "2xx",   "**",       "-1"};

}  // namespace

nlohmann::ordered_json RandomScenario::file() {
    named_ = 0;
    json file{{"version", 1}, {"name", "random"}, {"vars", {{"digit", "1"}, {"times", 2}}}};
    if (chance(2)) {
        file["order"] = one_of(orders);
    }
    if (chance(3)) {
        file["allow"] = json::array({{{"command", one_of(command_names)}}});
    }
    if (chance(4)) {
        file["data"] = json::array({{{"word", "one"}}, {{"word", "two"}}});
    }
    const bool any = file.value("order", "") == "any";
    file["steps"] = any ? steps_of_any_order() : steps(3);
    file["steps"].insert(file["steps"].begin(), json{{"send", "answer"}, {"id", "begin"}});
    if (chance(2)) {
        file["verify"] = json::array({verified(), verified()});
    }
    if (chance(4)) {
        file["model"] = {{"answer-delay", "1s..3s"}};
    }
    return file;
}

nlohmann::ordered_json RandomScenario::steps(int depth) {
    json all = json::array();
    const std::uint64_t count = 1 + dice_.below(4);
    for (std::uint64_t i = 0; i < count; ++i) {
        all.push_back(step(depth));
    }
    return all;
}

/// Mostly what may stand there.
nlohmann::ordered_json RandomScenario::steps_of_any_order() {
    json all = json::array();
    for (std::uint64_t i = 1 + dice_.below(4); i > 0; --i) {
        const bool wrong = chance(20);
        all.push_back(wrong ? step(1) : step_of(dice_.below(4)));
    }
    return all;
}

nlohmann::ordered_json RandomScenario::step(int depth) {
    return step_of(dice_.below(depth > 0 ? 11 : 7), depth);
}

nlohmann::ordered_json RandomScenario::step_of(std::uint64_t kind, int depth) {
    json made;
    switch (kind) {
        case 0:
        case 1:
            made = {{"send", one_of(event_names)}};
            if (chance(4) &&
                (chance(20) || has_delay_before(made["send"].get_ref<const std::string&>()))) {
                made["after"] = time();
            }
            if (chance(6)) {
                made["within"] = "20s";
            }
            if (chance(4)) {
                made["set"] = {{"tag", chance(2) ? json("changed") : json()}};
            }
            if (chance(4)) {
                made["match"] = {{"tag", matcher()}};
            }
            if (chance(3)) {
                made["expect"] = {{"status", chance(2) ? "2xx" : "200-204"}, {"latency", "<1s"}};
            }
            break;
        case 2:
        case 3:
            made = {{"await", awaited()}};
            break;
        case 4:
            made = {{"caller", chance(3)   ? json{{"hangup", true}}
                               : chance(2) ? json{{"press", "${digit}"}, {"after", time()}}
                                           : json{{"say", "Hello"}}}};
            break;
        case 5:
            made = {{"pause", time()}};
            break;
        case 6:
            made = {{"quiet", time()}};
            break;
        case 7:
            made = branch(depth - 1);
            break;
        case 8:
            made = {
                {"repeat",
                 {{"times", chance(2) ? json("${times}") : json(dice_.below(chance(4) ? 1001 : 4))},
                  {"steps", steps(depth - 1)}}}};
            break;
        case 9:
            made = {{"block", {{"order", one_of(orders)}}}};
            made["block"]["steps"] =
                made["block"]["order"] == "any" ? steps_of_any_order() : steps(depth - 1);
            break;
        default:
            made = {{"use", chance(4) ? "nobody" : "answer-hangup"}};
            break;
    }
    if (chance(2) && !made.contains("repeat") && !made.contains("block")) {
        made["id"] = "step" + std::to_string(++named_);
    }
    return made;
}

nlohmann::ordered_json RandomScenario::awaited() {
    json await{{"command", one_of(command_names)}};
    if (chance(2)) {
        await["match"] = {{"body", {{"sentence", matcher()}, {"maxDigits", matcher()}}}};
    }
    if (chance(3)) {
        await["within"] = std::to_string(1 + dice_.below(3)) + "s";
    }
    if (chance(5)) {
        await["reaction"] = "<500ms";
    }
    if (chance(5)) {
        await["answered"] = "2xx";
    }
    return await;
}

nlohmann::ordered_json RandomScenario::branch(int depth) {
    json cases = json::array();
    for (std::uint64_t i = 1 + dice_.below(2); i > 0; --i) {
        cases.push_back({{"await", awaited()}, {"steps", steps(depth)}});
    }
    if (chance(3)) {
        cases.push_back({{"on", "${digit}"}, {"is", matcher()}, {"steps", steps(depth)}});
    }
    if (chance(2)) {
        cases.push_back({{"else", steps(depth)}});
    }
    return {{"branch", cases}};
}

nlohmann::ordered_json RandomScenario::matcher() {
    switch (dice_.below(10)) {
        case 0:
            return "1";
        case 1:
            return {{"contains", "press"}, {"caseInsensitive", true}};
        case 2:
            return {{"matches", "^[0-9a-z ]*$"}};
        case 3:
            return {{"absent", true}};
        case 4:
            return {{"numeric", "<=2"}};
        case 5:
            return {{"oneOf", {matcher(), "${digit}"}}};
        case 6:
            return {{"not", matcher()}};
        case 7:
            return {{"allOf", {matcher(), matcher()}}};
        case 8:
            return {{"xpath", {{"expression", "//Gather/@tag"}, {"not", matcher()}}}};
        default:
            return {{"equalToJson", {{"a", 1}}}, {"ignoreExtra", true}};
    }
}

nlohmann::ordered_json RandomScenario::time() {
    switch (dice_.below(7)) {
        case 0:
            return {{"uniform", {"100ms", "2s"}}};
        case 1:
            return {{"normal", {{"mean", "1s"}, {"deviation", "200ms"}}}};
        case 2:
            return {{"lognormal", {{"median", "80ms"}, {"sigma", 0.4}}}};
        case 3:
            return {{"exponential", {{"mean", "1s"}}}};
        case 4:
            return {{"oneOf", {"1s", "2s"}}};
        case 5:
            return {{"speech", "Please press ${digit}"}};
        default:
            return "250ms";
    }
}

nlohmann::ordered_json RandomScenario::verified() {
    switch (dice_.below(4)) {
        case 0:
            return {{"count", {{"event", one_of(event_names)}}}, {"atMost", dice_.below(3)}};
        case 1:
            return {{"count", {{"api", {{"command", one_of(command_names)}}}}}, {"atLeast", 0}};
        case 2:
            return {{"never", {{"event", "timeout"}}}};
        default:
            return {{"never",
                     {{"api", {{"command", one_of(command_names)}, {"afterEvent", "begin"}}}}}};
    }
}

nlohmann::ordered_json RandomScenario::value() {
    switch (dice_.below(8)) {
        case 0:
            return nullptr;
        case 1:
            return dice_.below(2) == 0;
        case 2:
            return -1;
        case 3:
            return 1e300;
        case 4:
            return json::array();
        case 5:
            return json::object();
        case 6:
            return dice_.next();
        default:
            return one_of(odd_texts);
    }
}

nlohmann::ordered_json RandomScenario::damaged(nlohmann::ordered_json file) {
    for (std::uint64_t i = 1 + dice_.below(3); i > 0; --i) {
        damage(file);
    }
    return file;
}

/// Somewhere below: the deeper, the likelier.
void RandomScenario::damage(json& at) {
    if (!at.is_structured() || at.empty()) {
        at = value();
        return;
    }
    auto inside = std::next(at.begin(), static_cast<std::ptrdiff_t>(dice_.below(at.size())));
    if (!chance(4)) {
        damage(*inside);
        return;
    }
    switch (dice_.below(4)) {
        case 0:
            at.erase(inside);
            break;
        case 1:
            *inside = value();
            break;
        case 2:
            if (at.is_object()) {
                at[inside.key() + "s"] = json(*inside);
            } else {
                at.push_back(json(*inside));
            }
            break;
        default:
            *inside = json::array({json(*inside)});
            break;
    }
}

std::string RandomScenario::damaged(std::string text) {
    static const char* const pieces[] = {
        "{",  "}",    "[",       "]", ",",        ":",    "\"",
        "//", "/* ",  "\n",      "0", "\\u12",    "\x01", "\xff",
        "${", "1e99", "\"id\":", "-", "\xc3\xa9", "nul",  "\xed\xa0\x80"};
    for (std::uint64_t i = 1 + dice_.below(4); i > 0 && !text.empty(); --i) {
        const std::size_t at = dice_.below(text.size());
        const std::size_t length = std::min<std::size_t>(1 + dice_.below(30), text.size() - at);
        switch (dice_.below(4)) {
            case 0:
                text.erase(at, length);
                break;
            case 1:
                text.insert(at, text.substr(at, length));
                break;
            case 2:
                text.resize(at);
                break;
            default:
                text.insert(at, one_of(pieces));
                break;
        }
    }
    return text;
}

}  // namespace ringback::test
