#include "harness/scenario/cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "harness/scenario/shown.h"
#include "simulator/wire/ascii.h"
#include "simulator/wire/redaction.h"
#include "simulator/wire/url_text.h"

namespace ringback {

using nlohmann::ordered_json;

namespace {

constexpr std::size_t most_found = 40;  // characters of a value in a mistake

/// A text as a mistake names it.
std::string in_quotes(std::string_view text) {
    return fmt::format("\"{}\"", shown_text(text, most_found));
}

/// A value as a mistake names it: a URL may stand where none was asked for, too.
std::string found(const ordered_json& value) {
    if (value.is_object()) {
        return "an object";
    }
    if (value.is_array()) {
        return "an array";
    }
    if (const auto* text = value.get_ptr<const std::string*>(); text != nullptr) {
        return in_quotes(redacted(*text));
    }
    return value.dump();
}

std::string whole_number_from(std::int64_t least, std::int64_t most) {
    using Limits = std::numeric_limits<std::int64_t>;
    if (least == Limits::min() && most == Limits::max()) {
        return "a whole number";
    }
    if (most == Limits::max()) {
        return fmt::format("a whole number of at least {}", least);
    }
    return fmt::format("a whole number from {} to {}", least, most);
}

/// "a", "b" or "c"
std::string any_of(std::initializer_list<std::string_view> words) {
    std::string text;
    std::size_t left = words.size();
    for (const std::string_view word : words) {
        --left;
        text += fmt::format("\"{}\"{}", word, left == 0 ? "" : left == 1 ? " or " : ", ");
    }
    return text;
}

/// How many letters must be added, left out, changed or swapped with their neighbour to make `b`
/// of `a` (optimal string alignment).
std::size_t edits(std::string_view a, std::string_view b) {
    std::vector<std::size_t> two_before(b.size() + 1);
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> now(b.size() + 1);
    std::iota(before.begin(), before.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0U : 1U;
            now[j] = std::min({before[j] + 1, now[j - 1] + 1, before[j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = std::min(now[j], two_before[j - 2] + 1);
            }
        }
        two_before.swap(before);
        before.swap(now);
    }
    return before[b.size()];
}

}  // namespace

std::string_view nearest_word(std::string_view word, const std::vector<std::string_view>& known) {
    constexpr std::size_t longest = 64;  // nobody mistypes more than that
    if (word.size() > longest) {
        return "";
    }
    std::string_view nearest;
    // A third of the word may be wrong; of a short one, a letter.
    std::size_t fewest = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string_view candidate : known) {
        if (candidate.size() > longest) {
            continue;
        }
        const std::size_t count = edits(ascii_lowered(word), ascii_lowered(candidate));
        // All of a word changed is another word.
        if (count < fewest && count < std::max(word.size(), candidate.size())) {
            fewest = count;
            nearest = candidate;
        }
    }
    return nearest;
}

Cursor::Cursor(const Cursor& above, const ordered_json& value, std::string_view step)
    : document_{above.document_},
      mistakes_{above.mistakes_},
      value_{&value},
      pointer_{fmt::format("{}/{}", above.pointer_, pointer_step(step))} {}

void Cursor::wrong(std::string_view expected) const {
    note(fmt::format("expected {}, found {}", expected, found(*value_)));
}

void Cursor::wrong_address(std::string_view expected) const {
    if (const auto* text = value_->get_ptr<const std::string*>(); text != nullptr) {
        note(fmt::format("expected {}, found {}", expected, in_quotes(redacted_address(*text))));
    } else {
        wrong(expected);
    }
}

void Cursor::note(std::string what) const {
    mistakes_->push_back({file(), place(), std::move(what)});
}

std::optional<std::string> Cursor::text() const {
    if (const auto* text = value_->get_ptr<const std::string*>(); text != nullptr) {
        return *text;
    }
    wrong("a text");
    return std::nullopt;
}

std::optional<bool> Cursor::boolean() const {
    if (const auto* value = value_->get_ptr<const bool*>(); value != nullptr) {
        return *value;
    }
    wrong("true or false");
    return std::nullopt;
}

std::optional<std::int64_t> Cursor::integer(std::int64_t least, std::int64_t most) const {
    // Unsigned is how the parser keeps all that are not negative.
    const auto* huge = value_->get_ptr<const std::uint64_t*>();
    const bool fits = huge == nullptr || std::in_range<std::int64_t>(*huge);
    if (value_->is_number_integer() && fits) {
        const auto number = value_->get<std::int64_t>();
        if (number >= least && number <= most) {
            return number;
        }
    }
    wrong(whole_number_from(least, most));
    return std::nullopt;
}

std::optional<double> Cursor::number() const {
    if (value_->is_number()) {
        return value_->get<double>();
    }
    wrong("a number");
    return std::nullopt;
}

std::optional<std::string> Cursor::one_of(std::initializer_list<std::string_view> words) const {
    const auto* text = value_->get_ptr<const std::string*>();
    if (text == nullptr) {
        wrong(any_of(words));
        return std::nullopt;
    }
    if (std::ranges::find(words, *text) != words.end()) {
        return *text;
    }
    const std::string_view nearest = nearest_word(*text, words);
    note(fmt::format("expected {}, found {}{}", any_of(words), found(*value_),
                     nearest.empty() ? "" : fmt::format(", did you mean \"{}\"?", nearest)));
    return std::nullopt;
}

bool Cursor::is_object() const {
    if (!value_->is_object()) {
        wrong("an object");
    }
    return value_->is_object();
}

bool Cursor::is_array() const {
    if (!value_->is_array()) {
        wrong("an array");
    }
    return value_->is_array();
}

std::optional<Cursor> Cursor::member(std::string_view name) const {
    const auto* object = value_->get_ptr<const ordered_json::object_t*>();
    if (object == nullptr) {
        return std::nullopt;
    }
    const auto found = std::ranges::find(
        *object, name, [](const auto& each) -> const std::string& { return each.first; });
    if (found == object->end()) {
        return std::nullopt;
    }
    return Cursor{*this, found->second, name};
}

std::optional<Cursor> Cursor::required(std::string_view name) const {
    auto there = member(name);
    if (!there) {
        note(fmt::format("expected a member \"{}\", found none", name));
    }
    return there;
}

std::vector<Cursor> Cursor::elements() const {
    std::vector<Cursor> all;
    if (const auto* array = value_->get_ptr<const ordered_json::array_t*>(); array != nullptr) {
        for (const ordered_json& element : *array) {
            all.push_back(Cursor{*this, element, std::to_string(all.size())});
        }
    }
    return all;
}

std::vector<std::pair<std::string, Cursor>> Cursor::members() const {
    std::vector<std::pair<std::string, Cursor>> all;
    if (const auto* object = value_->get_ptr<const ordered_json::object_t*>(); object != nullptr) {
        for (const auto& [name, value] : *object) {
            all.emplace_back(name, Cursor{*this, value, name});
        }
    }
    return all;
}

void Cursor::only(std::initializer_list<std::string_view> known) const {
    only(std::span{known.begin(), known.size()});
}

void Cursor::only(std::span<const std::string_view> known) const {
    for (const auto& [name, at] : members()) {
        if (std::ranges::find(known, name) != known.end()) {
            continue;
        }
        const std::string_view nearest = nearest_word(name, {known.begin(), known.end()});
        mistakes_->push_back(
            {file(), document_->of_name(at.pointer()),
             fmt::format("unknown member \"{}\", {}", shown_text(name, most_found),
                         nearest.empty() ? fmt::format("expected one of {}", fmt::join(known, ", "))
                                         : fmt::format("did you mean \"{}\"?", nearest))});
    }
}

}  // namespace ringback
