#include "harness/scenario/document.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "harness/scenario/shown.h"
#include "harness/scenario/text_walk.h"
#include "simulator/wire/json_in.h"
#include "simulator/wire/utf8.h"

namespace ringback {

using nlohmann::ordered_json;

/// Told by the parser what comes next in the text, walks along in the text itself to see where
/// that stands: the parser does not say.
class DocumentReader {
public:
    // What the parser calls; its names, and false ends the reading.
    using exception = nlohmann::detail::exception;
    DocumentReader(Document& document, std::string_view text, std::vector<Mistake>& mistakes)
        : document_{document}, mistakes_{mistakes}, walk_{text} {}

    bool null() { return leaf(nullptr); }
    bool boolean(bool value) { return leaf(value); }
    bool number_integer(std::int64_t value) { return leaf(value); }
    bool number_unsigned(std::uint64_t value) { return leaf(value); }
    bool number_float(double value, const std::string& /*text*/) { return leaf(value); }
    bool string(std::string& value) { return leaf(std::move(value)); }
    bool binary(ordered_json::binary_t& /*value*/) { return false; }  // no such thing in text
    bool start_object(std::size_t /*size*/) { return open(ordered_json::object()); }
    bool start_array(std::size_t /*size*/) { return open(ordered_json::array()); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }
    bool key(std::string& name);
    bool parse_error(std::size_t byte, const std::string& token, const exception& error);

private:
    /// An object or array that is not closed yet. Pointers stay good: what is above does not grow
    /// before this is closed.
    struct Open {
        ordered_json* value;
        Document::Spot* spot;
        std::set<std::string, std::less<>> names{};
    };
    enum class After : std::uint8_t { nothing, opening, name, value };

    void mistake(std::string what) {
        mistakes_.push_back({document_.file_, walk_.place(), std::move(what)});
    }
    bool leaf(ordered_json value);
    bool open(ordered_json value);
    bool close();
    Open put(ordered_json value);
    [[nodiscard]] bool in_object() const {
        return !open_.empty() && open_.back().value->is_object();
    }
    struct Wanted {
        std::string_view what;
        bool may_be_text;  // so that a '"' is no surprise: what follows it is
    };
    Wanted go_to_fault();

    Document& document_;
    std::vector<Mistake>& mistakes_;
    TextWalk walk_;
    std::vector<Open> open_;
    std::string name_;  // of the member whose value comes next
    Place name_place_;
    After after_{After::nothing};
};

/// Puts a value where it belongs; the walk stands at its first character.
DocumentReader::Open DocumentReader::put(ordered_json value) {
    const Place place = walk_.place();
    if (open_.empty()) {
        document_.root_ = std::move(value);
        document_.spots_.value = place;
        return {&document_.root_, &document_.spots_};
    }
    const Open& above = open_.back();
    above.spot->inside.push_back({place, in_object() ? name_place_ : Place{}, {}});
    if (auto* object = above.value->get_ptr<ordered_json::object_t*>(); object != nullptr) {
        // Past the map's own insertion, which would look at all others each time.
        object->emplace_back(std::move(name_), std::move(value));
        return {&object->back().second, &above.spot->inside.back()};
    }
    above.value->push_back(std::move(value));
    return {&above.value->back(), &above.spot->inside.back()};
}

bool DocumentReader::leaf(ordered_json value) {
    walk_.skip_to_token();
    put(std::move(value));
    walk_.skip_token();
    after_ = After::value;
    return true;
}

bool DocumentReader::open(ordered_json value) {
    walk_.skip_to_token();
    if (open_.size() == deepest_json) {
        mistake(fmt::format("expected at most {} levels of objects and arrays", deepest_json));
        return false;
    }
    open_.push_back(put(std::move(value)));
    walk_.skip_token();
    after_ = After::opening;
    return true;
}

bool DocumentReader::close() {
    walk_.skip_to_token();
    walk_.skip_token();
    open_.pop_back();
    after_ = After::value;
    return true;
}

bool DocumentReader::key(std::string& name) {
    walk_.skip_to_token();
    name_place_ = walk_.place();
    if (!open_.back().names.insert(name).second) {
        mistake(fmt::format("expected every member once, found \"{}\" a second time",
                            shown_text(name, 40)));
    }
    name_ = std::move(name);
    walk_.skip_token();
    after_ = After::name;
    return true;
}

/// From behind the last token that was right to the first that is not; what should be there.
DocumentReader::Wanted DocumentReader::go_to_fault() {
    walk_.skip_blank();
    const auto past = [&](char separator) {
        const bool there = walk_.here() == separator;
        if (there) {
            walk_.step();
            walk_.skip_blank();
        }
        return there;
    };
    switch (after_) {
        case After::nothing:
            return {"a value", true};
        case After::opening:
            return {in_object() ? "the name of a member in double quotes, or }" : "a value or ]",
                    true};
        case After::name:
            return past(':') ? Wanted{"a value", true}
                             : Wanted{"a colon after the member's name", false};
        case After::value:
            break;
    }
    if (open_.empty()) {
        return {"nothing more", false};
    }
    if (past(',')) {
        return {in_object() ? "the name of a member in double quotes after the comma"
                            : "a value after the comma",
                true};
    }
    return {in_object() ? "a comma or }" : "a comma or ]", false};
}

bool DocumentReader::parse_error(std::size_t /*byte*/, const std::string& /*token*/,
                                 const exception& error) {
    constexpr int number_overflow = 406;
    const Wanted wanted = go_to_fault();
    if (walk_.rest().starts_with("/*")) {
        mistake("expected the comment that begins here to end with */");
    } else if (error.id == number_overflow) {
        mistake(fmt::format("expected a number up to 1.7e308, found {}", walk_.found()));
    } else if (walk_.here() == '"' && wanted.may_be_text) {
        std::string fault = walk_.find_fault_in_text();
        mistake(fault.empty()
                    ? "expected whole characters in the text that begins here, found half a "
                      "surrogate pair"
                    : std::move(fault));
    } else {
        mistake(fmt::format("expected {}, found {}", wanted.what, walk_.found()));
    }
    return false;
}

namespace {

/// What no parser need look at; none when there is nothing of the kind.
std::optional<Mistake> unreadable(const std::string& file, std::string_view text) {
    constexpr std::size_t most = std::size_t{1} << 20U;
    if (text.size() > most) {
        return Mistake{file, {1, 1}, "expected at most 1 MiB (1048576 bytes), found more"};
    }
    TextWalk walk{text};
    while (!walk.at_end()) {
        const std::size_t length = utf8_sequence(walk.rest());
        if (length == 0) {
            return Mistake{file, walk.place(), "expected UTF-8, found bytes that are none"};
        }
        if (walk.here() == '\0') {
            return Mistake{file, walk.place(), "expected text, found a NUL byte"};
        }
        walk.step(length);
    }
    return std::nullopt;
}

/// The next step of a JSON pointer, taken off its front.
std::string take_step(std::string_view& pointer) {
    pointer.remove_prefix(1);
    const std::string_view raw = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(raw.size());
    std::string step;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const bool escaped = raw[i] == '~' && i + 1 < raw.size();
        step += escaped ? (raw[++i] == '1' ? '/' : '~') : raw[i];
    }
    return step;
}

/// Which member or element of `value` the step names; none when there is no such one.
std::optional<std::size_t> index_of(const ordered_json& value, const std::string& step) {
    if (const auto* object = value.get_ptr<const ordered_json::object_t*>(); object != nullptr) {
        for (std::size_t i = 0; i < object->size(); ++i) {
            if ((object->begin() + static_cast<std::ptrdiff_t>(i))->first == step) {
                return i;
            }
        }
        return std::nullopt;
    }
    std::size_t index{0};
    const char* const end = step.data() + step.size();
    const auto [stopped, error] = std::from_chars(step.data(), end, index);
    const bool there =
        value.is_array() && error == std::errc{} && stopped == end && index < value.size();
    return there ? std::optional{index} : std::nullopt;
}

}  // namespace

std::string to_text(const Mistake& mistake) {
    return mistake.place == Place{} ? fmt::format("{}: {}", mistake.file, mistake.what)
                                    : fmt::format("{}:{}:{}: {}", mistake.file, mistake.place.line,
                                                  mistake.place.column, mistake.what);
}

std::string pointer_step(std::string_view name) {
    std::string step;
    for (const char c : name) {
        if (c == '~') {
            step += "~0";
        } else if (c == '/') {
            step += "~1";
        } else {
            step += c;
        }
    }
    return step;
}

Document Document::parse(std::string file, std::string_view text, std::vector<Mistake>& mistakes) {
    Document document;
    document.file_ = std::move(file);
    if (auto mistake = unreadable(document.file_, text); mistake) {
        mistakes.push_back(std::move(*mistake));
        return document;
    }
    DocumentReader reader{document, text, mistakes};
    const bool read = ordered_json::sax_parse(text, &reader, ordered_json::input_format_t::json,
                                              /*strict=*/true, /*ignore_comments=*/true);
    if (!read) {
        document.root_ = nullptr;
        document.spots_ = {};
    }
    return document;
}

const Document::Spot* Document::spot(std::string_view pointer) const {
    const ordered_json* value = &root_;
    const Spot* spot = &spots_;
    while (!pointer.empty()) {
        if (pointer.front() != '/') {
            return nullptr;
        }
        const auto index = index_of(*value, take_step(pointer));
        if (!index || *index >= spot->inside.size()) {
            return nullptr;
        }
        spot = &spot->inside[*index];
        const auto* object = value->get_ptr<const ordered_json::object_t*>();
        value = object != nullptr ? &(object->begin() + static_cast<std::ptrdiff_t>(*index))->second
                                  : &(*value)[*index];
    }
    return spot;
}

Document::Spot Document::spot_of(const ordered_json& value, Place place) {
    Spot spot{place, place, {}};
    if (value.is_structured()) {
        for (const ordered_json& inner : value) {
            spot.inside.push_back(spot_of(inner, place));
        }
    }
    return spot;
}

void Document::put(std::string_view pointer, ordered_json value) {
    ordered_json* at = &root_;
    Spot* spot = &spots_;
    while (!pointer.empty() && pointer.front() == '/') {
        const std::string step = take_step(pointer);
        auto index = index_of(*at, step);
        if (!index) {
            (*at)[step] = ordered_json::object();
            index = spot->inside.size();
            spot->inside.push_back(Spot{spot->value, spot->value, {}});
        }
        spot = &spot->inside[*index];
        at = at->is_array() ? &(*at)[*index] : &(*at)[step];
    }
    const Place name = spot->name;
    *spot = spot_of(value, spot->value);
    spot->name = name;
    *at = std::move(value);
}

Place Document::of(std::string_view pointer) const {
    const Spot* found = spot(pointer);
    return found == nullptr ? Place{} : found->value;
}

Place Document::of_name(std::string_view pointer) const {
    const Spot* found = spot(pointer);
    return found == nullptr ? Place{} : found->name;
}

}  // namespace ringback
