#include "harness/report/svg_ladder.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/ladder/rows.h"
#include "simulator/wire/printable.h"
#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

using Kind = LadderRow::Kind;

// Units of the viewBox; the page scales it to its width.
constexpr int app_x{84};
constexpr int ringback_x{560};
constexpr int phone_x{880};
constexpr int width{940};
constexpr int head{34};
constexpr int row_height{26};
// Characters that fit between two lines beside the tail, at 12 units in a monospaced face.
constexpr std::size_t app_lane_characters{58};
constexpr std::size_t phone_lane_characters{38};

bool in_phone_lane(Kind kind) {
    return kind == Kind::ringback_to_phone || kind == Kind::phone_to_ringback;
}

/// As it will be shown, or it would be longer in the end.
std::string cut(std::string_view text, std::size_t most) {
    const std::string shown = printable(text);
    const std::string_view kept = utf8_crop(shown, most);
    return std::string{kept} + (kept.size() < shown.size() ? "…" : "");
}

std::string text_at(int x, int y, std::string_view classes, const std::string& text) {
    return fmt::format(R"(<text x="{}" y="{}" class="{}">{}</text>)", x, y, classes,
                       html_text(text));
}

void append_arrow(std::string& out, const LadderRow& row, int y) {
    const bool phone = in_phone_lane(row.kind);
    const int left = phone ? ringback_x : app_x;
    const int right = phone ? phone_x : ringback_x;
    const bool rightward = row.kind == Kind::app_to_ringback || row.kind == Kind::ringback_to_phone;
    const int from = rightward ? left : right;
    const int to = rightward ? right : left;
    const int back = rightward ? to - 8 : to + 8;
    out += fmt::format(
        R"(<line x1="{}" y1="{}" x2="{}" y2="{}"/><polygon points="{},{} {},{} {},{}"/>)", from, y,
        to, y, to, y, back, y - 4, back, y + 4);
    const std::size_t lane = phone ? phone_lane_characters : app_lane_characters;
    const std::size_t tail = std::min(utf8_length(row.tail) + 2, lane);
    out += text_at(left + 10, y - 5, "label", cut(row.label, lane - tail));
    if (!row.tail.empty()) {
        out += text_at(right - 10, y - 5, "tail", row.tail);
    }
}

void append_row(std::string& out, const LadderRow& row, int y, bool marked,
                const std::string& link) {
    out += fmt::format("<g class=\"row{}{}\">", row.failed ? " bad" : "", marked ? " marked" : "");
    out += link.empty() ? "" : fmt::format("<a href=\"#{}\">", html_text(link));
    out += fmt::format("<title>{}</title>", html_text(row.label + "  " + row.tail));
    out += fmt::format(R"(<rect x="0" y="{}" width="{}" height="{}"/>)", y - row_height + 6, width,
                       row_height);
    if (row.kind == Kind::remark) {
        // Nothing else is in the other lane, and a fault is told to its end.
        const std::size_t room =
            app_lane_characters + (row.wrong > 0 ? phone_lane_characters : std::size_t{0});
        out += text_at(app_x + 10, y - 3, "remark", cut(row.label, room));
    } else {
        append_arrow(out, row, y);
    }
    out += link.empty() ? "</g>\n" : "</a></g>\n";
}

}  // namespace

std::string html_text(std::string_view text, std::size_t most) {
    std::string out;
    for (const char c : printable(text, most)) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string svg_ladder(const RunRecord& run, const Judged* marked,
                       const std::function<std::string(std::uint64_t)>& link_of) {
    const std::vector<LadderRow> rows = ladder_rows(run.entries);
    if (rows.empty()) {
        return {};
    }
    // What was decided by nothing that happened has a line of its own, behind all that did.
    const auto tells = [](const LadderRow& row, std::uint64_t seq) {
        return seq > 0 && (row.seq == seq || row.outcome_seq == seq);
    };
    const std::uint64_t seq = marked == nullptr ? 0 : marked->seq;
    const bool at_the_end =
        marked != nullptr &&
        std::ranges::none_of(rows, [&](const LadderRow& row) { return tells(row, seq); });
    const std::size_t lines = rows.size() + (at_the_end ? 1 : 0);
    const int height = head + static_cast<int>(lines) * row_height + 14;
    std::string out = fmt::format(
        "<svg class=\"ladder\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"ladder of {}\">\n",
        width, height, html_text(run.scenario));
    out += text_at(app_x - 10, 18, "head time", "seconds") +
           text_at(app_x, 18, "head", "your app") +
           text_at(ringback_x, 18, "head middle", "ringback") +
           text_at(phone_x, 18, "head middle", "phone") + "\n";
    for (const int x : {app_x, ringback_x, phone_x}) {
        out += fmt::format("<line class=\"life\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n", x,
                           26, x, height - 6);
    }
    int y = head + row_height - 8;
    std::optional<Duration> shown;
    for (const LadderRow& row : rows) {
        if (shown != row.at) {
            shown = row.at;
            out += text_at(app_x - 10, y - 3, "time",
                           fmt::format("{:.3f}", std::chrono::duration<double>(row.at).count()));
        }
        append_row(out, row, y, tells(row, seq), link_of(row.seq));
        y += row_height;
    }
    if (at_the_end) {
        LadderRow end;
        end.label = "here: " + marked->name;
        end.failed = marked->result == Judged::Result::failed;
        append_row(out, end, y, true, {});
    }
    return out + "</svg>\n";
}

}  // namespace ringback
