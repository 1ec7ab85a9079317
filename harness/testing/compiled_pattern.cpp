#include "harness/testing/compiled_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "harness/scenario/cursor.h"
#include "harness/scenario/document.h"
#include "harness/script/words.h"

namespace ringback::testing {
namespace {

using nlohmann::json;

std::string name_of(const std::string& method, const std::string& path, const std::string& event) {
    return event.empty() ? fmt::format("{} {}", method.empty() ? "any" : method, path) : event;
}

/// What a scenario file would say with this object behind `match`; `read` is one of FieldMatches'.
template <class Read>
FieldMatches read_matches(const json& object, const std::string& of, Read read) {
    std::vector<Mistake> mistakes;
    const Document document =
        Document::parse(of, object.dump(-1, ' ', false, json::error_handler_t::replace), mistakes);
    FieldMatches matches = read(Cursor{document, mistakes});
    if (!mistakes.empty()) {
        throw std::runtime_error{of + ": " + mistakes.front().what};
    }
    return matches;
}

FieldMatches read_answered(const json& matcher, const std::string& of) {
    return read_matches(json{{"answered", matcher}}, of,
                        [](const Cursor& at) { return FieldMatches::read_paths(at, ""); });
}

/// "with body.maxDigits numeric ==1": asked of nothing, every question says what it expects.
std::string questions_text(const FieldMatches& matches, const FieldMatches& answered) {
    std::string text;
    for (const FieldMatches* const each : {&matches, &answered}) {
        for (const FieldFinding& field : ringback::judge(*each, json::object(), {})) {
            text += fmt::format("{}{} {}", text.empty() ? " with " : " and ", field.field,
                                field.finding.expected);
        }
    }
    return text;
}

FieldFinding compared(std::string field, std::string expected, std::string found, bool fits) {
    Finding finding{fits, std::move(expected), std::move(found), {}};
    if (!fits) {
        finding.why = fmt::format("expected {}, got {}", finding.expected, finding.found);
    }
    return {std::move(field), std::move(finding), {}};
}

/// What acts on the fake itself, or was asked by the test, is not the receiver's.
bool is_the_receivers(const Happening& request) {
    return !request.own && !request.path().starts_with("/__admin");
}

const json* event_of(const std::vector<json>& entries, std::uint64_t delivery) {
    const auto found = std::ranges::find_if(entries, [&](const json& entry) {
        return entry.value("kind", "") == "event" &&
               entry.value("delivery", std::uint64_t{0}) == delivery;
    });
    return found == entries.end() ? nullptr : &*found;
}

}  // namespace

CompiledPattern::CompiledPattern(const Pattern& pattern)
    : method_{pattern.method_}, path_{pattern.path_}, event_{pattern.event_} {
    const std::string name = name_of(method_, path_, event_);
    if (event_.empty() && !path_.starts_with('/')) {
        throw std::runtime_error{name + R"(: expected a path that begins with "/", found ")" +
                                 path_ + "\""};
    }
    if (!event_.empty() &&
        (pattern.match_.contains("query") || pattern.match_.contains("headers"))) {
        throw std::runtime_error{name + ": expected no query and no header of an event"};
    }
    matches_ =
        read_matches(pattern.match_, name, [](const Cursor& at) { return FieldMatches::read(at); });
    if (pattern.answered_) {
        answered_ = read_answered(*pattern.answered_, name);
    }
    text_ = name + questions_text(matches_, answered_);
}

std::optional<Candidate> CompiledPattern::judge(const std::vector<json>& entries,
                                                std::size_t at) const {
    const json& entry = entries.at(at);
    const std::string kind = entry.value("kind", "");
    if (event_.empty()) {
        const Happening request = kind == "api" ? Happening{entry, {}, {}} : Happening{};
        return kind == "api" && is_the_receivers(request) ? std::optional{judge_request(request)}
                                                          : std::nullopt;
    }
    if (answered_.fields.empty()) {
        return kind == "event" ? std::optional{judge_event(Happening{entry, {}, {}}, 0)}
                               : std::nullopt;
    }
    if (kind != "attempt" || entry.value("outcome", "") == "owed") {
        return std::nullopt;
    }
    const json* const event = event_of(entries, entry.value("delivery", std::uint64_t{0}));
    if (event == nullptr) {
        return std::nullopt;
    }
    Candidate candidate = judge_event(Happening{*event, {}, {}}, Happening{entry, {}, {}}.status());
    candidate.seq = entry.value("seq", std::uint64_t{0});
    return candidate;
}

Candidate CompiledPattern::judge_request(const Happening& request) const {
    Candidate candidate{happening_text(request), request.seq, {}, {}};
    candidate.fields.push_back(compared("method", method_, request.method(),
                                        method_.empty() || method_ == request.method()));
    candidate.fields.push_back(
        compared("path", path_, request.path(), means_path(path_, request.path())));
    json message = request.message();
    message.emplace("headers", json::object());
    append(candidate, message, request.status());
    return candidate;
}

Candidate CompiledPattern::judge_event(const Happening& event, int answered) const {
    Candidate candidate{event.event, event.seq, {}, {}};
    candidate.fields.push_back(
        compared("event", event_, event.event, means_event(event_, event.event)));
    append(candidate, json{{"body", event.message()}}, answered);
    return candidate;
}

void CompiledPattern::append(Candidate& candidate, const json& message, int status) const {
    for (FieldFinding& finding : ringback::judge(matches_, message, {})) {
        candidate.fields.push_back(std::move(finding));
    }
    for (FieldFinding& finding : ringback::judge(answered_, json{{"answered", status}}, {})) {
        candidate.fields.push_back(std::move(finding));
    }
}

}  // namespace ringback::testing
