#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "simulator/core/result.h"
#include "simulator/wire/error_json.h"

namespace ringback {

/// A request body read in one pass: every value in document order, its texts in one block.
/// Moving it keeps every view into it valid.
class RequestBody {
public:
    /// An object or array; what is in it follows up to (not including) the entry at `end`.
    struct Nested {
        bool object{true};
        std::uint32_t end{0};
    };
    struct Entry {
        std::string_view name;  // of a member; empty in arrays and at the top
        std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string_view,
                     Nested>
            value;
    };

    /// Reads a body as a JSON object. Strict JSON: RFC 8259, valid UTF-8, at most 64 levels, no
    /// member twice in one object, no number beyond a double. Empty (or only white space) and an
    /// empty array count as {}: docs leave out bodies, php-bandwidth posts []. Source: spec v1 1.3.
    /// Errors  where: "body"; never repeats received bytes.
    [[nodiscard]] static Result<RequestBody> parse(std::string_view text);

    /// The same of an array of anything.
    [[nodiscard]] static Result<RequestBody> parse_list(std::string_view text);

    /// Entry 0 is the object (or the array) itself.
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    /// Where the items of the array `at` that place begin.
    [[nodiscard]] std::vector<std::size_t> items(std::size_t at = 0) const;

private:
    class Reader;
    static Result<RequestBody> parse_by_library(std::string_view text, RequestBody body);
    /// Reads any JSON that is not blank.
    static Result<RequestBody> parse_any(std::string_view text, RequestBody body);

    std::vector<Entry> entries_;
    std::unique_ptr<char[]> texts_;  // NOLINT(*avoid-c-arrays*): sized once, never zeroed
};

/// Keeps the first thing that was found wrong.
class FirstProblem {
public:
    void note(ApiError error) {
        if (!error_) {
            error_ = std::move(error);
        }
    }
    [[nodiscard]] const std::optional<ApiError>& get() const { return error_; }

private:
    std::optional<ApiError> error_;
};

/// What a reader answers with: what it has read, or the first thing that was found wrong.
template <class T>
[[nodiscard]] std::variant<T, ApiError> verdict(const FirstProblem& problems, T value) {
    if (problems.get()) {
        return *problems.get();
    }
    return value;
}

/// Typed access to the members of one object, with the API's tolerances: null is absent, "true" is
/// true, "5" and 5.0 are 5. A member of a type that cannot be converted is noted and reads as
/// absent.
class Members {
public:
    /// The body's own members. `body` and `problems` outlive this; `resource` names it in messages
    /// ("call").
    Members(const RequestBody& body, std::string_view resource, FirstProblem& problems)
        : Members{body, 0, resource, problems} {}

    /// Those of the object at that place of the body; none if there is another value.
    [[nodiscard]] static std::optional<Members> at(const RequestBody& body, std::size_t place,
                                                   std::string_view resource,
                                                   FirstProblem& problems);

    /// Whether it is there, of whatever type, and not null.
    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
    [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const;
    /// A string, or an array of nothing but strings.
    [[nodiscard]] std::optional<std::vector<std::string_view>> texts(std::string_view name) const;
    [[nodiscard]] std::optional<bool> boolean(std::string_view name) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const;
    /// A whole number of least..most.
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name, std::int64_t least,
                                                      std::int64_t most) const;
    [[nodiscard]] std::optional<double> number(std::string_view name) const;
    /// The members of an object inside this one; `resource` as above.
    [[nodiscard]] std::optional<Members> object(std::string_view name,
                                                std::string_view resource) const;

    /// Calls `each(name, text)` for every member that is not null, in the order given; `text` is
    /// none where the value is no string.
    template <class Each>
    void for_each_text(const Each& each) const;

    [[nodiscard]] std::string_view resource() const { return resource_; }
    void note(ApiError error) const { problems_->note(std::move(error)); }
    /// The same members, whose problems are kept elsewhere.
    [[nodiscard]] Members noting_in(FirstProblem& problems) const {
        Members other = *this;
        other.problems_ = &problems;
        return other;
    }

private:
    using Entry = RequestBody::Entry;

    Members(const RequestBody& body, std::size_t object, std::string_view resource,
            FirstProblem& problems)
        : entries_{&body.entries()}, object_{object}, resource_{resource}, problems_{&problems} {
        look_at_names();
    }

    void look_at_names() {
        name_sizes_ = 0;
        for (std::size_t at = object_ + 1; at < end(); at = after(at)) {
            name_sizes_ |= bit_of((*entries_)[at].name);
        }
    }

    /// Most members a resource may have are absent, and nearly always their name's size tells.
    [[nodiscard]] static constexpr std::uint64_t bit_of(std::string_view name) {
        return std::uint64_t{1} << (name.size() % 64);
    }
    [[nodiscard]] const Entry* find(std::string_view name) const {
        return (name_sizes_ & bit_of(name)) == 0 ? nullptr : find_entry(name);
    }
    [[nodiscard]] const Entry* find_entry(std::string_view name) const;
    [[nodiscard]] std::size_t after(std::size_t at) const {
        const auto* const nested = std::get_if<RequestBody::Nested>(&(*entries_)[at].value);
        return nested != nullptr ? nested->end : at + 1;
    }
    [[nodiscard]] std::size_t end() const { return after(object_); }
    void wrong_type(std::string_view name, std::string_view expected) const;

    const std::vector<Entry>* entries_;
    std::size_t object_;
    std::uint64_t name_sizes_{0};  // a bit for each size (modulo 64) that a member's name has
    std::string_view resource_;
    FirstProblem* problems_;
};

template <class Each>
void Members::for_each_text(const Each& each) const {
    for (std::size_t at = object_ + 1; at < end(); at = after(at)) {
        const Entry& entry = (*entries_)[at];
        if (!std::holds_alternative<std::monostate>(entry.value)) {
            const auto* const text = std::get_if<std::string_view>(&entry.value);
            each(entry.name, text != nullptr ? std::optional{*text} : std::nullopt);
        }
    }
}

}  // namespace ringback
