#include "harness/cli/load_reports.h"

#include <fmt/format.h>

#include <array>

#include "harness/cli/report_file.h"
#include "harness/cli/values.h"
#include "harness/load/report_csv.h"
#include "harness/load/report_hdr_log.h"
#include "harness/load/report_html.h"
#include "harness/load/report_junit.h"
#include "harness/load/report_markdown.h"
#include "harness/load/report_prometheus.h"
#include "harness/load/report_text.h"
#include "harness/load/result_json.h"

namespace ringback {
namespace {

struct KindWord {
    std::string_view word;
    LoadReport kind;
};
constexpr std::array kind_words{
    KindWord{"text", LoadReport::text},   KindWord{"json", LoadReport::json},
    KindWord{"csv", LoadReport::csv},     KindWord{"junit", LoadReport::junit},
    KindWord{"html", LoadReport::html},   KindWord{"markdown", LoadReport::markdown},
    KindWord{"md", LoadReport::markdown}, KindWord{"prometheus", LoadReport::prometheus},
    KindWord{"hlog", LoadReport::hlog},
};
constexpr std::string_view known_kinds{"text, json, csv, junit, html, markdown, prometheus, hlog"};

}  // namespace

Result<LoadReport> load_report_of(std::string_view word) {
    for (const KindWord& known : kind_words) {
        if (known.word == word) {
            return known.kind;
        }
    }
    return expected(fmt::format("one of {}", known_kinds), word);
}

Result<LoadReportWish> load_report_wish_of(std::string_view text) {
    const std::size_t equals = text.find('=');
    const auto kind = load_report_of(text.substr(0, equals));
    if (!kind || equals == std::string_view::npos || equals + 1 == text.size()) {
        return expected(fmt::format("KIND=PATH with KIND one of {}", known_kinds), text);
    }
    return LoadReportWish{kind.value(), std::string{text.substr(equals + 1)}};
}

std::string render(LoadReport kind, const LoadResult& result, const StoryStyle& style) {
    switch (kind) {
        case LoadReport::text:
            return load_summary(result, style);
        case LoadReport::csv:
            return load_csv(result);
        case LoadReport::junit:
            return load_junit(result);
        case LoadReport::html:
            return load_html(result);
        case LoadReport::markdown:
            return load_markdown(result);
        case LoadReport::prometheus:
            return load_prometheus(result);
        case LoadReport::hlog:
            return load_hdr_log(result);
        case LoadReport::json:
            break;
    }
    return load_json_text(result);
}

bool write_load_reports(const std::vector<LoadReportWish>& wishes, const LoadResult& result) {
    bool all{true};
    for (const LoadReportWish& wish : wishes) {
        const bool is_markdown = wish.kind == LoadReport::markdown;
        all = write_report_file(wish.path, render(wish.kind, result, {}), is_markdown) && all;
    }
    return all;
}

}  // namespace ringback
