#include "harness/scenario/expand.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <optional>
#include <utility>
#include <variant>

#include "harness/scenario/cursor.h"
#include "harness/scenario/shown.h"

namespace ringback {

using nlohmann::json;

namespace {

constexpr std::size_t most_expanded = std::size_t{1} << 20U;
constexpr std::size_t most_named = 60;  // characters of a reference in an error

std::string as_written(std::string_view reference) {
    return fmt::format("${{{}}}", shown_text(reference, most_named));
}

/// "; nearest: callId", or nothing.
std::string hint(std::string_view word, const std::vector<std::string_view>& known) {
    const std::string_view nearest = nearest_word(word, known);
    return nearest.empty() ? "" : fmt::format("; nearest: {}", shown_text(nearest, most_named));
}

std::vector<std::string_view> names_in(const json& value) {
    std::vector<std::string_view> names;
    if (const auto* object = value.get_ptr<const json::object_t*>(); object != nullptr) {
        for (const auto& [name, member] : *object) {
            names.emplace_back(name);
        }
    }
    return names;
}

// A text in its parts: what stays and what is looked up.

struct Literal {
    std::string_view text;
};
struct Lookup {
    std::string_view reference;  // between the braces
};
using Part = std::variant<Literal, Lookup>;

/// Takes a "${...}" off the front. No brace may stand inside, so that one that was forgotten does
/// not swallow what comes next.
Result<Lookup> take_lookup(std::string_view& rest) {
    const auto end = rest.find_first_of("{}\n", 2);
    if (end == std::string_view::npos || rest[end] != '}') {
        return Error{shown_text(rest, 20), "expected a } that closes the ${"};
    }
    const std::string_view inside = rest.substr(2, end - 2);
    if (inside.find_first_not_of(" \t") == std::string_view::npos) {
        return Error{as_written(inside), "expected a name between the braces"};
    }
    rest.remove_prefix(end + 1);
    return Lookup{inside};
}

Result<std::vector<Part>> parts_of(std::string_view text) {
    std::vector<Part> parts;
    while (!text.empty()) {
        if (text.starts_with("$${")) {
            parts.emplace_back(Literal{text.substr(1, 2)});
            text.remove_prefix(3);
        } else if (text.starts_with("${")) {
            auto lookup = take_lookup(text);
            if (!lookup) {
                return lookup.error();
            }
            parts.emplace_back(lookup.value());
        } else {
            const std::string_view literal = text.substr(0, text.find('$', 1));
            parts.emplace_back(Literal{literal});
            text.remove_prefix(literal.size());
        }
    }
    return parts;
}

// What a reference looks up.

Result<json> in_variables(const Bindings& bindings, std::string_view name) {
    const json& vars = *bindings.vars;
    if (const auto exact = vars.find(name); exact != vars.end()) {
        return json(*exact);
    }
    if (const json* inside = at_path(vars, name); inside != nullptr) {
        return json(*inside);
    }
    return Error{as_written(name),
                 fmt::format("there is no variable \"{}\"{}", shown_text(name, most_named),
                             hint(name, names_in(vars)))};
}

Result<json> in_row(const Bindings& bindings, std::string_view reference, std::string_view column) {
    const json& row = *bindings.row;
    // Columns may have any name, dots included.
    if (const auto exact = row.find(column); exact != row.end()) {
        return json(*exact);
    }
    if (const json* inside = at_path(row, column); inside != nullptr) {
        return json(*inside);
    }
    return Error{as_written(reference),
                 row.empty()
                     ? std::string{"there is no row of data"}
                     : fmt::format("there is no column \"{}\" in the data{}",
                                   shown_text(column, most_named), hint(column, names_in(row)))};
}

Result<json> in_environment(std::string_view reference, std::string_view name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this process changes its environment
    const char* const value = std::getenv(std::string{name}.c_str());
    if (value == nullptr) {
        return Error{as_written(reference), fmt::format("there is no environment variable \"{}\"",
                                                        shown_text(name, most_named))};
    }
    return json(value);
}

/// The longest beginning of a path that is there, and the name that is not.
std::pair<const json*, std::string_view> last_seen(const json& value, std::string_view path) {
    for (auto cut = path.size(); cut > 0;) {
        cut = path.find_last_of(".[", cut - 1);
        if (cut == std::string_view::npos) {
            break;
        }
        if (const json* seen = at_path(value, path.substr(0, cut)); seen != nullptr) {
            const std::string_view rest = path.substr(cut + (path[cut] == '.' ? 1 : 0));
            return {seen, rest.substr(0, rest.find_first_of(".["))};
        }
    }
    return {&value, path.substr(0, path.find_first_of(".["))};
}

Result<json> in_step(const Bindings& bindings, std::string_view reference, std::string_view id,
                     std::string_view path) {
    const auto step = bindings.steps.find(id);
    if (step == bindings.steps.end()) {
        std::vector<std::string_view> ids;
        for (const auto& [known, seen] : bindings.steps) {
            ids.emplace_back(known);
        }
        return Error{as_written(reference), fmt::format("there is no earlier step \"{}\"{}",
                                                        shown_text(id, most_named), hint(id, ids))};
    }
    if (const json* there = path.empty() ? nullptr : at_path(step->second.seen(), path);
        there != nullptr) {
        return json(*there);
    }
    const auto [seen, missing] = last_seen(step->second.seen(), path);
    return Error{
        as_written(reference),
        fmt::format(R"(there is no "{}" in what step "{}" saw{})", shown_text(path, most_named),
                    shown_text(id, most_named), hint(missing, names_in(*seen)))};
}

/// Replaces references until the result is larger than anyone means it to be.
class Expansion {
public:
    explicit Expansion(const Bindings& bindings) : bindings_{bindings} {}

    using Quoted = std::string (*)(const std::string&);

    [[nodiscard]] Result<std::string> text(std::string_view text, Quoted quoted = nullptr) {
        const auto parts = parts_of(text);
        if (!parts) {
            return parts.error();
        }
        std::string out;
        for (const Part& part : parts.value()) {
            if (const auto* literal = std::get_if<Literal>(&part); literal != nullptr) {
                out += literal->text;
            } else {
                const auto value = bindings_.value(std::get_if<Lookup>(&part)->reference);
                if (!value) {
                    return value.error();
                }
                const std::string put_in = text_of(value.value());
                out += quoted == nullptr ? put_in : quoted(put_in);
            }
            if (out.size() > most_expanded) {
                return too_large(text);
            }
        }
        return pay(out.size()) ? Result<std::string>{std::move(out)} : too_large(text);
    }

    [[nodiscard]] Result<json> value(const json& value) {
        if (const auto* text = value.get_ptr<const std::string*>(); text != nullptr) {
            return in_text(*text);
        }
        json out = value;
        if (!out.is_structured()) {
            return out;
        }
        for (json& inside : out) {
            auto expanded = this->value(inside);
            if (!expanded) {
                return expanded;
            }
            inside = std::move(expanded).value();
        }
        return out;
    }

private:
    /// A text that is one reference and nothing else is the value itself.
    [[nodiscard]] Result<json> in_text(const std::string& text) {
        const auto parts = parts_of(text);
        if (!parts) {
            return parts.error();
        }
        if (parts.value().size() == 1) {
            if (const auto* lookup = std::get_if<Lookup>(parts.value().data()); lookup != nullptr) {
                auto value = bindings_.value(lookup->reference);
                return !value || pay(weight(value.value())) ? value : too_large(text);
            }
        }
        auto expanded = this->text(text);
        return expanded ? Result<json>{json(std::move(expanded).value())} : expanded.error();
    }

    [[nodiscard]] static Error too_large(std::string_view text) {
        return Error{shown_text(text, most_named), "expected at most 1 MiB once it is expanded"};
    }
    /// About what it takes as JSON.
    [[nodiscard]] static std::size_t weight(const json& value) {
        if (const auto* text = value.get_ptr<const std::string*>(); text != nullptr) {
            return text->size() + 2;
        }
        std::size_t sum{8};
        if (const auto* object = value.get_ptr<const json::object_t*>(); object != nullptr) {
            for (const auto& [name, member] : *object) {
                sum += name.size() + weight(member);
            }
        } else if (value.is_array()) {
            for (const json& element : value) {
                sum += weight(element);
            }
        }
        return sum;
    }
    [[nodiscard]] bool pay(std::size_t bytes) {
        const bool enough = bytes <= left_;
        left_ -= enough ? bytes : left_;
        return enough;
    }

    const Bindings& bindings_;
    std::size_t left_{most_expanded};
};

/// Takes "name", ".name" or "[0]" off the front; none when it is neither.
std::optional<std::string_view> take_step(std::string_view& rest, bool first) {
    std::string_view step;
    if (rest.starts_with('[')) {
        const auto end = rest.find(']');
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        step = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
        const bool number = step.find_first_not_of("0123456789") == std::string_view::npos;
        return step.empty() || !number ? std::nullopt : std::optional{step};
    }
    if (!first) {
        if (!rest.starts_with('.')) {
            return std::nullopt;
        }
        rest.remove_prefix(1);
    }
    step = rest.substr(0, rest.find_first_of(".[]"));
    rest.remove_prefix(step.size());
    return step.empty() ? std::nullopt : std::optional{step};
}

const json* inside(const json& value, std::string_view step) {
    if (value.is_object()) {
        const auto member = value.find(step);
        return member == value.end() ? nullptr : &*member;
    }
    std::size_t index{0};
    const char* const end = step.data() + step.size();
    const auto [stopped, error] = std::from_chars(step.data(), end, index);
    const bool there =
        value.is_array() && error == std::errc{} && stopped == end && index < value.size();
    return there ? &value[index] : nullptr;
}

}  // namespace

Sight Sight::when_asked(Look look) {
    Sight sight;
    sight.look_ = std::move(look);
    return sight;
}

void Sight::add(std::string member, Look look) {
    later_.emplace_back(std::move(member), std::move(look));
}

const json& Sight::seen() const {
    if (look_) {
        seen_ = look_();
        look_ = nullptr;
    }
    for (const auto& [member, look] : later_) {
        seen_[member] = look();
    }
    later_.clear();
    return seen_;
}

Result<json> Bindings::value(std::string_view reference) const {
    constexpr std::string_view data{"data."};
    constexpr std::string_view environment{"env."};
    if (const auto colon = reference.find(':'); colon != std::string_view::npos) {
        return in_step(*this, reference, reference.substr(0, colon), reference.substr(colon + 1));
    }
    if (reference.starts_with(data)) {
        return in_row(*this, reference, reference.substr(data.size()));
    }
    if (reference.starts_with(environment)) {
        return in_environment(reference, reference.substr(environment.size()));
    }
    return in_variables(*this, reference);
}

Result<std::string> expanded_text(std::string_view text, const Bindings& bindings) {
    return Expansion{bindings}.text(text);
}

Result<std::string> expanded_text(std::string_view text, const Bindings& bindings,
                                  std::string (*quoted)(const std::string&)) {
    return Expansion{bindings}.text(text, quoted);
}

Result<json> expanded(const json& value, const Bindings& bindings) {
    return Expansion{bindings}.value(value);
}

Result<std::vector<Reference>> references(std::string_view text) {
    const auto parts = parts_of(text);
    if (!parts) {
        return parts.error();
    }
    std::vector<Reference> all;
    for (const Part& part : parts.value()) {
        if (const auto* lookup = std::get_if<Lookup>(&part); lookup != nullptr) {
            const std::string_view whole = lookup->reference;
            const auto colon = whole.find(':');
            const bool of_step = colon != std::string_view::npos;
            all.push_back({std::string{whole}, std::string{of_step ? whole.substr(0, colon) : ""},
                           std::string{of_step ? whole.substr(colon + 1) : whole}});
        }
    }
    return all;
}

bool is_path(std::string_view path) {
    for (bool first = true; !path.empty(); first = false) {
        if (!take_step(path, first)) {
            return false;
        }
    }
    return true;
}

const json* at_path(const json& value, std::string_view path) {
    const json* at = &value;
    for (bool first = true; at != nullptr && !path.empty(); first = false) {
        const auto step = take_step(path, first);
        at = step ? inside(*at, *step) : nullptr;
    }
    return at;
}

}  // namespace ringback
