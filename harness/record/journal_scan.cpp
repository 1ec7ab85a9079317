#include "harness/record/journal_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/record/sealed_line.h"

namespace ringback {
namespace {

constexpr std::string_view entry_begins{"{\"seq\":"};

/// What stands between quotes behind `name`; `rest` goes on behind it. False: something else does.
bool take_text(std::string_view& rest, std::string_view name, std::string_view& value) {
    if (!rest.starts_with(name)) {
        return false;
    }
    rest.remove_prefix(name.size());
    const std::size_t end = rest.find_first_of("\"\\");
    if (end == std::string_view::npos || rest[end] != '"') {
        return false;
    }
    value = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return true;
}

/// The members that every entry begins with.
bool has_head(std::string_view line, JournalLine& entry) {
    if (!line.starts_with(entry_begins)) {
        return false;
    }
    line.remove_prefix(entry_begins.size());
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), entry.seq);
    if (error != std::errc{} || entry.seq == 0) {
        return false;
    }
    line.remove_prefix(static_cast<std::size_t>(end - line.data()));
    return take_text(line, R"(,"time":")", entry.time) &&
           take_text(line, R"(,"kind":")", entry.kind);
}

std::string unsealed_fault(std::string_view line) {
    const auto zeros = static_cast<std::size_t>(std::ranges::count(line, '\0'));
    if (zeros > 0) {
        return fmt::format("{} of the bytes are zero", zeros);
    }
    if (line.empty()) {
        return "an empty line";
    }
    return line.starts_with(entry_begins) ? "an entry that breaks off" : "no entry";
}

}  // namespace

/// "" when the line is an entry, which is then read into `entry`.
std::string JournalScan::fault_of(std::string_view line, JournalLine& entry) const {
    const Seal seal = seal_of(line);
    if (seal == Seal::broken) {
        return "its checksum does not fit what it says";
    }
    entry.sealed = seal == Seal::good;
    if (!has_head(line, entry) || (!entry.sealed && !nlohmann::json::accept(line))) {
        return unsealed_fault(line);
    }
    if (sealed_before_ && !entry.sealed) {
        return "it has no checksum, though lines before it have one";
    }
    return {};
}

/// True: it is an entry, or ends with one.
bool JournalScan::take_line(std::string_view line, bool has_newline) {
    const std::uint64_t bytes = line.size() + skipped_ + (has_newline ? 1 : 0);
    JournalDamage damage{line_, offset_, bytes, !has_newline, {}};
    JournalLine entry{.number = line_};
    if (bytes > longest_line) {
        damage.why = "longer than any entry";
    } else {
        damage.why = fault_of(line, entry);
    }
    bool sound = damage.why.empty();
    const std::size_t within = line.rfind(entry_begins);
    if (!sound && bytes <= longest_line && within != std::string_view::npos && within > 0 &&
        seal_of(line.substr(within)) == Seal::good) {
        damage.bytes = within;
        damage.at_the_end = false;
        damage.why = unsealed_fault(line.substr(0, within));
        sound = fault_of(line.substr(within), entry).empty();
    }
    if (!damage.why.empty()) {
        reader_.damaged(damage);
    }
    if (sound) {
        sealed_before_ = sealed_before_ || entry.sealed;
        reader_.sound(entry);
    }
    offset_ += bytes;
    skipped_ = 0;
    ++line_;
    return sound;
}

void JournalScan::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t newline = bytes.find('\n');
        const bool whole = newline != std::string_view::npos;
        const std::string_view piece = bytes.substr(0, newline);
        if (whole && begun_.empty()) {
            take_line(piece, true);
        } else {
            const std::size_t kept = std::min(piece.size(), longest_line - begun_.size());
            begun_ += piece.substr(0, kept);
            skipped_ += piece.size() - kept;
            if (whole) {
                take_line(begun_, true);
                begun_.clear();
            }
        }
        bytes.remove_prefix(piece.size() + (whole ? 1 : 0));
    }
}

bool JournalScan::end() {
    const bool sound = !begun_.empty() && take_line(begun_, false);
    begun_.clear();
    return sound;
}

}  // namespace ringback
