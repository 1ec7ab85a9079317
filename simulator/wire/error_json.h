#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringback {

/// Names and values shown with an error, in order.
using ErrorDetails = std::vector<std::pair<std::string, std::string>>;

/// An answer of status 400 or above, in the provider's terms.
/// Source  spec v1 1.6: categories, codes and message patterns.
struct ApiError {
    int status{400};
    std::string category;  // "bad-request"
    std::string code;      // "validation-error"
    std::string message;   // never empty: python-bandwidth indexes it, C# shows it
    ErrorDetails details;  // the id of the resource concerned, if any

    friend bool operator==(const ApiError&, const ApiError&) = default;
};

// What is wrong with the parameters (400).
[[nodiscard]] ApiError bad_parameters(std::string_view why);
[[nodiscard]] ApiError validation_error(std::string message);
[[nodiscard]] ApiError missing_property(std::string_view resource, std::string_view name);
[[nodiscard]] ApiError blank_property(std::string_view resource, std::string_view name);
[[nodiscard]] ApiError not_above(std::string_view resource, std::string_view name,
                                 std::string_view limit);
[[nodiscard]] ApiError exceeds(std::string_view resource, std::string_view name,
                               std::string_view limit);
[[nodiscard]] ApiError not_one_of(std::string_view resource, std::string_view name,
                                  std::string_view list);

/// 404 `{resource}-not-found`; `id_name` is the detail's name. The id is repeated only when
/// harmless.
[[nodiscard]] ApiError not_found(std::string_view resource, std::string_view id_name,
                                 std::string_view id);
/// 404 resource-not-found: unknown paths, and resources without a code of their own.
[[nodiscard]] ApiError resource_not_found();

/// Behind "Unable to update call {id}. Invalid call state {s}": why, where the state is not.
/// Source: spec v1 6.1.
inline constexpr std::string_view is_of_bxml{
    ": it is under control of BXML, so that only its state can be set to completed"};

/// Appends {"category","code","message","details":[{"name","value"}]}. Members are never left out.
void append_error(std::string& out, const ApiError& error);

}  // namespace ringback
