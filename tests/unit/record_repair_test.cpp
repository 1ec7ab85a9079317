#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>

#include "harness/record/journal_check.h"
#include "harness/record/journal_file.h"
#include "harness/record/sealed_line.h"
#include "tests/support/scratch_folder.h"

namespace ringback {
namespace {

namespace fs = std::filesystem;

std::string repair_line(int seq) {
    std::string line;
    append_sealed(line, R"({"seq":)" + std::to_string(seq) +
                            R"(,"time":"2026-01-05T09:00:00.000Z","kind":"phone","wall":{}})");
    return line;
}

constexpr auto untold = [](const JournalFinding& /*checked elsewhere*/) {};

JournalRepair repaired(const fs::path& path) {
    auto repair = repair_journal(path, untold);
    REQUIRE(repair.ok());
    return std::move(repair).value();
}

TEST_CASE("journal repair: what is no entry leaves the file and stays beside it, byte for byte",
          "[record][repair]") {
    const test::ScratchFolder folder;
    const fs::path path = folder / "j.ndjson";
    const std::string zeros(100, '\0');
    const std::string torn = repair_line(4).substr(0, 20);
    std::ofstream{path, std::ios::binary} << repair_line(1) << "garbage\n"
                                          << repair_line(2) << zeros << repair_line(3) << torn;
    REQUIRE(::chmod(path.c_str(), 0640) == 0);

    const JournalRepair repair = repaired(path);

    CHECK(repair.report.damaged_places == 3);
    CHECK(repair.kept_in == folder / "j.ndjson.damaged");
    CHECK(test::text_of(path) == repair_line(1) + repair_line(2) + repair_line(3));
    CHECK(test::text_of(repair.kept_in) == "garbage\n" + zeros + torn);
    CHECK((fs::status(path).permissions() & fs::perms::mask) ==
          (fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read));
    CHECK(check_journal(path, untold).value().is_sound());

    // once more: there is nothing to do, and nothing is touched
    const auto before = fs::last_write_time(path);
    CHECK(repaired(path).kept_in.empty());
    CHECK(fs::last_write_time(path) == before);
    CHECK(std::distance(fs::directory_iterator{path.parent_path()}, {}) == 2);

    // new damage never takes the place of what was kept before
    std::ofstream{path, std::ios::binary | std::ios::app} << "more\n";
    CHECK(repaired(path).kept_in == folder / "j.ndjson.damaged.2");
    CHECK(test::text_of(folder / "j.ndjson.damaged") == "garbage\n" + zeros + torn);
}

TEST_CASE("journal repair: a last line that only lacks its newline gets it", "[record][repair]") {
    const test::ScratchFolder folder;
    const fs::path path = folder / "j.ndjson";
    std::string text = repair_line(1) + repair_line(2);
    text.pop_back();
    std::ofstream{path, std::ios::binary} << text;
    const JournalRepair repair = repaired(path);
    CHECK(repair.report.newline_missing);
    CHECK(repair.kept_in.empty());
    CHECK(test::text_of(path) == text + "\n");
    CHECK(std::distance(fs::directory_iterator{path.parent_path()}, {}) == 1);
}

TEST_CASE("journal repair: a link stays a link, to the repaired file", "[record][repair]") {
    const test::ScratchFolder folder;
    fs::create_directory(folder / "real");
    const fs::path path = folder / "real" / "j.ndjson";
    std::ofstream{path, std::ios::binary} << repair_line(1) << "x\n";
    fs::create_symlink("real/j.ndjson", folder / "link");
    CHECK(fs::equivalent(repaired(folder / "link").kept_in.parent_path(), folder / "real"));
    CHECK(fs::is_symlink(folder / "link"));
    CHECK(test::text_of(path) == repair_line(1));
}

TEST_CASE("journal repair: the file of a running ringback is left alone", "[record][repair]") {
    const test::ScratchFolder folder;
    const fs::path path = folder / "j.ndjson";
    std::ofstream{path, std::ios::binary} << "x\n";
    auto opened = JournalFile::open({.path = path, .say = [](std::string_view) {}});
    REQUIRE(opened.ok());
    const auto repair = repair_journal(path, untold);
    REQUIRE_FALSE(repair.ok());
    CHECK(repair.error().what == "another ringback writes it; it can be repaired when that ends");
    CHECK(test::text_of(path) == "x\n");
}

TEST_CASE("journal repair: where the repaired file cannot be written, all stays as it was",
          "[record][repair]") {
    const test::ScratchFolder folder;
    const fs::path path = folder / "j.ndjson";
    std::ofstream{path, std::ios::binary} << repair_line(1) << "x\n";
    const fs::path draft = path.string() + "." + std::to_string(::getpid()) + ".tmp";
    fs::create_directory(draft);  // somebody has its name
    const auto repair = repair_journal(path, untold);
    REQUIRE_FALSE(repair.ok());
    CHECK(repair.error().where == draft.string());
    CHECK(repair.error().what == "cannot be written: File exists");
    CHECK(test::text_of(path) == repair_line(1) + "x\n");
    CHECK_FALSE(fs::exists(folder / "j.ndjson.damaged"));
}

TEST_CASE("journal repair: after random damage the rest is sound and not a byte is lost",
          "[record][repair]") {
    for (unsigned seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        std::mt19937 random{seed};
        const auto below = [&random](std::size_t most) { return random() % most; };
        std::string text;
        for (int i = 1; i <= 20; ++i) {
            text += repair_line(i);
        }
        for (std::size_t blows = 1 + below(4); blows > 0; --blows) {
            const std::size_t at = below(text.size());
            const std::size_t length = 1 + below(300);
            if (below(3) == 0) {
                text.erase(at, length);
            } else if (below(2) == 0) {
                text.insert(at, std::string(length, '\0'));
            } else {
                for (std::size_t i = at; i < std::min(text.size(), at + length); ++i) {
                    text[i] = static_cast<char>(random());
                }
            }
        }
        const test::ScratchFolder folder;
        const fs::path path = folder / "j.ndjson";
        std::ofstream{path, std::ios::binary} << text;

        const JournalRepair repair = repaired(path);

        std::uint64_t damage = 0;
        const auto after = check_journal(
            path, [&damage](const JournalFinding& finding) { damage += finding.bytes; });
        REQUIRE(after.ok());
        CHECK(damage == 0);
        CHECK(after.value().entries == repair.report.entries);
        CHECK(fs::file_size(path) + repair.report.damaged_bytes ==
              text.size() + (repair.report.newline_missing ? 1 : 0));
        if (!repair.kept_in.empty()) {
            CHECK(fs::file_size(repair.kept_in) == repair.report.damaged_bytes);
        }
    }
}

}  // namespace
}  // namespace ringback
