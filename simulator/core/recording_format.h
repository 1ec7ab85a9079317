#pragma once

#include <cstdint>

namespace ringback {

enum class RecordingFormat : std::uint8_t { wav, mp3 };

}  // namespace ringback
