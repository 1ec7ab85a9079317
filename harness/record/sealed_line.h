#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ringback {

/// The checksum of zlib, PNG and gzip: `python3 -c 'import zlib; print(zlib.crc32(b"..."))'`.
[[nodiscard]] std::uint32_t crc32(std::string_view bytes);

/// What sealing adds to a line, its newline too, at most.
inline constexpr std::size_t seal_bytes = 20;

/// Appends an entry's line as the journal file has it, newline and all: the last member of `wall`
/// is the checksum of every byte before it, `,"crc":"9ae0daaf"}}`. In `wall`, because two runs of
/// one seed differ there only. What does not end in `}}` is no entry and gets none.
void append_sealed(std::string& out, std::string_view line);

enum class Seal : std::uint8_t {
    none,    // as in answers of the admin plane, and in files of earlier versions
    good,    // every byte is as it was written
    broken,  // some is not
};
/// Of a line without its newline.
[[nodiscard]] Seal seal_of(std::string_view line);

}  // namespace ringback
