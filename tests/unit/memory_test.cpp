#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "simulator/edge/memory_watch.h"
#include "tests/support/api_fixture.h"

namespace ringback::test {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

/// A folder in the place of "/", with what the kernel tells of control groups in it.
class FakeRoot {
public:
    FakeRoot() {
        std::string name = (std::filesystem::temp_directory_path() / "ringback-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    FakeRoot(const FakeRoot&) = delete;
    FakeRoot& operator=(const FakeRoot&) = delete;
    ~FakeRoot() { std::filesystem::remove_all(path_); }

    FakeRoot& with(const std::string& file, const std::string& text) {
        const std::filesystem::path where = path_ / file;
        std::filesystem::create_directories(where.parent_path());
        std::ofstream{where} << text << "\n";
        return *this;
    }
    /// None: of this process's address space there is a limit too, and the test cannot tell.
    [[nodiscard]] std::optional<MemoryLimit> limit() const { return memory_limit(path_.string()); }

private:
    std::filesystem::path path_;
};

std::optional<MemoryLimit> of_group(std::size_t bytes) {
    return MemoryLimit{bytes, MemoryLimit::Of::group};
}

}  // namespace

TEST_CASE("memory: it is short from 85 % of the limit on, until less than 80 % are in use",
          "[core][memory]") {
    using News = MemoryGauge::News;
    MemoryGauge gauge{1000 * mebibyte};

    CHECK(gauge.measured(849 * mebibyte) == News::none);
    CHECK(gauge.measured(850 * mebibyte) == News::begins);
    CHECK(gauge.measured(999 * mebibyte) == News::none);
    CHECK(gauge.measured(801 * mebibyte) == News::none);
    CHECK(gauge.is_short());
    CHECK(gauge.measured(799 * mebibyte) == News::ends);
    CHECK_FALSE(gauge.is_short());
    CHECK(gauge.measured(849 * mebibyte) == News::none);
}

TEST_CASE("memory: the less is left, the sooner requests make it be measured again",
          "[core][memory]") {
    const auto requests_until_look = [](std::size_t used) {
        MemoryGauge gauge{1000 * mebibyte};
        static_cast<void>(gauge.measured(used));
        int requests = 1;
        while (!gauge.asked(3 * 1024)) {
            ++requests;
        }
        return requests;
    };
    CHECK(requests_until_look(50 * mebibyte) == 800 * mebibyte / 8 / 4096);
    CHECK(requests_until_look(842 * mebibyte) == 8 * mebibyte / 8 / 4096);
    CHECK(requests_until_look(850 * mebibyte) == 64);  // at the limit: not with every one
    CHECK(requests_until_look(2000 * mebibyte) == 64);
}

TEST_CASE("memory: the limit of a control group is its own or that of one around it",
          "[edge][memory]") {
    rlimit space{};
    REQUIRE(::getrlimit(RLIMIT_AS, &space) == 0);
    if (space.rlim_cur != RLIM_INFINITY) {
        return;  // it may be the lower one
    }
    CHECK(FakeRoot{}.limit() == std::nullopt);
    CHECK(FakeRoot{}
              .with("proc/self/cgroup", "0::/")
              .with("sys/fs/cgroup/memory.max", "268435456")
              .limit() == of_group(256 * mebibyte));
    CHECK(FakeRoot{}
              .with("proc/self/cgroup", "0::/a/b")
              .with("sys/fs/cgroup/a/b/memory.max", "max")
              .with("sys/fs/cgroup/a/memory.max", "1000000")
              .with("sys/fs/cgroup/memory.max", "2000000")
              .limit() == of_group(1'000'000));
    // A container sees its own group only, by whatever path it is told.
    CHECK(FakeRoot{}
              .with("proc/self/cgroup", "0::/system/docker-1")
              .with("sys/fs/cgroup/memory.max", "3000000")
              .limit() == of_group(3'000'000));
    CHECK(FakeRoot{}
              .with("proc/self/cgroup", "5:cpu,memory:/a\n3:cpuset:/b\n0::/")
              .with("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "4000000")
              .with("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712")
              .limit() == of_group(4'000'000));
    CHECK(FakeRoot{}
              .with("proc/self/cgroup", "5:memory:/")
              .with("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712")
              .limit() == std::nullopt);
    CHECK(FakeRoot{}
              .with("proc/self/cgroup", "no such line\n0::/")
              .with("sys/fs/cgroup/memory.max", "max")
              .limit() == std::nullopt);
}

TEST_CASE("memory: what is used is what the kernel says, and closely looked at no more",
          "[edge][memory]") {
    const std::size_t mapped = memory_used(MemoryLimit::Of::address_space, false);
    CHECK(mapped > memory_used(MemoryLimit::Of::group, false));
    CHECK(memory_used(MemoryLimit::Of::group, false) > mebibyte);
    CHECK(memory_used(MemoryLimit::Of::address_space, true) <= mapped);
}

TEST_CASE("memory: beginning and end are said once, with figures, and only near the limit closely",
          "[edge][memory]") {
    std::size_t used = 500 * mebibyte;
    std::size_t closely_used = 500 * mebibyte;
    int looks = 0;
    int close_looks = 0;
    std::vector<std::string> said;
    MemoryWatch watch{{.limit = {1000 * mebibyte, MemoryLimit::Of::address_space},
                       .used =
                           [&](MemoryLimit::Of, bool closely) {
                               ++(closely ? close_looks : looks);
                               return closely ? closely_used : used;
                           },
                       .say = [&](std::string_view line) { said.emplace_back(line); }}};
    CHECK_FALSE(watch.look());
    CHECK(close_looks == 0);
    used = 900 * mebibyte;  // but a half of it was freed
    CHECK_FALSE(watch.look());
    CHECK(close_looks == 1);
    CHECK(said.empty());

    closely_used = 900 * mebibyte;
    CHECK(watch.look());
    CHECK(watch.look());
    REQUIRE(said.size() == 1);
    CHECK(said[0].starts_with("memory is short: 900 of 1000 MiB (ulimit -v) are in use"));
    CHECK(watch.trouble().find("900 of 1000 MiB (ulimit -v)") != std::string::npos);

    closely_used = 700 * mebibyte;
    CHECK_FALSE(watch.look());
    REQUIRE(said.size() == 2);
    CHECK(said[1] == "there is memory again: 700 of 1000 MiB (ulimit -v) are in use");
    const int before = looks;
    CHECK_FALSE(watch.asked(10));
    CHECK(looks == before);  // there is room for more than that
}

TEST_CASE("memory: while it is short what creates something is 503, everything else goes on",
          "[api][memory]") {
    Api api;
    const std::string call = api.call();
    std::size_t used = 0;
    MemoryWatch watch{{.limit = {1000 * mebibyte, MemoryLimit::Of::group},
                       .used = [&](MemoryLimit::Of, bool) { return used; },
                       .say = [](std::string_view) {}}};
    api.memory = &watch;
    CHECK(api.call().starts_with("/calls/"));
    used = 900 * mebibyte;
    REQUIRE(watch.look());

    const std::string calling = R"({"from":"+19195550123","to":"+19195550187"})";
    const ApiReply refused = api.post("/calls", calling);
    CHECK(outcome(refused) == "503 memory-unavailable");
    CHECK(Api::header(refused.response, "Retry-After") == "1");
    CHECK(refused.response.body.find("900 of 1000 MiB") != std::string::npos);
    const std::vector<std::string> creating{"/messages",
                                            "/bridges",
                                            "/conferences",
                                            "/conferences/conf-x/members",
                                            call + "/gather",
                                            "/domains",
                                            "/domains/rd-x/endpoints",
                                            "/applications",
                                            "/phoneNumbers",
                                            "/recordings/rec-x/transcriptions"};
    for (const std::string& path : creating) {
        CAPTURE(path);
        CHECK(outcome(api.post(path, "{}")) == "503 memory-unavailable");
    }
    CHECK(outcome(api.send("PUT", "/v1/users/u-1/media/a", "abc")) == "503 memory-unavailable");
    CHECK(outcome(api.send("POST", "/v1/availableNumbers/local", "{}")) ==
          "503 memory-unavailable");
    CHECK(outcome(api.post(call, R"({"state":"transferring","transferTo":"+19195550187"})")) ==
          "503 memory-unavailable");

    CHECK(outcome(api.get("/calls")) == "200");
    CHECK(outcome(api.get(call)) == "200");
    CHECK(outcome(api.send("DELETE", "/v1/users/u-1/media/a")) == "404 media-not-found");
    CHECK(outcome(api.post(call, R"({"state":"completed"})")) == "200");

    used = 0;
    CHECK_FALSE(watch.look());
    CHECK(outcome(api.post("/calls", calling)) == "201");
}

TEST_CASE("GET errors: of all users the last 20,000 are kept, the oldest go first", "[api]") {
    UserErrors errors;
    const auto add = [&errors](const std::string& user) { errors.add(user, UserError{}); };
    add("u-first");
    add("u-second");
    for (int n = 0; n < 19'998; ++n) {
        add("u-" + std::to_string(n % 100));
    }
    CHECK(errors.of("u-first").size() == 1);

    add("u-second");
    CHECK(errors.of("u-first").empty());
    CHECK(errors.of("u-second").size() == 2);
    add("u-third");
    CHECK(errors.of("u-second").size() == 1);
    CHECK(errors.find("u-second", 1) == nullptr);
    CHECK(errors.find("u-second", 2) != nullptr);

    // One who fills his own share takes nobody's place but theirs who were long before.
    for (std::size_t n = 0; n < 2 * UserErrors::most_of_all; ++n) {
        add("u-many");
    }
    CHECK(errors.of("u-many").size() == UserErrors::most_kept);
    CHECK(errors.of("u-third").empty());
    errors.reset("u-many");
    add("u-many");
    CHECK(errors.find("u-many", 1) != nullptr);
}

}  // namespace ringback::test
