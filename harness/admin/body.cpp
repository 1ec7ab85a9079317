#include "harness/admin/body.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "simulator/wire/call_request.h"
#include "simulator/wire/duration_text.h"
#include "simulator/wire/entry_json.h"
#include "simulator/wire/json_in.h"
#include "simulator/wire/redaction.h"

namespace ringback {
namespace {

using nlohmann::json;

constexpr std::string_view telephone_keys{"0123456789*#ABCD"};

/// How many letters must be put in, taken out or changed (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0U : 1U);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
        }
    }
    return row[b.size()];
}

/// "an array": what stands there instead of an object.
std::string article_and_kind(const json& value) {
    const std::string kind = value.type_name();
    return value.is_null() ? kind : (value.is_array() ? "an " : "a ") + kind;
}

/// A value as a person wrote it, without passwords of URLs.
std::string shown(const json& value) {
    return redacted(value.is_string() ? value.get_ref<const std::string&>()
                                      : value.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace

std::string_view nearest(std::string_view name, const std::vector<std::string_view>& known) {
    std::string_view best;
    std::size_t least = 3;  // further away it is another word
    for (const std::string_view candidate : known) {
        // Long names are not compared: the work grows with the square of what a stranger sent.
        const std::size_t apart = name.size() > 64 ? least : distance(name, candidate);
        if (apart < least) {
            least = apart;
            best = candidate;
        }
    }
    return best;
}

Body Body::parse(std::string_view text) {
    Body body;
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        return body;
    }
    auto parsed = parse_json(text);
    if (parsed && parsed.value().is_object()) {
        body.object_ = std::move(parsed).value();
    } else {
        body.unreadable_ = true;
        body.note({"body", "a JSON object",
                   parsed ? article_and_kind(parsed.value()) : parsed.error().what});
    }
    return body;
}

const json* Body::find(const char* name) {
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
        known_.emplace_back(name);
    }
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
}

void Body::wrong(const char* name, std::string_view expected, const json& found) {
    note({name, std::string{expected}, shown(found)});
}

void Body::missing(const char* name, std::string_view expected) {
    note({name, std::string{expected}, "nothing"});
}

bool Body::has(const char* name) { return find(name) != nullptr; }

std::optional<std::string> Body::text(const char* name, std::size_t longest) {
    const json* const value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_string() || value->get_ref<const std::string&>().size() > longest) {
        wrong(name, fmt::format("a text of at most {} bytes", longest), *value);
        return std::nullopt;
    }
    return value->get<std::string>();
}

std::vector<std::string> Body::texts(const char* name, std::size_t most, std::size_t longest) {
    const json* const value = find(name);
    if (value == nullptr) {
        return {};
    }
    const bool fits =
        value->is_array() && value->size() <= most &&
        std::all_of(value->begin(), value->end(), [&](const json& item) {
            return item.is_string() && item.get_ref<const std::string&>().size() <= longest;
        });
    if (!fits) {
        wrong(name, fmt::format("an array of at most {} texts of at most {} bytes", most, longest),
              *value);
        return {};
    }
    return value->get<std::vector<std::string>>();
}

std::optional<bool> Body::boolean(const char* name) {
    const json* const value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_boolean()) {
        wrong(name, "true or false", *value);
        return std::nullopt;
    }
    return value->get<bool>();
}

std::optional<std::int64_t> Body::integer(const char* name, std::int64_t least, std::int64_t most) {
    const json* const value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    // An unsigned number beyond int64 would wrap to a negative one.
    const bool fits = value->is_number_integer() &&
                      (!value->is_number_unsigned() || value->get<std::uint64_t>() <= INT64_MAX);
    const std::int64_t number = fits ? value->get<std::int64_t>() : 0;
    if (!fits || number < least || number > most) {
        wrong(name, fmt::format("a whole number {}..{}", least, most), *value);
        return std::nullopt;
    }
    return number;
}

std::optional<Duration> Body::duration(const char* name) {
    const json* const value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->is_string()) {
        if (const auto parsed = parse_duration(value->get_ref<const std::string&>())) {
            return parsed.value();
        }
    }
    wrong(name, R"(a duration like "250ms", "2s" or "1m30s")", *value);
    return std::nullopt;
}

std::optional<std::string> Body::keys(const char* name) {
    const json* const value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->is_string()) {
        const auto& pressed = value->get_ref<const std::string&>();
        if (!pressed.empty() && pressed.size() <= 128 &&
            pressed.find_first_not_of(telephone_keys) == std::string::npos) {
            return pressed;
        }
    }
    wrong(name, "1..128 keys of 0-9 * # A-D as a text", *value);
    return std::nullopt;
}

std::optional<std::string> Body::address(const char* name) {
    const json* const value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->is_string() && is_number_or_sip(value->get_ref<const std::string&>())) {
        return value->get<std::string>();
    }
    wrong(name, "a number like \"+19195550123\" or a SIP address", *value);
    return std::nullopt;
}

std::optional<Body> Body::inside(const char* name) {
    const json* const value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_object()) {
        wrong(name, "an object", *value);
        return std::nullopt;
    }
    Body part;
    part.object_ = *value;
    return part;
}

void Body::take_problems(const char* name, Body& part) {
    for (Problem& problem : part.finish()) {
        problem.field = fmt::format("{}/{}", name, problem.field);
        note(std::move(problem));
    }
}

std::vector<Problem> Body::finish() {
    if (unreadable_) {
        // What is said to be missing is only unread.
        return {problems_.front()};
    }
    for (const auto& [name, value] : object_.items()) {
        if (std::find(known_.begin(), known_.end(), name) != known_.end()) {
            continue;
        }
        const auto meant = nearest(name, known_);
        note({name.substr(0, 80),
              meant.empty() ? fmt::format("one of {}", fmt::join(known_, ", "))
                            : fmt::format("{} (did you mean that?)", meant),
              "an unknown member"});
    }
    return problems_;
}

}  // namespace ringback
