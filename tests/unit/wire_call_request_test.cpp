// One row per rule of the tables in spec v1 2.1.3 and 2.1.5-2.1.8.

#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>

#include "simulator/wire/call_request.h"

namespace ringback {
namespace {

using nlohmann::json;

/// A body and what must come of it: "" is accepted, else the error's status, code and a word of its
/// message.
struct Row {
    std::string body;
    int status{0};
    std::string code{};
    std::string says{};
};

RequestBody parsed(const std::string& text) { return RequestBody::parse(text).value(); }

std::optional<std::string> loopback_only(std::string_view url) {
    return url.starts_with("http://127.0.0.1") ? std::nullopt
                                               : std::optional<std::string>{"add --allow-target x"};
}

template <class T>
void check(const Row& row, const Intake<T>& intake) {
    CAPTURE(row.body);
    const auto* const error = std::get_if<ApiError>(&intake);
    REQUIRE((error != nullptr) == (row.status != 0));
    if (error != nullptr) {
        CAPTURE(error->message);
        CHECK(error->status == row.status);
        CHECK(error->code == row.code);
        CHECK(error->message.find(row.says) != std::string::npos);
    }
}

/// A good creation with more members, or with one replaced.
std::string creation(const std::string& members) {
    json body{{"from", "+19195550123"}, {"to", "+19195550187"}};
    body.update(json::parse("{" + members + "}"));
    return body.dump();
}

CallRequest created(const std::string& members) {
    return std::get<CallRequest>(read_call_request(parsed(creation(members)), {}));
}

Call inbound_call() {
    Call call;
    call.direction = Direction::in;
    call.from = "+19195550187";
    Route route;
    route.url = "http://127.0.0.1:1/old";
    route.fallback_url = "http://127.0.0.1:1/fallback";
    route.method = Method::get;
    call.route = RouteRef{route};
    return call;
}

Update updated(const std::string& body) {
    return std::get<Update>(read_update(parsed(body), inbound_call(), {}, nullptr));
}

}  // namespace

TEST_CASE("POST calls: every rule of its table", "[wire]") {
    const std::string long_name = "X-" + std::string(255, 'n');
    const std::string long_value(257, 'v');
    const std::vector<Row> rows{
        {creation("")},
        {R"({"to":"+19195550187"})", 400, "missing-property", "'from'"},
        {R"({"from":null,"to":"+19195550187"})", 400, "missing-property", "'from'"},
        {R"({"from":"+19195550123"})", 400, "missing-property", "'to'"},
        {"{}", 400, "missing-property", "'from'"},
        {creation(R"("from":" ")"), 400, "blank-property", "'from'"},
        {creation(R"("to":"")"), 400, "blank-property", "'to'"},
        {creation(R"("to":"19195550187")"), 400, "validation-error", "Invalid phone number"},
        {creation(R"("to":"+0919")"), 400, "validation-error", "Invalid phone number"},
        {creation(R"("to":"+1")"), 400, "validation-error", "Invalid phone number"},
        {creation(R"("to":"+12")")},
        {creation(R"("to":"+1234567890123456")"), 400, "validation-error", "Invalid phone"},
        {creation(R"("to":"+123456789012345")")},
        {creation(R"("to":"+1919555012a")"), 400, "validation-error", "Invalid phone number"},
        {creation(R"("to":"sip:bob@example.com")")},
        {creation(R"("to":"sip:bob@10.0.0.1:5060")")},
        {creation(R"("to":"sips:bob@example.com")"), 400, "validation-error", "Invalid phone"},
        {creation(R"("to":"sip:example.com")"), 400, "validation-error", "Invalid phone"},
        {creation(R"("to":"sip:@example.com")"), 400, "validation-error", "Invalid phone"},
        {creation(R"("to":19195550187)"), 400, "validation-error", "must be a string"},
        {creation(R"("callTimeout":1)")},
        {creation(R"("callTimeout":300)")},
        {creation(R"("callTimeout":"300")")},
        {creation(R"("callTimeout":0)"), 400, "validation-error", "greater than 0"},
        {creation(R"("callTimeout":301)"), 400, "validation-error", "limit of 300"},
        {creation(R"("callTimeout":"soon")"), 400, "validation-error", "Bad parameters"},
        {creation(R"("callTimeout":18446744073709551617)"), 400, "validation-error", "limit"},
        {creation(R"("callbackUrl":"http://127.0.0.1:9/cb?x=1")")},
        {creation(R"("callbackUrl":"")")},
        {creation(R"("callbackUrl":"None")")},
        {creation(R"("callbackUrl":"cb")"), 400, "callback-invalid-url",
         "The URL cb is not a valid callbackUrl"},
        {creation(R"("callbackUrl":"ftp://127.0.0.1/")"), 400, "callback-invalid-url", "ftp://"},
        {creation(R"("callbackUrl":"http://u:secret@example.com/")"), 400, "callback-invalid-url",
         "http://***@example.com/ is not a valid callbackUrl: add --allow-target"},
        {creation(R"("callbackUrl":"http://\u00e9/")"), 400, "callback-invalid-url",
         "The URL is not a valid callbackUrl"},
        {creation(R"("callbackUrl":{})"), 400, "validation-error",
         "'callbackUrl' must be a string"},
        {creation(R"("callbackTimeout":10000)")},
        {creation(R"("callbackTimeout":0)"), 400, "validation-error", "greater than 0"},
        {creation(R"("callbackTimeout":10001)"), 400, "validation-error", "limit of 10000"},
        {creation(R"("callbackHttpMethod":"get")")},
        {creation(R"("callbackHttpMethod":"PUT")"), 400, "validation-error", "POST, GET"},
        {creation(R"("fallbackUrl":"http://127.0.0.1:9/fb")")},
        {creation(R"("fallbackUrl":"none")")},
        {creation(R"("fallbackUrl":"http://example.com/")"), 400, "callback-invalid-url",
         "not a valid fallbackUrl: add --allow-target"},
        {creation(R"("recordingEnabled":"TRUE")")},
        {creation(R"("recordingEnabled":"maybe")"), 400, "validation-error", "true or false"},
        {creation(R"("recordingMaxDuration":3600)")},
        {creation(R"("recordingMaxDuration":0)"), 400, "validation-error", "greater than 0"},
        {creation(R"("recordingMaxDuration":3601)"), 403, "maximum-recording-value-request",
         "cannot exceed 3600 seconds"},
        {creation(R"("recordingFileFormat":"MP3")")},
        {creation(R"("recordingFileFormat":"ogg")"), 400, "validation-error", "wav, mp3"},
        {creation(R"("transcriptionEnabled":1)"), 400, "validation-error", "true or false"},
        {creation(R"("tag":null)")},
        {creation(R"("tag":5)"), 400, "validation-error", "'tag' must be a string"},
        {creation(R"("sipHeaders":{"X-A":"1","X-B":"2","X-C":"3","X-D":"4","X-E":"5"})")},
        {creation(R"("sipHeaders":{"X-A":"1","X-B":"2","X-C":"3","X-D":"4","X-E":"5","X-F":"6"})"),
         400, "validation-error", "limit of 5 headers"},
        {creation(R"("sipHeaders":{"A":"1"})"), 400, "validation-error", "begin with X-"},
        {creation(R"("sipHeaders":{"X-A":1})"), 400, "validation-error", "string values"},
        {creation("\"sipHeaders\":{\"" + long_name + "\":\"1\"}"), 400, "validation-error", "256"},
        {creation("\"sipHeaders\":{\"X-A\":\"" + long_value + "\"}"), 400, "validation-error",
         "256"},
        {creation(R"("sipHeaders":[])"), 400, "validation-error", "an object"},
        {creation(R"("unknown":{"a":[1]},"bridgeAudio":true)")},
    };
    for (const Row& row : rows) {
        check(row, read_call_request(parsed(row.body), loopback_only));
    }
}

TEST_CASE("POST calls: what was asked for arrives", "[wire]") {
    const CallRequest request = created(
        R"("callTimeout":"20","callbackUrl":"http://127.0.0.1:9/cb","callbackTimeout":2000.0,
           "callbackHttpMethod":"Get","fallbackUrl":"http://127.0.0.1:9/fb","recordingEnabled":"true",
           "recordingMaxDuration":60,"recordingFileFormat":"mp3","transcriptionEnabled":true,
           "tag":"t","sipHeaders":{"X-A":"1"},"bridgeId":"brg-1","conferenceId":"conf-1")");

    CHECK(request.call.from == "+19195550123");
    CHECK(request.call.to == "+19195550187");
    CHECK(request.call.call_timeout_s == 20);
    CHECK(*request.call.route == Route{"http://127.0.0.1:9/cb", "http://127.0.0.1:9/fb",
                                       Method::get, true, std::chrono::milliseconds{2000}});
    CHECK(request.call.recording_enabled);
    CHECK(request.call.recording_max_s == 60);
    CHECK(request.call.recording_format == RecordingFormat::mp3);
    CHECK(request.call.transcription_enabled);
    CHECK(request.call.tag == "t");
    CHECK(request.call.sip_headers == decltype(request.call.sip_headers){{"X-A", "1"}});
    CHECK(request.bridge_id == "brg-1");
    CHECK(request.conference_id == "conf-1");
}

TEST_CASE("POST calls/{id}: every rule of its table", "[wire]") {
    const std::vector<Row> rows{
        {"{}"},
        {R"({"state":"completed"})"},
        {R"({"state":"Completed"})"},
        {R"({"state":"paused"})", 400, "validation-error",
         "active, rejected, completed, transferring"},
        {R"({"state":5})", 400, "validation-error", "'state' must be a string"},
        {R"({"state":null,"recordingEnabled":null,"transferTo":null,"whisperAudio":null})"},
        {R"({"recordingEnabled":"true"})"},
        {R"({"recordingMaxDuration":3601})", 403, "maximum-recording-value-request", ""},
        {R"({"recordingFileFormat":"ogg"})", 400, "validation-error", "wav, mp3"},
        {R"({"state":"transferring"})", 400, "missing-property", "'transferTo'"},
        {R"({"state":"transferring","transferTo":" "})", 400, "blank-property", "'transferTo'"},
        {R"({"state":"transferring","transferTo":"911"})", 400, "validation-error",
         "Invalid phone"},
        {R"({"state":"transferring","transferTo":"+19195550144"})"},
        {R"({"state":"transferring","transferTo":"+19195550144","transferCallerId":"private"})"},
        {R"({"state":"transferring","transferTo":"+19195550144","transferCallerId":"+19195550187"})"},
        {R"({"state":"transferring","transferTo":"+19195550144","transferCallerId":"+19195550123"})"},
        {R"({"state":"transferring","transferTo":"+19195550144","transferCallerId":"+1555"})", 400,
         "validation-error", "The callerId +1555 is not allowed"},
        {R"({"whisperAudio":{"sentence":"hi","gender":"male","loopEnabled":"true"}})"},
        {R"({"whisperAudio":{}})"},
        {R"({"whisperAudio":"hi"})", 400, "validation-error", "an object"},
        {R"({"whisperAudio":{"voice":"hal"}})", 400, "validation-error", "'voice'"},
        {R"({"diversionTreatment":"stack","diversionReason":"do-not-disturb"})"},
        {R"({"diversionTreatment":"loop"})", 400, "validation-error", "propagate"},
        {R"({"diversionReason":"bored"})", 400, "validation-error", "follow-me"},
        {R"({"callbackUrl":"http://127.0.0.1:9/new"})"},
        {R"({"callbackUrl":"http://example.com/"})", 400, "callback-invalid-url", "--allow-target"},
        {R"({"tag":"new"})"},
    };
    const std::set<std::string> own{"+19195550123"};
    for (const Row& row : rows) {
        check(row, read_update(parsed(row.body), inbound_call(), loopback_only, &own));
    }
}

TEST_CASE("POST calls/{id}: absent members are not to be changed, given ones arrive", "[wire]") {
    const Update nothing = updated("{}");
    CHECK_FALSE(nothing.state);
    CHECK_FALSE(nothing.route);
    CHECK_FALSE(nothing.tag);
    CHECK_FALSE(nothing.recording_enabled);

    const Update transfer = updated(
        R"({"state":"transferring","transferTo":"+19195550144","transferCallerId":"private",
            "whisperAudio":{"sentence":"hello","tag":"w"},"tag":"",
            "diversionTreatment":"Stack","diversionReason":"do-not-disturb"})");
    CHECK(transfer.state == WantedState::transferring);
    CHECK(transfer.transfer_to == "+19195550144");
    CHECK(transfer.transfer_caller_id == "private");
    CHECK(transfer.whisper == Audio{Audio::Kind::speech, "hello", "w", false});
    CHECK(transfer.tag == "");
    CHECK(transfer.diversion ==
          TransferDiversion{DiversionTreatment::stack, DiversionReason::do_not_disturb});
    CHECK(nothing.diversion == TransferDiversion{});
    CHECK(updated(R"({"diversionReason":"away"})").diversion.reason == DiversionReason::away);
}

TEST_CASE("POST calls/{id}: a new callbackUrl keeps method, timeout and fallback", "[wire]") {
    const Update update = updated(R"({"callbackUrl":"http://127.0.0.1:1/new"})");
    Route expected = *inbound_call().route;
    expected.url = "http://127.0.0.1:1/new";
    CHECK(**update.route == expected);

    CHECK((*updated(R"({"callbackUrl":"none"})").route)->url.empty());
}

TEST_CASE("POST audio: every rule of its table", "[wire]") {
    const std::vector<Row> rows{
        {R"({"sentence":"hello"})"},
        {R"({"fileUrl":"http://example.com/a.wav"})"},
        {R"({"fileUrl":"http:\/\/example.com\/a.wav"})"},
        {R"({"sentence":""})"},
        {R"({"fileUrl":""})"},
        {"{}", 400, "missing-property", "'fileUrl'"},
        {R"({"sentence":null,"fileUrl":null})", 400, "missing-property", "'fileUrl'"},
        {"{\"sentence\":\"" + std::string(1000, 'a') + "\"}"},
        {"{\"sentence\":\"" + std::string(1001, 'a') + "\"}", 400, "validation-error",
         "limit of 1000"},
        {R"({"sentence":"a","gender":"FEMALE"})"},
        {R"({"sentence":"a","gender":"robot"})", 400, "validation-error", "female, male"},
        {R"({"sentence":"a","locale":"en_us"})"},
        {R"({"sentence":"a","locale":"nl_NL"})", 400, "validation-error", "en_US"},
        {R"({"sentence":"a","voice":"Kate"})"},
        {R"({"sentence":"a","voice":"katrin","locale":"en_US","gender":"male"})"},
        {R"({"sentence":"a","voice":"hal"})", 400, "validation-error", "susan"},
        {R"({"sentence":"a","loopEnabled":"yes"})", 400, "validation-error", "loopEnabled"},
        {R"({"sentence":"a","volume":"-4"})"},
        {R"({"sentence":"a","volume":4})"},
        {R"({"sentence":"a","volume":-5})", 400, "validation-error", "greater than -5"},
        {R"({"sentence":"a","volume":5})", 400, "validation-error", "limit of 4"},
        {R"({"fileUrl":"a.wav"})", 403, "media-invalid-url", "a.wav"},
        {R"({"fileUrl":"file:///etc/passwd"})", 403, "media-invalid-url", ""},
        // python-bandwidth's speak_sentence_to_call and play_audio_file_to_call
        {R"({"fileUrl":{"sentence":"s","gender":"female","voice":"susan","locale":"en_US","tag":null},
             "sentence":null,"gender":null,"locale":null,"voice":null,"loopEnabled":null})",
         400, "validation-error", "'fileUrl' must be a string"},
        {R"({"fileUrl":{"fileUrl":"http://x/","tag":null},"sentence":null})", 400,
         "validation-error", "'fileUrl' must be a string"},
    };
    for (const Row& row : rows) {
        check(row, read_audio(parsed(row.body)));
    }
}

TEST_CASE("POST audio: the file wins over the sentence, and only \"\" means stop", "[wire]") {
    const auto wanted = [](const std::string& body) {
        return std::get<std::variant<Play, StopPlaying>>(read_audio(parsed(body)));
    };
    const auto both =
        wanted(R"({"sentence":"a","fileUrl":"http://h/f","loopEnabled":true,"tag":"t"})");
    CHECK(std::get<Play>(both).audio == Audio{Audio::Kind::file, "http://h/f", "t", true});
    CHECK(std::get<Play>(wanted(R"({"sentence":"a","fileUrl":""})")).audio.text == "a");
    CHECK(std::holds_alternative<StopPlaying>(wanted(R"({"sentence":""})")));
    CHECK(std::holds_alternative<StopPlaying>(wanted(R"({"fileUrl":"","sentence":null})")));
}

TEST_CASE("POST dtmf: every rule of its table", "[wire]") {
    const std::vector<Row> rows{
        {R"({"dtmfOut":"1,2w3W4ABCD*#0"})"},
        {"{\"dtmfOut\":\"" + std::string(92, '5') + "\"}"},
        {"{\"dtmfOut\":\"" + std::string(93, '5') + "\"}", 400, "validation-error", "limit of 92"},
        {"{}", 400, "missing-property", "'dtmfOut'"},
        {R"({"dtmfOut":""})", 400, "blank-property", "'dtmfOut'"},
        {R"({"dtmfOut":"12a"})", 400, "validation-error", "0-9, A-D"},
        {R"({"dtmfOut":12})", 400, "validation-error", "must be a string"},
    };
    for (const Row& row : rows) {
        check(row, read_dtmf(parsed(row.body)));
    }
}

TEST_CASE("POST gather: every rule of its table", "[wire]") {
    const std::vector<Row> rows{
        {"{}"},
        {R"({"maxDigits":"1"})"},
        {R"({"maxDigits":30})"},
        {R"({"maxDigits":0})", 400, "validation-error", "greater than 0"},
        {R"({"maxDigits":31})", 400, "validation-error", "limit of 30"},
        {R"({"maxDigits":1.5})", 400, "validation-error", "whole number"},
        {R"({"interDigitTimeout":"7"})"},
        {R"({"interDigitTimeout":0.5})"},
        {R"({"interDigitTimeout":30})"},
        {R"({"interDigitTimeout":0})", 400, "validation-error", "greater than 0"},
        {R"({"interDigitTimeout":-1})", 400, "validation-error", "greater than 0"},
        {R"({"interDigitTimeout":30.5})", 400, "validation-error", "limit of 30"},
        {R"({"interDigitTimeout":"soon"})", 400, "validation-error", "a number"},
        {R"({"terminatingDigits":""})"},
        {R"({"terminatingDigits":"#*0"})"},
        {R"({"terminatingDigits":"x"})", 400, "validation-error", "terminatingDigits"},
        {R"({"suppressDtmf":"true"})"},
        {R"({"suppressDtmf":2})", 400, "validation-error", "suppressDtmf"},
        {R"({"prompt":{"sentence":"press","bargeable":"true","gender":"female","voice":"kate"}})"},
        {R"({"prompt":{"bargeable":"no"}})", 400, "validation-error", "bargeable"},
        {R"({"prompt":{"locale":"xx"}})", 400, "validation-error", "'locale'"},
        {R"({"prompt":"press"})", 400, "validation-error", "an object"},
        {R"({"prompt":{"fileUrl":"x"}})", 403, "media-invalid-url", ""},
    };
    for (const Row& row : rows) {
        check(row, read_gather(parsed(row.body)));
    }
}

TEST_CASE("POST gather: defaults and what was asked for arrive", "[wire]") {
    const auto wanted = [](const std::string& body) {
        return std::get<StartGather>(read_gather(parsed(body)));
    };
    CHECK(wanted("{}").gather == Gather{});
    CHECK_FALSE(wanted("{}").prompt);

    const StartGather given = wanted(
        R"({"maxDigits":2,"interDigitTimeout":2.5,"terminatingDigits":"","suppressDtmf":true,
            "tag":"menu","prompt":{"sentence":"press","tag":"p"}})");
    CHECK(given.gather.max_digits == 2);
    CHECK(given.gather.inter_digit_timeout == std::chrono::milliseconds{2500});
    CHECK(given.gather.terminating_digits.empty());
    CHECK(given.gather.suppress_dtmf);
    CHECK(given.gather.tag == "menu");
    CHECK(given.prompt->text == "press");
}

TEST_CASE("POST gather/{id}: only state completed may be asked for", "[wire]") {
    CHECK_FALSE(refuse_gather_update(parsed(R"({"state":"completed"})")));
    for (const auto* const bad :
         {"{}", R"({"state":"started"})", R"({"state":null})", R"({"state":1})"}) {
        CAPTURE(bad);
        const auto error = refuse_gather_update(parsed(bad));
        REQUIRE(error);
        CHECK(error->status == 400);
        CHECK(error->code == "validation-error");
    }
}

}  // namespace ringback
