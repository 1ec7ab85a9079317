#include "harness/scenario/xpath.h"

#include <fmt/format.h>

#include <pugixml.hpp>
#include <utility>

#include "harness/scenario/questions.h"
#include "harness/scenario/shown.h"
#include "simulator/wire/bxml_parse.h"
#include "simulator/wire/redaction.h"

namespace ringback {

using nlohmann::json;

namespace {

std::string text_of_node(const pugi::xpath_node& node) {
    static const pugi::xpath_query whole{"string(.)"};
    return whole.evaluate_string(node);
}

/// Neither yes nor no: it cannot be asked.
Finding unknown_in_xml(std::string expected, const json* value, std::string why) {
    return {false, std::move(expected), found_text(value), std::move(why), true};
}

/// Of what the expression leads to the first that fits, or else the first.
Finding any_of(const Matcher& part, const std::vector<std::string>& texts,
               const Bindings& bindings) {
    if (texts.empty()) {
        return part.judge(nullptr, bindings);
    }
    std::optional<Finding> first;
    for (const std::string& text : texts) {
        const json value(text);
        Finding finding = part.judge(&value, bindings);
        if (finding.fits) {
            return finding;
        }
        first = first ? std::move(first) : std::optional{std::move(finding)};
    }
    return *std::move(first);
}

}  // namespace

struct XPath::Compiled {
    pugi::xpath_query query;
};

/// The parser of expressions throws; nothing past this function does.
Result<XPath> XPath::read(const std::string& expression) {
    try {
        return XPath{
            std::make_shared<const Compiled>(Compiled{pugi::xpath_query{expression.c_str()}})};
    } catch (const pugi::xpath_exception& e) {
        return Error{"", fmt::format("{} (character {})", e.what(), e.result().offset + 1)};
    }
}

Result<XPath::Found> XPath::in(std::string_view xml) const {
    bxml::Parsed parsed;
    if (const auto fault = bxml::parse(xml, parsed)) {
        const bxml::Place place = bxml::Places{xml}.at(fault->offset);
        return Error{"", fmt::format("line {}, column {}: expected {}, found {}", place.line,
                                     place.column, fault->expected, fault->found)};
    }
    const pugi::xpath_query& query = compiled_->query;
    Found found;
    found.holds = query.evaluate_boolean(parsed.xml);
    if (query.return_type() != pugi::xpath_type_node_set) {
        found.texts.push_back(query.evaluate_string(parsed.xml));
        return found;
    }
    pugi::xpath_node_set nodes = query.evaluate_node_set(parsed.xml);
    nodes.sort();
    for (const pugi::xpath_node& node : nodes) {
        found.texts.push_back(text_of_node(node));
    }
    return found;
}

Finding answer_to(const InXml& asked, const json* value, const Bindings& bindings) {
    const auto wanted = expanded_text(asked.wanted, bindings);
    const std::string expression = shown_text(redacted(wanted ? wanted.value() : asked.wanted));
    const std::string expected = fmt::format("has {}", expression);
    if (!wanted) {
        return unknown_in_xml(expected, value, "cannot be told: " + to_text(wanted.error()));
    }
    const auto made = asked.compiled ? Result<XPath>{*asked.compiled} : XPath::read(wanted.value());
    if (!made) {
        return unknown_in_xml(expected, value,
                              fmt::format("cannot be told: {}: {}", expression, made.error().what));
    }
    const std::string got = found_text(value);
    const std::string not_there = fmt::format("expected it to have {}, got {}", expression, got);
    if (value == nullptr) {
        return {false, expected, got, not_there};
    }
    const auto found = made.value().in(text_of(*value));
    if (!found) {
        return unknown_in_xml(
            expected, value, fmt::format("{}, which is no XML: {}", not_there, found.error().what));
    }
    if (!asked.part) {
        return {found.value().holds, expected, got, found.value().holds ? "" : not_there};
    }
    Finding inner = any_of(*asked.part, found.value().texts, bindings);
    inner.expected = fmt::format("at {}: {}", expression, inner.expected);
    inner.why = inner.why.empty() ? "" : fmt::format("at {}: {}", expression, inner.why);
    return inner;
}

}  // namespace ringback
