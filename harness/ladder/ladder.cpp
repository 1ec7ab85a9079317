#include "harness/ladder/ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "harness/ladder/rows.h"
#include "simulator/wire/printable.h"
#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

using Kind = LadderRow::Kind;

constexpr std::size_t time_width = 9;  // "   0.000 "
constexpr std::size_t bars = 3;

/// The strokes of the picture, and its colours.
struct Pen {
    std::string_view bar, stroke, right, left, broken, ellipsis;
    std::string_view dim, request, callback, phone, bad, plain;
};
constexpr Pen unicode_pen{"\u2502", "\u2500", "\u25b6", "\u25c0", "\u2717", "\u2026",
                          "",       "",       "",       "",       "",       ""};
constexpr Pen ascii_pen{"|", "-", ">", "<", "x", "..", "", "", "", "", "", ""};

Pen pen_for(const LadderStyle& style) {
    Pen pen = style.utf8 ? unicode_pen : ascii_pen;
    if (style.colour) {
        pen.dim = "\x1b[2m";
        pen.request = "\x1b[36m";
        pen.callback = "\x1b[32m";
        pen.phone = "\x1b[33m";
        pen.bad = "\x1b[1;31m";
        pen.plain = "\x1b[0m";
    }
    return pen;
}

/// One column for every character that comes out; broken bytes and what is not to be shown as '?'.
std::string harmless(std::string_view text, const Pen& pen) {
    const bool ascii = pen.bar == "|";
    std::string out;
    while (!text.empty()) {
        const std::size_t sequence = utf8_sequence(text);
        const std::size_t length = std::max<std::size_t>(sequence, 1);
        const std::string_view character = text.substr(0, length);
        const bool hidden = sequence == 0 || !is_shown_as_is(character);
        if (ascii && character == "\u2026") {
            out += pen.ellipsis;
        } else {
            out += hidden || (ascii && length > 1) ? std::string_view{"?"} : character;
        }
        text.remove_prefix(length);
    }
    return out;
}

std::string repeated(std::string_view piece, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) {
        out += piece;
    }
    return out;
}

std::string fitted(const std::string& text, std::size_t width, const Pen& pen) {
    const std::size_t length = utf8_length(text);
    if (length <= width) {
        return text;
    }
    const std::size_t mark = utf8_length(pen.ellipsis);
    return std::string{utf8_crop(text, width - std::min(width, mark))} + std::string{pen.ellipsis};
}

/// Shortened where it may be: behind what is wrong with an event, then within the event's name.
std::string fitted_label(const LadderRow& row, std::size_t width, const Pen& pen) {
    const std::string_view label{row.label};
    const std::string wrong = harmless(label.substr(row.name, row.wrong), pen);
    const std::string name = harmless(label.substr(0, row.name), pen);
    const std::size_t needed = utf8_length(wrong) + utf8_length(pen.ellipsis);
    if (row.wrong == 0 || utf8_length(name) + utf8_length(wrong) <= width || needed > width) {
        return fitted(harmless(label, pen), width, pen);
    }
    return fitted(name, width - utf8_length(wrong), pen) + wrong;
}

/// How it went; without the time that it took where there is too little room for what is wrong.
std::string fitted_tail(const LadderRow& row, std::size_t width, const Pen& pen) {
    const std::string tail = harmless(row.tail, pen);
    const std::size_t needed = utf8_length(row.label.substr(0, row.name + row.wrong));
    const std::size_t time = tail.find("  ");
    const bool too_wide = row.wrong > 0 && needed + utf8_length(tail) > width;
    return too_wide && time != std::string::npos ? tail.substr(0, time) : tail;
}

/// One lane of exactly `width` columns with an arrow through it.
std::string arrow(const LadderRow& row, bool to_the_right, std::size_t width,
                  std::string_view colour, const Pen& pen) {
    const std::string head{row.failed && !to_the_right ? pen.broken
                                                       : (to_the_right ? pen.right : pen.left)};
    const std::string before =
        to_the_right ? std::string{pen.stroke} + " " : head + std::string{pen.stroke} + " ";
    const std::string after =
        to_the_right ? std::string{pen.stroke} + head : std::string{pen.stroke};
    const std::size_t strokes = utf8_length(before) + utf8_length(after) + 2;
    const std::string how =
        row.tail.empty() ? "" : fitted_tail(row, width - std::min(width, strokes + 2), pen);
    const std::string tail = how.empty() ? "" : " " + how + " ";
    const std::size_t fixed = strokes + utf8_length(tail);
    const std::string label = fitted_label(row, width - std::min(width, fixed), pen);
    const std::size_t used = fixed + utf8_length(label);
    const std::string fill = repeated(pen.stroke, width - std::min(width, used) + 1);
    const std::string line = before + label + " " + fill + tail + after;
    return fmt::format("{}{}{}", row.failed ? pen.bad : colour, line, pen.plain);
}

class Picture {
public:
    explicit Picture(const LadderStyle& style)
        : pen_{pen_for(style)},
          left_{(std::max<std::size_t>(style.width, 60) - time_width - bars) * 7 / 11},
          right_{std::max<std::size_t>(style.width, 60) - time_width - bars - left_} {}

    [[nodiscard]] std::string heading() const {
        return fmt::format("{:>{}} {:<{}}{:<{}}{}\n", "seconds", time_width - 1, "your app",
                           left_ - 3, "ringback", right_ + 1, "phone");
    }

    std::string line(const LadderRow& row) {
        std::string out = time(row.at);
        switch (row.kind) {
            case Kind::app_to_ringback:
                return out + bar() + arrow(row, true, left_, pen_.request, pen_) + bar() +
                       gap(right_) + bar() + "\n";
            case Kind::ringback_to_app:
                return out + bar() + arrow(row, false, left_, pen_.callback, pen_) + bar() +
                       gap(right_) + bar() + "\n";
            case Kind::ringback_to_phone:
                return out + bar() + gap(left_) + bar() +
                       arrow(row, true, right_, pen_.phone, pen_) + bar() + "\n";
            case Kind::phone_to_ringback:
                return out + bar() + gap(left_) + bar() +
                       arrow(row, false, right_, pen_.phone, pen_) + bar() + "\n";
            case Kind::remark:
                break;
        }
        const std::string text = "  " + harmless(row.label, pen_);
        if (row.wrong == 0) {
            return out + remark(fitted(text, left_, pen_), row.failed);
        }
        std::string margin;
        for (const std::string& part : broken(text, left_)) {
            out += margin + remark(fitted(part, left_, pen_), row.failed);
            margin = gap(time_width);
        }
        return out;
    }

private:
    [[nodiscard]] std::string remark(const std::string& text, bool failed) const {
        return bar() + fmt::format("{}{}{}", failed ? pen_.bad : pen_.dim, text, pen_.plain) +
               gap(left_ - utf8_length(text)) + bar() + gap(right_) + bar() + "\n";
    }

    /// Between words, into lines of that width, those behind the first indented.
    [[nodiscard]] static std::vector<std::string> broken(std::string_view text, std::size_t width) {
        constexpr std::string_view indent{"    "};
        std::vector<std::string> lines{std::string{text.substr(0, text.find_first_not_of(' '))}};
        text.remove_prefix(lines[0].size());
        bool begins = true;
        while (!text.empty()) {
            const std::size_t end = std::min(text.find(' '), text.size());
            const std::string_view word = text.substr(0, end);
            text.remove_prefix(std::min(end + 1, text.size()));
            if (!begins && utf8_length(lines.back()) + 1 + utf8_length(word) > width) {
                lines.emplace_back(indent);
                begins = true;
            }
            lines.back().append(begins ? "" : " ").append(word);
            begins = false;
        }
        return lines;
    }

    /// Shown only when it has moved on, so that what happens at one moment is seen to.
    std::string time(Duration at) {
        const auto ms = std::chrono::floor<std::chrono::milliseconds>(at).count();
        if (ms == last_ms_) {
            return gap(time_width);
        }
        last_ms_ = ms;
        return fmt::format("{:>{}}.{:03} ", ms / 1000, time_width - 5, ms % 1000);
    }
    [[nodiscard]] std::string bar() const {
        return fmt::format("{}{}{}", pen_.dim, pen_.bar, pen_.plain);
    }
    [[nodiscard]] static std::string gap(std::size_t width) {
        std::string blanks;
        blanks.resize(width, ' ');
        return blanks;
    }

    Pen pen_;
    std::size_t left_;
    std::size_t right_;
    std::int64_t last_ms_{-1};
};

}  // namespace

std::string ladder(const std::vector<nlohmann::json>& entries, const LadderStyle& style) {
    const std::vector<LadderRow> rows = ladder_rows(entries);
    if (rows.empty()) {
        return {};
    }
    Picture picture{style};
    std::string text = picture.heading();
    for (const LadderRow& row : rows) {
        text += picture.line(row);
    }
    return text;
}

}  // namespace ringback
