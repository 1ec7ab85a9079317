#pragma once

#include <string>

namespace ringback {

/// A file of /proc, whole; "" when it is no longer there, or not ours to see.
[[nodiscard]] std::string proc_text(const std::string& path);

}  // namespace ringback
