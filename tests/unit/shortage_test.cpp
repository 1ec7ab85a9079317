#include "simulator/edge/shortage.h"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <new>
#include <string>
#include <vector>

namespace ringback {
namespace {

using Lines = std::vector<std::string>;

/// What is said to whom; over a millisecond after the last failure.
Shortage::Settings said_in(Lines& lines) {
    return {
        .begins = [](std::string_view reason) { return "begins: " + std::string{reason}; },
        .ends = [](std::size_t failures) { return "ends after " + std::to_string(failures); },
        .say = [&lines](std::string_view line) { lines.emplace_back(line); },
        .relief = std::chrono::milliseconds{1},
    };
}

}  // namespace

TEST_CASE("shortage: however often it fails, it is told once that it begins and once that it ends",
          "[edge][shortage]") {
    boost::asio::io_context loop;
    Lines lines;
    Shortage shortage{loop, said_in(lines)};

    shortage.fails("no room");
    shortage.fails("no room");
    shortage.fails("nor memory");
    CHECK(lines == Lines{"begins: no room"});
    loop.run();

    CHECK(lines == Lines{"begins: no room", "ends after 3"});
}

TEST_CASE("shortage: who tries again in vain is counted once", "[edge][shortage]") {
    boost::asio::io_context loop;
    Lines lines;
    Shortage shortage{loop, said_in(lines)};

    shortage.fails("no room");
    shortage.fails_again("no room");
    shortage.fails_again("no room");
    shortage.fails("nor memory");
    loop.run();
    loop.restart();
    shortage.fails_again("told as over meanwhile");
    loop.run();

    CHECK(lines == Lines{"begins: no room", "ends after 2", "begins: told as over meanwhile",
                         "ends after 1"});
}

TEST_CASE("shortage: as long as it is known to last, it is not over because nobody tries",
          "[edge][shortage]") {
    boost::asio::io_context loop;
    Lines lines;
    Shortage::Settings settings = said_in(lines);
    int looks = 0;
    settings.still = [&] {
        CHECK(lines == Lines{"begins: full"});
        return ++looks < 3;
    };
    Shortage shortage{loop, std::move(settings)};

    shortage.fails("full");
    loop.run();

    CHECK(looks == 3);
    CHECK(lines == Lines{"begins: full", "ends after 1"});
}

TEST_CASE("shortage: the next one is told of again", "[edge][shortage]") {
    boost::asio::io_context loop;
    Lines lines;
    Shortage shortage{loop, said_in(lines)};

    shortage.fails("first");
    loop.run();
    loop.restart();
    shortage.fails("second");
    loop.run();

    CHECK(lines == Lines{"begins: first", "ends after 1", "begins: second", "ends after 1"});
}

TEST_CASE("shortage: whoever ends says no more, and keeps no loop from ending",
          "[edge][shortage]") {
    boost::asio::io_context loop;
    Lines lines;
    Shortage::Settings settings = said_in(lines);
    settings.relief = std::chrono::hours{1};
    auto shortage = std::make_unique<Shortage>(loop, std::move(settings));

    shortage->fails("no room");
    SECTION("told to forget it") { shortage->forget(); }
    SECTION("gone") { shortage.reset(); }
    loop.run();

    CHECK(lines == Lines{"begins: no room"});
}

TEST_CASE("shortage: without memory to tell of it, whoever fails goes on, and its end is told",
          "[edge][shortage]") {
    boost::asio::io_context loop;
    Lines lines;
    Shortage::Settings settings = said_in(lines);
    settings.begins = [](std::string_view) -> std::string { throw std::bad_alloc{}; };
    Shortage shortage{loop, std::move(settings)};

    shortage.fails("no memory");
    shortage.fails("no memory");
    loop.run();

    CHECK(lines == Lines{"ends after 2"});
}

}  // namespace ringback
