#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/wire/bxml_news.h"
#include "tests/support/story.h"

namespace ringback::test {

/// Calls under control of a receiver's XML, told as in Story; from the answer on in seconds.
struct BxmlStory : Story {
    using Story::Story;

    static constexpr const char* url = "http://127.0.0.1:9000/flow/start?x=1";

    static NewCall by_get(NewCall call = outbound()) {
        Route route;
        route.url = url;
        route.method = Method::get;
        call.route = RouteRef{route};
        return call;
    }

    /// The body of the answer to the event that asked.
    void answers(CallId id, std::string_view body, EventType asked_by = EventType::answer,
                 std::string_view from = url) {
        engine.apply(id, read_answer(asked_by, from, body), now);
    }
    void fails(CallId id, EventType asked_by) {
        NoDocument none;
        none.asked_by = asked_by;
        none.why = NoDocument::Why::not_delivered;
        none.url = url;
        engine.apply(id, none, now);
    }
    /// A call that has been answered and reads this; what was told until then is forgotten.
    CallId reads(std::string_view inside_response, const NewCall& call = by_get()) {
        const CallId id = begin(call);
        wait(call.direction == Direction::out ? 4s : 0s);
        if (call.direction == Direction::in) {
            does(id, IncomingTold{});
        }
        answered_at = now;
        engine.outputs().clear();
        answers(id, "<Response>" + std::string{inside_response} + "</Response>");
        return id;
    }

    /// All that came out since the last look, but for changes of state: "0.000 <Gather>", "0.300
    /// hears Hello", "2.000 gather max-digits 1 to /m?" with "?" where its answer may bring a
    /// document.
    Lines happened() {
        Lines lines;
        for (const Output& output : engine.outputs()) {
            const std::string line =
                std::visit(Overloaded{[](const auto&) { return std::string{}; },
                                      [](const Callback& owed) { return shown(owed); },
                                      [](const OnThePhone& phone) { return shown(phone); },
                                      [](const OtherNews& other) {
                                          const auto* const news = std::get_if<BxmlNews>(&other);
                                          return news != nullptr ? shown(*news) : std::string{};
                                      }},
                           output.what);
            if (!line.empty()) {
                lines.push_back(seconds_text(output.at - answered_at) + " " + line);
            }
        }
        engine.outputs().clear();
        return lines;
    }
    /// Only the events.
    Lines events() {
        Lines lines;
        for (const Output& output : engine.outputs()) {
            if (const auto* callback = std::get_if<Callback>(&output.what)) {
                lines.push_back(seconds_text(output.at - answered_at) + " " + shown(*callback));
            }
        }
        engine.outputs().clear();
        return lines;
    }

    Instant answered_at{dawn};

    static std::string shown(const Callback& owed) {
        std::string text = event_text(owed.event);
        const std::string& to = owed.route->url;
        if (to != url) {
            constexpr std::string_view host{"http://127.0.0.1:9000"};
            text += std::string{owed.route->method == Method::get ? " to " : " by POST to "} +
                    (to.starts_with(host) ? to.substr(host.size()) : to);
        }
        return text + (owed.event.asks_document ? "?" : "");
    }
    static std::string shown(const OnThePhone& phone) {
        switch (phone.what) {
            case OnThePhone::What::pressed:
                return "presses " + phone.text;
            case OnThePhone::What::heard_tone:
                return "hears tone " + phone.text;
            case OnThePhone::What::heard_speech:
            case OnThePhone::What::heard_file:
                return "hears " + phone.text;
            default:
                return {};
        }
    }
    static std::string shown(const BxmlNews& news) {
        const std::string place =
            std::to_string(news.place.line) + ":" + std::to_string(news.place.column);
        switch (news.what) {
            case BxmlNews::What::document:
                return "document of " + std::to_string(news.verbs);
            case BxmlNews::What::verb:
                return "<" + news.text + ">";
            case BxmlNews::What::no_document:
                return "no document";
            case BxmlNews::What::not_delivered:
                return "not delivered";
            case BxmlNews::What::hangs_up:
                return "hangs up: " + news.text;
            default:
                return std::string{ringback::word(news.what)} + " " + place + " " + news.text;
        }
    }
};

}  // namespace ringback::test
