#include "harness/cli/load_files.h"

#include <cerrno>
#include <fstream>
#include <system_error>

#include "harness/load/result_json.h"
#include "simulator/wire/printable.h"

namespace ringback {

Result<LoadResult> read_load_result(const std::string& file) {
    constexpr std::size_t longest{4096};
    const std::string name = printable(file, longest);
    const auto unread = [&name](int error) {
        return Error{name, "cannot be read: " + std::generic_category().message(error)};
    };
    errno = 0;
    std::ifstream in{file, std::ios::binary};
    if (!in) {
        return unread(errno);
    }
    // What opens and cannot be read, such as a folder, ends here.
    std::string text;
    std::string piece(std::size_t{1} << 20U, '\0');
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0) {
        text.append(piece, 0, static_cast<std::size_t>(in.gcount()));
    }
    if (in.bad()) {
        return unread(errno);
    }
    return load_result_of(text, name);
}

}  // namespace ringback
