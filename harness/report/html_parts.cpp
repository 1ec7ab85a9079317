#include "harness/report/html_parts.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <map>
#include <set>

#include "harness/ladder/rows.h"
#include "harness/report/svg_ladder.h"
#include "simulator/core/result.h"

namespace ringback {
namespace {

using nlohmann::json;

std::string id_of(std::size_t run, std::uint64_t seq) { return fmt::format("r{}-{}", run, seq); }

/// One pane per row of the ladder: what was said, and how it was answered.
void append_payloads(std::string& out, const RunRecord& run, std::size_t number) {
    std::map<std::uint64_t, const json*> entries;
    for (const json& entry : run.entries) {
        entries.emplace(entry.value("seq", std::uint64_t{0}), &entry);
    }
    const auto shown = [&](std::uint64_t seq) {
        const auto entry = entries.find(seq);
        return entry == entries.end() ? std::string{}
                                      : "<pre>" +
                                            html_lines(entry->second->dump(
                                                2, ' ', false, json::error_handler_t::replace)) +
                                            "</pre>";
    };
    std::set<std::uint64_t> done;
    for (const LadderRow& row : ladder_rows(run.entries)) {
        if (row.seq == 0 || !done.insert(row.seq).second) {
            continue;
        }
        out += fmt::format(
            "<aside class=\"payload\" id=\"{}\"><a class=\"close\" href=\"#run-{}\">close</a>"
            "<b>#{} {}</b>{}{}</aside>\n",
            id_of(number, row.seq), number, row.seq, html_text(row.label), shown(row.seq),
            row.outcome_seq > 0 ? shown(row.outcome_seq) : "");
    }
}

/// 'sha256-...', by which a page's policy names a script or a style that it allows.
std::string policy_name(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length{0};
    if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
        bug("SHA-256 is not to be had");
    }
    std::array<unsigned char, std::size_t{2} * EVP_MAX_MD_SIZE> coded{};
    const int end = EVP_EncodeBlock(coded.data(), digest.data(), static_cast<int>(length));
    return " 'sha256-" + std::string{coded.begin(), coded.begin() + end} + "'";
}

}  // namespace

std::string page_head(std::string_view title, std::string_view style,
                      const std::vector<std::string_view>& scripts) {
    std::string allowed;
    for (const std::string_view script : scripts) {
        allowed += (allowed.empty() ? "; script-src" : "") + policy_name(script);
    }
    const std::string sheet = fmt::format("\n{}", style);  // as it stands in its element
    return fmt::format(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri "
        "'none'; form-action 'none'; img-src data:; style-src{}{}\">\n"
        "<link rel=\"icon\" "
        "href=\"data:,\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n",
        policy_name(sheet), allowed, html_text(title), sheet);
}

std::string html_lines(std::string_view text) {
    constexpr std::size_t most = 64U << 10U;
    std::string out;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        out += html_text(text.substr(0, end), most);
        if (end == std::string_view::npos) {
            break;
        }
        out += '\n';
        text.remove_prefix(end + 1);
    }
    return out;
}

void append_ladder(std::string& out, const RunRecord& run, std::size_t number,
                   const Judged* marked) {
    out += "<div class=\"scroll\">" +
           svg_ladder(
               run, marked,
               [&](std::uint64_t seq) { return seq == 0 ? std::string{} : id_of(number, seq); }) +
           "</div>\n";
    append_payloads(out, run, number);
}

}  // namespace ringback
