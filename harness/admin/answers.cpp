#include "harness/admin/answers.h"

#include <fmt/format.h>

#include <utility>

#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t shown_characters = 80;  // of what was found

std::string dumped(const ordered_json& body) {
    return body.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string cropped(std::string_view found) {
    if (!is_utf8(found)) {
        return "(not UTF-8)";
    }
    const auto first = utf8_crop(found, shown_characters);
    return std::string{first} + (first.size() < found.size() ? "..." : "");
}

}  // namespace

void add_safety_headers(Response& response) {
    response.headers.push_back({"Cache-Control", "no-store"});
    response.headers.push_back({"X-Content-Type-Options", "nosniff"});
}

Response text_answer(int status, std::string text, std::string_view type) {
    Response response;
    response.status = status;
    response.headers.push_back({"Content-Type", std::string{type}});
    add_safety_headers(response);
    response.body = std::move(text);
    return response;
}

Response json_answer(int status, const ordered_json& body) {
    return text_answer(status, dumped(body) + "\n");
}

Response error_answer(int status, std::string_view error) {
    return json_answer(status, {{"error", error}});
}

Response problem_answer(const std::vector<Problem>& problems) {
    ordered_json all = ordered_json::array();
    for (const Problem& problem : problems) {
        all.push_back({{"field", problem.field},
                       {"expected", problem.expected},
                       {"found", cropped(problem.found)}});
    }
    const Problem& first = problems.at(0);
    return json_answer(400, {{"error", fmt::format("{}: expected {}, found {}", first.field,
                                                   first.expected, cropped(first.found))},
                             {"field", first.field},
                             {"expected", first.expected},
                             {"found", cropped(first.found)},
                             {"problems", all}});
}

}  // namespace ringback
