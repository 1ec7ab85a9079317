#include "harness/ladder/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include "harness/ladder/highlights.h"
#include "simulator/wire/time_text.h"

namespace ringback {
namespace {

using nlohmann::json;
using Kind = LadderRow::Kind;

/// What one end of the phone lane is heard to do, by the reason a call ended.
struct Ending {
    std::string_view cause;
    std::string_view text;
    Kind kind;
};
constexpr std::array endings{
    Ending{"USER_BUSY", "busy", Kind::phone_to_ringback},
    Ending{"CALL_REJECTED", "declines", Kind::phone_to_ringback},
    Ending{"UNALLOCATED_NUMBER", "not in service", Kind::phone_to_ringback},
    Ending{"NO_ANSWER", "nobody answers", Kind::phone_to_ringback},
    Ending{"NORMAL_TEMPORARY_FAILURE", "network fails", Kind::phone_to_ringback},
    Ending{"NORMAL_CLEARING", "hangs up", Kind::ringback_to_phone},
    Ending{"ORIGINATOR_CANCEL", "cancels", Kind::ringback_to_phone},
};

/// Entries come from outside: one that is no object, or has no such number, is 0.
std::uint64_t number_of(const json& entry, const char* name) {
    const auto number = entry.is_object() ? entry.find(name) : entry.end();
    const bool has = number != entry.end() && number->is_number_integer() && *number >= 0;
    return has ? number->get<std::uint64_t>() : 0;
}

std::uint64_t seq_of(const json& entry) { return number_of(entry, "seq"); }

/// Which try of its delivery an attempt is, without sendings that were lost and made again; 0: of
/// none that counts.
std::uint64_t try_of(const json& attempt) {
    const std::uint64_t number = number_of(attempt, "attempt");
    const std::uint64_t unheard = number_of(attempt, "unheard");
    return number < unheard ? 0 : number - unheard;
}

bool is_sent_again(const json& attempt) { return text_member(attempt, "sent_again") == "true"; }

/// Turns entries into rows one after the other; knows what it has already shown.
class Narrator {
public:
    explicit Narrator(const std::vector<json>& entries) {
        for (const json& entry : entries) {
            if (text_member(entry, "kind") == "attempt" && try_of(entry) == 1 &&
                !is_sent_again(entry)) {
                first_tries_.emplace(text_member(entry, "delivery"), &entry);
            }
            if (text_member(entry, "kind") == "fault" && text_member(entry, "lost") == "true") {
                lost_.insert(text_member(entry, "delivery"));
            }
        }
    }

    void tell(const json& entry) {
        const std::string kind = text_member(entry, "kind");
        if (const auto at = parse_time(text_member(entry, "time"))) {
            begin_ = begin_.value_or(*at);
            at_ = *at - *begin_;
        }
        call_ = text_member(entry, "call");
        seq_ = seq_of(entry);
        if (kind == "api") {
            tell_api(entry);
        } else if (kind == "event") {
            tell_event(entry);
        } else if (kind == "attempt") {
            tell_attempt(entry);
        } else if (kind == "state") {
            tell_state(entry);
        } else if (kind == "phone") {
            tell_phone(entry);
        } else if (kind == "error") {
            add(Kind::remark, fmt::format("error record {}", text_member(entry, "code")), {}, true);
        } else if (kind == "bxml") {
            tell_bxml(entry);
        } else if (kind == "fault") {
            tell_fault(entry);
        } else if (kind == "clock") {
            add(Kind::remark, fmt::format("clock {}", text_member(entry, "how")));
        }
        if (kind != "phone") {
            phone_acted_ = false;
        }
    }

    [[nodiscard]] std::vector<LadderRow> rows() && { return std::move(rows_); }

private:
    /// "" for the first call that is mentioned, "B: " for the second, and so on.
    std::string leg() {
        if (call_.empty()) {
            return {};
        }
        const auto known = legs_.emplace(call_, legs_.size()).first->second;
        return known == 0 ? std::string{}
                          : fmt::format("{}: ", static_cast<char>('A' + known % 26));
    }

    void add(Kind kind, std::string_view label, std::string tail = {}, bool failed = false) {
        LadderRow& row = rows_.emplace_back();
        row.kind = kind;
        row.at = at_;
        row.label = leg() + std::string{label};
        row.tail = std::move(tail);
        row.failed = failed;
        row.seq = seq_;
    }

    /// The last row's label begins, behind its leg, with a name of that many bytes and then so many
    /// that say what is wrong.
    void mark_wrong(std::string_view label, std::size_t name, std::size_t wrong) {
        LadderRow& row = rows_.back();
        row.name = row.label.size() - label.size() + name;
        row.wrong = wrong;
    }

    void tell_api(const json& entry) {
        const auto request = entry.find("request");
        const json& body = request == entry.end() ? json{} : *request;
        std::string label = short_request(entry);
        if (const std::string highlights = request_highlights(body); !highlights.empty()) {
            label += " " + highlights;
        }
        const std::string status = text_member(entry, "status");
        add(Kind::app_to_ringback, label, status, status >= "400");
        if (const std::string code = error_code(entry); status >= "400" && !code.empty()) {
            add(Kind::remark, code, {}, true);
        }
        const std::string dialled =
            text_member(body, label.starts_with("POST /calls ") ? "to" : "transferTo");
        if (status == "201" && !dialled.empty()) {
            add(Kind::ringback_to_phone, fmt::format("dials {}", dialled));
        }
    }

    void tell_event(const json& entry) {
        const std::string event = text_member(entry, "event");
        if (event == "incomingcall") {
            add(Kind::phone_to_ringback, "calls");
        }
        std::string label = event;
        if (text_member(entry, "method") == "GET") {
            label += " (GET)";
        }
        tell_sent(entry, with_highlights(entry, label));
    }

    static std::string with_highlights(const json& entry, std::string label) {
        const auto payload = entry.find("payload");
        if (payload != entry.end()) {
            const std::string highlights = event_highlights(text_member(entry, "event"), *payload);
            label += highlights.empty() ? "" : " " + highlights;
        }
        return label;
    }

    /// With how its first try ended, or that there will be none.
    void tell_sent(const json& entry, const std::string& label) {
        if (lost_.contains(text_member(entry, "delivery"))) {
            add(Kind::ringback_to_app, label, "lost");
            return;
        }
        const auto tried = first_tries_.find(text_member(entry, "delivery"));
        if (tried == first_tries_.end()) {
            add(Kind::ringback_to_app, label, "waiting");
            return;
        }
        told_.insert(tried->second);
        add(Kind::ringback_to_app, label, attempt_text(*tried->second), is_bad(*tried->second));
        rows_.back().outcome_seq = seq_of(*tried->second);
    }

    void tell_attempt(const json& entry) {
        if (told_.contains(&entry)) {
            return;
        }
        std::string label = text_member(entry, "event");
        const std::size_t name = label.size();
        if (is_sent_again(entry)) {
            label += ", to be sent again";
        } else if (text_member(entry, "fallback") == "true") {
            label += ", to the fallback URL";
        } else if (try_of(entry) == 0) {
            label += ", sent badly";
        } else if (try_of(entry) != 1) {
            label += fmt::format(", try {}", try_of(entry));
        }
        add(Kind::ringback_to_app, label, attempt_text(entry), is_bad(entry));
        mark_wrong(label, name, label.size() - name);
    }

    /// What happened on the phone is told from the change of state, where no entry of its own says
    /// it.
    void tell_state(const json& entry) {
        const std::string after = text_member(entry, "after");
        if (phone_acted_) {
            return;
        }
        if (after == "active" && text_member(entry, "before") == "started") {
            add(Kind::phone_to_ringback, "picks up");
            return;
        }
        if (after == "error") {
            add(Kind::ringback_to_phone, "drops the call");
            return;
        }
        const std::string cause = text_member(entry, "cause");
        const auto* const ending = std::ranges::find(endings, cause, &Ending::cause);
        if (ending != endings.end()) {
            add(ending->kind, ending->text);
        }
    }

    void tell_phone(const json& entry) {
        const std::string what = text_member(entry, "what");
        const std::string text = text_member(entry, "text");
        phone_acted_ = what == "answered" || what == "hung_up" || what == "declined";
        if (what == "pressed") {
            add(Kind::phone_to_ringback, "presses " + text);
        } else if (what == "said") {
            add(Kind::phone_to_ringback, fmt::format("says \"{}\"", text));
        } else if (what == "answered") {
            add(Kind::phone_to_ringback, "picks up");
        } else if (what == "declined") {
            add(Kind::phone_to_ringback, "declines");
        } else if (what == "hung_up") {
            add(Kind::phone_to_ringback, "hangs up");
        } else if (what == "heard_speech") {
            add(Kind::ringback_to_phone, fmt::format("\"{}\"", text));
        } else if (what == "heard_file") {
            add(Kind::ringback_to_phone, fmt::format("plays {}", text.substr(text.rfind('/') + 1)));
        } else {
            add(Kind::ringback_to_phone, "tone " + text);
        }
    }

    /// A delivery that only a fault has made is told like an event; what a fault does to one that
    /// is shown already, or to a request, is a remark.
    void tell_fault(const json& entry) {
        const std::string fault = text_member(entry, "fault");
        if (text_member(entry, "extra") == "true") {
            const std::string event = text_member(entry, "event");
            const std::string wrong = " (" + fault + ")";
            const std::string label = with_highlights(entry, event + wrong);
            tell_sent(entry, label);
            mark_wrong(label, event.size(), wrong.size());
            return;
        }
        const std::string text = text_member(entry, "text");
        const std::string label =
            fmt::format("fault {}{}{}", fault, text.empty() ? "" : ": ", text);
        add(Kind::remark, label);
        mark_wrong(label, 0, label.size());
    }

    /// "<Gather> at 3:5", "BXML refused at 3:5: expected ...".
    void tell_bxml(const json& entry) {
        const std::string what = text_member(entry, "what");
        const std::string text = text_member(entry, "text");
        const std::string line = text_member(entry, "line");
        const std::string place =
            line.empty() ? line : fmt::format(" at {}:{}", line, text_member(entry, "column"));
        if (what == "verb") {
            add(Kind::remark, fmt::format("<{}>{}", text, place));
        } else if (what == "document") {
            add(Kind::remark, fmt::format("BXML, verbs: {}", text_member(entry, "verbs")));
        } else if (what == "refused" || what == "skipped") {
            add(Kind::remark, fmt::format("BXML {}{}: {}", what, place, text), {}, true);
        } else if (what == "hangs_up") {
            add(Kind::remark, fmt::format("BXML hangs up: {}", text));
        } else if (what == "ignored") {
            add(Kind::remark, fmt::format("BXML ignored{}: {}", place, text));
        } else {
            add(Kind::remark,
                what == "no_document" ? "no BXML in the answer" : "BXML was not to be had", {},
                true);
        }
    }

    static bool is_bad(const json& attempt) {
        const std::string status = text_member(attempt, "status");
        return text_member(attempt, "end") != "answered" || status < "200" || status >= "300";
    }

    std::map<std::string, const json*> first_tries_;  // by delivery
    std::set<const json*> told_;
    std::set<std::string> lost_;  // deliveries
    std::map<std::string, std::size_t> legs_;
    std::vector<LadderRow> rows_;
    std::optional<Instant> begin_{};
    Duration at_{};
    std::string call_;
    std::uint64_t seq_{0};
    bool phone_acted_{false};  // the entry before said what the next change of state would
};

}  // namespace

std::vector<LadderRow> ladder_rows(const std::vector<json>& entries) {
    Narrator narrator{entries};
    for (const json& entry : entries) {
        narrator.tell(entry);
    }
    return std::move(narrator).rows();
}

}  // namespace ringback
