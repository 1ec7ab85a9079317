#include "tests/simulation/lives.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "harness/record/journal_check.h"
#include "tests/simulation/simulated_disk.h"
#include "tests/simulation/world.h"

namespace ringback::test {
namespace {

constexpr int processes = 3;

std::string bytes_of(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// What one life has left in the file.
struct Left {
    std::size_t complete_lines{0};
    bool torn{false};
};

/// The file begins with what was there before, and goes on with the lines of this life: all that it
/// was said to have, each once and in order, and of the others the first so many.
Left held_against(const Promised& promised, std::string_view before, std::string_view all) {
    if (!all.starts_with(before)) {
        throw BrokenPromise{"what a journal had before was changed"};
    }
    std::string_view rest = all.substr(before.size());
    if (!before.empty() && before.back() != '\n' && rest.starts_with('\n')) {
        rest.remove_prefix(1);  // closes what the life before has left torn
    }
    Left left;
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        const std::string_view line = rest.substr(0, end + 1);
        if (left.complete_lines == promised.lines.size() ||
            hash_of(line) != promised.lines[left.complete_lines]) {
            throw BrokenPromise{
                fmt::format("line {} of a life's journal is not what was recorded: {}",
                            left.complete_lines + 1, line)};
        }
        ++left.complete_lines;
        rest.remove_prefix(end + 1);
    }
    left.torn = !rest.empty();
    if (left.complete_lines < promised.acknowledged) {
        throw BrokenPromise{fmt::format("the journal was said to have {} lines, and has {}",
                                        promised.acknowledged, left.complete_lines)};
    }
    for (const std::string& place : promised.accepted) {
        if (all.find(fmt::format(R"("location":"{}")", place), before.size()) ==
            std::string_view::npos) {
            throw BrokenPromise{place + " was accepted, and the journal does not know it"};
        }
    }
    return left;
}

void is_sound_but_for(std::uint64_t torn, const std::filesystem::path& file) {
    std::string told;
    const auto report = check_journal(file, [&told](const JournalFinding& finding) {
        told += fmt::format(" line {}: {};", finding.line, finding.why);
    });
    if (!report) {
        throw BrokenPromise{to_text(report.error())};
    }
    if (report.value().damaged_places > torn || report.value().missing != 0 ||
        report.value().repeated != 0) {
        throw BrokenPromise{
            fmt::format("{} lines were torn, and journal check says:{}", torn, told)};
    }
}

}  // namespace

Lives live_and_die(Seed seed, std::uint64_t acts, const std::filesystem::path& file) {
    Rng dice{mix(static_cast<std::uint64_t>(seed))};
    SimulatedDisk disk{file, dice.next()};
    Lives sum;
    std::string before;
    for (int life = 1; life <= processes; ++life) {
        const bool is_last = life == processes;
        if (!is_last) {
            disk.die_at(1 + dice.below(acts));
        }
        Promised promised;
        bool survives_power = false;
        {
            World world{Seed{dice.next()}, &disk};
            survives_power = world.survives_loss_of_power();
            world.run(acts);
            promised = world.promised();
        }
        const bool killed = disk.dead();
        const bool power_lost = killed && survives_power && dice.below(2) == 0;
        disk.live_again(power_lost);
        std::string all = bytes_of(file);
        const Left left = held_against(promised, before, all);
        if (!killed && (left.torn || left.complete_lines != promised.lines.size())) {
            throw BrokenPromise{"it came to its end, and the journal is not complete"};
        }
        sum.kills += killed ? 1 : 0;
        sum.power_losses += power_lost ? 1 : 0;
        sum.accepted += promised.accepted.size();
        sum.lines += left.complete_lines;
        sum.lines_lost += promised.lines.size() - left.complete_lines;
        sum.torn += left.torn ? 1 : 0;
        before = std::move(all);
    }
    is_sound_but_for(sum.torn, file);
    sum.troubles = disk.troubles();
    sum.digest = hash_of(before);
    return sum;
}

}  // namespace ringback::test
