#include "harness/record/sync_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace ringback {

int sync_folder(const std::filesystem::path& of) {
    const std::filesystem::path parent = of.parent_path();
    const std::filesystem::path folder = parent.empty() ? std::filesystem::path{"."} : parent;
    const int opened =
        ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);  // NOLINT(*vararg)
    if (opened < 0) {
        return errno;
    }
    int error = 0;
    do {
        error = ::fsync(opened) == 0 ? 0 : errno;
    } while (error == EINTR);
    ::close(opened);
    return error == EINVAL || error == EROFS ? 0 : error;
}

}  // namespace ringback
