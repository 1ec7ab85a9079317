#include "simulator/wire/bxml.h"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <utility>

#include "simulator/wire/bxml_element.h"
#include "simulator/wire/bxml_parse.h"
#include "simulator/wire/bxml_scan.h"
#include "simulator/wire/bxml_verbs.h"

namespace ringback::bxml {
namespace {

using std::string_view;

/// XML has no element with two attributes of one name; the parser lets it pass.
class TwiceGiven : public pugi::xml_tree_walker {
public:
    explicit TwiceGiven(Findings& findings) : findings_{findings} {}

    bool for_each(pugi::xml_node& node) override {
        for (pugi::xml_attribute each : node.attributes()) {
            if (node.attribute(each.name()) != each) {
                findings_.refuse(findings_.offset_of(each.name(), 0), "each attribute once",
                                 shown(each.name()) + " twice");
                return false;
            }
        }
        return true;
    }

private:
    Findings& findings_;
};

void read_steps(const Element& root, Findings& findings) {
    root.only({});
    for (const Element& child : root.children()) {
        const Place place = child.place();
        if (auto verb = read_verb(child)) {
            findings.steps.push_back({std::move(*verb), place});
        } else {
            root.misplaced(child);
        }
        if (findings.fault()) {
            return;
        }
    }
}

Refusal refusal(Refusal::Code code, string_view body, const Fault& fault) {
    return {code, Places{body}.at(fault.offset), fault.expected, fault.found};
}

}  // namespace

std::string to_text(const Refusal& refusal) {
    return fmt::format("{}:{}: expected {}, found {}", refusal.place.line, refusal.place.column,
                       refusal.expected, refusal.found);
}

string_view word(Refusal::Code code) {
    return code == Refusal::Code::invalid_document ? "bxml-invalid-document" : "bxml-invalid-verb";
}

bool is_document(string_view body) {
    const bool wide = body.starts_with("\xff\xfe") || body.starts_with("\xfe\xff");
    body.remove_prefix(wide ? 2 : mark_length(body));
    const auto* const first =
        std::ranges::find_if_not(body, [&](char c) { return is_space(c) || (wide && c == '\0'); });
    return first != body.end() && *first == '<';
}

Reading read(string_view body) {
    using Code = Refusal::Code;
    Parsed parsed;
    if (const auto fault = parse(body, parsed)) {
        return refusal(Code::invalid_document, body, *fault);
    }
    Findings findings{body, parsed.text.data()};
    TwiceGiven twice{findings};
    parsed.xml.traverse(twice);
    const Element root{parsed.xml.document_element(), findings};
    if (root.name() != "Response") {
        root.refuse("the root element <Response>", shown(root.name()));
    }
    if (findings.fault()) {
        return refusal(Code::invalid_document, body, *findings.fault());
    }
    read_steps(root, findings);
    if (findings.fault()) {
        return refusal(Code::invalid_verb, body, *findings.fault());
    }
    return findings.finish();
}

}  // namespace ringback::bxml
