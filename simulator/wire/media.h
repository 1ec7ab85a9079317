#pragma once

#include <string>
#include <string_view>

#include "simulator/core/call.h"

namespace ringback {

/// What a finished recording contains, whoever talked however long: half a second in that format.
///
/// wav  RIFF, PCM, mono, 16 bits, 8 kHz: a soft 400 Hz tone, so that one hears that it works.
/// mp3  MPEG-1 Layer III frames, mono, 32 kbit/s, 32 kHz: silence.
/// The same bytes on every machine and every time.
[[nodiscard]] const std::string& recording_bytes(RecordingFormat format);

/// "audio/wav" or "audio/mpeg".
[[nodiscard]] const char* media_type(RecordingFormat format);

/// What a received part of that name holds, whatever was sent: one white pixel as PNG where the
/// name is that of a picture, else a line of text.
[[nodiscard]] std::string_view part_bytes(std::string_view name);
/// What that is: "image/png" or "text/plain".
[[nodiscard]] const char* part_type(std::string_view name);

}  // namespace ringback
