#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "harness/record/journal.h"
#include "tests/support/entries.h"

namespace ringback {
namespace {

/// A directory of the test's own, gone afterwards.
class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "ringback-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] std::filesystem::path operator/(const char* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

std::string text_of(const std::filesystem::path& path) {
    std::ifstream in{path};
    return {std::istreambuf_iterator<char>{in}, {}};
}

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

TEST_CASE("journal file: it holds the lines a query answers, byte for byte", "[record][file]") {
    const Folder folder;
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
            queried += journal.line(one) + "\n";
            return true;
        });

        CHECK(text_of(folder / "j.ndjson") == queried);
        CHECK(opened.said.empty());
        journal.keep_in(nullptr);
    }
}

TEST_CASE("journal file: what is flushed is in the file before flush returns", "[record][file]") {
    const Folder folder;
    for (const Fsync fsync : {Fsync::none, Fsync::batch, Fsync::always}) {
        Opened opened{folder / "j.ndjson", fsync};
        opened.file->append("{}");
        CHECK(opened.file->dirty());
        CHECK(opened.file->flush());
        CHECK_FALSE(opened.file->dirty());
        opened.file->sync();
        opened.file->sync();
    }
    CHECK(text_of(folder / "j.ndjson") == "{}\n{}\n{}\n");
}

TEST_CASE("journal file: much at once is written without being asked", "[record][file]") {
    const Folder folder;
    Opened opened{folder / "j.ndjson"};
    opened.file->append(std::string(300'000, 'x'));

    CHECK(std::filesystem::file_size(folder / "j.ndjson") == 300'001);
}

TEST_CASE("journal file: an earlier file is continued, a torn last line stays alone",
          "[record][file]") {
    const Folder folder;
    std::ofstream{folder / "j.ndjson"} << "{\"seq\":1}\n{\"seq\":2,\"ti";
    Opened opened{folder / "j.ndjson"};
    opened.file->append("{\"seq\":1}");
    opened.file->flush();

    CHECK(text_of(folder / "j.ndjson") == "{\"seq\":1}\n{\"seq\":2,\"ti\n{\"seq\":1}\n");
    REQUIRE(opened.said.size() == 1);
    CHECK(opened.said[0].find("its last line is not complete") != std::string::npos);
}

TEST_CASE("journal file: a path that cannot be is an error with path and reason",
          "[record][file]") {
    const Folder folder;
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
    const Folder folder;
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
    const auto torn = text_of(folder / "j.ndjson");
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, before);

    CHECK_FALSE(fitted);
    CHECK_FALSE(healthy);
    CHECK(torn.size() == 25);
    CHECK(opened.file->flush());
    CHECK(opened.file->healthy());
    CHECK(text_of(folder / "j.ndjson") == "{\"seq\":1,\"a\":\"b\"}\n{\"seq\":2,\"a\":\"b\"}\n");
    REQUIRE(opened.said.size() == 2);
    CHECK(opened.said[1].find("can be written again; 0 lines were lost") != std::string::npos);
}

}  // namespace
}  // namespace ringback
