#include "simulator/wire/bxml_news.h"

#include <fmt/format.h>

#include <utility>

#include "simulator/core/result.h"
#include "simulator/wire/bxml.h"
#include "simulator/wire/entry_json.h"
#include "simulator/wire/redaction.h"

namespace ringback {

Input read_answer(EventType asked_by, std::string_view url, std::string_view body) {
    NoDocument none;
    none.asked_by = asked_by;
    none.url = url;
    if (!bxml::is_document(body)) {
        none.why = NoDocument::Why::none_in_answer;
        return none;
    }
    bxml::Reading reading = bxml::read(body);
    if (auto* const refusal = std::get_if<bxml::Refusal>(&reading)) {
        none.why = refusal->code == bxml::Refusal::Code::invalid_document
                       ? NoDocument::Why::invalid
                       : NoDocument::Why::invalid_verb;
        none.place = refusal->place;
        none.reason = fmt::format("expected {}, found {}", refusal->expected, refusal->found);
        return none;
    }
    return DocumentCame{asked_by, std::string{url},
                        Shared<bxml::Document>{std::get<bxml::Document>(std::move(reading))}};
}

std::string_view word(BxmlNews::What what) {
    switch (what) {
        case BxmlNews::What::document:
            return "document";
        case BxmlNews::What::verb:
            return "verb";
        case BxmlNews::What::ignored:
            return "ignored";
        case BxmlNews::What::unknown_verb:
            return "skipped";
        case BxmlNews::What::invalid:
        case BxmlNews::What::invalid_verb:
            return "refused";
        case BxmlNews::What::no_document:
            return "no_document";
        case BxmlNews::What::not_delivered:
            return "not_delivered";
        case BxmlNews::What::hangs_up:
            return "hangs_up";
    }
    bug("a BxmlNews::What without a word");
}

std::optional<UserError> bxml_error(const BxmlNews& news, const std::string& call_id, Instant at) {
    UserError error;
    error.at = at;
    error.category = "bad-request";
    error.details = {{"callId", call_id}, {"callbackUrl", redacted(news.url)}};
    const std::string place = fmt::format("line {}, column {}", news.place.line, news.place.column);
    switch (news.what) {
        case BxmlNews::What::unknown_verb:
            error.code = "bxml-unknown-verb";
            error.message = fmt::format("The BXML verb {} is unknown ({})", news.text, place);
            return error;
        case BxmlNews::What::invalid:
            error.code = word(bxml::Refusal::Code::invalid_document);
            error.message = fmt::format("The BXML document is invalid ({}): {}", place, news.text);
            return error;
        case BxmlNews::What::invalid_verb:
            error.code = word(bxml::Refusal::Code::invalid_verb);
            error.message = fmt::format("The BXML verb is invalid ({}): {}", place, news.text);
            return error;
        default:
            return std::nullopt;
    }
}

}  // namespace ringback
