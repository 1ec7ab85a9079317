#include "harness/load/json_at.h"

#include <fmt/format.h>

#include <algorithm>

#include "simulator/wire/printable.h"

namespace ringback {
namespace {

using nlohmann::json;

const json& nothing() {
    static const json null;
    return null;
}

std::string shown(const json& value) {
    constexpr std::size_t most{80};
    return printable(value.dump(-1, ' ', false, json::error_handler_t::replace), most);
}

}  // namespace

std::string JsonAt::path() const {
    if (parent_ == nullptr) {
        return {};
    }
    return parent_->path() + "/" + (name_.empty() ? fmt::to_string(index_) : printable(name_));
}

void JsonAt::wrong(std::string_view what) const {
    if (!*first_wrong_) {
        const std::string where = path();
        *first_wrong_ = fmt::format("{}{}{}", where, where.empty() ? "" : ": ", what);
    }
}

bool JsonAt::is(bool fits, std::string_view expected) const {
    if (!fits) {
        wrong(fmt::format("expected {}, found {}", expected, shown(*value_)));
    }
    return fits;
}

std::optional<JsonAt> JsonAt::maybe(std::string_view name) const {
    if (!is(value_->is_object(), "an object")) {
        return std::nullopt;
    }
    const auto found = value_->find(name);
    if (found == value_->end()) {
        return std::nullopt;
    }
    return JsonAt{*found, *this, name, 0};
}

JsonAt JsonAt::member(std::string_view name) const {
    const std::optional<JsonAt> found = maybe(name);
    if (!found) {
        wrong(fmt::format("expected a member \"{}\", found none", name));
    }
    return found.value_or(JsonAt{nothing(), *this, name, 0});
}

void JsonAt::only(std::initializer_list<std::string_view> names) const {
    if (!is(value_->is_object(), "an object")) {
        return;
    }
    for (const auto& [name, value] : value_->items()) {
        if (std::ranges::find(names, name) == names.end()) {
            wrong(fmt::format("unknown member \"{}\"", printable(name)));
        }
    }
}

std::uint64_t JsonAt::count(std::uint64_t most) const {
    const bool whole = value_->is_number_unsigned() && value_->get<std::uint64_t>() <= most;
    const bool fits = is(whole, most == UINT64_MAX ? "a whole number, 0 or more"
                                                   : fmt::format("a whole number 0..{}", most));
    return fits ? value_->get<std::uint64_t>() : 0;
}

double JsonAt::number() const {
    const bool fits = is(value_->is_number() && value_->get<double>() >= 0, "a number, 0 or more");
    return fits ? value_->get<double>() : 0;
}

bool JsonAt::truth() const {
    return is(value_->is_boolean(), "true or false") && value_->get<bool>();
}

std::string JsonAt::text() const {
    return is(value_->is_string(), "a string") ? value_->get<std::string>() : std::string{};
}

const json& JsonAt::object() const {
    return is(value_->is_object(), "an object") ? *value_ : nothing();
}

}  // namespace ringback
