#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "simulator/core/call.h"
#include "simulator/wire/request_body.h"

namespace ringback {

/// fileUrl, sentence and their companions, as POST audio, a prompt and a whisper have them.
struct SoundRequest {
    std::optional<std::string> file_url;
    std::optional<std::string> sentence;
    std::string tag;
    bool loop{false};

    [[nodiscard]] bool something_given() const { return file_url || sentence; }
    /// What is to be heard: the file if both are there, none if neither says anything.
    [[nodiscard]] std::optional<Audio> audio() const;
};

/// Reads and checks them; problems are noted. Source: spec v1 2.1.6.
[[nodiscard]] SoundRequest read_sound(const Members& in);

/// A property that must be one of a list, in any spelling same_word accepts: the entry's place.
[[nodiscard]] std::optional<std::size_t> one_of(const Members& in, std::string_view name,
                                                std::initializer_list<std::string_view> values);

/// Not a single character that is more than white space.
[[nodiscard]] bool is_blank(std::string_view text);

/// 403 media-invalid-url. The URL is repeated only when harmless.
[[nodiscard]] ApiError bad_media_url(std::string_view url);

}  // namespace ringback
