// What a good document becomes: each verb of spec v1 6.3 with all it may have.

#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "simulator/wire/bxml.h"

namespace ringback::bxml {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Document document(const std::string& text) {
    const Reading reading = read(text);
    const auto* const refusal = std::get_if<Refusal>(&reading);
    CAPTURE(text);
    INFO((refusal != nullptr ? to_text(*refusal) : ""));
    REQUIRE(refusal == nullptr);
    return std::get<Document>(reading);
}

/// The only verb of a document that has nothing to notice.
template <class T>
T only(const std::string& verb) {
    const Document read = document("<Response>" + verb + "</Response>");
    CAPTURE(verb);
    REQUIRE(read.steps.size() == 1);
    CHECK(read.notices.empty());
    return std::get<T>(read.steps.front().verb);
}

RequestUrl at(const std::string& url, Duration timeout = seconds{30}) { return {url, timeout}; }

Notice notice(Notice::Kind kind, std::string name, std::string in, Place place, std::size_t step) {
    return {kind, std::move(name), std::move(in), place, step};
}

SpeakSentence said(const std::string& text, Gender gender, Locale locale, Voice voice) {
    return {text, gender, locale, voice, 0};
}

}  // namespace

TEST_CASE("BXML: the documents of the menu sequence are read", "[wire][bxml]") {
    const Document asks =
        document(R"(<Response><Gather requestUrl="http://h/m" maxDigits="1"><SpeakSentence>...</)"
                 "SpeakSentence></Gather></Response>");
    Gather menu;
    menu.request = at("http://h/m");
    menu.max_digits = 1;
    menu.prompt = std::vector<SpeakSentence>{SpeakSentence{.text = "...",
                                                           .gender = Gender::female,
                                                           .locale = Locale::en_us,
                                                           .voice = Voice::susan,
                                                           .volume = 0}};
    CHECK(asks.steps == std::vector<Step>{{menu, {1, 11}}});

    const Document ends =
        document("<Response><SpeakSentence>...</SpeakSentence><Hangup/></Response>");
    REQUIRE(ends.steps.size() == 2);
    CHECK(std::get<SpeakSentence>(ends.steps[0].verb).text == "...");
    CHECK(ends.steps[1] == Step{Hangup{}, {1, 45}});
}

TEST_CASE("BXML: documents as receivers write them, over several lines, are read", "[wire][bxml]") {
    const Document voicemail = document(R"(<?xml version="1.0" encoding="UTF-8"?>

<Response>
    <!-- the greeting -->
    <SpeakSentence voice="paola" locale="it" gender="female">
        Questo è un messaggio
    </SpeakSentence>
    <PlayAudio>https://audio.example/beep.mp3</PlayAudio>
    <Record requestUrl="https://app.example/recorded" transcribe="true"
            transcribeCallbackUrl="https://app.example/text"/>
</Response>
)");

    REQUIRE(voicemail.steps.size() == 3);
    CHECK(voicemail.steps[0] ==
          Step{said("Questo è un messaggio", Gender::female, Locale::it, Voice::paola), {5, 5}});
    CHECK(std::get<PlayAudio>(voicemail.steps[1].verb).url == "https://audio.example/beep.mp3");
    CHECK(voicemail.steps[1].place == Place{8, 5});
    const auto& settings = std::get<Record>(voicemail.steps[2].verb).settings;
    CHECK(settings.transcribe);
    CHECK(settings.transcribe_callback_url == "https://app.example/text");
    CHECK(voicemail.notices.empty());
}

TEST_CASE("BXML: entities in attributes are decoded, the text keeps its characters",
          "[wire][bxml]") {
    const auto gather = only<Gather>(
        "<Gather requestUrl='https://h/n?a=1&amp;b=2' tag='{&quot;a&quot;:&quot;&#x65;&#8364;"
        "&apos;&lt;&gt;}'/>");

    CHECK(gather.request.url == "https://h/n?a=1&b=2");
    CHECK(gather.tag == R"({"a":"e€'<>})");
    CHECK(only<SpeakSentence>("<SpeakSentence> a &amp; <![CDATA[<b> & ]]> <!-- c --> d\n"
                              "</SpeakSentence>")
              .text == "a & <b> &   d");
    CHECK(only<SpeakSentence>("<SpeakSentence>a<?x y?>b</SpeakSentence>").text == "ab");
}

TEST_CASE("BXML: Gather has its defaults and all its attributes", "[wire][bxml]") {
    CHECK(only<Gather>("<Gather/>") == Gather{});
    CHECK(only<Gather>(R"(<Gather requestUrl=""></Gather>)") == Gather{});

    const auto gather = only<Gather>(
        R"(<Gather requestUrl="/next" requestUrlTimeout="10000" terminatingDigits="*#A"
                   maxDigits="128" interDigitTimeout="7" bargeable="whatever" tag="menu">
               <PlayAudio volume="-4" repeatCount="30" delayBeforeRepeat="60">a.wav</PlayAudio>
           </Gather>)");
    CHECK(gather.request == at("/next", seconds{10}));
    CHECK(gather.terminating_digits == "*#A");
    CHECK(gather.max_digits == 128);
    CHECK(gather.inter_digit_timeout == seconds{7});
    CHECK(gather.tag == "menu");
    CHECK(std::get<PlayAudio>(gather.prompt) == PlayAudio{"a.wav", -4, 30, seconds{60}});
}

TEST_CASE("BXML: Gather keeps several sentences in their order", "[wire][bxml]") {
    const auto gather = only<Gather>(
        "<Gather><SpeakSentence>one</SpeakSentence><SpeakSentence>two</SpeakSentence></Gather>");

    const auto& sentences = std::get<std::vector<SpeakSentence>>(gather.prompt);
    REQUIRE(sentences.size() == 2);
    CHECK(sentences[0].text == "one");
    CHECK(sentences[1].text == "two");
}

TEST_CASE("BXML: the verbs without children have their defaults and all their attributes",
          "[wire][bxml]") {
    CHECK(only<Hangup>("<Hangup></Hangup>") == Hangup{});
    CHECK(only<Reject>("<Reject/>") == Reject{});
    CHECK(only<Pause>("<Pause/>").length == seconds{1});
    CHECK(only<Pause>("<Pause length=' 3600 '/>").length == seconds{3600});
    CHECK(only<PlayAudio>("<PlayAudio> https://h/a.wav\n</PlayAudio>") ==
          PlayAudio{"https://h/a.wav", 0, 1, seconds{0}});
    CHECK(only<PlayAudio>("<PlayAudio volume='4' repeatCount='2'>b.mp3?x=1</PlayAudio>") ==
          PlayAudio{"b.mp3?x=1", 4, 2, seconds{0}});
    CHECK(only<Redirect>("<Redirect requestUrl='https://h/r'/>").request == at("https://h/r"));
    CHECK(only<Redirect>("<Redirect requestUrl='../r' requestUrlTimeout='1500'/>").request ==
          at("../r", milliseconds{1500}));
    CHECK(only<SendDtmf>("<SendDtmf>0123456789*#,wW</SendDtmf>").tones == "0123456789*#,wW");
    CHECK(only<SendDtmf>("<SendDtmf>" + std::string(92, '5') + "</SendDtmf>").tones.size() == 92);
}

TEST_CASE("BXML: SpeakSentence speaks with every voice of its gender and locale", "[wire][bxml]") {
    struct Row {
        const char* attributes;
        Gender gender;
        Locale locale;
        Voice voice;
    };
    const std::vector<Row> rows{
        {"", Gender::female, Locale::en_us, Voice::susan},
        {"voice='susan'", Gender::female, Locale::en_us, Voice::susan},
        {"voice='julie' gender='Female'", Gender::female, Locale::en_us, Voice::julie},
        {"voice='KATE' locale='EN_us'", Gender::female, Locale::en_us, Voice::kate},
        {"locale='en_UK'", Gender::female, Locale::en_uk, Voice::bridget},
        {"locale='de'", Gender::female, Locale::de, Voice::katrin},
        {"locale='de_DE' voice='katrin'", Gender::female, Locale::de_de, Voice::katrin},
        {"locale='es'", Gender::female, Locale::es, Voice::esperanza},
        {"locale='es_mx' voice='violeta'", Gender::female, Locale::es_mx, Voice::violeta},
        {"locale='fr'", Gender::female, Locale::fr, Voice::jolie},
        {"locale='it_IT'", Gender::female, Locale::it_it, Voice::paola},
        {"gender='male'", Gender::male, Locale::en_us, Voice::paul},
        {"gender='male' voice='dave'", Gender::male, Locale::en_us, Voice::dave},
        {"gender='male' locale='en_UK'", Gender::male, Locale::en_uk, Voice::simon},
        {"gender='male' locale='de'", Gender::male, Locale::de, Voice::stefan},
        {"gender='male' locale='es_MX'", Gender::male, Locale::es_mx, Voice::jorge},
        {"gender='male' locale='fr_FR' voice='bernard'", Gender::male, Locale::fr_fr,
         Voice::bernard},
        {"gender='male' locale='it'", Gender::male, Locale::it, Voice::luca},
    };
    for (const auto& row : rows) {
        CHECK(only<SpeakSentence>("<SpeakSentence " + std::string{row.attributes} +
                                  ">hi</SpeakSentence>") ==
              said("hi", row.gender, row.locale, row.voice));
    }
    CHECK(only<SpeakSentence>("<SpeakSentence volume='-3'>hi</SpeakSentence>").volume == -3);
    std::string longest;
    for (int i = 0; i < 1000; ++i) {
        longest += "é";
    }
    CHECK(only<SpeakSentence>("<SpeakSentence>" + longest + "</SpeakSentence>").text == longest);
}

TEST_CASE("BXML: Record has its defaults and all its attributes", "[wire][bxml]") {
    CHECK(only<Record>("<Record/>") == Record{});
    CHECK(only<Record>("<Record fileFormat='mp3' terminatingDigits='' transcribe='FALSE'/>")
              .settings.format == RecordingFormat::mp3);

    const auto record = only<Record>(
        R"(<Record requestUrl="rec?x=1" requestUrlTimeout="1" fileFormat="wav" transcribe="true"
                   transcribeCallbackUrl="//other.example/t" maxDuration="3600" silenceTimeout="60"
                   silenceThreshold="500" terminatingDigits="*"/>)");
    CHECK(record.settings == RecordSettings{at("rec?x=1", milliseconds{1}), RecordingFormat::wav,
                                            true, "//other.example/t", seconds{60}, 500});
    CHECK(record.max_duration == seconds{3600});
    CHECK(record.terminating_digits == "*");
}

TEST_CASE("BXML: Transfer has its defaults and all its attributes", "[wire][bxml]") {
    Transfer simple;
    simple.targets = {"+11234567892"};
    CHECK(only<Transfer>("<Transfer transferTo='+11234567892'>\n</Transfer>") == simple);
    CHECK(only<Transfer>("<Transfer transferTo=' +11234567892\t' transferCallerId=' '/>") ==
          simple);
    CHECK(only<Transfer>("<Transfer transferTo='+11234567892' transferCallerId=' private '/>")
              .caller_id == "private");
    CHECK(only<Gather>("<Gather tag='" + std::string(4096, 't') + "'/>").tag.size() == 4096);

    const auto transfer = only<Transfer>(
        R"(<Transfer transferTo="sip:user@pbx.example:5070" transferCallerId="private"
                     callTimeout="300" requestUrl="/done" requestUrlTimeout="2000" tag="t"
                     diversionTreatment="stack" diversionReason="time-of-day">
             <PhoneNumber> +15552221234 </PhoneNumber>
             <SpeakSentence gender="male" locale="en_US" voice="paul">For you.</SpeakSentence>
             <PlayAudio>w.wav</PlayAudio>
             <PhoneNumber>+15552221233</PhoneNumber>
             <Record multiChannel="true" fileFormat="mp3" requestUrl="/rec"/>
           </Transfer>)");
    CHECK(transfer.targets ==
          std::vector<std::string>{"sip:user@pbx.example:5070", "+15552221234", "+15552221233"});
    CHECK(transfer.caller_id == "private");
    CHECK(transfer.call_timeout == seconds{300});
    CHECK(transfer.request == at("/done", seconds{2}));
    CHECK(transfer.tag == "t");
    CHECK(transfer.diversion ==
          TransferDiversion{DiversionTreatment::stack, DiversionReason::time_of_day});
    REQUIRE(transfer.whispers.size() == 2);
    CHECK(std::get<SpeakSentence>(transfer.whispers[0]).voice == Voice::paul);
    CHECK(std::get<PlayAudio>(transfer.whispers[1]).url == "w.wav");
    REQUIRE(transfer.records.size() == 1);
    CHECK(transfer.records[0].multi_channel);
    CHECK(transfer.records[0].settings.format == RecordingFormat::mp3);
}

TEST_CASE("BXML: Transfer rings PhoneNumbers alone, and seven at most", "[wire][bxml]") {
    const std::string number{"<PhoneNumber>+19195550144</PhoneNumber>"};
    CHECK(only<Transfer>("<Transfer>" + number + "</Transfer>").targets.size() == 1);
    std::string six;
    for (int i = 0; i < 6; ++i) {
        six += number;
    }
    CHECK(only<Transfer>("<Transfer transferTo='+19195550145'>" + six + "</Transfer>")
              .targets.size() == 7);
}

TEST_CASE("BXML: an unknown verb is skipped with all it holds, and noticed", "[wire][bxml]") {
    const Document read = document(
        "<Response>\n<Hangup/><Conference from='x'><Hangup x='1'/></Conference>\n"
        "<gather/><Gather><Say>a</Say></Gather><SpeakSentence>a<b>c</b> d</SpeakSentence>"
        "</Response>");

    CHECK(read.steps.size() == 3);
    CHECK(std::get<SpeakSentence>(read.steps[2].verb).text == "a d");
    using Kind = Notice::Kind;
    CHECK(read.notices ==
          std::vector<Notice>{notice(Kind::unknown_verb, "Conference", "Response", {2, 10}, 1),
                              notice(Kind::unknown_verb, "gather", "Response", {3, 1}, 1),
                              notice(Kind::unknown_verb, "Say", "Gather", {3, 18}, 1),
                              notice(Kind::unknown_verb, "b", "SpeakSentence", {3, 55}, 2)});
}

TEST_CASE("BXML: attributes nobody knows, or not there, are ignored and noticed", "[wire][bxml]") {
    const Document read = document(
        "<Response xmlns='urn:x'>\n"
        "<Pause Length='soon' length='2'/>\n"
        "<PlayAudio delayBeforeRepeat='99'>a</PlayAudio>\n"
        "<Record multiChannel='maybe'/>\n"
        "<Transfer transferTo='+19195550144'><Record maxDuration='0' terminatingDigits='no'/>"
        "</Transfer></Response>");

    CHECK(std::get<Pause>(read.steps[0].verb).length == seconds{2});
    using Kind = Notice::Kind;
    CHECK(read.notices ==
          std::vector<Notice>{
              notice(Kind::unknown_attribute, "xmlns", "Response", {1, 11}, 0),
              notice(Kind::unknown_attribute, "Length", "Pause", {2, 8}, 0),
              notice(Kind::idle_attribute, "delayBeforeRepeat", "PlayAudio", {3, 12}, 1),
              notice(Kind::idle_attribute, "multiChannel", "Record", {4, 9}, 2),
              notice(Kind::idle_attribute, "maxDuration", "Record", {5, 45}, 3),
              notice(Kind::idle_attribute, "terminatingDigits", "Record", {5, 61}, 3)});
}

TEST_CASE("BXML: text between verbs is ignored and noticed", "[wire][bxml]") {
    const Document read =
        document("<Response>é\n  hello <Hangup> now </Hangup><![CDATA[x]]></Response>");

    CHECK(read.steps.size() == 1);
    using Kind = Notice::Kind;
    CHECK(read.notices ==
          std::vector<Notice>{notice(Kind::stray_text, "Response", "Response", {1, 11}, 0),
                              notice(Kind::stray_text, "Hangup", "Hangup", {2, 18}, 0),
                              notice(Kind::stray_text, "Response", "Response", {2, 40}, 0)});
}

TEST_CASE("BXML: a document may be empty, marked, declared and preceded by white space",
          "[wire][bxml]") {
    for (const std::string& text :
         {std::string{"<Response/>"}, std::string{"\xef\xbb\xbf<Response></Response>\n"},
          std::string{" \r\n\t<?xml version='1.0' encoding='utf-8' standalone='yes'?><Response />"},
          std::string{
              "<?xml version=\"1.0\" encoding=\"US-ASCII\"?><!-- a --><?b c?>\n<Response\n/>"
              "<!-- d -->"}}) {
        CHECK(document(text) == Document{});
    }
    const Document marked = document("\xef\xbb\xbf<Response>\r\n\r<Hangup/>\r\n</Response>");
    CHECK(marked.steps.front().place == Place{3, 1});
    CHECK(document("\xef\xbb\xbf<Response><Hangup/></Response>").steps.front().place ==
          Place{1, 11});
}

TEST_CASE("BXML: a body is a document if it begins with < but for a mark and white space",
          "[wire][bxml]") {
    using namespace std::string_view_literals;
    for (const auto body :
         {"<"sv, " \r\n\t<Response/>"sv, "\xef\xbb\xbf <a"sv, "\xff\xfe<\0"sv, "\xfe\xff\0<"sv}) {
        CHECK(is_document(body));
    }
    for (const auto body : {""sv, " \n"sv, R"({"a":1})"sv, "ok <b>"sv, "\xef\xbb\xbf"sv,
                            "\xff\xfe"sv, "\0<"sv, "\xef\xbb<"sv}) {
        CHECK_FALSE(is_document(body));
    }
}

}  // namespace ringback::bxml
