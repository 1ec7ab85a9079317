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
        {"@@hello", "the start tag <Response>", R"("hello")"},
        {"@@</Response>", "the start tag <Response>", R"("</Response")"},
        {"<Response><Hangup/>\n@@", "</Response> for the tag of 1:1", "the end of the document"},
        {"<Response>\n <Gather>\n@@</Response>", "</Gather> for the tag of 2:2", R"("</Response")"},
        {"<Response>\n@@</Gather></Response>", "</Response> for the tag of 1:1", R"("</Gather")"},
        {"<Response/>@@<Response/>", "nothing behind the root", R"("<Response/")"},
        {"<Response/>\n@@x", "nothing behind the root", R"("x")"},
        {"<Response/>@@</Response>", "the start tag", R"("</Response")"},
        {"<Response@@", "the > of a tag", "the end of the document"},
        {"<Response>@@</Response", "> at the end of what begins here", R"("</Response")"},
        {"<Response><Hangup @@/ ></Response>", "/> without anything between", R"("/")"},
        {"<Response><Hangup @@<Pause/></Response>", "the > of the tag before", R"("<Pause/")"},
        {"<Response>@@<></Response>", "the name of an element", R"("<")"},
        {"<Response>@@< Hangup/></Response>", "the name of an element", R"("<")"},
        {"<Response>1 @@<2</Response>", "the name of an element", R"("<2")"},
        {"<Response><Pause length=@@5/></Response>", R"(an attribute as name="value")", R"("5/")"},
        {"<Response><Gather requestUrl=@@http://u:secret@h/></Response>", "an attribute as",
         R"("***@h/")"},
        {"<Response><Gather requestUrl='http://u:sec@@&ret@h/'/></Response>", "&amp;",
         R"("***@h/'/")"},
        {"<Response><Pause length /@@></Response>", R"(an attribute as name="value")", R"(">")"},
        {R"(<Response><Pause length="5/>@@</Response>)", "the quote that ends", R"("</Response")"},
        {R"(<Response><Pause length=@@"5/>)", R"(" at the end of what begins here)", R"(""5/")"},
        {"<Response><Pause a='1'@@b='2'/></Response>", "an attribute as", R"("b='2'/")"},
        {"<Response><Pause a='1' b='2' @@a='3'/></Response>", "each attribute once",
         R"("a" twice)"},
        {"<Response><x><y z='' @@z=''/></x></Response>", "each attribute once", R"("z" twice)"},
        {"<Response><Pause a='1@@<2'/></Response>", "&lt;", R"("<2'/")"},
        {"<Response>a@@&b</Response>", "&amp;", R"("&b")"},
        {"<Response><Gather requestUrl='/a?b=1@@&c=2'/></Response>", "&amp;", R"("&c=2'/")"},
        {"<Response>@@&nbsp;</Response>", "&amp;", R"("&nbsp;")"},
        {"<Response>@@&amp </Response>", "&amp;", R"("&amp")"},
        {"<Response>@@&#0;</Response>", "number of a character", R"("&#0;")"},
        {"<Response>@@&#xD800;</Response>", "number of a character", R"("&#xD800;")"},
        {"<Response>@@&#x110000;</Response>", "number", R"("&#x110000;")"},
        {"<Response>@@&#99999999999;</Response>", "number", R"("&#99999999999;")"},
        {"<Response>@@&#-1;</Response>", "number", R"("&#-1;")"},
        {"<Response>@@&#;</Response>", "number", R"("&#;")"},
        {"<Response>a@@]]>b</Response>", "CDATA", R"("]]")"},
        {"<Response>@@<![CDATA[x</Response>", "]]> at the end", R"("<![CDATA[x")"},
        {"@@<![CDATA[x]]><Response/>", "only inside the root", R"("<![CDATA[x]]")"},
        {"<Response>@@<!-- x</Response>", "--> at the end", R"("<!--")"},
        {"<Response><!-- a @@-- b --></Response>", "in a comment", R"("--")"},
        {"<Response>@@<?x </Response>", "?> at the end", R"("<?x")"},
        {"<Response/>@@<?xml version='1.0'?>", "only at the start", R"("<?xml")"},
        {"<!-- a -->@@<?xml version='1.0'?><Response/>", "only at the start", R"("<?xml")"},
        {"<?xml version='@@1.1'?><Response/>", "version 1.0", R"("1.1")"},
    };
    for (const Row& row : rows) {
        check(row, Code::invalid_document);
    }
}

TEST_CASE("BXML: another root is refused at the root", "[wire][bxml]") {
    for (const auto* const root : {"Other", "response", "x:Response", "Hangup"}) {
        check({"\n@@<"s + root + "/>", "<Response>", R"(")"s + root + R"(")"},
              Code::invalid_document);
    }
}

TEST_CASE("BXML: declarations of types and entities are refused unread", "[wire][bxml]") {
    const std::string laughs =
        R"(<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">)";
    const Row none{"", "no document type or entity declaration", ""};
    for (const std::string& text :
         {"<?xml version='1.0'?>\n@@<!DOCTYPE Response [" + laughs + "]><Response>&c;</Response>",
          "@@<!DOCTYPE Response SYSTEM 'file:///etc/passwd'><Response/>"s,
          "@@<!DOCTYPE Response [<!ENTITY x SYSTEM 'http://h/'>]><Response>&x;</Response>"s}) {
        check({text, none.expected, R"("<!DOCTYPE")"}, Code::invalid_document);
    }
    check({"<Response>@@<!ENTITY a 'b'></Response>", none.expected, R"("<!ENTITY")"},
          Code::invalid_document);
}

TEST_CASE("BXML: bytes that are not XML in UTF-8 are refused", "[wire][bxml]") {
    const std::vector<Row> rows{
        {"@@\xff\xfe<\0R\0"s, "UTF-8", "UTF-16"},
        {"@@\xfe\xff\0<"s, "UTF-8", "UTF-16"},
        {"@@<\0R\0e\0s\0"s, "UTF-8", "UTF-16"},
        {"@@\0<\0R"s, "UTF-8", "UTF-16"},
        {"<Response>é@@\xe9</Response>", "well-formed UTF-8", R"(the byte \xe9)"},
        {"<Response>@@\xc0\xaf</Response>", "well-formed UTF-8", R"(the byte \xc0)"},
        {"<Response>@@\xed\xa0\x80</Response>", "well-formed UTF-8", R"(the byte \xed)"},
        {"<Response>@@\xf4\x90\x80\x80</Response>", "well-formed UTF-8", R"(the byte \xf4)"},
        {"<Response/>@@\xe2\x82"s, "well-formed UTF-8", R"(the byte \xe2)"},
        {"<Response>@@\0</Response>"s, "characters of XML", R"("\x00")"},
        {"<Response/>@@\0<!DOCTYPE x>"s, "characters of XML", R"("\x00")"},
        {"<Response>\n@@\x1b[2J</Response>", "characters of XML", R"("\x1b")"},
        {"<Response>@@\xef\xbf\xbe</Response>", "characters of XML", R"("\xef\xbf\xbe")"},
        {"<?xml version='1.0' encoding='@@ISO-8859-1'?><Response/>", "encoding UTF-8",
         R"("ISO-8859-1")"},
        {R"(<?xml encoding="@@UTF-16"?><Response/>)", "encoding UTF-8", R"("UTF-16")"},
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
    check({"<Response>" + repeated("<a>", inner) + "@@<a>", "elements at most 16 deep", R"("<a")"},
          Code::invalid_document);
    check({"<Response>" + repeated("<a>", inner) + "@@" + repeated("<a>", 5000), "deep", R"("<a")"},
          Code::invalid_document);

    const auto verbs = [](std::size_t count) { return repeated("<Hangup/>", count); };
    const Reading full = read("<Response>" + verbs(most_elements - 1) + "</Response>");
    REQUIRE(std::holds_alternative<Document>(full));
    CHECK(std::get<Document>(full).steps.size() == most_elements - 1);
    check({"<Response>" + verbs(most_elements - 1) + "@@<Hangup/></Response>",
           "at most 1000 elements", R"("<Hangup/")"},
          Code::invalid_document);

    std::string attributes;
    for (std::size_t i = 0; i < most_attributes; ++i) {
        attributes += " a" + std::to_string(i) + "=''";
    }
    CHECK(std::holds_alternative<Document>(read("<Response" + attributes + "/>")));
    check({"<Response" + attributes + " b=@@''/>", "at most 32 attributes", R"("''/")"},
          Code::invalid_document);
}

TEST_CASE("BXML: the first fault of the text is the one told", "[wire][bxml]") {
    check({"<Response><Pause length='@@x'/><Pause length='y'/></Response>", "0..3600", R"("x")"},
          Code::invalid_verb);
    check({"<Response><Gather tag='' maxDigits='@@0' requestUrl='x y'/></Response>", "1..128",
           R"("0")"},
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
        {"<Gather maxDigits='@@129'/>", "a whole number 1..128 as maxDigits of Gather", R"("129")"},
        {"<Gather maxDigits='@@'/>", "1..128", R"("")"},
        {"<Gather maxDigits='@@1.5'/>", "1..128", R"("1.5")"},
        {"<Gather maxDigits='@@99999999999999999999'/>", "1..128", R"("99999999999999999999")"},
        {"<Gather interDigitTimeout='@@0'/>", "1..3600", R"("0")"},
        {"<Gather terminatingDigits='@@'/>", "one or more of", R"("")"},
        {"<Gather terminatingDigits='@@#x'/>", "one or more of", R"("#x")"},
        {"<Gather requestUrl='@@ftp://h/'/>", url, R"("ftp://h/")"},
        {"<Gather requestUrl='@@http://u:secret@h ost/'/>", url, R"("http://***@h ost/")"},
        {"<Gather requestUrl='@@javascript:alert(1)'/>", url, "\"javascript:alert(1)\""},
        {"<Gather requestUrl='@@//h:99999/'/>", url, R"("//h:99999/")"},
        {"<Gather requestUrl='@@/é'/>", url, R"("/é")"},
        {"<Gather requestUrlTimeout='@@0'/>", "1..3600000", R"("0")"},
        {"<Gather>@@<Hangup/></Gather>", "no <Hangup> inside <Gather>", "<Hangup>"},
        {"<Gather>\n @@<Gather/></Gather>", "no <Gather> inside <Gather>", "<Gather>"},
        {"<Gather><PlayAudio>a</PlayAudio>@@<PlayAudio>b</PlayAudio></Gather>",
         "only SpeakSentence, or one PlayAudio", "another PlayAudio"},
        {"<Gather><PlayAudio>a</PlayAudio>@@<SpeakSentence>b</SpeakSentence></Gather>",
         "only SpeakSentence, or one PlayAudio", "both"},
        {"<Gather><SpeakSentence>b</SpeakSentence>@@<PlayAudio>a</PlayAudio></Gather>",
         "only SpeakSentence, or one PlayAudio", "both"},
        {"<Gather><PlayAudio delayBeforeRepeat='@@61'>a</PlayAudio></Gather>", "0..60", R"("61")"},
        {"<Hangup>@@<Pause/></Hangup>", "no <Pause> inside <Hangup>", "<Pause>"},
        {"<Pause length='@@3601'/>", "0..3600", R"("3601")"},
        {"<Pause length='@@-1'/>", "0..3600", R"("-1")"},
        {"<Pause length='@@soon'/>", "0..3600", R"("soon")"},
        {"@@<PhoneNumber>+19195550144</PhoneNumber>", "no <PhoneNumber> inside <Response>",
         "<PhoneNumber>"},
        {"@@<PlayAudio/>", url, "nothing"},
        {"<PlayAudio>\n  @@a b.wav</PlayAudio>", url, R"("a b.wav")"},
        {"<PlayAudio>@@file:///etc/passwd</PlayAudio>", url, R"("file:///etc/passwd")"},
        {"<PlayAudio volume='@@5'>a</PlayAudio>", "-4..4", R"("5")"},
        {"<PlayAudio repeatCount='@@31'>a</PlayAudio>", "1..30", R"("31")"},
        {"<PlayAudio repeatCount='@@0'>a</PlayAudio>", "1..30", R"("0")"},
        {"<Record fileFormat='@@ogg'/>", "one of wav, mp3", R"("ogg")"},
        {"<Record transcribe='@@yes'/>", "one of false, true", R"("yes")"},
        {"@@<Record transcribe='true'/>", "a URL, as transcribe is true", "nothing"},
        {"<Record transcribe='true' transcribeCallbackUrl='/t' fileFormat='@@mp3'/>", "wav",
         R"("mp3")"},
        {"<Record transcribeCallbackUrl='@@mailto:a@b'/>", url, R"("mailto:a@b")"},
        {"<Record maxDuration='@@3601'/>", "1..3600", R"("3601")"},
        {"<Record silenceTimeout='@@61'/>", "0..60", R"("61")"},
        {"<Record silenceThreshold='@@loud'/>", "0..1000000", R"("loud")"},
        {"<Record terminatingDigits='@@12'/>", "one of 0-9*#", R"("12")"},
        {"<Record terminatingDigits='@@A'/>", "one of 0-9*#", R"("A")"},
        {"<Record>@@<Hangup/></Record>", "no <Hangup> inside <Record>", "<Hangup>"},
        {"@@<Redirect/>", "a URL as requestUrl of Redirect", "nothing"},
        {"<Redirect requestUrl='@@'/>", "a URL as requestUrl of Redirect", R"("")"},
        {"@@<SendDtmf></SendDtmf>", "1 to 92 of", "nothing"},
        {"<SendDtmf>@@12A</SendDtmf>", "1 to 92 of", R"("12A")"},
        {"<SendDtmf>@@" + std::string(93, '5') + "</SendDtmf>", "1 to 92 of",
         R"(")" + std::string(64, '5') + R"(...")"},
        {"@@<SpeakSentence> \n </SpeakSentence>", "text in SpeakSentence", "nothing"},
        {"<SpeakSentence>@@" + longest + "</SpeakSentence>", "at most 1000 characters",
         R"(")" + repeated("é", 32) + R"(...")"},
        {"<SpeakSentence>a@@<Hangup/></SpeakSentence>", "no <Hangup> inside", "<Hangup>"},
        {"<SpeakSentence gender='@@robot'>a</SpeakSentence>", "one of female, male", R"("robot")"},
        {"<SpeakSentence locale='@@nl_NL'>a</SpeakSentence>", "one of en_US, en_UK", R"("nl_NL")"},
        {"<SpeakSentence voice='@@hal'>a</SpeakSentence>", "one of susan, julie", R"("hal")"},
        {"<SpeakSentence voice='@@paul'>a</SpeakSentence>", "this gender and locale", R"("paul")"},
        {"<SpeakSentence voice='@@susan' locale='de'>a</SpeakSentence>", "this gender and locale",
         R"("susan")"},
        {"<SpeakSentence volume='@@-5'>a</SpeakSentence>", "-4..4", R"("-5")"},
        {"@@<Transfer/>", "a number, there or in a PhoneNumber", "nothing"},
        {"<Transfer transferTo='@@911'/>", "a number (+ and digits) or sip:", R"("911")"},
        {"<Transfer transferTo='@@'/>", "a number (+ and digits) or sip:", R"("")"},
        {"<Transfer transferTo='+19195550144' tag='@@" + std::string(4097, 't') + "'/>",
         "at most 4096 bytes as tag of Transfer", '"' + std::string(64, 't') + "...\""},
        {"<Transfer transferTo='+19195550144' transferCallerId='@@x'/>", R"("private")", R"("x")"},
        {"<Transfer transferTo='+19195550144' callTimeout='@@301'/>", "1..300", R"("301")"},
        {"<Transfer transferTo='+19195550144' diversionReason='@@x'/>", "user-busy", R"("x")"},
        {"<Transfer transferTo='+19195550144' diversionTreatment='@@x'/>", "propagate", R"("x")"},
        {"<Transfer><PhoneNumber>@@5</PhoneNumber></Transfer>", "a number", R"("5")"},
        {"<Transfer>@@<PhoneNumber/></Transfer>", "a number", "nothing"},
        {"<Transfer>" + repeated(number, 7) + "@@" + number + "</Transfer>", "at most 7 numbers",
         "one more"},
        {"<Transfer transferTo='+1919'><Record/>@@<Record/></Transfer>", "one <Record> inside",
         "another"},
        {"<Transfer transferTo='+1919'>@@<Transfer/></Transfer>", "no <Transfer> inside",
         "<Transfer>"},
        {"<Transfer transferTo='+1919'><Record multiChannel='@@2'/></Transfer>", "false, true",
         R"("2")"},
    };
    for (const Row& row : rows) {
        check_verb(row);
    }
}

}  // namespace ringback::bxml
