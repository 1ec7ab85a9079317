#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "harness/scenario/matcher.h"
#include "harness/scenario/matcher_names.h"
#include "simulator/wire/ascii.h"

namespace ringback {

using nlohmann::json;

namespace {

constexpr std::string_view body{"body"};
constexpr std::string_view headers{"headers"};
constexpr std::string_view query{"query"};

/// Names of headers and of a query's values may hold dots; they are no paths.
bool has_paths(std::string_view in) { return in != headers && in != query; }

/// {} asks nothing about any path, rather than nothing about the whole.
bool is_one_matcher(const Cursor& at) {
    const auto members = at.members();
    return !at.value().is_object() ||
           (!members.empty() && std::ranges::all_of(members, [](const auto& member) {
               return is_matcher_word(member.first);
           }));
}

void add(FieldMatches& matches, std::string_view in, std::string path, const Cursor& at) {
    if (auto matcher = Matcher::read(at); matcher) {
        matches.fields.push_back(
            {std::string{in}, std::move(path), std::move(*matcher), at.place()});
    }
}

const json* member(const json& object, const std::string& name) {
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
}

/// What the field names in the message; null when it is not there.
const json* value_of(const FieldMatch& field, const json& message) {
    if (field.in.empty()) {
        return at_path(message, field.path);
    }
    const json* part = member(message, field.in);
    if (part == nullptr) {
        return nullptr;
    }
    if (field.in == headers) {
        return member(*part, ascii_lowered(field.path));
    }
    if (field.in == query) {
        return member(*part, field.path);
    }
    return part->is_null() ? nullptr : at_path(*part, field.path);
}

/// Credentials: what a finding says goes into reports, and their values do not.
bool is_secret(const FieldMatch& field) {
    constexpr std::array<std::string_view, 4> secret{"authorization", "cookie", "secret", "token"};
    if (field.in != headers) {
        return false;
    }
    std::string name = ascii_lowered(field.path);
    std::erase(name, '-');
    return name.find("apikey") != std::string::npos ||
           std::ranges::any_of(
               secret, [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

Finding without_values(Finding finding, bool is_there) {
    const char* const found = is_there ? "a value, not shown" : "nothing";
    finding.expected = "a value, not shown";
    finding.found = found;
    if (!finding.fits && !finding.unknown) {
        finding.why = fmt::format("expected another value, got {}",
                                  is_there ? "one that is not shown" : found);
    }
    return finding;
}

}  // namespace

FieldMatches FieldMatches::read_paths(const Cursor& at, std::string_view in) {
    FieldMatches matches;
    if (!at.is_object()) {
        return matches;
    }
    for (const auto& [path, value] : at.members()) {
        if (has_paths(in) && (path.empty() || !is_path(path))) {
            at.mistakes().push_back(
                {at.file(), at.document().of_name(value.pointer()),
                 R"(expected a path such as "prompt.sentence" or "items[0].id")"});
            continue;
        }
        add(matches, in, path, value);
    }
    return matches;
}

FieldMatches FieldMatches::read(const Cursor& at) {
    FieldMatches matches;
    if (!at.is_object()) {
        return matches;
    }
    for (const auto& [name, value] : at.members()) {
        if (name == body && is_one_matcher(value)) {
            add(matches, body, "", value);
        } else if (name == body || name == headers || name == query) {
            std::ranges::move(read_paths(value, name).fields, std::back_inserter(matches.fields));
        }
    }
    return matches;
}

std::vector<FieldFinding> judge(const FieldMatches& matches, const json& message,
                                const Bindings& bindings) {
    std::vector<FieldFinding> findings;
    findings.reserve(matches.fields.size());
    for (const FieldMatch& field : matches.fields) {
        const bool both = !field.in.empty() && !field.path.empty();
        // body[0].id, but body.items
        const bool dot = both && field.path.front() != '[';
        const json* const value = value_of(field, message);
        Finding finding = field.matcher.judge(value, bindings);
        findings.push_back({fmt::format("{}{}{}", field.in, dot ? "." : "", field.path),
                            is_secret(field) ? without_values(std::move(finding), value != nullptr)
                                             : std::move(finding),
                            field.place});
    }
    return findings;
}

}  // namespace ringback
