#pragma once

#include <filesystem>

namespace ringback {

/// Puts the name of a file on the disk, as fsync of the file itself does not; 0 or the error. Where
/// folders cannot be synced at all there is nothing to do, which is no error.
[[nodiscard]] int sync_folder(const std::filesystem::path& of);

}  // namespace ringback
