#pragma once

#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "simulator/wire/bxml_scan.h"

namespace ringback::bxml {

/// A text that was read as XML. The names and values in `xml` lie in `text`, at the offsets of what
/// was read, so it stays where it is.
struct Parsed {
    Parsed() = default;
    Parsed(const Parsed&) = delete;
    Parsed& operator=(const Parsed&) = delete;

    std::string text;
    pugi::xml_document xml;
};

/// Reads what scan() and the parser let pass, or says what is wrong with it first. Of attributes
/// that are given twice it knows nothing.
[[nodiscard]] std::optional<Fault> parse(std::string_view body, Parsed& into);

}  // namespace ringback::bxml
