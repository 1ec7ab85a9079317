#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/record/journal_query.h"
#include "simulator/core/time.h"

namespace ringback {

/// Strict, typed access to the JSON object of an admin request. A member of the wrong kind reads as
/// absent and is a problem; so is, in the end, every member nobody asked for. All problems are
/// kept, in the order they were found.
class Body {
public:
    /// Reads a request body; empty counts as {}.
    [[nodiscard]] static Body parse(std::string_view text);

    /// Names the member as known, and says whether it is there and not null.
    [[nodiscard]] bool has(const char* name);
    [[nodiscard]] std::optional<std::string> text(const char* name, std::size_t longest = 4096);
    /// An array of at most `most` texts; empty when it is absent.
    [[nodiscard]] std::vector<std::string> texts(const char* name, std::size_t most,
                                                 std::size_t longest);
    [[nodiscard]] std::optional<bool> boolean(const char* name);
    [[nodiscard]] std::optional<std::int64_t> integer(const char* name, std::int64_t least,
                                                      std::int64_t most);
    [[nodiscard]] std::optional<Duration> duration(const char* name);
    /// Keys of a telephone: 0-9 * # A-D, at least one.
    [[nodiscard]] std::optional<std::string> keys(const char* name);
    /// A telephone number or SIP address.
    [[nodiscard]] std::optional<std::string> address(const char* name);

    /// The members of an object in this one; none when it is absent, or no object. Its problems are
    /// to be taken afterwards.
    [[nodiscard]] std::optional<Body> inside(const char* name);
    /// Those of a part that inside() gave, "name/member", with the members nobody asked for.
    void take_problems(const char* name, Body& part);

    void note(Problem problem) { problems_.push_back(std::move(problem)); }
    void missing(const char* name, std::string_view expected);

    /// All problems, with those of members that were never asked for.
    [[nodiscard]] std::vector<Problem> finish();
    [[nodiscard]] const std::vector<Problem>& problems() const { return problems_; }
    [[nodiscard]] const nlohmann::json& object() const { return object_; }

private:
    [[nodiscard]] const nlohmann::json* find(const char* name);
    void wrong(const char* name, std::string_view expected, const nlohmann::json& found);

    nlohmann::json object_ = nlohmann::json::object();
    std::vector<std::string_view> known_;
    std::vector<Problem> problems_;
    bool unreadable_{false};
};

/// The known name that `name` most likely was meant to be; "" when none is near.
[[nodiscard]] std::string_view nearest(std::string_view name,
                                       const std::vector<std::string_view>& known);

}  // namespace ringback
