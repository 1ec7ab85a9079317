#include "harness/cli/narration.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <variant>

#include "harness/cli/output.h"
#include "harness/ladder/highlights.h"
#include "simulator/core/delivery.h"

namespace ringback {
namespace {

using nlohmann::json;

/// One entry as one line; "" for what another line already says.
std::string line_about(const json& entry) {
    const std::string kind = text_member(entry, "kind");
    if (kind == "api") {
        return fmt::format("{} {} -> {}  {}", text_member(entry, "method"),
                           text_member(entry, "path"), text_member(entry, "status"),
                           request_highlights(entry.value("request", json{})));
    }
    if (kind == "attempt") {
        return fmt::format("{} to {} -> {}", text_member(entry, "event"), text_member(entry, "url"),
                           attempt_text(entry));
    }
    if (kind == "state") {
        return fmt::format("call {} is {} {}", text_member(entry, "call"),
                           text_member(entry, "after"), text_member(entry, "cause"));
    }
    if (kind == "phone") {
        return fmt::format("phone {} {}", text_member(entry, "what"), text_member(entry, "text"));
    }
    if (kind == "bxml") {
        const std::string line = text_member(entry, "line");
        return fmt::format("bxml {} {}{}", text_member(entry, "what"),
                           line.empty() ? std::string{}
                                        : fmt::format("at line {}, column {}: ", line,
                                                      text_member(entry, "column")),
                           text_member(entry, "text"));
    }
    if (kind == "error") {
        return fmt::format("error record {}", text_member(entry, "code"));
    }
    if (kind == "message" || kind == "bridge" || kind == "conference") {
        const std::string member = text_member(entry, "memberId");
        return fmt::format("{} {}{} is {}", kind, text_member(entry, kind),
                           member.empty() ? std::string{} : ", member " + member,
                           text_member(entry, member.empty() ? "after" : "state"));
    }
    if (kind == "application" || kind == "number" || kind == "domain") {
        const std::string item = kind == "domain" ? text_member(entry, "item") : kind;
        const std::string id = text_member(entry, item == "token" ? "endpointId" : item + "Id");
        return fmt::format("{}{} {} {}", item, item == "token" ? " of endpoint" : "", id,
                           text_member(entry, "what"));
    }
    if (kind == "charge") {
        return fmt::format("charged {} for {}", text_member(entry, "amount"),
                           text_member(entry, "productType"));
    }
    if (kind == "fault") {
        const std::string event = text_member(entry, "event");
        return fmt::format("fault {}{}{}: {}", text_member(entry, "fault"),
                           event.empty() ? "" : " of ", event, text_member(entry, "text"));
    }
    return kind == "clock" ? fmt::format("clock {}", text_member(entry, "how")) : std::string{};
}

}  // namespace

Narration::Narration(Journal& journal, bool everything)
    : journal_{journal}, everything_{everything} {
    journal_.listen(*this);
}

Narration::~Narration() { journal_.stop_listening(*this); }

void Narration::recorded(const RecordedEntry& entry) {
    if (!everything_) {
        tell_problem(entry);
        return;
    }
    const json value = json::parse(entry.line(), nullptr, /*allow_exceptions=*/false);
    if (const std::string line = line_about(value); !line.empty()) {
        say(fmt::format("{} {}", text_member(value, "time"), printable(line)));
    }
}

void Narration::tell_problem(const RecordedEntry& entry) {
    const auto* const attempt = std::get_if<AttemptMade>(&entry.entry().what);
    const auto* const bxml = other_news<BxmlNews>(entry.entry().what);
    const bool refused = bxml != nullptr && (bxml->what == BxmlNews::What::invalid ||
                                             bxml->what == BxmlNews::What::invalid_verb);
    const bool failed =
        attempt != nullptr && !is_success(attempt->result) && !attempt->result.sent_again;
    if ((!failed && !refused) || problems_ > most_problems) {
        return;
    }
    if (problems_++ == most_problems) {
        complain("more callbacks go wrong; the journal has them all");
        return;
    }
    complain(printable(line_about(json::parse(entry.line(), nullptr, /*allow_exceptions=*/false))));
}

void tell_faults(const FaultWords& words) {
    for (const std::string& line : words.struck) {
        say(line);
    }
    for (const std::string& line : words.idle) {
        complain("warning: " + line);
    }
}

}  // namespace ringback
