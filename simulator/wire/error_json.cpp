#include "simulator/wire/error_json.h"

#include <fmt/format.h>

#include "simulator/wire/json_out.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

ApiError bad_request(std::string_view code, std::string message) {
    return {400, "bad-request", std::string{code}, std::move(message), {}};
}

std::string property(std::string_view resource, std::string_view name, std::string_view says) {
    return fmt::format("The '{}' resource property '{}' {}", resource, name, says);
}

}  // namespace

ApiError bad_parameters(std::string_view why) {
    return bad_request("validation-error", fmt::format("Bad parameters: {}", why));
}

ApiError validation_error(std::string message) {
    return bad_request("validation-error", std::move(message));
}

ApiError missing_property(std::string_view resource, std::string_view name) {
    return bad_request("missing-property",
                       property(resource, name, "is required but was not specified"));
}

ApiError blank_property(std::string_view resource, std::string_view name) {
    return bad_request(
        "blank-property",
        property(resource, name, "must contain at least one non-whitespace character"));
}

ApiError not_above(std::string_view resource, std::string_view name, std::string_view limit) {
    return validation_error(
        property(resource, name, fmt::format("must be greater than {}", limit)));
}

ApiError exceeds(std::string_view resource, std::string_view name, std::string_view limit) {
    return validation_error(
        property(resource, name, fmt::format("exceeds the limit of {}", limit)));
}

ApiError not_one_of(std::string_view resource, std::string_view name, std::string_view list) {
    return validation_error(
        property(resource, name, fmt::format("must be one of the following values: {}", list)));
}

ApiError not_found(std::string_view resource, std::string_view id_name, std::string_view id) {
    const auto shown = echoable(id);
    ApiError error{404,
                   "not-found",
                   fmt::format("{}-not-found", resource),
                   shown ? fmt::format("The {} {} could not be found", resource, *shown)
                         : fmt::format("The {} could not be found", resource),
                   {}};
    if (shown) {
        error.details.emplace_back(id_name, *shown);
    }
    return error;
}

ApiError resource_not_found() {
    return {
        404, "not-found", "resource-not-found", "The requested resource could not be found.", {}};
}

void append_error(std::string& out, const ApiError& error) {
    JsonObject object{out};
    object.text("category", error.category);
    object.text("code", error.code);
    object.text("message", error.message);
    std::string& details = object.member("details");
    details += '[';
    for (const auto& [name, value] : error.details) {
        if (details.back() != '[') {
            details += ',';
        }
        JsonObject detail{details};
        detail.text("name", name);
        detail.text("value", value);
        detail.end();
    }
    details += ']';
    object.end();
}

}  // namespace ringback
