#include "harness/cli/reports.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "harness/cli/output.h"
#include "harness/cli/report_file.h"
#include "harness/cli/values.h"
#include "harness/report/html.h"
#include "harness/report/junit.h"
#include "harness/report/markdown.h"
#include "harness/report/run_json.h"

namespace ringback {
namespace {

using Kind = ReportWish::Kind;

struct KindWord {
    std::string_view word;
    Kind kind;
};
constexpr std::array kind_words{KindWord{"junit", Kind::junit}, KindWord{"json", Kind::json},
                                KindWord{"html", Kind::html}, KindWord{"markdown", Kind::markdown},
                                KindWord{"md", Kind::markdown}};

std::string variable(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets variables
    return value == nullptr ? std::string{} : std::string{value};
}

std::string text_of(Kind kind, const SuiteRecord& suite) {
    switch (kind) {
        case Kind::junit:
            return junit_report(suite);
        case Kind::html:
            return html_report(suite);
        case Kind::markdown:
            return markdown_report(suite);
        case Kind::json:
            break;
    }
    return suite_json(suite).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

Result<ReportWish> report_wish_of(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string_view word = text.substr(0, equals);
    for (const KindWord& known : kind_words) {
        if (known.word == word && equals != std::string_view::npos && equals + 1 < text.size()) {
            return ReportWish{known.kind, std::string{text.substr(equals + 1)}};
        }
    }
    return expected("KIND=PATH with KIND one of junit, json, html, markdown", text);
}

bool write_reports(const std::vector<ReportWish>& wishes, const SuiteRecord& suite) {
    bool all{true};
    for (const ReportWish& wish : wishes) {
        const bool is_markdown = wish.kind == Kind::markdown;
        all = write_report_file(wish.path, text_of(wish.kind, suite), is_markdown) && all;
    }
    return all;
}

void tell_github(const SuiteRecord& suite) {
    if (variable("GITHUB_ACTIONS") != "true") {
        return;
    }
    std::error_code unknown;  // then files stay as they were named
    const Checkout checkout{variable("GITHUB_WORKSPACE"), std::filesystem::current_path(unknown)};
    for (const std::string& line : annotations(suite, checkout)) {
        say(line);
    }
}

}  // namespace ringback
