#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/core/result.h"
#include "simulator/core/shared.h"

namespace ringback {

/// What a step saw: made where a reference asks for it, because most are never asked for.
class Sight {
public:
    using Look = std::function<nlohmann::json()>;

    Sight() = default;
    Sight(nlohmann::json seen) : seen_(std::move(seen)) {}  // braces would make an array of it
    [[nodiscard]] static Sight when_asked(Look look);

    /// Another member, known later than the rest.
    void add(std::string member, Look look);
    [[nodiscard]] const nlohmann::json& seen() const;

private:
    mutable nlohmann::json seen_;
    mutable Look look_;
    mutable std::vector<std::pair<std::string, Look>> later_;
};

/// What `${...}` in a scenario can stand for while it runs.
///
///   ${name}            a variable: of the scenario, of a `use`, of the command line
///   ${data.column}     the present row of data
///   ${env.NAME}        the environment's variable of that name
///   ${id:path.to.it}   from an earlier step: what it saw, by dots; "path[0]" or "path.0" in arrays
struct Bindings {
    Shared<nlohmann::json> vars;  // the same for a million calls that never set one
    Shared<nlohmann::json> row;
    std::map<std::string, Sight, std::less<>> steps;  // by step id

    /// The value of what stands between the braces. Errors name it: where "${create:callid}", what
    /// "there is no \"callid\" in what step \"create\" saw; nearest: callId".
    [[nodiscard]] Result<nlohmann::json> value(std::string_view reference) const;
};

/// `text` with every reference replaced; "$${" stands for "${". Values that are no text are written
/// as JSON. What was put in is not expanded again, and more than 1 MiB is an error.
[[nodiscard]] Result<std::string> expanded_text(std::string_view text, const Bindings& bindings);
/// The same, with every value quoted before it is put in.
[[nodiscard]] Result<std::string> expanded_text(std::string_view text, const Bindings& bindings,
                                                std::string (*quoted)(const std::string&));

/// Every string in `value` expanded; a string that is one reference and nothing else becomes the
/// value itself, with its type. Names of members stay as they are; 1 MiB in all.
[[nodiscard]] Result<nlohmann::json> expanded(const nlohmann::json& value,
                                              const Bindings& bindings);

/// A reference as it was written, without looking anything up.
struct Reference {
    std::string text;  // between the braces
    std::string step;  // before the colon; "" for variables and rows
    std::string path;  // after the colon, or all of it
};
/// Every reference in a text, in order. Errors: a "${" that is never closed, an empty one.
[[nodiscard]] Result<std::vector<Reference>> references(std::string_view text);

/// By dots and brackets into a value; null when it is not there. Case matters; "" is the value
/// itself. A name that holds a dot or a bracket cannot be reached.
[[nodiscard]] const nlohmann::json* at_path(const nlohmann::json& value, std::string_view path);
/// Whether it is written as a path: "prompt.sentence", "items[0].id", "items.0.id".
[[nodiscard]] bool is_path(std::string_view path);

}  // namespace ringback
