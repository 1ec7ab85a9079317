#include "simulator/wire/request_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "simulator/wire/ascii.h"
#include "simulator/wire/json_in.h"
#include "simulator/wire/plain_object.h"

namespace ringback {
namespace {

using nlohmann::json;

/// More than any resource of the API has members; a body of more makes room as it goes.
constexpr std::size_t usual_entries = 16;

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

/// Takes what the parser finds. Each member function's name and result are nlohmann's json_sax.
class RequestBody::Reader {
public:
    using number_integer_t = json::number_integer_t;
    using number_unsigned_t = json::number_unsigned_t;
    using number_float_t = json::number_float_t;
    using string_t = json::string_t;
    using binary_t = json::binary_t;

    /// `body` has room for `text_size` bytes of texts.
    Reader(RequestBody& body, std::size_t text_size) : body_{body}, room_{text_size} {
        names_.reserve(usual_entries);
    }

    bool null() { return add(std::monostate{}); }
    bool boolean(bool value) { return add(value); }
    bool number_integer(std::int64_t value) { return add(value); }
    bool number_unsigned(std::uint64_t value) { return add(value); }
    bool number_float(double value, const std::string& /*as written*/) { return add(value); }
    bool string(const std::string& value) { return add(keep(value)); }
    static bool binary(const std::vector<std::uint8_t>& /*value*/) { return false; }
    bool key(const std::string& name) {
        name_ = keep(name);
        return true;
    }
    bool start_object(std::size_t /*size*/) { return open(true); }
    bool start_array(std::size_t /*size*/) { return open(false); }
    bool end_array() { return close(); }
    bool end_object() {
        if (a_name_is_there_twice()) {
            problem_ = "a member is there twice";
            return false;
        }
        return close();
    }
    bool parse_error(std::size_t byte, const std::string& /*token*/, const json::exception& e) {
        constexpr int out_of_range_number = 406;
        problem_ = e.id == out_of_range_number ? "not valid JSON: a number out of range"
                                               : fmt::format("not valid JSON, byte {}", byte);
        return false;
    }

    [[nodiscard]] const std::string& problem() const { return problem_; }

private:
    template <class T>
    bool add(T value) {
        body_.entries_.push_back({std::exchange(name_, {}), value});
        return true;
    }

    std::string_view keep(const std::string& text) {
        if (text.size() > room_ - used_) {
            bug("a JSON string is longer than its spelling");
        }
        char* const at = body_.texts_.get() + used_;
        std::copy(text.begin(), text.end(), at);
        used_ += text.size();
        return {at, text.size()};
    }

    bool open(bool object) {
        if (open_.size() == deepest_json) {
            problem_ = fmt::format("nested deeper than {} levels", deepest_json);
            return false;
        }
        open_.push_back(static_cast<std::uint32_t>(body_.entries_.size()));
        return add(Nested{object, 0});
    }

    bool close() {
        std::get<Nested>(body_.entries_[open_.back()].value).end =
            static_cast<std::uint32_t>(body_.entries_.size());
        open_.pop_back();
        return true;
    }

    /// In the object that is about to be closed.
    bool a_name_is_there_twice() {
        names_.clear();
        for (std::size_t at = open_.back() + 1; at < body_.entries_.size();) {
            const Entry& entry = body_.entries_[at];
            names_.push_back(entry.name);
            const auto* const nested = std::get_if<Nested>(&entry.value);
            at = nested != nullptr ? nested->end : at + 1;
        }
        std::ranges::sort(names_);
        return std::ranges::adjacent_find(names_) != names_.end();
    }

    RequestBody& body_;
    std::size_t room_;
    std::size_t used_{0};
    std::string_view name_;
    std::vector<std::uint32_t> open_;
    std::vector<std::string_view> names_;
    std::string problem_;
};

Result<RequestBody> RequestBody::parse(std::string_view text) {
    RequestBody body;
    body.entries_.reserve(usual_entries);
    // What a string says is never longer than how it is written.
    body.texts_ = std::make_unique_for_overwrite<char[]>(text.size());  // NOLINT(*avoid-c-arrays*)
    std::ranges::copy(text, body.texts_.get());
    if (read_plain_object({body.texts_.get(), text.size()}, body.entries_)) {
        return body;
    }
    body.entries_.clear();
    return parse_by_library(text, std::move(body));
}

/// What is not plain, or not JSON.
Result<RequestBody> RequestBody::parse_by_library(std::string_view text, RequestBody body) {
    if (std::ranges::all_of(text, is_space)) {
        body.entries_.push_back({{}, Nested{true, 1}});
        return body;
    }
    auto read = parse_any(text, std::move(body));
    if (!read) {
        return read;
    }
    body = std::move(read).value();
    auto* const top = std::get_if<Nested>(&body.entries_.front().value);
    if (top == nullptr || (!top->object && top->end > 1)) {
        return Error{"body", "not a JSON object"};
    }
    top->object = true;
    return body;
}

Result<RequestBody> RequestBody::parse_list(std::string_view text) {
    RequestBody body;
    body.texts_ = std::make_unique_for_overwrite<char[]>(text.size());  // NOLINT(*avoid-c-arrays*)
    auto read = parse_any(text, std::move(body));
    if (read) {
        const auto* const top = std::get_if<Nested>(&read.value().entries_.front().value);
        if (top == nullptr || top->object) {
            return Error{"body", "not a JSON array"};
        }
    }
    return read;
}

Result<RequestBody> RequestBody::parse_any(std::string_view text, RequestBody body) {
    // The parser takes a NUL for the end and would not look at what follows.
    if (text.find('\0') != std::string_view::npos) {
        return Error{"body", "not valid JSON: a control byte between the tokens"};
    }
    Reader reader{body, text.size()};
    if (!json::sax_parse(text, &reader)) {
        return Error{"body", reader.problem()};
    }
    return body;
}

std::vector<std::size_t> RequestBody::items(std::size_t at) const {
    std::vector<std::size_t> places;
    const std::size_t end = std::get<Nested>(entries_[at].value).end;
    for (std::size_t place = at + 1; place < end;) {
        places.push_back(place);
        const auto* const nested = std::get_if<Nested>(&entries_[place].value);
        place = nested != nullptr ? nested->end : place + 1;
    }
    return places;
}

std::optional<Members> Members::at(const RequestBody& body, std::size_t place,
                                   std::string_view resource, FirstProblem& problems) {
    const auto* const nested = std::get_if<RequestBody::Nested>(&body.entries()[place].value);
    return nested != nullptr && nested->object
               ? std::optional{Members{body, place, resource, problems}}
               : std::nullopt;
}

const RequestBody::Entry* Members::find_entry(std::string_view name) const {
    const Entry* const first = entries_->data();
    const Entry* const stop = first + end();
    for (const Entry* at = first + object_ + 1; at < stop;) {
        if (at->name == name) {
            return std::holds_alternative<std::monostate>(at->value) ? nullptr : at;
        }
        const auto* const nested = std::get_if<RequestBody::Nested>(&at->value);
        at = nested != nullptr ? first + nested->end : at + 1;
    }
    return nullptr;
}

void Members::wrong_type(std::string_view name, std::string_view expected) const {
    note(bad_parameters(
        fmt::format("the '{}' resource property '{}' must be {}", resource_, name, expected)));
}

std::optional<std::string_view> Members::text(std::string_view name) const {
    const Entry* const entry = find(name);
    if (entry == nullptr) {
        return std::nullopt;
    }
    const auto* const said = std::get_if<std::string_view>(&entry->value);
    if (said == nullptr) {
        wrong_type(name, "a string");
        return std::nullopt;
    }
    return *said;
}

std::optional<std::vector<std::string_view>> Members::texts(std::string_view name) const {
    const Entry* const entry = find(name);
    if (entry == nullptr) {
        return std::nullopt;
    }
    if (const auto* const one = std::get_if<std::string_view>(&entry->value)) {
        return std::vector{*one};
    }
    std::vector<std::string_view> all;
    const auto* const nested = std::get_if<RequestBody::Nested>(&entry->value);
    if (nested != nullptr && !nested->object) {
        const auto place = static_cast<std::size_t>(entry - entries_->data());
        for (std::size_t at = place + 1; at < nested->end; at = after(at)) {
            if (const auto* const one = std::get_if<std::string_view>(&(*entries_)[at].value)) {
                all.push_back(*one);
            } else {
                wrong_type(name, "a string or an array of strings");
                return std::nullopt;
            }
        }
        return all;
    }
    wrong_type(name, "a string or an array of strings");
    return std::nullopt;
}

std::optional<bool> Members::boolean(std::string_view name) const {
    const Entry* const entry = find(name);
    if (entry == nullptr) {
        return std::nullopt;
    }
    if (const auto* const value = std::get_if<bool>(&entry->value)) {
        return *value;
    }
    if (const auto* const said = std::get_if<std::string_view>(&entry->value)) {
        const auto is = [&](std::string_view wanted) {
            return std::ranges::equal(*said, wanted,
                                      [](char x, char y) { return ascii_lower(x) == y; });
        };
        if (is("true") || is("false")) {
            return is("true");
        }
    }
    wrong_type(name, "true or false");
    return std::nullopt;
}

namespace {

/// The whole number nearest to a value that is one, or says one.
struct AsWhole {
    std::optional<std::int64_t> operator()(std::int64_t value) const { return value; }
    std::optional<std::int64_t> operator()(std::uint64_t value) const {
        constexpr auto most = std::numeric_limits<std::int64_t>::max();
        return value > static_cast<std::uint64_t>(most) ? most : static_cast<std::int64_t>(value);
    }
    std::optional<std::int64_t> operator()(double value) const {
        constexpr double limit = 9e18;
        return value == std::floor(value)
                   ? std::optional{static_cast<std::int64_t>(std::clamp(value, -limit, limit))}
                   : std::nullopt;
    }
    std::optional<std::int64_t> operator()(std::string_view said) const {
        return whole_number(said);
    }
    template <class Other>
    std::optional<std::int64_t> operator()(const Other& /*value*/) const {
        return std::nullopt;
    }
};

/// The number a value is, or says.
struct AsNumber {
    std::optional<double> operator()(std::int64_t value) const {
        return static_cast<double>(value);
    }
    std::optional<double> operator()(std::uint64_t value) const {
        return static_cast<double>(value);
    }
    std::optional<double> operator()(double value) const { return value; }
    /// A JSON number in quotes, nothing more: strtod would also take "inf", hex and other locales.
    std::optional<double> operator()(std::string_view said) const {
        if (said.find_first_not_of("0123456789+-.eE") == std::string_view::npos) {
            const json inner = json::parse(said, nullptr, false);
            if (inner.is_number()) {
                return inner.get<double>();
            }
        }
        return std::nullopt;
    }
    template <class Other>
    std::optional<double> operator()(const Other& /*value*/) const {
        return std::nullopt;
    }
};

}  // namespace

std::optional<std::int64_t> Members::integer(std::string_view name) const {
    const Entry* const entry = find(name);
    if (entry == nullptr) {
        return std::nullopt;
    }
    const auto whole = std::visit(AsWhole{}, entry->value);
    if (!whole) {
        wrong_type(name, "a whole number");
    }
    return whole;
}

std::optional<std::int64_t> Members::integer(std::string_view name, std::int64_t least,
                                             std::int64_t most) const {
    const auto value = integer(name);
    if (value && *value < least) {
        note(not_above(resource_, name, fmt::to_string(least - 1)));
        return std::nullopt;
    }
    if (value && *value > most) {
        note(exceeds(resource_, name, fmt::to_string(most)));
        return std::nullopt;
    }
    return value;
}

std::optional<double> Members::number(std::string_view name) const {
    const Entry* const entry = find(name);
    if (entry == nullptr) {
        return std::nullopt;
    }
    const auto value = std::visit(AsNumber{}, entry->value);
    if (!value) {
        wrong_type(name, "a number");
    }
    return value;
}

std::optional<Members> Members::object(std::string_view name, std::string_view resource) const {
    const Entry* const entry = find(name);
    if (entry == nullptr) {
        return std::nullopt;
    }
    const auto* const nested = std::get_if<RequestBody::Nested>(&entry->value);
    if (nested == nullptr || !nested->object) {
        wrong_type(name, "an object");
        return std::nullopt;
    }
    Members inside = *this;
    inside.object_ = static_cast<std::size_t>(entry - entries_->data());
    inside.resource_ = resource;
    inside.look_at_names();
    return inside;
}

}  // namespace ringback
