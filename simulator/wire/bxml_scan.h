#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/core/bxml.h"

namespace ringback::bxml {

/// What is wrong with a text, by bytes from its start.
struct Fault {
    std::size_t offset{};
    std::string expected;
    std::string found;
};

/// Turns offsets into places. Cheap for offsets that rise.
class Places {
public:
    explicit Places(std::string_view text);
    /// An offset beyond the end is the end.
    [[nodiscard]] Place at(std::size_t offset);

private:
    std::string_view text_;
    std::size_t start_;  // behind a byte-order mark, which no editor counts
    std::size_t offset_;
    Place place_{};
};

/// Looks for what a lenient parser would let pass: size and shape beyond our limits, encodings
/// other than UTF-8, characters that XML has not, document type declarations, references to
/// entities, tags that do not match, anything around the root element. Names and white
/// space within a tag are left to the parser.
[[nodiscard]] std::optional<Fault> scan(std::string_view text);

/// What stands at `offset`, for people: `"<Foo"`, or the end of the document. Nothing before an @.
[[nodiscard]] std::string shown_at(std::string_view text, std::size_t offset);

/// The text in quotes, harmless and not too long.
[[nodiscard]] std::string shown(std::string_view text);

/// The byte-order mark of UTF-8, or nothing.
[[nodiscard]] std::size_t mark_length(std::string_view text);

/// Space, tab and both line ends: what XML calls white space.
[[nodiscard]] constexpr bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace ringback::bxml
