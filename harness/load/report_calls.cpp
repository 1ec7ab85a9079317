#include "harness/load/report_calls.h"

#include <fmt/format.h>

#include "harness/load/report_words.h"
#include "harness/report/html_parts.h"
#include "harness/report/svg_ladder.h"

namespace ringback {
namespace {

using nlohmann::json;

const json* member_of(const json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
}

std::string text_in(const json& object, const char* name) {
    const json* found = member_of(object, name);
    return found != nullptr && found->is_string() ? found->get<std::string>() : std::string{};
}

std::uint64_t count_in(const json& object, const char* name) {
    const json* found = member_of(object, name);
    return found != nullptr && found->is_number_integer() && *found > 0
               ? found->get<std::uint64_t>()
               : 0;
}

/// As much of a run as its ladder needs; entries that are none are left out.
RunRecord run_of(const json& kept) {
    RunRecord run;
    run.scenario = text_in(kept, "scenario");
    const json* journal = member_of(kept, "journal");
    if (journal != nullptr && journal->is_array()) {
        for (const json& entry : *journal) {
            if (entry.is_object() && count_in(entry, "seq") > 0) {
                run.entries.push_back(entry);
            }
        }
    }
    return run;
}

/// The entry that decided the first thing that did not hold; 0 = none.
std::uint64_t marked_in(const json& kept) {
    const json* expectations = member_of(kept, "expectations");
    if (expectations != nullptr && expectations->is_array()) {
        for (const json& told : *expectations) {
            const std::uint64_t seq = told.is_object() ? count_in(told, "seq") : 0;
            if (seq > 0 && text_in(told, "result") != "passed") {
                return seq;
            }
        }
    }
    return 0;
}

}  // namespace

void append_failing_calls(std::string& out, const LoadResult& result) {
    if (result.kept.empty()) {
        return;
    }
    out += fmt::format("<h2>Failing calls</h2>\n<p class=\"soft\">The first {} of {}, whole.</p>\n",
                       result.kept.size(), count_text(result.counts.failed));
    for (std::size_t at = 0; at < result.kept.size(); ++at) {
        const KeptFailure& kept = result.kept[at];
        out += fmt::format(
            "<details id=\"run-{}\"{}><summary><span class=\"failed\">call {}</span> "
            "{}</summary>\n<pre class=\"story\">{}</pre>\n",
            at, at == 0 ? " open" : "", count_text(kept.call), html_text(kept.cause),
            html_lines(kept.story));
        if (kept.run.is_object()) {
            Judged decided;
            decided.result = Judged::Result::failed;
            decided.seq = marked_in(kept.run);
            append_ladder(out, run_of(kept.run), at, &decided);
        }
        out += "</details>\n";
    }
}

}  // namespace ringback
