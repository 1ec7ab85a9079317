#include "harness/report/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "harness/ladder/highlights.h"
#include "harness/scenario/events.h"
#include "harness/script/happening.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

using nlohmann::json;

struct KindName {
    std::string_view name;
    std::string_view about;
};
constexpr std::array kind_names{
    KindName{"events", "event types and phases the receiver was told"},
    KindName{"causes", "why calls ended, in hangup"},
    KindName{"reasons", "why gathers ended"},
    KindName{"states", "states that calls were in"},
    KindName{"commands", "commands that the API accepted"},
    KindName{"refusals", "codes with which the API refused the receiver"},
    KindName{"methods", "how callbacks were sent"},
    KindName{"deliveries", "what became of callbacks"},
};

/// Which built-in scenario brings it about, so that who lacks it knows what to play. A test plays
/// them all.
struct Bringer {
    std::string_view kind, item, scenario;
};
constexpr std::array bringers{
    Bringer{"events", "answer", "answer-hangup"},
    Bringer{"events", "incomingcall", "inbound-auto-answer"},
    Bringer{"events", "speak.started", "answer-speak-hangup"},
    Bringer{"events", "speak.done", "answer-speak-hangup"},
    Bringer{"events", "playback.started", "play-file"},
    Bringer{"events", "playback.done", "play-file"},
    Bringer{"events", "dtmf", "keys-without-gather"},
    Bringer{"events", "gather", "gather-max-digits"},
    Bringer{"events", "hangup", "answer-hangup"},
    Bringer{"events", "timeout", "no-answer"},
    Bringer{"events", "recording.complete", "recording-whole-call"},
    Bringer{"events", "recording.error", "recording-failed"},
    Bringer{"events", "transcription.complete", "transcription"},
    Bringer{"events", "transcription.error", "transcription-failed"},
    Bringer{"events", "error", "platform-error"},
    Bringer{"events", "redirect", "menu-by-bxml"},
    Bringer{"events", "transferComplete", "transfer-by-bxml"},
    Bringer{"events", "sms.received", "sms-autoresponder"},
    Bringer{"events", "sms.sent", "sms-delivered"},
    Bringer{"events", "sms.delivered", "sms-delivered"},
    Bringer{"events", "sms.not-delivered", "sms-not-delivered"},
    Bringer{"events", "sms.error", "sms-error"},
    Bringer{"events", "mms.received", "mms-received"},
    Bringer{"events", "mms.sent", "mms-sent"},
    Bringer{"events", "mms.error", "mms-error"},
    Bringer{"events", "conference.created", "conference-of-three"},
    Bringer{"events", "conference.completed", "conference-of-three"},
    Bringer{"events", "conference-member", "conference-of-three"},
    Bringer{"events", "conference-speak.started", "conference-of-three"},
    Bringer{"events", "conference-speak.done", "conference-of-three"},
    Bringer{"events", "conference-playback.started", "conference-hold-music"},
    Bringer{"events", "conference-playback.done", "conference-hold-music"},
    Bringer{"causes", "NORMAL_CLEARING", "answer-hangup"},
    Bringer{"causes", "ORIGINATOR_CANCEL", "cancel-while-ringing"},
    Bringer{"causes", "USER_BUSY", "busy"},
    Bringer{"causes", "CALL_REJECTED", "declined"},
    Bringer{"causes", "UNALLOCATED_NUMBER", "unallocated-number"},
    Bringer{"causes", "NO_ANSWER", "no-answer"},
    Bringer{"causes", "NORMAL_TEMPORARY_FAILURE", "network-failure"},
    Bringer{"reasons", "max-digits", "gather-max-digits"},
    Bringer{"reasons", "terminating-digit", "gather-terminating-digit"},
    Bringer{"reasons", "inter-digit-timeout", "gather-no-key"},
    Bringer{"reasons", "hung-up", "gather-hung-up"},
    Bringer{"reasons", "cancelled", "gather-stopped"},
    Bringer{"states", "started", "answer-hangup"},
    Bringer{"states", "active", "answer-hangup"},
    Bringer{"states", "transferring", "transfer"},
    Bringer{"states", "completed", "answer-hangup"},
    Bringer{"states", "rejected", "inbound-reject"},
    Bringer{"states", "error", "platform-error"},
    Bringer{"commands", "create", "dial-speak-hangup"},
    Bringer{"commands", "update", "answer-hangup"},
    Bringer{"commands", "audio", "answer-speak-hangup"},
    Bringer{"commands", "dtmf", "tones-to-caller"},
    Bringer{"commands", "gather", "gather-max-digits"},
    Bringer{"commands", "stop-gather", "gather-stopped"},
    Bringer{"commands", "transcribe", "transcription-on-request"},
    Bringer{"commands", "message", "sms-delivered"},
    Bringer{"methods", "POST", "answer-hangup"},
    Bringer{"methods", "GET", "callbacks-by-get"},
    Bringer{"deliveries", "delivered", "answer-hangup"},
    Bringer{"deliveries", "delivered_by_fallback", "fallback-url"},
    Bringer{"deliveries", "failed", "inbound-fallback-number"},
};

template <class Enum>
std::vector<Coverage::Item> items_of(const std::vector<Enum>& all) {
    std::vector<Coverage::Item> items;
    items.reserve(all.size());
    for (const Enum one : all) {
        items.push_back({std::string{word(one)}, 0, {}});
    }
    return items;
}

std::vector<Coverage::Item> items_of(const std::vector<std::string_view>& names) {
    std::vector<Coverage::Item> items;
    items.reserve(names.size());
    for (const std::string_view name : names) {
        items.push_back({std::string{name}, 0, {}});
    }
    return items;
}

std::vector<Coverage::Item> documented(std::string_view kind) {
    if (kind == "events") {
        return items_of(event_names());
    }
    if (kind == "causes") {
        return items_of(std::vector{Cause::normal_clearing, Cause::originator_cancel,
                                    Cause::user_busy, Cause::call_rejected,
                                    Cause::unallocated_number, Cause::no_answer,
                                    Cause::normal_temporary_failure});
    }
    if (kind == "reasons") {
        return items_of(std::vector{GatherReason::max_digits, GatherReason::terminating_digit,
                                    GatherReason::inter_digit_timeout, GatherReason::hung_up,
                                    GatherReason::cancelled});
    }
    if (kind == "states") {
        return items_of(std::vector{CallState::started, CallState::active, CallState::transferring,
                                    CallState::completed, CallState::rejected, CallState::error});
    }
    if (kind == "commands") {
        std::vector<Coverage::Item> items;
        for (const ApiCommand& command : api_commands()) {
            items.push_back({std::string{command.word}, 0, {}});
        }
        return items;
    }
    if (kind == "methods") {
        return items_of(std::vector{Method::post, Method::get});
    }
    return kind == "deliveries" ? items_of(std::vector<std::string_view>{
                                      "delivered", "delivered_by_fallback", "failed"})
                                : std::vector<Coverage::Item>{};
}

class Counter {
public:
    Counter() {
        for (const KindName& kind : kind_names) {
            coverage_.kinds.push_back({kind.name, kind.about, documented(kind.name)});
        }
        for (const Bringer& bringer : bringers) {
            auto& items =
                std::ranges::find(coverage_.kinds, bringer.kind, &Coverage::Kind::name)->items;
            std::ranges::find(items, bringer.item, &Coverage::Item::name)->scenario =
                bringer.scenario;
        }
    }

    void count(const json& entry) {
        const std::string kind = text_member(entry, "kind");
        if (kind == "event") {
            count_event(entry);
        } else if (kind == "api") {
            count_request(entry);
        } else if (kind == "state") {
            add("states", text_member(entry, "before"));
            add("states", text_member(entry, "after"));
        } else if (kind == "attempt" && text_member(entry, "sent_again") != "true") {
            add("deliveries", text_member(entry, "outcome"));
        }
    }

    [[nodiscard]] Coverage coverage() && {
        std::erase_if(coverage_.kinds,
                      [](const Coverage::Kind& kind) { return kind.items.empty(); });
        return std::move(coverage_);
    }

private:
    void count_event(const json& entry) {
        const Happening event{entry, {}, {}};
        add("events", event.event);
        add("methods", text_member(entry, "method"));
        add("causes", text_member(event.message(), "cause"));
        if (event.event == "gather") {
            add("reasons", text_member(event.message(), "reason"));
        }
    }

    void count_request(const json& entry) {
        const Happening request{entry, {}, {}};
        if (request.status() >= 400) {
            add("refusals", error_code(entry), true);
            return;
        }
        for (const ApiCommand& command : api_commands()) {
            std::string pattern{command.path};
            constexpr std::string_view user{"${userId}"};
            pattern.replace(pattern.find(user), user.size(), "*");
            if (request.method() == command.method && means_path(pattern, request.path())) {
                add("commands", command.word);
                return;
            }
        }
    }

    /// What the API does not document is left out, unless `any`.
    void add(std::string_view kind, std::string_view name, bool any = false) {
        auto& items = std::ranges::find(coverage_.kinds, kind, &Coverage::Kind::name)->items;
        const auto item = std::ranges::find(items, name, &Coverage::Item::name);
        if (item != items.end()) {
            ++item->count;
        } else if (any && !name.empty()) {
            items.push_back({std::string{name}, 1, {}});
        }
    }

    Coverage coverage_;
};

std::string known_kinds() {
    std::string known;
    for (const KindName& kind : kind_names) {
        known += (known.empty() ? "" : ", ") + std::string{kind.name};
    }
    return known;
}

}  // namespace

std::size_t Coverage::Kind::touched() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(items, [](const Item& item) { return item.count > 0; }));
}

const Coverage::Kind* Coverage::find(std::string_view name) const {
    const auto found = std::ranges::find(kinds, name, &Kind::name);
    return found == kinds.end() ? nullptr : &*found;
}

Coverage coverage_of(const std::vector<RunRecord>& runs) {
    Counter counter;
    for (const RunRecord& run : runs) {
        for (const json& entry : run.entries) {
            counter.count(entry);
        }
    }
    return std::move(counter).coverage();
}

Result<CoverageDemand> coverage_demand_of(std::string_view text) {
    const Error refused{"", fmt::format("expected KIND>=N or KIND>=N% (kinds: {}), found \"{}\"",
                                        known_kinds(), text)};
    const std::size_t sign = text.find('>');
    CoverageDemand demand;
    demand.text = text;
    demand.kind = text.substr(0, sign);
    if (sign == std::string_view::npos ||
        std::ranges::find(kind_names, demand.kind, &KindName::name) == kind_names.end()) {
        return refused;
    }
    std::string_view number = text.substr(sign + 1);
    demand.more = !number.starts_with('=');
    number.remove_prefix(demand.more ? 0 : 1);
    demand.percent = number.ends_with('%');
    number.remove_suffix(demand.percent ? 1 : 0);
    const char* const end = number.data() + number.size();
    const auto [stop, error] = std::from_chars(number.data(), end, demand.least);
    if (number.empty() || error != std::errc{} || stop != end ||
        (demand.percent && demand.least > 100)) {
        return refused;
    }
    return demand;
}

bool is_met(const CoverageDemand& demand, const Coverage& coverage) {
    const Coverage::Kind* const kind = coverage.find(demand.kind);
    // Refusals have no list of their own: without any there is no such kind.
    const std::uint64_t touched = kind == nullptr ? 0 : kind->touched();
    const std::uint64_t all = kind == nullptr ? 0 : kind->items.size();
    const std::uint64_t have = demand.percent ? touched * 100 : touched;
    const std::uint64_t need = demand.percent ? demand.least * all : demand.least;
    return demand.more ? have > need : have >= need;
}

std::string demand_text(const CoverageDemand& demand, const Coverage& coverage) {
    const Coverage::Kind* const kind = coverage.find(demand.kind);
    if (kind == nullptr) {
        return fmt::format("{}: none touched", demand.text);
    }
    std::vector<std::string> untouched;
    for (const Coverage::Item& item : kind->items) {
        if (item.count == 0) {
            untouched.push_back(fmt::format("{} ({})", item.name, item.scenario));
        }
    }
    return fmt::format("{}: {} of {} touched{}{}", demand.text, kind->touched(), kind->items.size(),
                       untouched.empty() ? "" : "; never: ", fmt::join(untouched, ", "));
}

}  // namespace ringback
