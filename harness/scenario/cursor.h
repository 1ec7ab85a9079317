#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/scenario/document.h"

namespace ringback {

/// A value in a document on its way to becoming something typed. Whatever is wrong is noted with
/// its place, and reading goes on, so that one look finds every mistake.
class Cursor {
public:
    Cursor(const Document& document, std::vector<Mistake>& mistakes)
        : document_{&document}, mistakes_{&mistakes}, value_{&document.root()} {}

    [[nodiscard]] const nlohmann::ordered_json& value() const { return *value_; }
    [[nodiscard]] const std::string& pointer() const { return pointer_; }
    [[nodiscard]] Place place() const { return document_->of(pointer_); }
    [[nodiscard]] const std::string& file() const { return document_->file(); }
    [[nodiscard]] const Document& document() const { return *document_; }
    [[nodiscard]] std::vector<Mistake>& mistakes() const { return *mistakes_; }

    /// Notes "expected EXPECTED, found <this value, short>" at this place.
    void wrong(std::string_view expected) const;
    /// The same of what was meant as an address, whose password is not shown even if it is none.
    void wrong_address(std::string_view expected) const;
    /// Notes `what` at this place.
    void note(std::string what) const;

    // The value itself, or a noted mistake and none.
    [[nodiscard]] std::optional<std::string> text() const;
    [[nodiscard]] std::optional<bool> boolean() const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::int64_t least, std::int64_t most) const;
    [[nodiscard]] std::optional<double> number() const;
    [[nodiscard]] std::optional<std::string> one_of(
        std::initializer_list<std::string_view> words) const;

    /// False (and noted) when this is no object, or no array.
    [[nodiscard]] bool is_object() const;
    [[nodiscard]] bool is_array() const;

    /// A member of this object; none when it is absent. Needs is_object().
    [[nodiscard]] std::optional<Cursor> member(std::string_view name) const;
    /// The same, noted at the object when it is absent: "expected a member \"url\" ...".
    [[nodiscard]] std::optional<Cursor> required(std::string_view name) const;
    /// Every element of this array; every member of this object.
    [[nodiscard]] std::vector<Cursor> elements() const;
    [[nodiscard]] std::vector<std::pair<std::string, Cursor>> members() const;
    /// Every member that is none of `known` is a mistake that names the nearest of them.
    void only(std::initializer_list<std::string_view> known) const;
    void only(std::span<const std::string_view> known) const;

private:
    Cursor(const Cursor& above, const nlohmann::ordered_json& value, std::string_view step);

    const Document* document_;
    std::vector<Mistake>* mistakes_;
    const nlohmann::ordered_json* value_;
    std::string pointer_;
};

/// The known word that `word` most likely was meant to be; "" when none is near.
[[nodiscard]] std::string_view nearest_word(std::string_view word,
                                            const std::vector<std::string_view>& known);

}  // namespace ringback
