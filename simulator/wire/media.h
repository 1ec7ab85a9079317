#pragma once

#include <string>

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

}  // namespace ringback
