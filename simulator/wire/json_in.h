#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/core/result.h"
#include "simulator/wire/error_json.h"

namespace ringback {

/// Parses strict JSON: RFC 8259, valid UTF-8, at most 64 levels, no member twice at the top level,
/// no number beyond a double. No exception leaves it, and the error never repeats received bytes.
[[nodiscard]] Result<nlohmann::json> parse_json(std::string_view text);

/// A request body as a JSON object. Empty (or only white space) and an empty array count as {}:
/// docs leave out bodies, php-bandwidth posts []. Source: spec v1 1.3.
[[nodiscard]] Result<nlohmann::json> parse_body(std::string_view text);

/// Two words are the same to the API if they are, after lower-casing and without '-' and '_'.
/// Source: spec v1 1.3, enumeration values.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);

/// Whole decimal numbers, optionally signed, of any length; what does not fit is pulled to the
/// nearest 64-bit number, where every limit catches it. None for anything else.
[[nodiscard]] std::optional<std::int64_t> whole_number(std::string_view text);

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

/// Typed access to the members of one JSON object, with the API's tolerances: null is absent,
/// "true" is true, "5" and 5.0 are 5. A member of a type that cannot be converted is noted and
/// reads as absent.
class Members {
public:
    /// `object` and `problems` outlive this; `resource` names it in messages ("call").
    Members(const nlohmann::json& object, std::string_view resource, FirstProblem& problems)
        : object_{object}, resource_{resource}, problems_{problems} {}

    [[nodiscard]] std::optional<std::string> text(const char* name) const;
    [[nodiscard]] std::optional<bool> boolean(const char* name) const;
    [[nodiscard]] std::optional<std::int64_t> integer(const char* name) const;
    /// A whole number of least..most.
    [[nodiscard]] std::optional<std::int64_t> integer(const char* name, std::int64_t least,
                                                      std::int64_t most) const;
    [[nodiscard]] std::optional<double> number(const char* name) const;
    [[nodiscard]] const nlohmann::json* object(const char* name) const;

    [[nodiscard]] std::string_view resource() const { return resource_; }
    void note(ApiError error) const { problems_.note(std::move(error)); }
    [[nodiscard]] FirstProblem& problems() const { return problems_; }

private:
    [[nodiscard]] const nlohmann::json* find(const char* name) const;
    void wrong_type(const char* name, std::string_view expected) const;

    const nlohmann::json& object_;
    std::string_view resource_;
    FirstProblem& problems_;
};

}  // namespace ringback
