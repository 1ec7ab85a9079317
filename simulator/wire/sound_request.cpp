#include "simulator/wire/sound_request.h"

#include <fmt/format.h>

#include <algorithm>

#include "simulator/wire/json_in.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

constexpr std::size_t longest_sentence = 1000;  // characters, spec v1 7.2

}  // namespace

ApiError bad_media_url(std::string_view url) {
    const auto shown = echoable(url);
    return {403,
            "forbidden",
            "media-invalid-url",
            shown ? fmt::format("The media URL {} is not valid", redacted_url(*shown))
                  : std::string{"The media URL is not valid"},
            {}};
}

std::optional<Audio> SoundRequest::audio() const {
    if (file_url && !file_url->empty()) {
        return Audio{Audio::Kind::file, *file_url, tag, loop};
    }
    if (sentence && !sentence->empty()) {
        return Audio{Audio::Kind::speech, *sentence, tag, loop};
    }
    return std::nullopt;
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

std::optional<std::size_t> one_of(const Members& in, std::string_view name,
                                  std::initializer_list<std::string_view> values) {
    const auto said = in.text(name);
    if (!said) {
        return std::nullopt;
    }
    for (const auto* value = values.begin(); value != values.end(); ++value) {
        if (same_word(*said, *value)) {
            return static_cast<std::size_t>(value - values.begin());
        }
    }
    in.note(not_one_of(in.resource(), name, fmt::format("{}", fmt::join(values, ", "))));
    return std::nullopt;
}

SoundRequest read_sound(const Members& in) {
    SoundRequest sound;
    sound.file_url = in.text("fileUrl");
    sound.sentence = in.text("sentence");
    if (sound.sentence && utf8_length(*sound.sentence) > longest_sentence) {
        in.note(exceeds(in.resource(), "sentence", fmt::format("{} characters", longest_sentence)));
    }
    static_cast<void>(one_of(in, "gender", {"female", "male"}));
    static_cast<void>(
        one_of(in, "locale",
               {"en_US", "en_UK", "es", "es_MX", "fr", "fr_FR", "de", "de_DE", "it", "it_IT"}));
    static_cast<void>(
        one_of(in, "voice",
               {"kate", "susan", "julie", "dave", "paul", "bridget", "esperanza", "violeta",
                "jorge", "jolie", "bernard", "katrin", "stefan", "paola", "luca"}));
    sound.loop = in.boolean("loopEnabled").value_or(false);
    sound.tag = std::string{in.text("tag").value_or("")};
    if (sound.file_url && !sound.file_url->empty() && !is_http_url(*sound.file_url)) {
        in.note(bad_media_url(*sound.file_url));
    }
    return sound;
}

}  // namespace ringback
