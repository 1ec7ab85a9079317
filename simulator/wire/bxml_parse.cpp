#include "simulator/wire/bxml_parse.h"

#include <algorithm>

namespace ringback::bxml {
namespace {

constexpr unsigned how_to_parse = pugi::parse_cdata | pugi::parse_escapes |
                                  pugi::parse_wconv_attribute | pugi::parse_eol |
                                  pugi::parse_ws_pcdata;

/// What the parser wanted where it stopped.
std::string_view expected_by(pugi::xml_parse_status status) {
    switch (status) {
        case pugi::status_unrecognized_tag:
            return "the name of an element behind <, or &lt;";
        case pugi::status_bad_pi:
            return "a processing instruction that ends with ?>";
        case pugi::status_bad_comment:
            return "a comment that ends with -->";
        case pugi::status_bad_cdata:
            return "a CDATA section that ends with ]]>";
        case pugi::status_bad_start_element:
            return "a start tag that ends with > or />";
        case pugi::status_bad_attribute:
            return "an attribute as name=\"value\"";
        case pugi::status_bad_end_element:
        case pugi::status_end_element_mismatch:
            return "the end tag of the element that is open";
        default:
            return "well-formed XML";
    }
}

}  // namespace

std::optional<Fault> parse(std::string_view body, Parsed& into) {
    if (auto fault = scan(body)) {
        return fault;
    }
    // The parser works in place and wants a zero at the end; blanks instead of a mark keep offsets.
    into.text = body;
    std::fill_n(into.text.begin(), mark_length(body), ' ');
    into.text += '\0';
    const pugi::xml_parse_result parsed = into.xml.load_buffer_inplace(
        into.text.data(), into.text.size(), how_to_parse, pugi::encoding_utf8);
    if (parsed) {
        return std::nullopt;
    }
    const auto offset = std::min(static_cast<std::size_t>(parsed.offset), body.size());
    return Fault{offset, std::string{expected_by(parsed.status)}, shown_at(body, offset)};
}

}  // namespace ringback::bxml
