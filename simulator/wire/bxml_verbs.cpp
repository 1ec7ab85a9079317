#include "simulator/wire/bxml_verbs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "simulator/wire/utf8.h"

namespace ringback::bxml {
namespace {

using std::string_view;

constexpr std::int64_t longest_pause_s = 3600;
constexpr std::int64_t most_repeats = 30;
constexpr std::int64_t longest_repeat_delay_s = 60;
constexpr std::int64_t loudest = 4;
constexpr std::size_t most_tones = 92;
constexpr std::size_t longest_sentence = 1000;  // characters
constexpr string_view tone_characters{"0123456789*#,wW"};

/// The docs' table; the first voice of a gender and locale is its default.
struct Speaker {
    Gender gender;
    Locale locale;  // without its country, but for English
    Voice voice;
};
constexpr std::array speakers{
    Speaker{Gender::female, Locale::en_us, Voice::susan},
    Speaker{Gender::female, Locale::en_us, Voice::julie},
    Speaker{Gender::female, Locale::en_us, Voice::kate},
    Speaker{Gender::female, Locale::en_uk, Voice::bridget},
    Speaker{Gender::female, Locale::de, Voice::katrin},
    Speaker{Gender::female, Locale::es, Voice::esperanza},
    Speaker{Gender::female, Locale::es, Voice::violeta},
    Speaker{Gender::female, Locale::fr, Voice::jolie},
    Speaker{Gender::female, Locale::it, Voice::paola},
    Speaker{Gender::male, Locale::en_us, Voice::paul},
    Speaker{Gender::male, Locale::en_us, Voice::dave},
    Speaker{Gender::male, Locale::en_uk, Voice::simon},
    Speaker{Gender::male, Locale::de, Voice::stefan},
    Speaker{Gender::male, Locale::es, Voice::jorge},
    Speaker{Gender::male, Locale::fr, Voice::bernard},
    Speaker{Gender::male, Locale::it, Voice::luca},
};

constexpr Locale without_country(Locale locale) {
    switch (locale) {
        case Locale::de_de:
            return Locale::de;
        case Locale::es_mx:
            return Locale::es;
        case Locale::fr_fr:
            return Locale::fr;
        case Locale::it_it:
            return Locale::it;
        default:
            return locale;
    }
}

Voice read_voice(const Element& in, Gender gender, Locale locale) {
    const auto fits = [&](const Speaker& each) {
        return each.gender == gender && each.locale == without_country(locale);
    };
    if (in.has("voice")) {
        // In the order of Voice.
        const auto said = static_cast<Voice>(in.one_of(
            "voice",
            {"susan", "julie", "kate", "bridget", "katrin", "esperanza", "violeta", "jolie",
             "paola", "paul", "dave", "simon", "stefan", "jorge", "bernard", "luca"}));
        const auto* const known = std::ranges::find(speakers, said, &Speaker::voice);
        if (!fits(*known)) {
            in.refuse_value("voice", "a voice of this gender and locale");
        }
        return said;
    }
    return std::ranges::find_if(speakers, fits)->voice;
}

std::int8_t read_volume(const Element& in) {
    return static_cast<std::int8_t>(in.whole("volume", -loudest, loudest, 0));
}

Verb read_hangup(const Element& in) {
    in.only({});
    in.no_children();
    return Hangup{};
}

Verb read_reject(const Element& in) {
    in.only({});
    in.no_children();
    return Reject{};
}

Verb read_pause(const Element& in) {
    in.only({"length"});
    in.no_children();
    return Pause{in.seconds("length", 0, longest_pause_s, 1)};
}

Verb read_play(const Element& in) { return read_audio(in, Inside::response); }

Verb read_speak(const Element& in) { return read_sentence(in); }

Verb read_redirect(const Element& in) {
    in.only({"requestUrl", "requestUrlTimeout"});
    in.no_children();
    Redirect redirect{in.request()};
    if (redirect.request.url.empty()) {
        in.refuse_value("requestUrl", "a URL");
    }
    return redirect;
}

Verb read_tones(const Element& in) {
    in.only({});
    SendDtmf dtmf{in.content()};
    if (dtmf.tones.empty() || dtmf.tones.size() > most_tones ||
        dtmf.tones.find_first_not_of(tone_characters) != std::string::npos) {
        in.refuse_content(fmt::format("1 to {} of {}", most_tones, tone_characters), dtmf.tones);
    }
    return dtmf;
}

struct Row {
    string_view name;
    Verb (*read)(const Element&);
};
constexpr std::array rows{
    Row{"Gather", read_gather},     Row{"Hangup", read_hangup},  Row{"Pause", read_pause},
    Row{"PlayAudio", read_play},    Row{"Record", read_record},  Row{"Redirect", read_redirect},
    Row{"Reject", read_reject},     Row{"SendDtmf", read_tones}, Row{"SpeakSentence", read_speak},
    Row{"Transfer", read_transfer},
};

}  // namespace

SpeakSentence read_sentence(const Element& in) {
    in.only({"gender", "locale", "voice", "volume"});
    SpeakSentence sentence{.text = in.content()};
    if (sentence.text.empty()) {
        in.refuse_content("text", sentence.text);
    } else if (utf8_length(sentence.text) > longest_sentence) {
        in.refuse_content(fmt::format("at most {} characters", longest_sentence), sentence.text);
    }
    sentence.gender = static_cast<Gender>(in.one_of("gender", {"female", "male"}));
    sentence.locale = static_cast<Locale>(in.one_of(
        "locale", {"en_US", "en_UK", "de", "de_DE", "es", "es_MX", "fr", "fr_FR", "it", "it_IT"}));
    sentence.voice = read_voice(in, sentence.gender, sentence.locale);
    sentence.volume = read_volume(in);
    return sentence;
}

PlayAudio read_audio(const Element& in, Inside where) {
    in.only({"volume", "repeatCount", "delayBeforeRepeat"});
    PlayAudio audio{.url = in.content_url(), .volume = read_volume(in)};
    audio.repeat_count = static_cast<std::uint8_t>(in.whole("repeatCount", 1, most_repeats, 1));
    if (where == Inside::gather) {
        audio.delay_before_repeat = in.seconds("delayBeforeRepeat", 0, longest_repeat_delay_s, 0);
    } else {
        in.idle({"delayBeforeRepeat"});
    }
    return audio;
}

std::optional<Verb> read_verb(const Element& in) {
    const auto* const row = std::ranges::find(rows, in.name(), &Row::name);
    return row == rows.end() ? std::nullopt : std::optional{row->read(in)};
}

}  // namespace ringback::bxml
