#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "harness/record/journal.h"
#include "harness/record/journal_check.h"
#include "harness/record/journal_scan.h"
#include "harness/record/sealed_line.h"
#include "tests/support/entries.h"
#include "tests/support/scratch_folder.h"

namespace ringback {
namespace {

using What = JournalFinding::What;

std::string journal_line(int seq, std::string_view text = "x") {
    std::string line;
    append_sealed(line, R"({"seq":)" + std::to_string(seq) +
                            R"(,"time":"2026-01-05T09:00:00.000Z","kind":"phone","text":")" +
                            std::string{text} + R"(","wall":{"at_us":5}})");
    return line;
}

struct Checked {
    JournalReport report;
    std::vector<JournalFinding> findings;
};
Checked checked(std::string_view file) {
    const test::ScratchFolder folder;
    std::ofstream{folder / "j.ndjson", std::ios::binary} << file;
    Checked all;
    auto report = check_journal(folder / "j.ndjson", [&](const JournalFinding& finding) {
        all.findings.push_back(finding);
    });
    REQUIRE(report.ok());
    all.report = std::move(report).value();
    return all;
}

TEST_CASE("sealed line: the checksum is zlib's, at every length and place", "[record][check]") {
    CHECK(crc32("") == 0);
    CHECK(crc32("123456789") == 0xCBF43926U);  // the check value of every catalogue of CRCs
    CHECK(crc32("The quick brown fox jumps over the lazy dog") == 0x414FA339U);
    // a byte at a time, as its definition has it
    std::string text;
    for (int length = 0; length < 100; ++length) {
        std::uint32_t sum = ~0U;
        for (const char byte : text) {
            sum ^= static_cast<unsigned char>(byte);
            for (int bit = 0; bit < 8; ++bit) {
                sum = (sum >> 1U) ^ ((sum & 1U) != 0 ? 0xEDB88320U : 0U);
            }
        }
        CHECK(crc32(text) == ~sum);
        text += static_cast<char>(length * 37);
    }
}

TEST_CASE("sealed line: no byte of it can change unnoticed", "[record][check]") {
    std::string line = journal_line(7);
    line.pop_back();
    REQUIRE(seal_of(line) == Seal::good);
    for (std::size_t at = 0; at < line.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string other = line;
            other[at] = static_cast<char>(static_cast<unsigned char>(other[at]) ^ (1U << bit));
            CAPTURE(at, bit);
            CHECK(seal_of(other) != Seal::good);
            // and where the seal itself is hit, the file's other lines give it away
            if (other[at] != '\n') {
                CHECK_FALSE(checked(journal_line(6) + other + "\n").report.is_sound());
            }
        }
    }
    CHECK(seal_of(R"({"seq":1,"wall":{}})") == Seal::none);
    std::string empty_wall;
    append_sealed(empty_wall, R"({"seq":1,"wall":{}})");
    CHECK(empty_wall == "{\"seq\":1,\"wall\":{\"crc\":\"88f92ed1\"}}\n");
}

TEST_CASE("journal check: what a journal writes is sound, however it is cut into pieces",
          "[record][check]") {
    const test::ScratchFolder folder;
    const IdCodec ids{Seed{42}};
    Journal journal{ids};
    auto opened = JournalFile::open({.path = folder / "j.ndjson"});
    REQUIRE(opened.ok());
    journal.keep_in(opened.value().get());
    for (int i = 0; i < 50; ++i) {
        journal.record(test::entry(OnThePhone{OnThePhone::What::said, "na\u00efve \"x\""}));
        journal.record(
            test::entry(test::attempt(EventType::answer, test::route("http://h/"), 200)));
    }
    REQUIRE(journal.flush());
    journal.keep_in(nullptr);

    const std::string text = test::text_of(folder / "j.ndjson");
    const Checked all = checked(text + text);  // two runs
    CHECK(all.findings.empty());
    CHECK(all.report.entries == 200);
    CHECK(all.report.lines == 200);
    CHECK(all.report.runs == 2);
    CHECK(all.report.without_checksum == 0);
    CHECK(all.report.by_kind.at(kind_number(test::entry(OnThePhone{}))) == 100);
    CHECK(all.report.first_time == "2026-01-05T09:00:00.000Z");
    CHECK(all.report.bytes == 2 * text.size());

    struct Counter final : JournalReader {
        void sound(const JournalLine& line) override { sum += line.seq * line.number; }
        void damaged(const JournalDamage& /*none*/) override { ++damage; }
        std::uint64_t sum{0};
        int damage{0};
    };
    std::uint64_t expected = 0;
    for (const std::size_t piece :
         {text.size(), std::size_t{1}, std::size_t{7}, std::size_t{997}}) {
        Counter counter;
        JournalScan scan{counter};
        for (std::size_t at = 0; at < text.size(); at += piece) {
            scan.feed(std::string_view{text}.substr(at, piece));
        }
        CHECK_FALSE(scan.end());
        expected = expected == 0 ? counter.sum : expected;
        CHECK(counter.sum == expected);
        CHECK(counter.damage == 0);
    }
}

TEST_CASE("journal check: damage is told with line, place, size and reason", "[record][check]") {
    const std::string one = journal_line(1);
    const std::string two = journal_line(2);
    const std::string three = journal_line(3);
    std::string changed = two;
    changed[70] ^= 4;  // within the text
    struct Case {
        std::string file;
        What what;
        std::uint64_t bytes;
        std::string why;
        bool two_is_lost;
    };
    for (const Case& each : {
             Case{one + "garbage\n" + two + three, What::damaged, 8, "no entry", false},
             Case{one + "\n" + two + three, What::damaged, 1, "an empty line", false},
             Case{one + std::string(4096, '\0') + two + three, What::damaged, 4096,
                  "4096 of the bytes are zero", false},
             Case{one + two.substr(0, 30) + "\n" + three, What::damaged, 31,
                  "an entry that breaks off", true},
             Case{one + two.substr(0, 30) + three, What::damaged, 30, "an entry that breaks off",
                  true},
             Case{one + changed + three, What::damaged, two.size(),
                  "its checksum does not fit what it says", true},
             Case{one + "{\"seq\":2,\"time\":\"t\",\"kind\":\"api\"}\n" + three, What::damaged, 34,
                  "it has no checksum, though lines before it have one", true},
             Case{one + std::string(JournalScan::longest_line + 5, 'x') + "\n" + two + three,
                  What::damaged, JournalScan::longest_line + 6, "longer than any entry", false},
         }) {
        CAPTURE(each.why, each.bytes);
        const Checked all = checked(each.file);
        REQUIRE(all.findings.size() == (each.two_is_lost ? 2 : 1));
        CHECK(all.findings[0].what == each.what);
        CHECK(all.findings[0].line == 2);
        CHECK(all.findings[0].offset == one.size());
        CHECK(all.findings[0].bytes == each.bytes);
        CHECK(all.findings[0].why == each.why);
        CHECK(all.report.entries == (each.two_is_lost ? 2 : 3));
        CHECK(all.report.damaged_bytes == each.bytes);
        CHECK(all.report.runs == 1);
        if (each.two_is_lost) {
            CHECK(all.findings[1].what == What::missing);
            CHECK(all.findings[1].first == 2);
            CHECK(all.findings[1].last == 2);
        }
    }
    const Checked torn = checked(one + two.substr(0, 30));
    REQUIRE(torn.findings.size() == 1);
    CHECK(torn.findings[0].what == What::torn);
    CHECK(torn.findings[0].offset == one.size());
    CHECK(torn.findings[0].bytes == 30);

    const Checked whole = checked(one + two.substr(0, two.size() - 1));
    CHECK(whole.report.is_sound());
    CHECK(whole.report.newline_missing);
    CHECK(whole.report.entries == 2);
    CHECK(checked("").report.is_sound());
    CHECK(checked("").report.entries == 0);
    CHECK(checked(std::string(10, '\0')).findings.at(0).what == What::torn);
}

TEST_CASE("journal check: entries that are missing or come again are told, runs are told apart",
          "[record][check]") {
    const auto findings = [](std::initializer_list<int> numbers, std::uint64_t runs) {
        std::string file;
        for (const int seq : numbers) {
            file += seq == 0 ? "damage\n" : journal_line(seq);
        }
        const Checked all = checked(file);
        CHECK(all.report.runs == runs);
        std::string told;
        for (const JournalFinding& finding : all.findings) {
            if (finding.what == What::missing) {
                told += "-" + std::to_string(finding.first) + ".." + std::to_string(finding.last);
            } else if (finding.what == What::repeated) {
                told += "+" + std::to_string(finding.first);
            }
        }
        return told;
    };
    CHECK(findings({1, 2, 3}, 1).empty());
    CHECK(findings({1, 2, 1, 2, 3, 1}, 3).empty());
    CHECK(findings({1, 2, 5, 6}, 1) == "-3..4");
    CHECK(findings({1, 2, 2, 3}, 1) == "+2");
    CHECK(findings({1, 2, 3, 2, 3}, 1) == "+2");
    CHECK(findings({7, 8}, 1).empty());  // cut away by somebody: said, but no damage
    CHECK(findings({0, 3}, 1) == "-1..2");
    CHECK(findings({1, 2, 3, 0, 2}, 2) == "-1..1");  // a run whose first line is lost
    CHECK(findings({1, 2, 0, 4}, 1) == "-3..3");
    CHECK(checked(journal_line(7)).report.first_seq == 7);
}

TEST_CASE("journal check: a file of an earlier version, without checksums, is sound",
          "[record][check]") {
    const IdCodec ids{Seed{42}};
    Journal journal{ids};
    journal.record(test::entry(OnThePhone{OnThePhone::What::said, "hello"}));
    std::string old;
    journal.each({}, [&](const Entry& entry) {
        old += journal.line(entry) + "\n";
        return true;
    });
    const Checked all = checked(old + journal_line(1));
    CHECK(all.report.is_sound());
    CHECK(all.report.without_checksum == 1);
    CHECK(all.report.entries == 2);
    CHECK(checked(old + "{\"seq\":2,\"time\":\"t\",\"kind\":\"api\",}\n").findings.at(0).why ==
          "an entry that breaks off");
}

TEST_CASE("journal check: the file of a running ringback may end within a line",
          "[record][check]") {
    const test::ScratchFolder folder;
    auto opened = JournalFile::open({.path = folder / "j.ndjson"});
    REQUIRE(opened.ok());
    const std::string line = journal_line(1);
    std::ofstream{folder / "j.ndjson", std::ios::binary | std::ios::app} << line << "{\"seq\":2";
    const auto report = check_journal(folder / "j.ndjson", [](const JournalFinding& /*none*/) {});
    REQUIRE(report.ok());
    CHECK(report.value().is_sound());
    CHECK(report.value().in_use);
    CHECK(report.value().unfinished_bytes == 8);
}

TEST_CASE("journal check: what is no file is an error, and nothing is read from it",
          "[record][check]") {
    const test::ScratchFolder folder;
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    const auto error = [](const std::filesystem::path& path) {
        const auto report = check_journal(path, [](const JournalFinding& /*none*/) {});
        REQUIRE_FALSE(report.ok());
        CHECK(report.error().where == path.string());
        return report.error().what;
    };
    CHECK(error(folder / ".") == "expected a journal file, found a folder");
    CHECK(error(folder / "pipe") == "expected a journal file, found a pipe or a device");
    CHECK(error("/dev/zero") == "expected a journal file, found a pipe or a device");
    CHECK(error(folder / "none") == "cannot be read: No such file or directory");
}

}  // namespace
}  // namespace ringback
