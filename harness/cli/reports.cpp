#include "harness/cli/reports.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "harness/cli/output.h"
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

/// 0, or the system's error.
int write_to(const std::string& path, int flags, std::string_view text) {
    constexpr mode_t everybody_reads{0644};
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, everybody_reads);
    if (file < 0) {
        return errno;
    }
    const int error = write_whole(file, text);
    const int closed = ::close(file) == 0 ? 0 : errno;
    return error != 0 ? error : closed;
}

/// Pipes, terminals and the like cannot be replaced by a new file; they are written to as they are.
bool is_replaceable(const std::string& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) != 0 || S_ISREG(found.st_mode);
}

int write_report(const ReportWish& wish, std::string_view text) {
    if (wish.kind == Kind::markdown && wish.path == variable("GITHUB_STEP_SUMMARY")) {
        return write_to(wish.path, O_APPEND, text);
    }
    if (!is_replaceable(wish.path)) {
        return write_to(wish.path, 0, text);
    }
    const std::string made = fmt::format("{}.{}.new", wish.path, ::getpid());
    int error = write_to(made, O_TRUNC, text);
    if (error == 0 && std::rename(made.c_str(), wish.path.c_str()) != 0) {
        error = errno;
    }
    if (error != 0) {
        ::unlink(made.c_str());
    }
    return error;
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
        const int error = write_report(wish, text_of(wish.kind, suite));
        if (error != 0) {
            all = false;
            complain(fmt::format("{}: the report cannot be written: {}", printable(wish.path),
                                 std::generic_category().message(error)));
        }
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
