#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "harness/record/journal.h"
#include "harness/record/sealed_line.h"
#include "tests/support/entries.h"
#include "tests/support/scratch_folder.h"

namespace {
int folders_synced{0};
}  // namespace

/// In the place of the system's: counts folders.
extern "C" int fsync(int descriptor) {
    struct stat about {};
    folders_synced += ::fstat(descriptor, &about) == 0 && S_ISDIR(about.st_mode) ? 1 : 0;
    return static_cast<int>(::syscall(SYS_fsync, descriptor));  // NOLINT(*vararg)
}

namespace ringback {
namespace {

struct Opened {
    explicit Opened(std::filesystem::path path, Fsync fsync = Fsync::batch,
                    std::size_t most_buffered = 1U << 20U) {
        auto opened =
            JournalFile::open({.path = std::move(path),
                               .fsync = fsync,
                               .most_buffered = most_buffered,
                               .say = [this](std::string_view line) { said.emplace_back(line); }});
        REQUIRE(opened.ok());
        file = std::move(opened).value();
    }
    std::vector<std::string> said;
    std::unique_ptr<JournalFile> file;
};

TEST_CASE("journal file: it holds the lines a query answers, each with its checksum",
          "[record][file]") {
    const test::ScratchFolder folder;
    const IdCodec ids{Seed{42}};
    Journal journal{ids};
    {
        Opened opened{folder / "j.ndjson"};
        journal.keep_in(opened.file.get());
        for (int i = 0; i < 300; ++i) {
            journal.record(test::entry(OnThePhone{OnThePhone::What::said, std::to_string(i)}));
            journal.record(
                test::entry(test::attempt(EventType::answer, test::route("http://h/"), 200)));
        }
        CHECK(journal.flush());
        std::string queried;
        journal.each({}, [&](const Entry& one) {
            append_sealed(queried, journal.line(one));
            return true;
        });

        CHECK(test::text_of(folder / "j.ndjson") == queried);
        CHECK(opened.said.empty());
        journal.keep_in(nullptr);
    }
}

TEST_CASE("journal file: what is flushed is in the file before flush returns", "[record][file]") {
    const test::ScratchFolder folder;
    for (const Fsync fsync : {Fsync::none, Fsync::batch, Fsync::always}) {
        Opened opened{folder / "j.ndjson", fsync};
        opened.file->append("{}");
        CHECK(opened.file->dirty());
        CHECK(opened.file->flush());
        CHECK_FALSE(opened.file->dirty());
        opened.file->sync();
        opened.file->sync();
    }
    CHECK(test::text_of(folder / "j.ndjson") == "{}\n{}\n{}\n");
}

TEST_CASE("journal file: a new one has its name on the disk, once, unless that is not wanted",
          "[record][file]") {
    const test::ScratchFolder folder;
    const auto synced_by = [&](const char* name, Fsync fsync) {
        folders_synced = 0;
        Opened opened{folder / name, fsync};
        opened.file->append("{}");
        CHECK(opened.file->flush());
        return folders_synced;
    };
    CHECK(synced_by("never", Fsync::none) == 0);
    for (const Fsync fsync : {Fsync::batch, Fsync::always}) {
        const char* const name = fsync == Fsync::batch ? "batch" : "always";
        CHECK(synced_by(name, fsync) == 1);
        CHECK(synced_by(name, fsync) == 0);  // it is continued
    }
}

TEST_CASE("journal file: much at once is written without being asked", "[record][file]") {
    const test::ScratchFolder folder;
    Opened opened{folder / "j.ndjson"};
    opened.file->append(std::string(300'000, 'x'));

    CHECK(std::filesystem::file_size(folder / "j.ndjson") == 300'001);
}

std::string sealed(std::string_view line) {
    std::string text;
    append_sealed(text, line);
    return text;
}

/// An entry as it begins every line, with that number.
std::string entry_text(int seq) {
    return sealed(R"({"seq":)" + std::to_string(seq) +
                  R"(,"time":"2026-01-05T09:00:00.000Z","kind":"phone","wall":{"at_us":5}})");
}

TEST_CASE(
    "journal file: a start on a damaged one says how many bytes, keeps them and goes on in a line "
    "of its own",
    "[record][file]") {
    const test::ScratchFolder folder;
    const std::string torn = entry_text(3).substr(0, 40);
    std::string changed = entry_text(2);
    changed[20] ^= 1;
    const std::string zero_page(4096, '\0');
    const std::string stays = "; they stay as they are, and ringback journal check tells more";
    struct Case {
        const char* what;
        std::string file;
        std::string said;  // behind the path; "": nothing
        bool new_line;     // before what is appended
    };
    const auto bytes = [&stays](const std::string& how_many) { return how_many + stays; };
    for (const Case& one : {
             Case{"empty", "", "", false},
             Case{"sound", entry_text(1) + entry_text(2), "", false},
             Case{"sound but for the last newline",
                  entry_text(1).substr(0, entry_text(1).size() - 1), "", true},
             Case{"torn tail", entry_text(1) + entry_text(2) + torn,
                  bytes("40 bytes in 1 place are no entries, its last line is not complete"), true},
             Case{"garbage tail", entry_text(1) + "no json\n",
                  bytes("8 bytes in 1 place are no entries"), false},
             Case{"zero page as tail", entry_text(1) + zero_page,
                  bytes("4096 bytes in 1 place are no entries, its last line is not complete"),
                  true},
             Case{"zero page in the middle", entry_text(1) + zero_page + entry_text(2),
                  bytes("4096 bytes in 1 place are no entries"), false},
             Case{"garbage in the middle", entry_text(1) + "\xFF{{\n" + entry_text(2) + "\n",
                  bytes("5 bytes in 2 places are no entries"), false},
             Case{"one bit changed", entry_text(1) + changed + entry_text(3),
                  bytes(std::to_string(changed.size()) + " bytes in 1 place are no entries"),
                  false},
         }) {
        CAPTURE(one.what);
        const auto path = folder / "j.ndjson";
        std::ofstream{path, std::ios::binary} << one.file;
        {
            Opened opened{path};
            opened.file->append(R"({"seq":1,"wall":{}})");
            CHECK(opened.file->flush());
            CHECK(opened.said == (one.said.empty() ? std::vector<std::string>{}
                                                   : std::vector{path.string() + ": " + one.said}));
        }
        CHECK(test::text_of(path) ==
              one.file + (one.new_line ? "\n" : "") + sealed(R"({"seq":1,"wall":{}})"));
    }
}

TEST_CASE("journal file: a start looks at the last 16 MiB, however large the file is",
          "[record][file]") {
    const test::ScratchFolder folder;
    const auto path = folder / "j.ndjson";
    {
        std::ofstream out{path, std::ios::binary};
        out << "garbage that is too far away\n";
        std::string much;
        for (int i = 1; much.size() < (17U << 20U); ++i) {
            much += entry_text(i);
        }
        out << much << "garbage near the end\n";
    }
    const Opened opened{path};

    REQUIRE(opened.said.size() == 1);
    CHECK(opened.said[0].find("near its end 21 bytes in 1 place") != std::string::npos);
}

TEST_CASE("journal file: one file has one writer at a time", "[record][file]") {
    const test::ScratchFolder folder;
    {
        const Opened first{folder / "j.ndjson"};
        const auto second = JournalFile::open({.path = folder / "j.ndjson"});
        REQUIRE_FALSE(second.ok());
        CHECK(second.error().what ==
              "expected a journal file that can be written: another ringback writes it");
    }
    CHECK(JournalFile::open({.path = folder / "j.ndjson"}).ok());
}

TEST_CASE("journal file: a path that cannot be is an error with path and reason",
          "[record][file]") {
    const test::ScratchFolder folder;
    const auto directory = JournalFile::open({.path = folder / "."});
    REQUIRE_FALSE(directory.ok());
    CHECK(to_text(directory.error()) ==
          (folder / ".").string() +
              ": expected a journal file that can be written: Is a directory");
    const auto orphan = JournalFile::open({.path = folder / "no" / "j.ndjson"});
    REQUIRE_FALSE(orphan.ok());
    CHECK(orphan.error().what.find("No such file or directory") != std::string::npos);
}

TEST_CASE("journal file: a full disk is said once, makes it unhealthy and loses no peace",
          "[record][file]") {
    const IdCodec ids{Seed{42}};
    Journal journal{ids};
    Opened opened{"/dev/full", Fsync::batch, 200};
    journal.keep_in(opened.file.get());
    CHECK_FALSE(journal.healthy());  // known before anything is accepted
    for (int i = 0; i < 20; ++i) {
        opened.file->append(R"({"a":"line of thirty bytes"})");
        CHECK_FALSE(journal.flush());
        opened.file->sync();
    }

    CHECK_FALSE(journal.healthy());
    CHECK(opened.file->trouble() == "No space left on device");
    CHECK(opened.file->lines_lost() > 0);
    REQUIRE(opened.said.size() == 1);
    CHECK(
        opened.said[0] ==
        "/dev/full: cannot be written: No space left on device; new calls are refused (503) until "
        "it can");
    journal.keep_in(nullptr);
}

TEST_CASE("journal file: after the trouble it goes on where it stopped, in whole lines",
          "[record][file]") {
    const test::ScratchFolder folder;
    Opened opened{folder / "j.ndjson"};
    // A size limit is the one full disk a test can make and end by itself.
    const auto before = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
    const rlimit small{25, limit.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    opened.file->append("{\"seq\":1,\"a\":\"b\"}");
    opened.file->append("{\"seq\":2,\"a\":\"b\"}");
    const bool fitted = opened.file->flush();
    const bool healthy = opened.file->healthy();
    const auto torn = test::text_of(folder / "j.ndjson");
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, before);

    CHECK_FALSE(fitted);
    CHECK_FALSE(healthy);
    CHECK(torn.size() == 25);
    CHECK(opened.file->flush());
    CHECK(opened.file->healthy());
    CHECK(test::text_of(folder / "j.ndjson") ==
          "{\"seq\":1,\"a\":\"b\"}\n{\"seq\":2,\"a\":\"b\"}\n");
    REQUIRE(opened.said.size() == 2);
    CHECK(opened.said[1].find("can be written again; 0 lines were lost") != std::string::npos);
}

}  // namespace
}  // namespace ringback
