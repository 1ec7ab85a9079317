#include "harness/scenario/matcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "harness/scenario/matcher_names.h"
#include "harness/scenario/questions.h"
#include "harness/scenario/xpath.h"
#include "simulator/core/overloaded.h"
#include "simulator/wire/json_in.h"

namespace ringback {

using nlohmann::json;

namespace {

struct OneOf {
    std::vector<Matcher> parts;
};
struct AllOf {
    std::vector<Matcher> parts;
};
struct Not {
    Matcher part;
};
using What = std::variant<EqualTo, EqualToJson, Numeric, Pattern, Contains, Absent, InXml, OneOf,
                          AllOf, Not>;

bool holds_references(const std::string& text) {
    const auto held = references(text);
    return !held || !held.value().empty();  // what is badly written is the loader's to tell
}

std::string joined(const std::vector<Finding>& findings, std::string_view between) {
    std::string text;
    for (const Finding& finding : findings) {
        text += (text.empty() ? "" : std::string{between}) + finding.expected;
    }
    return text;
}

std::vector<Finding> all_of(const std::vector<Matcher>& parts, const json* value,
                            const Bindings& bindings) {
    std::vector<Finding> findings;
    findings.reserve(parts.size());
    for (const Matcher& part : parts) {
        findings.push_back(part.judge(value, bindings));
    }
    return findings;
}

Finding answer_to(const OneOf& asked, const json* value, const Bindings& bindings) {
    const auto findings = all_of(asked.parts, value, bindings);
    Finding whole{std::ranges::any_of(findings, &Finding::fits),
                  fmt::format("one of ({})", joined(findings, "; ")), found_text(value), ""};
    if (whole.fits) {
        return whole;
    }
    const auto unknown = std::ranges::find(findings, true, &Finding::unknown);
    whole.unknown = unknown != findings.end();
    whole.why = whole.unknown ? unknown->why
                              : fmt::format("expected {}, got {}", whole.expected, whole.found);
    return whole;
}

/// Its first that does not hold says why; one that cannot be told, only if all others hold.
Finding answer_to(const AllOf& asked, const json* value, const Bindings& bindings) {
    const auto findings = all_of(asked.parts, value, bindings);
    auto failed = std::ranges::find_if(
        findings, [](const Finding& each) { return !each.fits && !each.unknown; });
    if (failed == findings.end()) {
        failed = std::ranges::find(findings, false, &Finding::fits);
    }
    const bool fits = failed == findings.end();
    return {fits, joined(findings, " and "), found_text(value), fits ? "" : failed->why,
            !fits && failed->unknown};
}

Finding answer_to(const Not& asked, const json* value, const Bindings& bindings) {
    Finding inner = asked.part.judge(value, bindings);
    inner.expected = fmt::format("not ({})", inner.expected);
    if (!inner.unknown) {
        inner.fits = !inner.fits;
        inner.why =
            inner.fits ? "" : fmt::format("expected {}, got {}", inner.expected, inner.found);
    }
    return inner;
}

}  // namespace

struct Matcher::Question {
    What what;
    std::vector<std::pair<std::string, Place>> texts;  // its own; its parts have theirs
};

/// Reads the question behind each name; what is wrong is noted and the question left out.
class MatcherReader {
public:
    [[nodiscard]] static std::optional<Matcher> read(const Cursor& at);

private:
    using Asked = std::optional<What>;

    [[nodiscard]] static std::optional<Matcher> read_object(const Cursor& at,
                                                            std::string_view beside = {});
    [[nodiscard]] static std::optional<Matcher> question(std::string_view name, const Cursor& at,
                                                         const Cursor& around);
    [[nodiscard]] static Asked what(std::string_view name, const Cursor& at, const Cursor& around);
    [[nodiscard]] static Asked equal_to(const Cursor& at, const Cursor& around);
    [[nodiscard]] static Asked equal_to_json(const Cursor& at, const Cursor& around);
    [[nodiscard]] static Asked numeric(const Cursor& at);
    [[nodiscard]] static Asked pattern(const Cursor& at, bool must_match);
    [[nodiscard]] static Asked contains(const Cursor& at, bool must_contain);
    [[nodiscard]] static Asked absent(const Cursor& at);
    [[nodiscard]] static Asked in_xml(const Cursor& at);
    template <class Several>
    [[nodiscard]] static Asked several(const Cursor& at);

    [[nodiscard]] static bool modifier(const Cursor& around, std::string_view name);
    static void collect_texts(const Cursor& at, std::vector<std::pair<std::string, Place>>& texts);
};

/// Of the matcher around it; false when it is not there or no boolean (which is noted elsewhere).
bool MatcherReader::modifier(const Cursor& around, std::string_view name) {
    const auto at = around.member(name);
    return at && at->value().is_boolean() && at->value().get<bool>();
}

MatcherReader::Asked MatcherReader::equal_to(const Cursor& at, const Cursor& around) {
    if (at.value().is_structured() || at.value().is_null()) {
        at.wrong("a text, a number, true or false (\"equalToJson\" takes any JSON)");
        return std::nullopt;
    }
    return EqualTo{json(at.value()), modifier(around, "caseInsensitive")};
}

MatcherReader::Asked MatcherReader::equal_to_json(const Cursor& at, const Cursor& around) {
    EqualToJson asked{json(at.value()),
                      {modifier(around, "ignoreExtra"), modifier(around, "ignoreOrder")}};
    const auto* text = asked.wanted.get_ptr<const std::string*>();
    const auto first = text == nullptr ? std::string::npos : text->find_first_not_of(" \t\r\n");
    if (first == std::string::npos || ((*text)[first] != '{' && (*text)[first] != '[')) {
        return asked;
    }
    if (holds_references(*text)) {
        at.wrong("JSON itself, not JSON written as a text, where it holds ${...}");
        return std::nullopt;
    }
    auto parsed = parse_json(*text);
    if (!parsed) {
        at.note(fmt::format("expected JSON in this text, found: {}", parsed.error().what));
        return std::nullopt;
    }
    asked.wanted = std::move(parsed).value();
    return asked;
}

MatcherReader::Asked MatcherReader::numeric(const Cursor& at) {
    if (at.value().is_number()) {
        return Numeric{at.value().dump()};
    }
    const auto* text = at.value().get_ptr<const std::string*>();
    if (text == nullptr || (!holds_references(*text) && !parse_number_range(*text))) {
        at.wrong(R"(a number or a comparison such as "<=10", "==1" or "1..300")");
        return std::nullopt;
    }
    return Numeric{*text};
}

MatcherReader::Asked MatcherReader::pattern(const Cursor& at, bool must_match) {
    const auto text = at.text();
    if (!text || holds_references(*text)) {
        return text ? Asked{Pattern{*text, must_match, nullptr}} : std::nullopt;
    }
    const auto expression = expanded_text(*text, {});  // "$${" is still to become "${"
    auto compiled = compile(expression ? expression.value() : *text);
    if (!compiled->ok()) {
        at.note(fmt::format("expected a regular expression: {}", compiled->error()));
        return std::nullopt;
    }
    return Pattern{*text, must_match, std::move(compiled)};
}

MatcherReader::Asked MatcherReader::contains(const Cursor& at, bool must_contain) {
    auto text = at.text();
    return text ? Asked{Contains{std::move(*text), must_contain}} : std::nullopt;
}

MatcherReader::Asked MatcherReader::absent(const Cursor& at) {
    const auto wanted = at.boolean();
    return wanted ? Asked{Absent{*wanted}} : std::nullopt;
}

/// The expression alone, or {"expression": ..., MATCHER...}.
MatcherReader::Asked MatcherReader::in_xml(const Cursor& at) {
    constexpr std::string_view member{"expression"};
    const bool alone = !at.value().is_object();
    const auto expression = alone ? std::optional{at} : at.required(member);
    auto text = expression ? expression->text() : std::nullopt;
    auto part = alone ? std::nullopt : read_object(at, member);
    if (!text || (!alone && !part)) {
        return std::nullopt;
    }
    if (holds_references(*text)) {
        return InXml{std::move(*text), std::nullopt, std::move(part)};
    }
    const auto plain = expanded_text(*text, {});  // "$${" is still to become "${"
    auto compiled = XPath::read(plain ? plain.value() : *text);
    if (!compiled) {
        expression->note(
            fmt::format("expected an XPath 1.0 expression: {}", compiled.error().what));
        return std::nullopt;
    }
    return InXml{std::move(*text), std::move(compiled).value(), std::move(part)};
}

template <class Several>
MatcherReader::Asked MatcherReader::several(const Cursor& at) {
    if (!at.is_array()) {
        return std::nullopt;
    }
    if (at.value().empty()) {
        at.note("expected at least one matcher, found an empty array");
        return std::nullopt;
    }
    Several asked;
    bool all_good{true};
    for (const Cursor& each : at.elements()) {
        if (auto part = read(each); part) {
            asked.parts.push_back(std::move(*part));
        } else {
            all_good = false;
        }
    }
    return all_good ? Asked{std::move(asked)} : std::nullopt;
}

MatcherReader::Asked MatcherReader::what(std::string_view name, const Cursor& at,
                                         const Cursor& around) {
    if (name == "equalTo") {
        return equal_to(at, around);
    }
    if (name == "equalToJson") {
        return equal_to_json(at, around);
    }
    if (name == "numeric") {
        return numeric(at);
    }
    if (name == "matches" || name == "doesNotMatch") {
        return pattern(at, name == "matches");
    }
    if (name == "contains" || name == "doesNotContain") {
        return contains(at, name == "contains");
    }
    if (name == "absent") {
        return absent(at);
    }
    if (name == "xpath") {
        return in_xml(at);
    }
    if (name == "oneOf") {
        return several<OneOf>(at);
    }
    if (name == "allOf") {
        return several<AllOf>(at);
    }
    auto part = read(at);  // not
    return part ? Asked{Not{std::move(*part)}} : std::nullopt;
}

void MatcherReader::collect_texts(const Cursor& at,
                                  std::vector<std::pair<std::string, Place>>& texts) {
    if (const auto* text = at.value().get_ptr<const std::string*>(); text != nullptr) {
        texts.emplace_back(*text, at.place());
    }
    for (const auto& [name, member] : at.members()) {
        collect_texts(member, texts);
    }
    for (const Cursor& element : at.elements()) {
        collect_texts(element, texts);
    }
}

std::optional<Matcher> MatcherReader::question(std::string_view name, const Cursor& at,
                                               const Cursor& around) {
    auto asked = what(name, at, around);
    if (!asked) {
        return std::nullopt;
    }
    const bool has_parts = std::holds_alternative<OneOf>(*asked) ||
                           std::holds_alternative<AllOf>(*asked) ||
                           std::holds_alternative<Not>(*asked);
    Matcher::Question question{std::move(*asked), {}};
    if (!has_parts) {
        collect_texts(at, question.texts);
    }
    return Matcher{std::make_shared<const Matcher::Question>(std::move(question))};
}

/// All of them must hold. `beside`: a member that is none.
std::optional<Matcher> MatcherReader::read_object(const Cursor& at, std::string_view beside) {
    const std::size_t before = at.mistakes().size();
    std::vector<std::string_view> known{matcher_words.begin(), matcher_words.end()};
    if (!beside.empty()) {
        known.push_back(beside);
    }
    at.only(known);
    AllOf all;
    for (const auto& [name, member] : at.members()) {
        if (const std::string_view whose = whose_modifier(name); !whose.empty()) {
            if (member.boolean() && !at.member(whose)) {
                member.note(fmt::format(R"(expected "{}" beside "{}", found none)", whose, name));
            }
        } else if (is_matcher_name(name)) {
            if (auto part = question(name, member, at); part) {
                all.parts.push_back(std::move(*part));
            }
        }
    }
    if (at.mistakes().size() > before) {
        return std::nullopt;
    }
    if (all.parts.empty()) {
        at.note(fmt::format(R"(expected a matcher such as {{"equalTo": "1"}}{}, found {})",
                            beside.empty() ? "" : fmt::format(" beside \"{}\"", beside),
                            beside.empty() ? "an empty object" : "none"));
        return std::nullopt;
    }
    if (all.parts.size() == 1) {
        return std::move(all.parts.front());
    }
    return Matcher{
        std::make_shared<const Matcher::Question>(Matcher::Question{std::move(all), {}})};
}

std::optional<Matcher> MatcherReader::read(const Cursor& at) {
    if (at.value().is_object()) {
        return read_object(at);
    }
    if (at.value().is_null() || at.value().is_array()) {
        at.wrong(R"(a matcher such as {"equalTo": "1"}, or a text, a number, true or false)");
        return std::nullopt;
    }
    return question("equalTo", at, at);
}

std::optional<Matcher> Matcher::read(const Cursor& at) { return MatcherReader::read(at); }

std::optional<json> Matcher::exact(const Bindings& bindings) const {
    const auto* const equal = std::get_if<EqualTo>(&question_->what);
    if (equal == nullptr) {
        return std::nullopt;
    }
    const auto wanted = expanded(equal->wanted, bindings);
    return wanted ? std::optional{wanted.value()} : std::nullopt;
}

Finding Matcher::judge(const json* value, const Bindings& bindings) const {
    return std::visit([&](const auto& asked) { return answer_to(asked, value, bindings); },
                      question_->what);
}

void Matcher::each_text(const std::function<void(const std::string&, Place)>& visit) const {
    for (const auto& [text, place] : question_->texts) {
        visit(text, place);
    }
    const auto of_parts = [&](const std::vector<Matcher>& parts) {
        for (const Matcher& part : parts) {
            part.each_text(visit);
        }
    };
    std::visit(Overloaded{[&](const OneOf& asked) { of_parts(asked.parts); },
                          [&](const AllOf& asked) { of_parts(asked.parts); },
                          [&](const Not& asked) { asked.part.each_text(visit); },
                          [](const auto& /*leaf*/) {}},
               question_->what);
}

}  // namespace ringback
