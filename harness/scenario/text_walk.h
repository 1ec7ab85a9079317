#pragma once

// Inside of Document: where the tokens of a JSON text stand. Not for use elsewhere.

#include <cstddef>
#include <string_view>

#include "harness/scenario/document.h"

namespace ringback {

/// A place in a text that only moves on. Knows what separates tokens and where a token that is
/// well formed ends; whether the text is JSON is for the parser to say.
class TextWalk {
public:
    /// A byte order mark is not part of the first line.
    explicit TextWalk(std::string_view text);

    [[nodiscard]] Place place() const { return place_; }
    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
    /// The character here; '\0' at the end.
    [[nodiscard]] char here() const { return at_end() ? '\0' : text_[at_]; }
    [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }

    void step(std::size_t bytes = 1);
    /// Past white space and comments. Stops at what looks like a comment and is none.
    void skip_blank();
    /// To where the next token begins: past blank, and past one comma or colon.
    void skip_to_token();
    /// Past a text, a number or a word that is well formed, or past one bracket.
    void skip_token();

    /// What stands here as an error shows it: "\"tru\"", "a text", "the end of the file".
    [[nodiscard]] std::string found() const;

    /// Needs a '"' here. Goes to what is wrong in that text and says so; "" when
    /// nothing is by the rules of JSON texts, all but the one on surrogate pairs.
    [[nodiscard]] std::string find_fault_in_text();

private:
    void skip_text();
    void skip_number();
    void skip_digits();
    [[nodiscard]] bool skip_comment();

    std::string_view text_;
    std::size_t at_{0};
    Place place_{1, 1};
};

}  // namespace ringback
