#include "harness/record/journal_tail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "harness/record/journal_scan.h"

namespace ringback {
namespace {

constexpr off_t looked_at = off_t{16} << 20U;
constexpr std::size_t tail_piece_bytes = std::size_t{256} * 1024;

class Damage final : public JournalReader {
public:
    explicit Damage(JournalTail& tail) : tail_{tail} {}
    void sound(const JournalLine& /*as it should be*/) override {}
    void damaged(const JournalDamage& damage) override {
        ++tail_.damaged_places;
        tail_.damaged_bytes += damage.bytes;
    }

private:
    JournalTail& tail_;
};

void look_at(int reader, off_t size, JournalTail& tail) {
    Damage damage{tail};
    JournalScan scan{damage};
    off_t at = size > looked_at ? size - looked_at : 0;
    tail.is_all = at == 0;
    bool within_first_line = at > 0;  // which began before
    std::string piece(tail_piece_bytes, '\0');
    while (at < size) {
        const ssize_t count = ::pread(reader, piece.data(), piece.size(), at);
        if (count <= 0) {
            break;
        }
        at += count;
        std::string_view bytes{piece.data(), static_cast<std::size_t>(count)};
        if (within_first_line) {
            const std::size_t newline = bytes.find('\n');
            within_first_line = newline == std::string_view::npos;
            bytes.remove_prefix(within_first_line ? bytes.size() : newline + 1);
        }
        scan.feed(bytes);
        tail.ends_within_line = piece[static_cast<std::size_t>(count) - 1] != '\n';
    }
    static_cast<void>(scan.end());
}

}  // namespace

JournalTail journal_tail(const std::filesystem::path& path) {
    JournalTail tail;
    const int reader = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // NOLINT(*vararg)
    if (reader < 0) {
        return tail;
    }
    struct stat about {};
    if (::fstat(reader, &about) == 0 && S_ISREG(about.st_mode)) {
        look_at(reader, about.st_size, tail);
    }
    ::close(reader);
    return tail;
}

}  // namespace ringback
