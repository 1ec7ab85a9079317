// Every variant of the event catalogue is produced by a running simulator, by POST and by GET, and
// compared with the catalogue key by key.

#include "tests/support/event_catalogue.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <vector>

using namespace ringback;
using namespace ringback::test;
using nlohmann::json;

namespace event_catalogue {
namespace {

using Variants = std::vector<std::string>;

struct Told {
    const EventCatalogue& catalogue;
    Method method;
    Produced& produced;

    void by(CatalogueStory& story, const Variants& variants) const {
        story.ends_with(catalogue, variants, produced);
    }
    /// An outbound call to that number whose receiver only hangs up.
    void by_number(const std::string& to, const Variants& variants, json more = {}) const {
        CatalogueStory story{method, [](CatalogueStory& told, const json& event) {
                                 if (event["eventType"] == "answer") {
                                     told.hang_up(event);
                                 }
                             }};
        story.call(to, std::move(more));
        by(story, variants);
    }
};

void audio(const Told& told) {
    CatalogueStory story{
        told.method, [](CatalogueStory& it, const json& event) {
            const std::string type = event["eventType"];
            const bool tagged = event.contains("tag");
            if (type == "answer") {
                it.of_call(event, "/audio", {{"sentence", "Hello"}});
            } else if (event.value("status", "") != "done") {
                return;
            } else if (type == "speak" && !tagged) {
                it.of_call(event, "/audio", {{"sentence", "Hello"}, {"tag", "greeting"}});
            } else if (type == "speak") {
                it.of_call(event, "/audio", {{"fileUrl", "http://127.0.0.1:9000/a.mp3"}});
            } else if (!tagged) {
                it.of_call(event, "/audio",
                           {{"fileUrl", "http://127.0.0.1:9000/a.mp3"}, {"tag", "hold-music"}});
            } else {
                it.hang_up(event);
            }
        }};
    story.call();
    told.by(story, {"answer/outbound", "speak/started", "speak/done", "speak/started-tag",
                    "speak/done-tag", "playback/started", "playback/done", "playback/started",
                    "playback/done-tag", "hangup/NORMAL_CLEARING"});
}

/// `then`: what the receiver does once it gathers.
void gather(
    const Told& told, const std::string& to, json wanted, const Variants& variants,
    const std::function<void(CatalogueStory&, const json& event, const json& gather)>& then = {}) {
    CatalogueStory story{told.method, [&](CatalogueStory& it, const json& event) {
                             const std::string type = event["eventType"];
                             if (type == "answer") {
                                 wanted["tag"] = "menu";
                                 const std::string call = event["callId"];
                                 const json id = it.post("/calls/" + call + "/gather", wanted);
                                 if (then) {
                                     then(it, event, id);
                                 }
                             } else if (type == "gather" && event["reason"] != "hung-up") {
                                 it.hang_up(event);
                             }
                         }};
    story.call(to);
    told.by(story, variants);
}

void gathers(const Told& told) {
    gather(told, "+15550009909", {{"maxDigits", 1}},
           {"answer/outbound", "dtmf/digit", "gather/max-digits", "hangup/NORMAL_CLEARING"});
    gather(told, "+15550009910", json::object(),
           {"answer/outbound", "dtmf/digit", "dtmf/digit", "dtmf/digit", "dtmf/digit", "dtmf/digit",
            "gather/terminating-digit", "hangup/NORMAL_CLEARING"});
    gather(told, "+19195550187", {{"interDigitTimeout", 2}},
           {"answer/outbound", "gather/inter-digit-timeout", "hangup/NORMAL_CLEARING"});
    gather(told, "+19195550187", json::object(),
           {"answer/outbound", "gather/hung-up", "hangup/NORMAL_CLEARING"},
           [](CatalogueStory& it, const json& event, const json&) { it.hang_up(event); });
    gather(told, "+19195550187", json::object(),
           {"answer/outbound", "gather/cancelled", "hangup/NORMAL_CLEARING"},
           [](CatalogueStory& it, const json& event, const json& id) {
               it.of_call(event, "/gather/" + id.get<std::string>(), {{"state", "completed"}});
           });
}

void endings(const Told& told) {
    told.by_number("+19195550187", {"answer/outbound-tag", "hangup/NORMAL_CLEARING"},
                   {{"tag", "crm-42"}});
    told.by_number("+15550009901", {"hangup/USER_BUSY"});
    told.by_number("+15550009903", {"hangup/CALL_REJECTED-outbound"});
    told.by_number("+15550009904", {"hangup/UNALLOCATED_NUMBER"});
    told.by_number("+15550009905", {"hangup/NORMAL_TEMPORARY_FAILURE"});
    told.by_number("+15550009902", {"timeout/default", "hangup/NO_ANSWER"}, {{"callTimeout", 5}});
    told.by_number("+15550009917", {"error/default"});
}

void recordings(const Told& told) {
    const json recorded{{"recordingEnabled", true}, {"transcriptionEnabled", true}};
    told.by_number("+19195550187",
                   {"answer/outbound", "hangup/NORMAL_CLEARING", "recording/complete",
                    "transcription/completed"},
                   recorded);
    told.by_number("+15550009911", {"answer/outbound", "hangup/NORMAL_CLEARING", "recording/error"},
                   recorded);
    told.by_number(
        "+15550009912",
        {"answer/outbound", "hangup/NORMAL_CLEARING", "recording/complete", "transcription/error"},
        recorded);
}

void transfer(const Told& told) {
    CatalogueStory story{
        told.method, [](CatalogueStory& it, const json& event) {
            if (event["eventType"] == "answer" && event["to"] == "+19195550187") {
                it.of_call(event, "", {{"state", "transferring"}, {"transferTo", "+19195550144"}});
            } else if (event["eventType"] == "answer") {
                it.hang_up(event);
            }
        }};
    story.call();
    told.by(story, {"answer/outbound", "answer/transfer-leg", "hangup/NORMAL_CLEARING",
                    "hangup/NORMAL_CLEARING"});
}

/// `react`: to incomingcall and answer.
void inbound(const Told& told, bool auto_answer, const Variants& variants,
             const CatalogueStory::React& react) {
    CatalogueStory story{told.method, react};
    NewCall call;
    call.from = "+19195550187";
    call.to = "+19195550123";
    call.auto_answer = auto_answer;
    call.application_id =
        story.network.simulator.ids().text(IdKind::application, hash_of("u-test"), 1);
    call.route = story.route();
    story.are_between(call.from, call.to);
    REQUIRE(story.network.simulator.ring_in("u-test", call).ok());
    told.by(story, variants);
}

void inbound_calls(const Told& told) {
    inbound(told, true, {"incomingcall/default", "answer/inbound", "hangup/NORMAL_CLEARING"},
            [](CatalogueStory& it, const json& event) {
                if (event["eventType"] == "answer") {
                    it.hang_up(event);
                }
            });
    inbound(told, false, {"incomingcall/default", "hangup/CALL_REJECTED-inbound"},
            [](CatalogueStory& it, const json& event) {
                if (event["eventType"] == "incomingcall") {
                    it.of_call(event, "", {{"state", "rejected"}});
                }
            });
    inbound(told, false, {"incomingcall/default", "hangup/ORIGINATOR_CANCEL"}, {});
}

void message(const Told& told, const std::string& to, json more, const Variants& variants) {
    CatalogueStory story{told.method};
    more["text"] = "Good morning";
    story.create("/messages", to, std::move(more));
    told.by(story, variants);
}

void inbound_message(const Told& told, std::vector<std::string> media, const Variants& variants) {
    CatalogueStory story{told.method};
    NewMessage message;
    message.from = "+19195550187";
    message.to = "+19195550123";
    message.text = "Hello there";
    message.media = std::move(media);
    message.application_id =
        story.network.simulator.ids().text(IdKind::application, hash_of("u-test"), 1);
    message.route = story.route();
    story.are_between(message.from, message.to);
    REQUIRE(story.network.simulator.text_in("u-test", message).ok());
    told.by(story, variants);
}

void messages(const Told& told) {
    const json receipts{{"receiptRequested", "all"}};
    const json picture{
        {"media",
         json::array({"https://api.catapult.inetwork.com/v1/users/u-test/media/logo.png"})}};
    message(told, "+19195550187", json::object(), {"sms/out-sent"});
    message(told, "+19195550187", receipts, {"sms/out-sent-waiting", "sms/out-delivered"});
    message(told, "+19195598720", receipts, {"sms/out-sent-waiting", "sms/out-not-delivered"});
    message(told, "+19195598000", json::object(), {"sms/out-error"});
    message(told, "+19195550187", picture, {"mms/out-sent"});
    message(told, "+19195598751", picture, {"mms/out-error"});
    inbound_message(told, {}, {"sms/in-received"});
    inbound_message(told, {"photo.jpg", "123_1.smil"}, {"mms/in-received"});
}

/// One thing after the other, each when the one before has been told.
void conferences(const Told& told) {
    CatalogueStory story{told.method};
    const auto told_of = [&] { REQUIRE(story.network.until_quiet()); };
    const std::string call = story.call();
    told_of();
    const std::string id = story.create("/conferences", "+19195550187");
    told_of();
    const std::string members = "/conferences/" + id + "/members";
    const std::string member = story.post(members, {{"callId", call}});
    told_of();
    story.post(members + "/" + member, {{"mute", true}});
    told_of();
    story.post(members + "/" + member, {{"mute", false}, {"hold", true}});
    told_of();
    story.post(members + "/" + member, {{"hold", false}});
    told_of();
    story.post("/conferences/" + id + "/audio", {{"sentence", "Hello"}});
    told_of();
    story.post("/conferences/" + id + "/audio", {{"fileUrl", "http://127.0.0.1:9000/a.mp3"}});
    told_of();
    story.post(members + "/" + member, {{"state", "completed"}});
    told_of();
    story.post("/calls/" + call, {{"state", "completed"}});
    told.by(story, {"answer/outbound", "conference/created", "conference-member/joined",
                    "conference-member/muted", "conference-member/held", "conference-member/joined",
                    "conference-speak/started", "conference-speak/done",
                    "conference-playback/started", "conference-playback/done",
                    "conference-member/left", "conference/completed", "hangup/NORMAL_CLEARING"});
}

/// A call that somebody else was called first for.
void forwarded(const Told& told) {
    CatalogueStory story{told.method, [](CatalogueStory& it, const json& event) {
                             if (event["eventType"] == "answer") {
                                 it.hang_up(event);
                             }
                         }};
    NewCall call;
    call.from = "+19195550187";
    call.to = "+19195550123";
    call.auto_answer = true;
    call.application_id =
        story.network.simulator.ids().text(IdKind::application, hash_of("u-test"), 1);
    call.route = story.route();
    Diversion& diversion = call.caller.open().diversion.open();
    diversion.orig_to = "+19195550144";
    diversion.reason = "unavailable";
    story.are_between(call.from, call.to);
    REQUIRE(story.network.simulator.ring_in("u-test", call).ok());
    told.by(story,
            {"incomingcall/diversion", "answer/inbound-diversion", "hangup/NORMAL_CLEARING"});
}

/// Documents go by GET, whatever the pass. `document`: what the receiver answers an event with.
void documents(const Told& told, const std::string& to, const Variants& variants,
               const std::function<std::string(const std::string& type)>& document,
               json more = json::object()) {
    CatalogueStory story{Method::get};
    story.network.transport.body = [&](const FakeTransport::Sent& sent) -> std::string {
        const std::string type =
            (sent.method == Method::get ? query_object(sent.payload)
                                        : json::parse(sent.payload))["eventType"];
        return sent.asks_document ? "<Response>" + document(type) + "</Response>" : "";
    };
    story.call(to, std::move(more));
    story.are_between("+19195550123", "+15550009907");  // whom a Transfer calls
    told.by(story, variants);
}

void bxml(const Told& told) {
    documents(told, "+15550009910",
              {"bxml answer/bxml", "bxml gather/bxml", "bxml redirect/bxml", "bxml hangup/bxml",
               "bxml recording/bxml", "bxml transcription/bxml"},
              [](const std::string& type) -> std::string {
                  if (type == "answer") {
                      return R"(<Gather requestUrl="/gather" terminatingDigits="#" tag="menu"/>)";
                  }
                  if (type == "gather") {
                      return R"(<Redirect requestUrl="/redirect"/>)";
                  }
                  return R"(<Record requestUrl="/recording" maxDuration="5" transcribe="true" )"
                         R"(transcribeCallbackUrl="/text"/><Hangup/>)";
              });
    documents(told, "+15550009902", {"bxml timeout/bxml", "hangup/NO_ANSWER"},
              [](const std::string&) { return ""; }, {{"callTimeout", 5}});
    documents(told, "+19195550187",
              {"bxml answer/bxml", "bxml transferComplete/bxml", "bxml hangup/bxml"},
              [](const std::string& type) {
                  return type == "answer" ? R"(<Transfer transferTo="+15550009907"/>)" : "";
              });
    CatalogueStory story{Method::get};
    NewCall call;
    call.from = "+19195550187";
    call.to = "+19195550123";
    call.auto_answer = true;
    call.application_id =
        story.network.simulator.ids().text(IdKind::application, hash_of("u-test"), 1);
    call.route = story.route();
    story.network.transport.body = [](const FakeTransport::Sent& sent) {
        return sent.asks_document ? "<Response><Hangup/></Response>" : "";
    };
    story.are_between(call.from, call.to);
    REQUIRE(story.network.simulator.ring_in("u-test", call).ok());
    told.by(story, {"bxml incomingcall/bxml", "bxml answer/bxml", "bxml hangup/bxml"});
}

}  // namespace

TEST_CASE("event catalogue: every variant is produced by POST and by GET, key by key",
          "[edge][catalogue]") {
    const EventCatalogue catalogue;
    CHECK(catalogue.size() == 62);
    Produced produced;
    for (const Method method : {Method::post, Method::get}) {
        CAPTURE(method == Method::get);
        const Told told{catalogue, method, produced};
        audio(told);
        gathers(told);
        endings(told);
        recordings(told);
        transfer(told);
        inbound_calls(told);
        forwarded(told);
        messages(told);
        conferences(told);
    }
    bxml({catalogue, Method::get, produced});
    CHECK(produced[Method::post] == catalogue.names(Method::post));
    CHECK(produced[Method::get] == catalogue.names(Method::get));
}

}  // namespace event_catalogue
