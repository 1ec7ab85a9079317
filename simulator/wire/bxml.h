#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "simulator/core/bxml.h"

namespace ringback::bxml {

inline constexpr std::size_t largest_document = 16'384;  // bytes, spec v1 7.2
inline constexpr std::size_t deepest_element = 16;       // the root is 1; verbs need 3
inline constexpr std::size_t most_elements = 1000;
inline constexpr std::size_t most_attributes = 32;  // of one element; no verb has more than 10

/// Why a document ends its call.
struct Refusal {
    enum class Code : std::uint8_t {
        invalid_document,  // user error bxml-invalid-document: no XML, another root, too large
        invalid_verb,      // user error bxml-invalid-verb: against a rule of one verb
    };
    Code code{Code::invalid_document};
    Place place{};
    std::string expected;
    std::string found;  // what was received only as printable text, URLs without user information

    friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// "3:7: expected a whole number 1..30, found "soon"".
[[nodiscard]] std::string to_text(const Refusal& refusal);

/// The code of the user error: "bxml-invalid-document".
[[nodiscard]] std::string_view word(Refusal::Code code);

using Reading = std::variant<Document, Refusal>;

/// Whether the body of an answer means to be BXML: `<` after white space and a byte-order mark. If
/// not, the call stays under control of REST. Source: spec v1 6.1.
[[nodiscard]] bool is_document(std::string_view body);

/// Reads a document, or says what is wrong with it first. No exception leaves it, whatever the
/// bytes; the place of a refusal lies in the text, or right behind its end.
///
/// Source  spec v1 6.2, 6.3, 6.6; what it leaves open is listed in simulator/wire/README.md.
[[nodiscard]] Reading read(std::string_view body);

}  // namespace ringback::bxml
