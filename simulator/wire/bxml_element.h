#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/core/bxml.h"
#include "simulator/wire/bxml_scan.h"

namespace ringback::bxml {

/// What reading a document has come upon so far.
class Findings {
public:
    /// `parsed`: what the parser worked on in place, byte for byte at the offsets of `text`.
    Findings(std::string_view text, const char* parsed)
        : places_{text}, text_{text}, parsed_{parsed} {}

    /// The first fault of the text is the one that counts.
    void refuse(std::size_t offset, std::string expected, std::string found);
    void notice(Notice::Kind kind, std::string_view name, std::string_view in, std::size_t offset);

    [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }
    [[nodiscard]] Place place(std::size_t offset) { return places_.at(offset); }
    /// What was read, once nothing is wrong with it.
    [[nodiscard]] Document finish();
    /// Where a name or value of the parser was read; `otherwise` if it is not from the text.
    [[nodiscard]] std::size_t offset_of(const char* parsed, std::size_t otherwise) const;

    std::vector<Step> steps;

private:
    Places places_;
    std::string_view text_;
    const char* parsed_;
    std::optional<Fault> fault_{};
    std::vector<std::pair<std::size_t, Notice>> notices_;  // by offset: not in the text's order yet
};

/// An element with typed access to its attributes and children, by the rules all verbs share. What
/// is wrong is noted in the findings, and the accessor answers with the default.
class Element {
public:
    Element(pugi::xml_node node, Findings& findings);

    [[nodiscard]] std::string_view name() const { return node_.name(); }
    [[nodiscard]] Place place() const { return findings_->place(offset_); }

    // Attributes.

    [[nodiscard]] bool has(const char* name) const { return !node_.attribute(name).empty(); }
    [[nodiscard]] std::string text(const char* name) const { return node_.attribute(name).value(); }
    [[nodiscard]] std::int64_t whole(const char* name, std::int64_t least, std::int64_t most,
                                     std::int64_t otherwise) const;
    [[nodiscard]] Duration seconds(const char* name, std::int64_t least, std::int64_t most,
                                   std::int64_t otherwise) const;
    [[nodiscard]] bool flag(const char* name) const;
    /// The entry's place in `words`, in any spelling same_word accepts; 0 if it is not there.
    [[nodiscard]] std::size_t one_of(const char* name,
                                     std::initializer_list<std::string_view> words) const;
    /// Absolute or relative, as written; "" if it is not there or empty.
    [[nodiscard]] std::string url(const char* name) const;
    /// Without white space around it.
    [[nodiscard]] std::string trimmed_text(const char* name) const;
    /// The tag, which a call keeps and every event of it repeats: at most `longest_tag` bytes.
    [[nodiscard]] std::string tag() const;
    /// requestUrl and requestUrlTimeout.
    [[nodiscard]] RequestUrl request() const;

    /// Notes every attribute but these.
    void only(std::initializer_list<std::string_view> known) const;
    /// Notes these, which have no meaning where the element stands.
    void idle(std::initializer_list<const char*> names) const;

    // Content.

    /// Its text without white space around it; its children, which have no meaning, are noted.
    [[nodiscard]] std::string content() const;
    /// content() as a URL that has to be there.
    [[nodiscard]] std::string content_url() const;
    /// Its child elements; its text, which has no meaning, is noted.
    [[nodiscard]] std::vector<Element> children() const;
    /// A child that has nothing to do here: skipped if nobody knows it, else a fault.
    void misplaced(const Element& child) const;
    void no_children() const;

    // Faults.

    /// Of the element as a whole.
    void refuse(std::string expected, std::string found) const;
    /// Of an attribute's value, which is shown; of the element if it is not there.
    void refuse_value(const char* name, std::string_view expected) const;
    /// Of the text within.
    void refuse_content(std::string_view expected, std::string_view text) const;

private:
    [[nodiscard]] std::size_t offset_of(pugi::xml_attribute attribute) const;

    pugi::xml_node node_;
    Findings* findings_;
    std::size_t offset_;  // of its '<'
};

inline constexpr std::size_t longest_tag = 4096;  // reliability.md 3

/// Whether spec v1 6.3 has a verb of this name, wherever it may stand.
[[nodiscard]] bool is_known_verb(std::string_view name);

}  // namespace ringback::bxml
