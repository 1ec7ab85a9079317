#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "harness/record/journal_query.h"
#include "simulator/edge/http.h"

namespace ringback {

// The answers of the admin plane: JSON, never cached, never sniffed, never readable across origins.

[[nodiscard]] Response json_answer(int status, const nlohmann::ordered_json& body);
/// `text` is JSON already, or NDJSON with its own type.
[[nodiscard]] Response text_answer(int status, std::string text,
                                   std::string_view type = "application/json; charset=utf-8");

/// {"error"}: what was wrong when no single field is to blame.
[[nodiscard]] Response error_answer(int status, std::string_view error);

/// 400 {"error","field","expected","found","problems":[{field, expected, found}]}: the first
/// problem, and all of them. At least one.
[[nodiscard]] Response problem_answer(const std::vector<Problem>& problems);

/// The headers every answer of the admin plane has besides its type.
void add_safety_headers(Response& response);

}  // namespace ringback
