#include "simulator/wire/media.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "simulator/wire/ascii.h"

namespace ringback {
namespace {

constexpr std::uint32_t sample_rate = 8000;
constexpr std::uint32_t bytes_per_sample = 2;
constexpr std::uint32_t samples = sample_rate / 2;

void append_le(std::string& out, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) {
        out += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
    }
}

/// A triangle wave: integers only, so that no mathematics library can change a byte.
std::int32_t triangle(std::uint32_t n) {
    constexpr std::int32_t period = 20;  // 400 Hz at 8 kHz
    constexpr std::int32_t peak = 6000;  // of 32,767: soft
    const auto phase = static_cast<std::int32_t>(n % period);
    const std::int32_t up = phase < period / 2 ? phase : period - phase;
    return up * (4 * peak / period) - peak;
}

std::string make_wav() {
    constexpr std::uint32_t data_bytes = samples * bytes_per_sample;
    std::string out{"RIFF"};
    append_le(out, 36 + data_bytes, 4);
    out += "WAVEfmt ";
    append_le(out, 16, 4);  // size of what follows
    append_le(out, 1, 2);   // PCM
    append_le(out, 1, 2);   // mono
    append_le(out, sample_rate, 4);
    append_le(out, sample_rate * bytes_per_sample, 4);
    append_le(out, bytes_per_sample, 2);
    append_le(out, 8 * bytes_per_sample, 2);
    out += "data";
    append_le(out, data_bytes, 4);
    for (std::uint32_t n = 0; n < samples; ++n) {
        append_le(out, static_cast<std::uint32_t>(triangle(n)), 2);
    }
    return out;
}

/// At 32 kbit/s and 32 kHz a frame has 144 bytes without padding and lasts 36 ms. Behind its header
/// (sync, MPEG-1 Layer III without CRC, bit rate and sample rate, mono) all-zero side information
/// says that both granules have no data, which decodes to silence.
std::string make_mp3() {
    constexpr std::size_t frame_bytes = 144;
    constexpr int frames = 14;
    std::string frame{"\xff\xfb\x18\xc4", 4};
    frame.resize(frame_bytes, '\0');
    std::string out;
    for (int i = 0; i < frames; ++i) {
        out += frame;
    }
    return out;
}

}  // namespace

const std::string& recording_bytes(RecordingFormat format) {
    static const std::string wav = make_wav();
    static const std::string mp3 = make_mp3();
    return format == RecordingFormat::wav ? wav : mp3;
}

namespace {

bool is_picture(std::string_view name) {
    const std::string_view extension = name.substr(std::min(name.rfind('.'), name.size()));
    return std::ranges::any_of(
        std::array<std::string_view, 5>{".jpg", ".jpeg", ".png", ".gif", ".bmp"},
        [&](std::string_view known) { return equal_ignoring_case(extension, known); });
}

constexpr std::string_view pixel{
    "\x89PNG\r\n\x1a\n"
    "\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00\x3a\x7e\x9b\x55"
    "\x00\x00\x00\x0aIDAT\x78\xda\x63\xf8\x0f\x00\x01\x01\x01\x00\x1c\xb0\x8c\x99"
    "\x00\x00\x00\x00IEND\xae\x42\x60\x82",
    67};

}  // namespace

std::string_view part_bytes(std::string_view name) {
    return is_picture(name) ? pixel : "A part of a message, made up by ringback.\n";
}

const char* part_type(std::string_view name) {
    return is_picture(name) ? "image/png" : "text/plain";
}

const char* media_type(RecordingFormat format) {
    return format == RecordingFormat::wav ? "audio/wav" : "audio/mpeg";
}

}  // namespace ringback
