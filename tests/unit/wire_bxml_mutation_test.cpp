// Documents damaged at random: whatever comes, it is a document or a refusal with a place in it.

#include <algorithm>
#include <catch2/catch.hpp>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/core/random.h"
#include "simulator/wire/bxml.h"
#include "simulator/wire/utf8.h"
#include "tests/support/seeds.h"

namespace ringback::bxml {
namespace {

/// Between them they have every verb and every attribute.
const std::vector<std::string> originals{
    R"(<?xml version="1.0" encoding="UTF-8"?>
<Response>
  <!-- a menu -->
  <Gather requestUrl="http://h/m?a=1&amp;b=2" requestUrlTimeout="10000" terminatingDigits="#"
          maxDigits="1" interDigitTimeout="5" bargeable="true" tag="{&quot;a&quot;:1}">
    <SpeakSentence gender="female" locale="en_US" voice="susan" volume="1">One?</SpeakSentence>
    <SpeakSentence locale="fr_FR">Ça va &#233; <![CDATA[< & >]]></SpeakSentence>
  </Gather>
  <Gather><PlayAudio delayBeforeRepeat="3" repeatCount="2">a.wav</PlayAudio></Gather>
  <Pause length="3"/><SendDtmf>12w#</SendDtmf>
  <Redirect requestUrl="/next" requestUrlTimeout="1000"/>
</Response>)",
    "\xef\xbb\xbf<Response>\r\n<PlayAudio volume='2'>http://h/a.mp3</PlayAudio>\r\n"
    "<Record requestUrl='/r' fileFormat='wav' transcribe='true' transcribeCallbackUrl='/t' "
    "multiChannel='false' maxDuration='9' silenceTimeout='3' silenceThreshold='100' "
    "terminatingDigits='#'/>\r"
    "<Transfer transferTo='sip:a@b' transferCallerId='private' callTimeout='30' requestUrl='/d' "
    "tag='x' diversionTreatment='none' diversionReason='away'><PhoneNumber>+19195550144"
    "</PhoneNumber><SpeakSentence>Hi</SpeakSentence><Record/></Transfer><Reject/><Hangup/>"
    "<Foo bar='1'>x<Baz/></Foo></Response>",
};

/// What breaks readers, beside any byte at all.
const std::vector<std::string_view> pieces{
    "<",    ">",   "/>",        "</",  "\"",        "'",  "&",         "&amp;",    "&#x0;",
    "<!--", "-->", "<![CDATA[", "]]>", "<?",        "?>", "<!DOCTYPE", "=",        "\xff",
    "\n",   "\r",  "\xc3\xa9",  "<a>", "</Gather>", " ",  "Hangup",    "<Pause/>", "\xef\xbb\xbf",
};

/// What values may be wrong by, without harm to the XML around.
const std::vector<std::string_view> harmless{
    "-1",  "0", "9", "99999999999999999999", "x",   " ", "true",
    "mp3", "/", ":", "\xe2\x82\xac",         "&lt;"};

std::string damaged(Rng& rng) {
    std::string text = originals.at(rng.below(originals.size()));
    const std::string& other = originals.at(rng.below(originals.size()));
    for (std::uint64_t left = 1 + rng.below(3); left > 0; --left) {
        const std::size_t at = rng.below(text.size() + 1);
        const std::size_t length = rng.below(12);
        switch (rng.below(9)) {
            case 0:
                text.erase(at, length);
                break;
            case 1:
                text.insert(at, pieces.at(rng.below(pieces.size())));
                break;
            case 2:
                text.insert(at, 1, static_cast<char>(rng.below(256)));
                break;
            case 3:
                text.insert(at, other.substr(rng.below(other.size()), rng.below(80)));
                break;
            case 4:
                text.resize(at);
                break;
            case 5:
                text.replace(at, at < text.size() ? 1 : 0, 1, static_cast<char>(rng.below(256)));
                break;
            default:  // at the start of a value or text, mostly
                if (const std::size_t start = text.find_first_of("\"'>", at);
                    start != std::string::npos) {
                    text.insert(start + 1, harmless.at(rng.below(harmless.size())));
                }
        }
    }
    return text;
}

/// Columns of the lines of a text, one more than it has characters; \r\n, \r and \n end one.
std::vector<std::size_t> columns(std::string_view text) {
    std::vector<std::size_t> all{1};
    for (std::size_t i = text.starts_with("\xef\xbb\xbf") ? 3 : 0; i < text.size(); ++i) {
        if (text[i] == '\n' || (text[i] == '\r' && !text.substr(i + 1).starts_with('\n'))) {
            all.push_back(1);
        } else if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U) {
            ++all.back();
        }
    }
    return all;
}

bool lies_in(Place place, const std::vector<std::size_t>& columns) {
    return place.line >= 1 && place.line <= columns.size() && place.column >= 1 &&
           place.column <= columns[place.line - 1];
}

}  // namespace

TEST_CASE("BXML: the originals of the damaged documents are good", "[wire][bxml]") {
    for (const std::string& text : originals) {
        CHECK(std::holds_alternative<Document>(read(text)));
    }
}

TEST_CASE("BXML: a damaged document is read or refused at a place in it", "[wire][bxml]") {
    const std::uint64_t seed = test::chosen_seed();
    std::cout << "bxml mutations: seed " << seed << '\n';
    std::size_t good{0};
    std::size_t bad_verb{0};
    constexpr std::uint64_t runs = 20'000;
    for (std::uint64_t run = 0; run < runs; ++run) {
        Rng rng{mix(seed) ^ mix(run)};
        const std::string text = damaged(rng);
        CAPTURE(seed, run, text);
        const Reading reading = read(text);
        const auto lines = columns(text);
        if (const auto* const refusal = std::get_if<Refusal>(&reading)) {
            bad_verb += refusal->code == Refusal::Code::invalid_verb ? 1U : 0U;
            const std::string said = to_text(*refusal);
            const bool whole = lies_in(refusal->place, lines) && !refusal->expected.empty() &&
                               !refusal->found.empty() && is_utf8(said) && said.size() < 500;
            if (!whole) {
                FAIL(said);
            }
            continue;
        }
        ++good;
        const auto& document = std::get<Document>(reading);
        Place last;
        for (const Step& step : document.steps) {
            REQUIRE(lies_in(step.place, lines));
            REQUIRE(last < step.place);
            last = step.place;
        }
        for (const Notice& notice : document.notices) {
            REQUIRE(lies_in(notice.place, lines));
            REQUIRE(notice.step <= document.steps.size());
        }
        REQUIRE(reading == read(text));
    }
    std::cout << "bxml mutations: " << runs << " documents, " << good << " read, " << bad_verb
              << " refused for a verb\n";
    CHECK(good > runs / 100);
    CHECK(bad_verb > runs / 100);
}

}  // namespace ringback::bxml
