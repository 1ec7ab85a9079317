// What a bad document is told: which rule, and where; and that no bytes whatever do harm.

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/wire/bxml.h"

namespace ringback::bxml {
namespace {

using Code = Refusal::Code;
using namespace std::string_literals;

constexpr std::string_view here{"@@"};

/// A document with @@ where the fault is, and what the refusal says.
struct Row {
    std::string text;
    std::string expected;
    std::string found;
};

/// Takes the mark out of the text and answers where it stood. Knows only \n.
Place take_mark(std::string& text) {
    const std::size_t mark = text.find(here);
    REQUIRE(mark != std::string::npos);
    text.erase(mark, here.size());
    Place place;
    for (std::size_t i = text.starts_with("\xef\xbb\xbf") ? 3 : 0; i < mark; ++i) {
        if (text[i] == '\n') {
            place = {place.line + 1, 1};
        } else {
            place.column += (static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U ? 1U : 0U;
        }
    }
    return place;
}

void check(const Row& row, Code code, const std::string& before = "",
           const std::string& after = "") {
    std::string text = before + row.text + after;
    const Place place = take_mark(text);
    CAPTURE(text);
    const Reading reading = read(text);
    const auto* const refusal = std::get_if<Refusal>(&reading);
    REQUIRE(refusal != nullptr);
    CAPTURE(to_text(*refusal));
    CHECK(refusal->code == code);
    CHECK(refusal->place.line == place.line);
    CHECK(refusal->place.column == place.column);
    CHECK(refusal->expected.find(row.expected) != std::string::npos);
    CHECK(refusal->found == row.found);
}

/// A verb in a document of its own.
void check_verb(const Row& row) {
    check(row, Code::invalid_verb, "<Response>\n<Pause/>é", "\n</Response>");
}

std::string repeated(std::string_view piece, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) {
        all += piece;
    }
    return all;
}

}  // namespace

TEST_CASE("BXML: what is not well-formed is refused where it goes wrong", "[wire][bxml]") {
    const std::vector<Row> rows{
        {"@@", "the start tag <Response>", "the end of the document"},
        {" \n <!-- only --> @@", "the start tag <Response>", "the end of the document"},
        {"@@hello", "the start tag <Response>", "\"hello\""},
        {"@@</Response>", "the start tag <Response>", "\"</Response\""},
        {"<Response><Hangup/>\n@@", "</Response> for the tag of 1:1", "the end of the document"},
        {"<Response>\n <Gather>\n@@</Response>", "</Gather> for the tag of 2:2", "\"</Response\""},
        {"<Response>\n@@</Gather></Response>", "</Response> for the tag of 1:1", "\"</Gather\""},
        {"<Response/>@@<Response/>", "nothing behind the root", "\"<Response/\""},
        {"<Response/>\n@@x", "nothing behind the root", "\"x\""},
        {"<Response/>@@</Response>", "the start tag", "\"</Response\""},
        {"<Response@@", "the > of a tag", "the end of the document"},
        {"<Response>@@</Response", "> at the end of what begins here", "\"</Response\""},
        {"<Response><Hangup @@/ ></Response>", "/> without anything between", "\"/\""},
        {"<Response><Hangup @@<Pause/></Response>", "the > of the tag before", "\"<Pause/\""},
        {"<Response>@@<></Response>", "the name of an element", "\"<\""},
        {"<Response>@@< Hangup/></Response>", "the name of an element", "\"<\""},
        {"<Response>1 @@<2</Response>", "the name of an element", "\"<2\""},
        {"<Response><Pause length=@@5/></Response>", "an attribute as name=\"value\"", "\"5/\""},
        {"<Response><Gather requestUrl=@@http://u:secret@h/></Response>", "an attribute as",
         "\"***@h/\""},
        {"<Response><Gather requestUrl='http://u:sec@@&ret@h/'/></Response>", "&amp;",
         "\"***@h/'/\""},
        {"<Response><Pause length /@@></Response>", "an attribute as name=\"value\"", "\">\""},
        {"<Response><Pause length=\"5/>@@</Response>", "the quote that ends", "\"</Response\""},
        {"<Response><Pause length=@@\"5/>", "\" at the end of what begins here", "\"\"5/\""},
        {"<Response><Pause a='1'@@b='2'/></Response>", "an attribute as", "\"b='2'/\""},
        {"<Response><Pause a='1' b='2' @@a='3'/></Response>", "each attribute once", "\"a\" twice"},
        {"<Response><x><y z='' @@z=''/></x></Response>", "each attribute once", "\"z\" twice"},
        {"<Response><Pause a='1@@<2'/></Response>", "&lt;", "\"<2'/\""},
        {"<Response>a@@&b</Response>", "&amp;", "\"&b\""},
        {"<Response><Gather requestUrl='/a?b=1@@&c=2'/></Response>", "&amp;", "\"&c=2'/\""},
        {"<Response>@@&nbsp;</Response>", "&amp;", "\"&nbsp;\""},
        {"<Response>@@&amp </Response>", "&amp;", "\"&amp\""},
        {"<Response>@@&#0;</Response>", "number of a character", "\"&#0;\""},
        {"<Response>@@&#xD800;</Response>", "number of a character", "\"&#xD800;\""},
        {"<Response>@@&#x110000;</Response>", "number", "\"&#x110000;\""},
        {"<Response>@@&#99999999999;</Response>", "number", "\"&#99999999999;\""},
        {"<Response>@@&#-1;</Response>", "number", "\"&#-1;\""},
        {"<Response>@@&#;</Response>", "number", "\"&#;\""},
        {"<Response>a@@]]>b</Response>", "CDATA", "\"]]\""},
        {"<Response>@@<![CDATA[x</Response>", "]]> at the end", "\"<![CDATA[x\""},
        {"@@<![CDATA[x]]><Response/>", "only inside the root", "\"<![CDATA[x]]\""},
        {"<Response>@@<!-- x</Response>", "--> at the end", "\"<!--\""},
        {"<Response><!-- a @@-- b --></Response>", "in a comment", "\"--\""},
        {"<Response>@@<?x </Response>", "?> at the end", "\"<?x\""},
        {"<Response/>@@<?xml version='1.0'?>", "only at the start", "\"<?xml\""},
        {"<!-- a -->@@<?xml version='1.0'?><Response/>", "only at the start", "\"<?xml\""},
        {"<?xml version='@@1.1'?><Response/>", "version 1.0", "\"1.1\""},
    };
    for (const Row& row : rows) {
        check(row, Code::invalid_document);
    }
}

TEST_CASE("BXML: another root is refused at the root", "[wire][bxml]") {
    for (const auto* const root : {"Other", "response", "x:Response", "Hangup"}) {
        check({"\n@@<"s + root + "/>", "<Response>", "\""s + root + "\""}, Code::invalid_document);
    }
}

TEST_CASE("BXML: declarations of types and entities are refused unread", "[wire][bxml]") {
    const std::string laughs =
        "<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">";
    const Row none{"", "no document type or entity declaration", ""};
    for (const std::string& text :
         {"<?xml version='1.0'?>\n@@<!DOCTYPE Response [" + laughs + "]><Response>&c;</Response>",
          "@@<!DOCTYPE Response SYSTEM 'file:///etc/passwd'><Response/>"s,
          "@@<!DOCTYPE Response [<!ENTITY x SYSTEM 'http://h/'>]><Response>&x;</Response>"s}) {
        check({text, none.expected, "\"<!DOCTYPE\""}, Code::invalid_document);
    }
    check({"<Response>@@<!ENTITY a 'b'></Response>", none.expected, "\"<!ENTITY\""},
          Code::invalid_document);
}

TEST_CASE("BXML: bytes that are not XML in UTF-8 are refused", "[wire][bxml]") {
    const std::vector<Row> rows{
        {"@@\xff\xfe<\0R\0"s, "UTF-8", "UTF-16"},
        {"@@\xfe\xff\0<"s, "UTF-8", "UTF-16"},
        {"@@<\0R\0e\0s\0"s, "UTF-8", "UTF-16"},
        {"@@\0<\0R"s, "UTF-8", "UTF-16"},
        {"<Response>é@@\xe9</Response>", "well-formed UTF-8", "the byte \\xe9"},
        {"<Response>@@\xc0\xaf</Response>", "well-formed UTF-8", "the byte \\xc0"},
        {"<Response>@@\xed\xa0\x80</Response>", "well-formed UTF-8", "the byte \\xed"},
        {"<Response>@@\xf4\x90\x80\x80</Response>", "well-formed UTF-8", "the byte \\xf4"},
        {"<Response/>@@\xe2\x82"s, "well-formed UTF-8", "the byte \\xe2"},
        {"<Response>@@\0</Response>"s, "characters of XML", "\"\\x00\""},
        {"<Response/>@@\0<!DOCTYPE x>"s, "characters of XML", "\"\\x00\""},
        {"<Response>\n@@\x1b[2J</Response>", "characters of XML", "\"\\x1b\""},
        {"<Response>@@\xef\xbf\xbe</Response>", "characters of XML", "\"\\xef\\xbf\\xbe\""},
        {"<?xml version='1.0' encoding='@@ISO-8859-1'?><Response/>", "encoding UTF-8",
         "\"ISO-8859-1\""},
        {"<?xml encoding=\"@@UTF-16\"?><Response/>", "encoding UTF-8", "\"UTF-16\""},
    };
    for (const Row& row : rows) {
        check(row, Code::invalid_document);
    }
}

TEST_CASE("BXML: size, depth and counts are bounded, and the bounds themselves are good",
          "[wire][bxml]") {
    const auto padded = [](std::size_t bytes) {
        const std::string start{"<Response>"};
        const std::string end{"</Response>"};
        return start + std::string(bytes - start.size() - end.size(), ' ') + end;
    };
    CHECK(std::holds_alternative<Document>(read(padded(largest_document))));
    check({padded(largest_document + 1).insert(largest_document, here), "at most 16384 bytes",
           "16385"},
          Code::invalid_document);

    const std::size_t inner = deepest_element - 1;
    const auto nested = [&](std::size_t levels) {
        return repeated("<a>", levels) + repeated("</a>", levels);
    };
    CHECK(std::holds_alternative<Document>(read("<Response>" + nested(inner) + "</Response>")));
    check({"<Response>" + repeated("<a>", inner) + "@@<a>", "elements at most 16 deep", "\"<a\""},
          Code::invalid_document);
    check({"<Response>" + repeated("<a>", inner) + "@@" + repeated("<a>", 5000), "deep", "\"<a\""},
          Code::invalid_document);

    const auto verbs = [](std::size_t count) { return repeated("<Hangup/>", count); };
    const Reading full = read("<Response>" + verbs(most_elements - 1) + "</Response>");
    REQUIRE(std::holds_alternative<Document>(full));
    CHECK(std::get<Document>(full).steps.size() == most_elements - 1);
    check({"<Response>" + verbs(most_elements - 1) + "@@<Hangup/></Response>",
           "at most 1000 elements", "\"<Hangup/\""},
          Code::invalid_document);

    std::string attributes;
    for (std::size_t i = 0; i < most_attributes; ++i) {
        attributes += " a" + std::to_string(i) + "=''";
    }
    CHECK(std::holds_alternative<Document>(read("<Response" + attributes + "/>")));
    check({"<Response" + attributes + " b=@@''/>", "at most 32 attributes", "\"''/\""},
          Code::invalid_document);
}

TEST_CASE("BXML: the first fault of the text is the one told", "[wire][bxml]") {
    check({"<Response><Pause length='@@x'/><Pause length='y'/></Response>", "0..3600", "\"x\""},
          Code::invalid_verb);
    check({"<Response><Gather tag='' maxDigits='@@0' requestUrl='x y'/></Response>", "1..128",
           "\"0\""},
          Code::invalid_verb);
    CHECK(word(Code::invalid_verb) == "bxml-invalid-verb");
    CHECK(word(Code::invalid_document) == "bxml-invalid-document");
    CHECK(to_text({Code::invalid_verb, {3, 7}, "a", "b"}) == "3:7: expected a, found b");
}

TEST_CASE("BXML: every rule of a verb says what it wanted, and where", "[wire][bxml]") {
    const std::string longest = repeated("é", 1001);
    const std::string number = "<PhoneNumber>+19195550144</PhoneNumber>";
    const std::string url{"an http or https URL, or a relative one"};
    const std::vector<Row> rows{
        {"<Gather maxDigits='@@129'/>", "a whole number 1..128 as maxDigits of Gather", "\"129\""},
        {"<Gather maxDigits='@@'/>", "1..128", "\"\""},
        {"<Gather maxDigits='@@1.5'/>", "1..128", "\"1.5\""},
        {"<Gather maxDigits='@@99999999999999999999'/>", "1..128", "\"99999999999999999999\""},
        {"<Gather interDigitTimeout='@@0'/>", "1..3600", "\"0\""},
        {"<Gather terminatingDigits='@@'/>", "one or more of", "\"\""},
        {"<Gather terminatingDigits='@@#x'/>", "one or more of", "\"#x\""},
        {"<Gather requestUrl='@@ftp://h/'/>", url, "\"ftp://h/\""},
        {"<Gather requestUrl='@@http://u:secret@h ost/'/>", url, "\"http://***@h ost/\""},
        {"<Gather requestUrl='@@javascript:alert(1)'/>", url, "\"javascript:alert(1)\""},
        {"<Gather requestUrl='@@//h:99999/'/>", url, "\"//h:99999/\""},
        {"<Gather requestUrl='@@/é'/>", url, "\"/é\""},
        {"<Gather requestUrlTimeout='@@0'/>", "1..3600000", "\"0\""},
        {"<Gather>@@<Hangup/></Gather>", "no <Hangup> inside <Gather>", "<Hangup>"},
        {"<Gather>\n @@<Gather/></Gather>", "no <Gather> inside <Gather>", "<Gather>"},
        {"<Gather><PlayAudio>a</PlayAudio>@@<PlayAudio>b</PlayAudio></Gather>",
         "only SpeakSentence, or one PlayAudio", "another PlayAudio"},
        {"<Gather><PlayAudio>a</PlayAudio>@@<SpeakSentence>b</SpeakSentence></Gather>",
         "only SpeakSentence, or one PlayAudio", "both"},
        {"<Gather><SpeakSentence>b</SpeakSentence>@@<PlayAudio>a</PlayAudio></Gather>",
         "only SpeakSentence, or one PlayAudio", "both"},
        {"<Gather><PlayAudio delayBeforeRepeat='@@61'>a</PlayAudio></Gather>", "0..60", "\"61\""},
        {"<Hangup>@@<Pause/></Hangup>", "no <Pause> inside <Hangup>", "<Pause>"},
        {"<Pause length='@@3601'/>", "0..3600", "\"3601\""},
        {"<Pause length='@@-1'/>", "0..3600", "\"-1\""},
        {"<Pause length='@@soon'/>", "0..3600", "\"soon\""},
        {"@@<PhoneNumber>+19195550144</PhoneNumber>", "no <PhoneNumber> inside <Response>",
         "<PhoneNumber>"},
        {"@@<PlayAudio/>", url, "nothing"},
        {"<PlayAudio>\n  @@a b.wav</PlayAudio>", url, "\"a b.wav\""},
        {"<PlayAudio>@@file:///etc/passwd</PlayAudio>", url, "\"file:///etc/passwd\""},
        {"<PlayAudio volume='@@5'>a</PlayAudio>", "-4..4", "\"5\""},
        {"<PlayAudio repeatCount='@@31'>a</PlayAudio>", "1..30", "\"31\""},
        {"<PlayAudio repeatCount='@@0'>a</PlayAudio>", "1..30", "\"0\""},
        {"<Record fileFormat='@@ogg'/>", "one of wav, mp3", "\"ogg\""},
        {"<Record transcribe='@@yes'/>", "one of false, true", "\"yes\""},
        {"@@<Record transcribe='true'/>", "a URL, as transcribe is true", "nothing"},
        {"<Record transcribe='true' transcribeCallbackUrl='/t' fileFormat='@@mp3'/>", "wav",
         "\"mp3\""},
        {"<Record transcribeCallbackUrl='@@mailto:a@b'/>", url, "\"mailto:a@b\""},
        {"<Record maxDuration='@@3601'/>", "1..3600", "\"3601\""},
        {"<Record silenceTimeout='@@61'/>", "0..60", "\"61\""},
        {"<Record silenceThreshold='@@loud'/>", "0..1000000", "\"loud\""},
        {"<Record terminatingDigits='@@12'/>", "one of 0-9*#", "\"12\""},
        {"<Record terminatingDigits='@@A'/>", "one of 0-9*#", "\"A\""},
        {"<Record>@@<Hangup/></Record>", "no <Hangup> inside <Record>", "<Hangup>"},
        {"@@<Redirect/>", "a URL as requestUrl of Redirect", "nothing"},
        {"<Redirect requestUrl='@@'/>", "a URL as requestUrl of Redirect", "\"\""},
        {"@@<SendDtmf></SendDtmf>", "1 to 92 of", "nothing"},
        {"<SendDtmf>@@12A</SendDtmf>", "1 to 92 of", "\"12A\""},
        {"<SendDtmf>@@" + std::string(93, '5') + "</SendDtmf>", "1 to 92 of",
         "\"" + std::string(64, '5') + "...\""},
        {"@@<SpeakSentence> \n </SpeakSentence>", "text in SpeakSentence", "nothing"},
        {"<SpeakSentence>@@" + longest + "</SpeakSentence>", "at most 1000 characters",
         "\"" + repeated("é", 32) + "...\""},
        {"<SpeakSentence>a@@<Hangup/></SpeakSentence>", "no <Hangup> inside", "<Hangup>"},
        {"<SpeakSentence gender='@@robot'>a</SpeakSentence>", "one of female, male", "\"robot\""},
        {"<SpeakSentence locale='@@nl_NL'>a</SpeakSentence>", "one of en_US, en_UK", "\"nl_NL\""},
        {"<SpeakSentence voice='@@hal'>a</SpeakSentence>", "one of susan, julie", "\"hal\""},
        {"<SpeakSentence voice='@@paul'>a</SpeakSentence>", "this gender and locale", "\"paul\""},
        {"<SpeakSentence voice='@@susan' locale='de'>a</SpeakSentence>", "this gender and locale",
         "\"susan\""},
        {"<SpeakSentence volume='@@-5'>a</SpeakSentence>", "-4..4", "\"-5\""},
        {"@@<Transfer/>", "a number, there or in a PhoneNumber", "nothing"},
        {"<Transfer transferTo='@@911'/>", "a number (+ and digits) or sip:", "\"911\""},
        {"<Transfer transferTo='@@'/>", "a number (+ and digits) or sip:", "\"\""},
        {"<Transfer transferTo='+19195550144' transferCallerId='@@x'/>", "\"private\"", "\"x\""},
        {"<Transfer transferTo='+19195550144' callTimeout='@@301'/>", "1..300", "\"301\""},
        {"<Transfer transferTo='+19195550144' diversionReason='@@x'/>", "user-busy", "\"x\""},
        {"<Transfer transferTo='+19195550144' diversionTreatment='@@x'/>", "propagate", "\"x\""},
        {"<Transfer><PhoneNumber>@@5</PhoneNumber></Transfer>", "a number", "\"5\""},
        {"<Transfer>@@<PhoneNumber/></Transfer>", "a number", "nothing"},
        {"<Transfer>" + repeated(number, 7) + "@@" + number + "</Transfer>", "at most 7 numbers",
         "one more"},
        {"<Transfer transferTo='+1919'><Record/>@@<Record/></Transfer>", "one <Record> inside",
         "another"},
        {"<Transfer transferTo='+1919'>@@<Transfer/></Transfer>", "no <Transfer> inside",
         "<Transfer>"},
        {"<Transfer transferTo='+1919'><Record multiChannel='@@2'/></Transfer>", "false, true",
         "\"2\""},
    };
    for (const Row& row : rows) {
        check_verb(row);
    }
}

}  // namespace ringback::bxml
