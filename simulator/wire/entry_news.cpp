#include "simulator/wire/entry_news.h"

#include <string_view>
#include <utility>

#include "simulator/core/result.h"
#include "simulator/wire/account_json.h"
#include "simulator/wire/bxml_news.h"
#include "simulator/wire/entry_line.h"
#include "simulator/wire/json_out.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

/// Of a member see add_member.
void add(EntryLine& line, const ConferenceChanged& change) {
    if (change.member == 0) {
        line.text("before", word(change.before));
        line.text("after", word(change.after));
    }
    line.number("activeMembers", change.active_members);
    line.boolean("hold", change.hold);
    line.boolean("mute", change.mute);
}

/// Which one it is about, and whose ids only the whole entry can tell.
void add_member(EntryLine& line, const ConferenceChanged& change, const Entry& entry,
                const IdCodec& ids) {
    if (change.member != 0 && entry.user) {
        const std::uint64_t user = hash_of(entry.user.view());
        line.text(
            "memberId",
            ids.make(IdKind::conference_member, user, number_of(entry.call), change.member).view());
        line.text("callId", ids.make(IdKind::call, user, number_of(change.call)).view());
        line.text("state", member_word(change.left));
    }
}

std::string_view news_text(ItemNews news) {
    return news == ItemNews::created   ? "created"
           : news == ItemNews::changed ? "changed"
                                       : "removed";
}

void add(EntryLine& line, const ApplicationChanged& change) {
    const Application& about = *change.application.get();
    line.text("what", news_text(change.news));
    line.text("name", about.name);
    line.url_text_if("incomingCallUrl", about.calls->url);
    line.url_text_if("incomingCallFallbackUrl", about.calls->fallback_url);
    line.url_text_if("incomingMessageUrl", about.messages->url);
    line.url_text_if("incomingMessageFallbackUrl", about.messages->fallback_url);
    line.text("callbackHttpMethod", word(about.calls->method));
    line.boolean("autoAnswer", about.auto_answer);
}

void add(EntryLine& line, const NumberChanged& change) {
    const PhoneNumber& about = *change.number.get();
    line.text("what", news_text(change.news));
    line.text("number", about.number);
    line.text_if("name", about.name);
    line.text_if("fallbackNumber", about.fallback_number);
}

void add(EntryLine& line, const DomainChanged& change) {
    line.text("item", word(change.what));
    line.text("what", word(change.how));
}

void add(EntryLine& line, const Charged& charge) {
    line.text("productType", word(charge.product));
    line.text("amount", money_text(price_of(charge.product)));
}

void add(EntryLine& line, const BridgeChanged& change) {
    line.text("before", word(change.before));
    line.text("after", word(change.after));
    line.boolean("bridgeAudio", change.audio);
}
/// Only here are ids needed beyond the one that the entry is about.
void add_calls(EntryLine& line, const BridgeChanged& change, std::uint64_t user_hash,
               const IdCodec& ids) {
    std::string& out = line.member("callIds");
    out += '[';
    for (const CallId call : change.calls) {
        if (call != CallId::none) {
            out += out.back() == '[' ? "\"" : ",\"";
            ids.append(out, IdKind::call, user_hash, number_of(call));
            out += '"';
        }
    }
    out += ']';
}

void add(EntryLine& line, const BxmlNews& news) {
    using What = BxmlNews::What;
    line.text("what", word(news.what));
    if (news.what == What::document) {
        line.number("verbs", news.verbs);
    }
    const bool has_place = news.what == What::verb || news.what == What::ignored ||
                           news.what == What::unknown_verb || news.what == What::invalid ||
                           news.what == What::invalid_verb;
    if (has_place) {
        line.number("line", news.place.line);
        line.number("column", news.place.column);
    }
    line.url_text_if("text", news.text);
    line.url_text_if("url", news.url);
}

void add(EntryLine& line, const FaultMet& met) {
    line.text("fault", met.name);
    line.number("rule", met.rule);
    line.number("draw", met.draw);
    line.text_if("text", met.text);
    if (met.delivery != DeliveryId::none) {
        line.number("delivery", static_cast<std::uint64_t>(met.delivery));
        line.text("event", word(met.event));
    }
    for (const auto& [name, is] : {std::pair{"extra", met.extra}, std::pair{"lost", met.lost},
                                   std::pair{"altered", met.altered}}) {
        if (is) {
            line.boolean(name, true);
        }
    }
    line.body_if("payload", met.payload);
}

std::string_view word_of(DrawMissed::Why why) {
    switch (why) {
        case DrawMissed::Why::chance:
            return "chance";
        case DrawMissed::Why::nth:
            return "nth";
        case DrawMissed::Why::window:
            return "window";
        case DrawMissed::Why::times:
            return "times";
        case DrawMissed::Why::lost:
            return "lost";
        case DrawMissed::Why::another:
            return "another";
    }
    bug("a DrawMissed::Why without a name");
}

void add(EntryLine& line, const DrawsMissed& draws) {
    if (draws.delivery != DeliveryId::none) {
        line.number("delivery", static_cast<std::uint64_t>(draws.delivery));
        line.text("event", word(draws.event));
    }
    std::string& all = line.member("missed");
    char before = '[';
    for (const DrawMissed& one : draws.all) {
        all += std::exchange(before, ',');
        JsonObject missed{all};
        missed.text("fault", draws.names->at(one.rule - 1));
        append_integer(missed.member("rule"), one.rule);
        append_integer(missed.member("draw"), one.draw);
        missed.text("why", word_of(one.why));
        missed.end();
    }
    all += ']';
}

}  // namespace

void add_news(EntryLine& line, const OtherNews& news) {
    std::visit([&](const auto& what) { add(line, what); }, news);
}

void add_news_ids(EntryLine& line, const Entry& entry, const IdCodec& ids) {
    const auto id = [&](std::string_view name, IdKind kind, std::uint64_t number) {
        line.text(name, ids.make(kind, hash_of(entry.user.view()), number).view());
    };
    if (const auto* const application = other_news<ApplicationChanged>(entry.what)) {
        id("applicationId", IdKind::application, application->application->id);
    } else if (const auto* const number = other_news<NumberChanged>(entry.what)) {
        id("numberId", IdKind::phone_number, number->number->id);
        if (number->number->application != 0) {
            id("applicationId", IdKind::application, number->number->application);
        }
    } else if (const auto* const change = other_news<DomainChanged>(entry.what)) {
        id("domainId", IdKind::domain, change->domain);
        if (change->endpoint != 0) {
            line.text("endpointId", ids.make(IdKind::endpoint, hash_of(entry.user.view()),
                                             change->domain, change->endpoint)
                                        .view());
        }
    } else if (const auto* const charge = other_news<Charged>(entry.what)) {
        line.text("transactionId",
                  charge_id(charge->number, ids, hash_of(entry.user.view())).view());
    }
}

void add_named_ids(EntryLine& line, const Entry& entry, const IdCodec& ids) {
    if (const auto* const change = other_news<ConferenceChanged>(entry.what)) {
        add_member(line, *change, entry, ids);
    }
    if (const auto* const bridge = other_news<BridgeChanged>(entry.what)) {
        add_calls(line, *bridge, hash_of(entry.user.view()), ids);
    }
}

}  // namespace ringback
