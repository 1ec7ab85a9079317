#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "harness/cli/process.h"

using namespace ringback;

namespace {

/// What the process list shows of a command line.
std::vector<std::string> shown(std::vector<std::string> words) {
    std::vector<char*> begins;
    for (std::string& word : words) {
        begins.push_back(word.data());
    }
    hide_secrets(begins);
    return words;
}

}  // namespace

TEST_CASE("process list: values of flags that are secrets are not shown, however they are written",
          "[cli]") {
    for (const std::string flag :
         {"--secret", "--token", "--admin-token", "--header", "-H", "-e", "--var", "--override"}) {
        CAPTURE(flag);
        CHECK(shown({"run", flag, "key=hunter2", "menu.json"}) ==
              std::vector<std::string>{"run", flag, "***********", "menu.json"});
        const std::string joined = flag + (flag.starts_with("--") ? "=" : "");
        CHECK(shown({"run", joined + "key=hunter2", "menu.json"}) ==
              std::vector<std::string>{"run", joined + "***********", "menu.json"});
    }
    CHECK(shown({"run", "-e", "-e", "-e", "hunter2"}) ==
          std::vector<std::string>{"run", "-e", "**", "-e", "*******"});
}

TEST_CASE("process list: of URLs the user information is not shown, and other words are", "[cli]") {
    CHECK(shown({"-f", "http://me:a@b@host/cb", "--callback-url=https://me:a@host", "a@b"}) ==
          std::vector<std::string>{"-f", "http://******@host/cb",
                                   "--callback-url=https://****@host", "a@b"});
    CHECK(shown({"--variable", "x", "-f", "http://host/cb", "--secret-ary=x"}) ==
          std::vector<std::string>{"--variable", "x", "-f", "http://host/cb", "--secret-ary=x"});
    // Another command's words are its own: it finds them in its environment, too.
    CHECK(shown({"run", "--", "start", "--secret", "x"}) ==
          std::vector<std::string>{"run", "--", "start", "--secret", "x"});
}

TEST_CASE("process: that the system had no room for a loop or a thread is told, and no bug",
          "[cli]") {
    using boost::system::system_error;
    const boost::system::error_code full{EMFILE, boost::system::system_category()};
    const auto loop = refused_for_want_of_room(system_error{full, "epoll"});
    REQUIRE(loop);
    CHECK(loop->starts_with("the system refuses an event loop: epoll: Too many open files"));
    const auto thread =
        refused_for_want_of_room(std::system_error{EAGAIN, std::generic_category()});
    REQUIRE(thread);
    CHECK(thread->starts_with("the system refuses a thread, for which memory (ulimit -v)"));

    const boost::system::error_code wrong{EBADF, boost::system::system_category()};
    CHECK_FALSE(refused_for_want_of_room(system_error{wrong}));
    const boost::system::error_code later{EAGAIN, boost::system::system_category()};
    CHECK_FALSE(refused_for_want_of_room(system_error{later}));
    const boost::system::error_code of_others{EMFILE, boost::asio::error::get_addrinfo_category()};
    CHECK_FALSE(refused_for_want_of_room(system_error{of_others}));
    CHECK_FALSE(refused_for_want_of_room(std::filesystem::filesystem_error{
        "a file", std::error_code{EMFILE, std::generic_category()}}));
    CHECK_FALSE(refused_for_want_of_room(std::system_error{EPERM, std::generic_category()}));
    CHECK_FALSE(refused_for_want_of_room(std::runtime_error{"a bug"}));
}
